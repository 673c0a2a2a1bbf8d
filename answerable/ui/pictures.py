"""An organisation's mark: a PNG, read whole, checked, and written anew, so that what we serve holds pixels and nothing else.

Rules: the signature, then IHDR, then an optional PLTE and tRNS, one run of IDAT, IEND; other chunks are dropped; every CRC is
right; 16 to 1024 pixels a side, not interlaced; the pixels unpack to exactly the bytes that the header says (never more are
unpacked). SVG and everything else is refused: it can hold scripts and addresses. PNG (Third Edition), W3C, sections 5 and 11.
"""

import struct
import zlib
from typing import Final

__all__ = ["MOST_BYTES", "BadPicture", "clean_png"]

MOST_BYTES: Final = 256 * 1024
_LEAST_SIDE, _MOST_SIDE = 16, 1024
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


class BadPicture(Exception):
    """Not a picture we take; the message is a code: "svg", "not-png", "too-large", "size", "interlaced", "damaged"."""


def clean_png(data: bytes) -> bytes:
    """The same pixels as a PNG of ours. Raises BadPicture."""
    if len(data) > MOST_BYTES:
        raise BadPicture("too-large")
    if not data.startswith(_SIGNATURE):
        raise BadPicture("svg" if b"<svg" in data[:4096].lower() else "not-png")
    chunks = _chunks(data)
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13 or chunks[-1][0] != b"IEND":
        raise BadPicture("damaged")
    header = chunks[0][1]
    rows, row_bytes = _measure(header)
    pixels = _unpacked(b"".join(body for name, body in chunks if name == b"IDAT"), rows * row_bytes)
    if any(pixels[row * row_bytes] > 4 for row in range(rows)):  # the filter of each row
        raise BadPicture("damaged")
    kept = [
        (b"IHDR", header),
        *_colours(chunks, header[9]),
        (b"IDAT", zlib.compress(pixels, 9)),
        (b"IEND", b""),
    ]
    return _SIGNATURE + b"".join(_chunk(name, body) for name, body in kept)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], len(_SIGNATURE)
    while at < len(data):
        if at + 12 > len(data):
            raise BadPicture("damaged")
        length = int.from_bytes(data[at : at + 4], "big")
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if data[at + 8 + length : at + 12 + length] != zlib.crc32(name + body).to_bytes(4, "big"):
            raise BadPicture("damaged")
        found.append((name, body))
        at += 12 + length
        if name == b"IEND":
            break  # what stands behind it is no picture
    return found


def _measure(header: bytes) -> tuple[int, int]:
    """Rows, and the bytes of each, its filter included."""
    width, height, depth, colour, packing, filtering, interlaced = struct.unpack(">IIBBBBB", header)
    if depth not in _DEPTHS.get(colour, ()) or packing or filtering:
        raise BadPicture("damaged")
    if interlaced:
        raise BadPicture("interlaced")
    if not (_LEAST_SIDE <= width <= _MOST_SIDE and _LEAST_SIDE <= height <= _MOST_SIDE):
        raise BadPicture("size")
    return height, 1 + (width * depth * _CHANNELS[colour] + 7) // 8


def _unpacked(packed: bytes, wanted: int) -> bytes:
    machine = zlib.decompressobj()
    try:
        pixels = machine.decompress(packed, wanted + 1)
    except zlib.error:
        raise BadPicture("damaged") from None
    if len(pixels) != wanted or not machine.eof:
        raise BadPicture("damaged")
    return pixels


def _colours(chunks: list[tuple[bytes, bytes]], colour: int) -> list[tuple[bytes, bytes]]:
    """The palette and what is transparent, where the kind of picture has them."""
    palettes = [body for name, body in chunks if name == b"PLTE"]
    clear = [body for name, body in chunks if name == b"tRNS"]
    kept = []
    if colour == 3:
        if len(palettes) != 1 or not palettes[0] or len(palettes[0]) % 3 or len(palettes[0]) > 768:
            raise BadPicture("damaged")
        kept.append((b"PLTE", palettes[0]))
    most = {0: 2, 2: 6, 3: len(palettes[0]) // 3 if palettes else 0}.get(colour)
    if most is not None and len(clear) == 1 and 0 < len(clear[0]) <= most:
        kept.append((b"tRNS", clear[0]))
    return kept


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
