"""Charts as SVG made here: per cent across and pixels down, so that text never shrinks; one dot is one promise."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

LINE = 112  # where the kept ones stand, px from the top
STEP = 18
MOST = 5  # dots that fit above the line, and two below; beyond that a number


@dataclass(frozen=True)
class Week:
    """One column: its name and how many promises were kept and missed in it."""

    name: str
    kept: int
    missed: int


def weeks(columns: Sequence[Week], *, label: str, every: int = 3) -> SafeString:
    """The chart of the board; `label` says the numbers in words, every n-th column carries its name."""
    parts: list[str] = []
    for number, week in enumerate(columns):
        x = f"{(number + 0.5) * 100 / max(len(columns), 1):.2f}%"
        parts += _dots(x, week.kept, up=True) + _dots(x, week.missed, up=False)
        if number % every == 0:
            parts.append(format_html('<text x="{}" y="166" text-anchor="middle">{}</text>', x, week.name))
    return format_html(
        '<svg height="176" role="img" aria-label="{}"><line class="c-line" x1="0" x2="100%" y1="{}" y2="{}"/>{}</svg>',
        label,
        LINE,
        LINE,
        SafeString("".join(parts)),
    )


def _dots(x: str, count: int, *, up: bool) -> list[str]:
    room = MOST if up else 2
    shown = count if count <= room else room - 1
    kind, radius = ("c-kept", "6.5") if up else ("c-missed", "6")
    dots: list[str] = []
    for place in range(shown):
        y = LINE - 14 - STEP * place if up else LINE + STEP * (place + 1)
        dots.append(format_html('<circle class="{}" cx="{}" cy="{}" r="{}"/>', kind, x, y, radius))
    if count > shown:
        y = LINE - 10 - STEP * shown if up else LINE + 5 + STEP * (shown + 1)
        dots.append(format_html('<text x="{}" y="{}" text-anchor="middle">+{}</text>', x, y, count - shown))
    return dots
