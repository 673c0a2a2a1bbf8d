"""One way of writing, so that rules need to know one: half-width, simplified, no gaps inside Chinese and numbers.

Everything is mapped back: a place in the normal text is a place in the text that was given.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

# Traditional characters in words that rules look for, and their simplified form.
_TRADITIONAL = (
    "歲岁齡龄氣气質质體体長长應应屆届畢毕業业優优學学歷历條条員员團团隊队顏颜無无殘残障障礙碍傳传經经驗验證证結结離离"
    "懷怀養养戶户國国籍籍東东內内動动愛爱壯壮強强靈灵點点鐘钟歡欢標标準准領领導导師师務务會会計计辦办幫帮類类種种"
    "藥药癌癌視视聽听覺觉聲声樂乐燈灯貌貌醜丑胖胖輕轻裝装飾饰婦妇媽妈爺爷爾尔們们處处與与為为從从這这個个給给過过時时"
    "間间號号報报單单雙双張张勵励獎奖錄录選选擇择適适邊边護护婚婚濟济灣湾廣广臺台灣湾鄉乡縣县區区屬属雞鸡豬猪龍龙馬马"
    "紋纹靚靓麗丽髮发臉脸腳脚頭头聯联絡络電电話话請请勿勿擾扰際际僅仅祇只衹只須须願愿進进備备產产環环"
)
_TABLE = {ord(a): b for a, b in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)}
_TABLE |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_TABLE |= {0x3000: " ", 0xA0: " ", 0x2009: " ", 0x202F: " ", 0xFEFF: " ", 0x200B: " ", 0x00AD: " "}
_TABLE |= dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE63, 0xFF0D), "-")
_TABLE |= dict.fromkeys((0xFF5E, 0x301C, 0x223C), "~")
_TABLE |= dict.fromkeys((0x2018, 0x2019, 0x02BC, 0xFF07), "'")
_TABLE |= dict.fromkeys((0x201C, 0x201D, 0xFF02), '"')
_TABLE |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200C, 0x200D, 0x200E, 0x200F), " ")
_TABLE |= {code: " " for code in range(32) if code not in (9, 10, 13)}
_TABLE |= {
    code: chr(ord("0") + code - 0x1D7CE - (code - 0x1D7CE) // 10 * 10) for code in range(0x1D7CE, 0x1D800)
}

_RUN = re.compile(r"(?<=[ \t])[ \t]+")
_GAP = re.compile(r"(?<=[㐀-鿿0-9,、，。；：~()\-])[ \t]+(?=[㐀-鿿0-9,、，。；：~()\-])|(?<=[ \t])[ \t]+")
_SPECIAL = re.compile("[" + re.escape("".join(map(chr, _TABLE))) + "]")
_HAN = re.compile(r"[㐀-鿿]")
_RARE = re.compile(
    r"[\u2e80-\u2fdf\u2160-\u2188\u2460-\u24ff\u3220-\u32ff\uf900-\ufaff\U0001d400-\U0001d7ff]"
)


@dataclass(frozen=True, slots=True)
class Normal:
    """The normal text in small letters, and what was left out of it."""

    text: str
    _starts: tuple[int, ...] = ()
    _lost: tuple[int, ...] = ()

    def back(self, at: int) -> int:
        """The place in the given text of character `at` here."""
        if not self._starts:
            return at
        index = bisect_right(self._starts, at) - 1
        return at + (self._lost[index] if index >= 0 else 0)

    def back_span(self, start: int, end: int) -> tuple[int, int]:
        """[start, end) in the given text."""
        return self.back(start), self.back(end - 1) + 1


def normal(text: str) -> Normal:
    """The normal form of `text`."""
    if text.isascii():
        plain = text.translate(_TABLE) if not text.isprintable() else text
        return _without(_RUN, plain.lower()) if "  " in plain else Normal(plain.lower())
    plain = text.translate(_TABLE) if _SPECIAL.search(text) else text
    if _RARE.search(plain):
        plain = _RARE.sub(lambda found: _single(found[0]), plain)
    lowered = plain.lower()
    if len(lowered) != len(plain):  # a letter such as İ grows
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in plain)
    return _without(_GAP if _HAN.search(lowered) else _RUN, lowered)


def _without(gaps: re.Pattern[str], text: str) -> Normal:
    starts: list[int] = []
    lost: list[int] = []
    parts: list[str] = []
    at = gone = 0
    for gap in gaps.finditer(text):
        parts.append(text[at : gap.start()])
        gone += gap.end() - gap.start()
        at = gap.end()
        starts.append(at - gone)
        lost.append(gone)
    if not starts:
        return Normal(text)
    parts.append(text[at:])
    return Normal("".join(parts), tuple(starts), tuple(lost))


def _single(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char
