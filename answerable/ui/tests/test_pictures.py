"""A mark is pixels and nothing else, whatever was sent."""

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.ui.pictures import MOST_BYTES, BadPicture, clean_png


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*, width=32, height=32, extra=b"", after=b"", rows=None, interlaced=0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, interlaced)
    pixels = rows if rows is not None else (b"\0" + b"\x10\x80\x60\xff" * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
        + after
    )


def test_the_pixels_stay_and_everything_else_goes():
    sent = png(extra=chunk(b"tEXt", b"Author\0Somebody"), after=b"<script>")
    kept = clean_png(sent)
    assert b"Somebody" not in kept
    assert b"script" not in kept
    assert kept == clean_png(png())
    assert clean_png(kept) == kept


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "svg"),
        (b"\xff\xd8\xff\xe0 a photo", "not-png"),
        (b"", "not-png"),
        (png(width=8), "size"),
        (png(width=30000, height=30000, rows=b"\0"), "size"),
        (png(interlaced=1), "interlaced"),
        (png()[:-20], "damaged"),
        (png(rows=b"\0" * 10), "damaged"),
        (png(rows=b"\0" * 100_000_000)[:MOST_BYTES], "damaged"),
        (png(rows=(b"\x09" + b"\0" * 128) * 32), "damaged"),
        (png() + b"x" * MOST_BYTES, "too-large"),
    ],
)
def test_what_is_no_small_sound_png_is_refused_by_its_reason(sent, code):
    with pytest.raises(BadPicture, match=code):
        clean_png(sent)


@given(st.binary(max_size=400), st.integers(0, 200), st.integers(0, 255))
def test_any_bytes_are_a_picture_or_refused(noise, at, byte):
    changed = bytearray(png())
    changed[at % len(changed)] = byte
    for each in (noise, b"\x89PNG\r\n\x1a\n" + noise, bytes(changed)):
        with suppress(BadPicture):
            clean_png(each)
