"""An organisation's accent colour on our grounds: contrast by WCAG 2.2, and the nearest colour that can be read.

Pure. A colour is "#rrggbb". The accent takes the place of jade (what one can press, what was kept) and so stands as text on
paper, sheet and tint, and under the text of buttons. Lightness is changed in Oklab (Björn Ottosson, public domain), where
equal steps look equal, and hue and chroma stay as far as sRGB has them.
"""

import re
from typing import Final, NamedTuple

__all__ = [
    "AA",
    "AAA",
    "DARK_GROUNDS",
    "LIGHT_GROUNDS",
    "Theme",
    "contrast",
    "is_colour",
    "least_contrast",
    "nearest",
    "theme",
]

AA: Final = 4.5
AAA: Final = 7.0
LIGHT_GROUNDS: Final = ("#f4f5ee", "#ffffff")  # --paper, --sheet of work.css and reporter.css
DARK_GROUNDS: Final = ("#0d1918", "#152423")
_BLACK_ON_DARK: Final = "#06231e"
_STEPS: Final = 24  # halvings of the lightness: finer than a step of sRGB

Triple = tuple[float, float, float]


class Theme(NamedTuple):
    """What takes the place of --jade, --jade-deep, --jade-tint and --on-jade, on a light and on a dark ground."""

    light: dict[str, str]
    dark: dict[str, str]


def is_colour(text: str) -> bool:
    """Whether this is "#rrggbb" in small letters."""
    return re.fullmatch(r"#[0-9a-f]{6}", text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def least_contrast(accent: str, grounds: tuple[str, ...] = LIGHT_GROUNDS) -> float:
    """Its contrast on the ground where it is hardest to read: ours, and its own tint."""
    return min(contrast(accent, ground) for ground in (*grounds, _tint(accent, dark=grounds == DARK_GROUNDS)))


def nearest(accent: str, ratio: float = AA, grounds: tuple[str, ...] = LIGHT_GROUNDS) -> str:
    """The colour of the same hue, as near in lightness as can be, that has at least this contrast everywhere.

    The colour itself if it has. On light grounds it gets darker, on dark ones lighter; black and white always pass.
    """
    if least_contrast(accent, grounds) >= ratio:
        return accent
    lightness, a, b = _oklab(accent)
    passes = 1.0 if grounds == DARK_GROUNDS else 0.0
    fails = lightness
    found = "#ffffff" if grounds == DARK_GROUNDS else "#000000"
    for _ in range(_STEPS):
        middle = (passes + fails) / 2
        candidate = _from_oklab((middle, a, b))
        if least_contrast(candidate, grounds) >= ratio:
            passes, found = middle, candidate
        else:
            fails = middle
    return found


def theme(accent: str) -> Theme:
    """The colours of an accent that passes AA on light grounds; on dark ones the nearest that passes stands for it."""
    on_dark = nearest(accent, AA, DARK_GROUNDS)
    return Theme(
        light={
            "jade": accent,
            "jade-deep": _shifted(accent, -0.06),
            "jade-tint": _tint(accent, dark=False),
            "on-jade": "#ffffff",
        },
        dark={
            "jade": on_dark,
            "jade-deep": _shifted(on_dark, 0.06),
            "jade-tint": _tint(accent, dark=True),
            "on-jade": max(("#000000", _BLACK_ON_DARK), key=lambda text: contrast(text, on_dark)),
        },
    )


def _tint(accent: str, *, dark: bool) -> str:
    """A ground with a breath of the accent."""
    return _mixed(accent, DARK_GROUNDS[1] if dark else "#ffffff", 0.18 if dark else 0.12)


def _mixed(colour: str, ground: str, share: float) -> str:
    pairs = zip(_bytes(colour), _bytes(ground), strict=True)
    return _hex(*(round(share * top + (1 - share) * under) for top, under in pairs))


def _shifted(colour: str, by: float) -> str:
    lightness, a, b = _oklab(colour)
    return _from_oklab((min(1.0, max(0.0, lightness + by)), a, b))


def _bytes(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(*parts: int) -> str:
    return "#" + "".join(f"{part:02x}" for part in parts)


def _linear(colour: str) -> Triple:
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in _bytes(colour)
    )
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklab(colour: str) -> Triple:
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_oklab(lab: Triple) -> str:
    """The nearest colour of sRGB with this lightness and hue: chroma gives way where the screen has none."""
    lightness, a, b = lab
    least, most = 0.0, 1.0
    if _in_srgb(_rgb(lightness, a, b)):
        least = 1.0
    else:
        for _ in range(_STEPS):
            middle = (least + most) / 2
            if _in_srgb(_rgb(lightness, middle * a, middle * b)):
                least = middle
            else:
                most = middle
    return _hex(*(_encoded(part) for part in _rgb(lightness, least * a, least * b)))


def _rgb(lightness: float, a: float, b: float) -> Triple:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _in_srgb(rgb: Triple) -> bool:
    return all(-0.0005 <= part <= 1.0005 for part in rgb)


def _encoded(part: float) -> int:
    part = min(1.0, max(0.0, part))
    return round(255 * (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055))
