"""Metadata is gone before anything is sealed: real pictures with a place, a device and hidden text in them."""

import io
import zlib
from struct import pack
from typing import Any

import piexif
import pytest
from PIL import Image, PngImagePlugin
from playwright.sync_api import Page

SECRETS = [
    b"Tidewick",
    b"Nokia",
    b"53.34",
    b"GPS",
    b"Exif",
    b"exif",
    b"http://ns.adobe.com",
    b"Peiwen",
    b"Lavf",
]


@pytest.fixture
def cleaned(page: Page, world: Any) -> Any:
    page.goto(f"{world.base}/harness")
    page.wait_for_selector("html[data-ready]")

    def clean(data: bytes, name: str, *, keep: bool = False) -> dict[str, Any]:
        result = page.evaluate(
            "([bytes, name, keep]) => cleanBytes(bytes, name, keep)", [list(data), name, keep]
        )
        return {**result, "data": bytes(result["bytes"])}

    return clean


def drawing(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red on the left, blue on the right: a turn shows."""
    image = Image.new("RGB", size, (220, 20, 20))
    image.paste((20, 20, 220), (size[0] // 2, 0, size[0], size[1]))
    return image


def photo(orientation: int = 1) -> bytes:
    """A JPEG as a phone makes it: place, device, time, comment, preview, XMP, and a film behind its end."""
    thumbnail = io.BytesIO()
    drawing((16, 10)).save(thumbnail, "JPEG")
    exif = piexif.dump(
        {
            "0th": {
                piexif.ImageIFD.Make: b"Nokia",
                piexif.ImageIFD.Model: b"Tidewick 7",
                piexif.ImageIFD.Orientation: orientation,
            },
            "Exif": {piexif.ExifIFD.DateTimeOriginal: b"2026:11:03 21:14:09"},
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: ((53, 1), (20, 1), (5, 1)),
            },
            "1st": {piexif.ImageIFD.Compression: 6},
            "thumbnail": thumbnail.getvalue(),
        }
    )
    out = io.BytesIO()
    drawing().save(
        out, "JPEG", exif=exif, comment=b"taken by Peiwen", xmp=b"http://ns.adobe.com/xap/1.0/ Peiwen"
    )
    return out.getvalue() + b"\x00\x00\x00\x18ftypmp42 film of Peiwen"


def test_a_photo_loses_place_device_time_comment_and_the_film_behind_it(cleaned: Any) -> None:
    before = photo()
    assert all(secret in before for secret in [b"Nokia", b"Peiwen", b"Exif", b"film"])
    after = cleaned(before, "IMG_20261103_Peiwen.jpg")
    assert after["reason"] == "cleaned"
    assert {"place", "device", "preview", "text"} <= set(after["removed"])
    assert not [secret for secret in [*SECRETS, b"film"] if secret in after["data"]]
    image = Image.open(io.BytesIO(after["data"]))
    image.load()
    assert image.size == (60, 40)
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_however_the_phone_was_held(cleaned: Any, orientation: int) -> None:
    """Pillow, which knows the eight ways, is the judge."""
    from PIL import ImageOps

    before = photo(orientation)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(before)))
    image = Image.open(io.BytesIO(cleaned(before, "a.jpg")["data"])).convert("RGB")
    assert image.size == upright.size
    for point in [(5, 5), (image.width - 6, 5), (5, image.height - 6), (image.width - 6, image.height - 6)]:
        want, got = upright.getpixel(point), image.getpixel(point)
        assert all(abs(a - b) < 40 for a, b in zip(want, got, strict=True)), (point, want, got)


def test_a_screenshot_loses_its_text_and_keeps_its_pixels(cleaned: Any) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Peiwen He, Tidewick")
    notes.add_itxt("XML:com.adobe.xmp", "http://ns.adobe.com Peiwen")
    notes.add_text("Comment", "Peiwen" * 50, zip=True)
    out = io.BytesIO()
    drawing().save(
        out, "PNG", pnginfo=notes, icc_profile=b"Tidewick screen" * 10, exif=Image.Exif().tobytes()
    )
    after = cleaned(out.getvalue(), "Screenshot Peiwen.png")
    assert {"text", "profile"} <= set(after["removed"])
    assert not [secret for secret in SECRETS if secret in after["data"]]
    assert Image.open(io.BytesIO(after["data"])).convert("RGB").tobytes() == drawing().tobytes()
    names = chunk_names(after["data"])
    assert set(names) <= {"IHDR", "IDAT", "IEND", "PLTE", "tRNS", "sRGB", "gAMA", "cHRM", "sBIT"}


def chunk_names(png: bytes) -> list[str]:
    names, at = [], 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        names.append(png[at + 4 : at + 8].decode())
        at += 12 + length
    return names


def test_a_webp_becomes_a_plain_picture(cleaned: Any) -> None:
    out = io.BytesIO()
    drawing().save(out, "WEBP", exif=piexif.dump({"0th": {piexif.ImageIFD.Make: b"Nokia"}}), xmp=b"Peiwen")
    after = cleaned(out.getvalue(), "a.webp")
    assert after["type"] == "image/jpeg"
    assert not [secret for secret in SECRETS if secret in after["data"]]


def test_of_a_moving_picture_the_first_is_kept_and_that_is_said(cleaned: Any) -> None:
    out = io.BytesIO()
    drawing().save(
        out,
        "GIF",
        save_all=True,
        append_images=[Image.new("RGB", (60, 40), "white")],
        comment=b"Peiwen",
        duration=100,
    )
    after = cleaned(out.getvalue(), "a.gif")
    assert after["firstFrame"] is True
    assert after["type"] == "image/png"
    assert b"Peiwen" not in after["data"]


def test_a_picture_too_large_for_an_old_phone_is_made_smaller(cleaned: Any) -> None:
    out = io.BytesIO()
    Image.new("RGB", (6000, 4000), (9, 80, 71)).save(out, "JPEG", quality=10)
    after = cleaned(out.getvalue(), "a.jpg")
    assert after["smaller"] is True
    width, height = Image.open(io.BytesIO(after["data"])).size
    assert width * height <= 16_777_216
    assert abs(width / height - 1.5) < 0.01


def test_where_the_canvas_is_spoiled_the_metadata_is_cut_out_of_the_bytes(cleaned: Any, page: Page) -> None:
    """Tor Browser and others give noise back from a canvas; the image then stays as it was, turn included."""
    page.evaluate(
        "() => { CanvasRenderingContext2D.prototype.getImageData = function (x, y, w, h) { return new ImageData(w, h) } }"
    )
    before = photo(6)
    after = cleaned(before, "a.jpg")
    assert after["reason"] == "cleaned"
    assert not [secret for secret in SECRETS if secret in after["data"] and secret != b"Exif"]
    image = Image.open(io.BytesIO(after["data"]))
    assert dict(image.getexif()) == {0x0112: 6}
    assert image.tobytes() == Image.open(io.BytesIO(before)).tobytes()


@pytest.mark.parametrize(
    ("name", "start", "reason", "kind"),
    [
        ("a.pdf", b"%PDF-1.7 author Peiwen", "pdf", "document"),
        ("a.docx", b"PK\x03\x04 Peiwen", "office", "document"),
        ("a.doc", b"\xd0\xcf\x11\xe0 Peiwen", "office", "document"),
        ("a.mp4", b"\x00\x00\x00\x18ftypmp42", "video", "video"),
        ("a.m4a", b"\x00\x00\x00\x18ftypM4A ", "sound", "sound"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing", "picture"),
        ("a.bin", b"Peiwen", "other", "other"),
        ("photo.jpg", b"Peiwen", "other", "other"),
        ("broken.jpg", b"\xff\xd8\xff\xe0 cut", "picture-unreadable", "picture"),
    ],
)
def test_what_cannot_be_cleaned_stays_as_it_is_and_says_why(
    cleaned: Any, name: str, start: bytes, reason: str, kind: str
) -> None:
    after = cleaned(start, name)
    assert (after["reason"], after["kind"], after["data"]) == (reason, kind, start)


def test_names_are_neutral_unless_kept_on_purpose(cleaned: Any) -> None:
    assert cleaned(photo(), "IMG_Peiwen.jpg")["name"] == "photo-1.jpg"
    assert cleaned(photo(), "corridor/..\u202egpj.exe.JPG", keep=True)["name"] == "corridor..gpj.exe.jpg"
    assert cleaned(b"%PDF-1.7", "minutes by Peiwen.pdf")["name"] == "document-1.pdf"


def test_a_png_with_a_bad_length_is_refused_not_followed(cleaned: Any) -> None:
    chunk = b"tEXt" + b"Peiwen"
    broken = b"\x89PNG\r\n\x1a\n" + pack(">I", 0xFFFFFFF0) + chunk + pack(">I", zlib.crc32(chunk))
    assert cleaned(broken, "a.png")["reason"] == "picture-unreadable"
