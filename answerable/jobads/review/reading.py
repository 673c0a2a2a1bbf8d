"""The text of an advertisement's file: plain text in UTF-8, UTF-16 or GB 18030, or HTML.

Places in findings are characters of the text that this gives; HTML keeps its length, its marks being blanked.
"""

import re
from typing import Final

from answerable.jobads.errors import BadAd
from answerable.jobads.review.engine import LONGEST

MOST_BYTES: Final = 10 * 1024 * 1024
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(r"<(?:!doctype|html|body|div|p|br|ul|li|table|span|h[1-6])\b[^<>]*>", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|div|br|li|ul|ol|tr|td|th|h[1-6]|table|section|article|dd|dt)\b", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|template)\b[^<>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")
_ENTITIES = {
    "&nbsp;": " ",
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&apos;": "'",
}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))


def decoded(data: bytes) -> str:
    """The characters of a file. Raises BadAd if it is too large, empty of text, or in no encoding that is read here."""
    if len(data) > MOST_BYTES:
        raise BadAd(f"the file has more than {MOST_BYTES // 1024 // 1024} MB")
    if data.startswith(b"%PDF-"):
        raise BadAd("this is a PDF; save its text, or paste it")
    if data.startswith(b"PK\x03\x04"):
        raise BadAd("this is a packed document; save it as text, or paste it")
    text = _text(data)
    if len(text) > LONGEST:
        raise BadAd(f"the text has more than {LONGEST:,} characters: it is no single advertisement")
    return text


def _text(data: bytes) -> str:
    if data.startswith(_MARKS):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise BadAd("the file begins as UTF-16 and does not go on so") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadAd("this is not text in UTF-8, UTF-16 or GB 18030")


def plain(text: str) -> str:
    """The text without HTML, as long as before: marks become blanks, ends of blocks a new line."""
    if not _HTML.search(text):
        return text
    text = _HIDDEN.sub(lambda found: " " * len(found[0]), text)
    text = _TAG.sub(_blank, text)
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]].ljust(len(found[0])), text)


def _blank(found: re.Match[str]) -> str:
    return ("\n" if _BLOCK.match(found[0]) else " ").ljust(len(found[0]))
