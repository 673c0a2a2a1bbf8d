"""Bytes to text, surely or not at all.

A mark (BOM) is believed, and then decoded strictly. Without one: UTF-8 strictly; UTF-16 by its zero bytes; then GB18030,
but only where the text proves it, since nearly any bytes of another encoding are some Chinese in GB18030: either the heading
has a Chinese column name of ours, or at least half of the rows with Chinese in them begin a cell with one of the common surnames.
"""

import codecs
import re
from typing import Final

from answerable.organisation.directory.columns import PEOPLE_HEADINGS, UNIT_HEADINGS, folded
from answerable.organisation.directory.faults import Fault, Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
    (codecs.BOM_UTF32_LE, None, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)
_ENOUGH: Final = 200_000
"""Characters that are looked at to know Chinese again."""

# Of the hundred commonest surnames (Ministry of Public Security, 2020 name report), as cells begin with them.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
    "卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
_BEGINS = re.compile(r"(?:^|[,;\t\"])\s*([\u4e00-\u9fff])")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd\ufffd]")


def decoded(data: bytes) -> tuple[str, str]:
    """(text without a mark, name of the encoding). Raises Unreadable with the line of the first byte in doubt."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            if codec is None:
                raise Unreadable(Fault(1, None, "encoding"))
            return _strictly(data[len(mark) :], codec), name
    wide = _utf16(data[:4096])
    if wide:
        return _strictly(data, wide), "utf-16"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        doubt = error.start
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if not text or _PRIVATE.search(text) or not _is_chinese(text):
        raise Unreadable(_at(data, doubt))
    return text, "gb18030"


def _strictly(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(codec, errors="replace")
        raise Unreadable(Fault(before.count("\n") + 1, None, "encoding")) from None


def _utf16(head: bytes) -> str | None:
    """UTF-16 without a mark shows by the zero halves of separators and line ends."""
    first, second = head[0::2].count(0), head[1::2].count(0)
    if (first + second) * 32 < len(head) or min(first, second) * 8 > max(first, second) or not first + second:
        return None
    return "utf-16-le" if second > first else "utf-16-be"


def _is_chinese(text: str) -> bool:
    lines = text[:_ENOUGH].splitlines()
    heading = re.split(r"[,;\t]", lines[0]) if lines else []
    if any(not each.isascii() and _known(each) for each in heading):
        return True
    telling = [line for line in lines[1:] if _HAN.search(line)]
    named = sum(any(first in _SURNAMES for first in _BEGINS.findall(line)) for line in telling)
    return bool(telling) and named * 2 >= len(telling)


def _known(heading: str) -> bool:
    key = folded(heading.strip(' "'))
    return key in PEOPLE_HEADINGS or key in UNIT_HEADINGS


def _at(data: bytes, place: int) -> Fault:
    """The line, and the column by the separators before it on its line."""
    start = data.rfind(b"\n", 0, place) + 1
    head = data[: min(data.find(b"\n") % (len(data) + 1), 4096)].decode("utf-8", errors="replace")
    separator = max(",;\t", key=head.count)
    headings = [folded(each.strip(' "\r')) for each in head.split(separator)]
    behind = data[start : start + min(place - start, 65536)].count(separator.encode())
    column = PEOPLE_HEADINGS.get(headings[behind]) if start and behind < len(headings) else None
    return Fault(data.count(b"\n", 0, place) + 1, column, "encoding")
