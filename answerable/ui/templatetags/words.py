"""`{% load words %}`: both languages side by side in the template, each written by hand.

{% t "Sign in" "登录" %}
{% t "Sent to {name}" "已发给{name}" name=person.name_en %}
{{ person.name|mine }}              the reader's side of a {"en": …, "zh": …}
{% day when %}, {% moment when %}   5 November 2026 / 2026年11月5日, with the hour
{% asset "console.js" %}            /assets/console.<hash>.js
{% icon "missed" "Missed" "逾期未兑现" %}
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from answerable.ui import bundle

register = template.Library()

ICONS = {
    "due": '<circle cx="12" cy="12" r="9"/>',
    "kept": '<circle cx="12" cy="12" r="9"/><path d="m8 12.3 2.8 2.8 5.3-5.6"/>',
    "missed": '<path d="M10.5 3.4a7.8 7.8 0 0 0 0 15.6"/><path d="M13.5 5a7.8 7.8 0 0 1 0 15.6"/>',
    "next": '<path d="M12 3a9 9 0 1 0 9 9"/>'
    '<circle cx="18.4" cy="5.6" r="2.2" fill="currentColor" stroke="none"/>',
    "held": '<circle cx="12" cy="12" r="9"/><path d="M10 9v6M14 9v6"/>',
    "sealed": '<rect x="3.5" y="6" width="17" height="13" rx="2"/>'
    '<path d="m4.5 7.5 4.8 3.6M19.5 7.5l-4.8 3.6"/>'
    '<circle cx="12" cy="12.6" r="2.7" fill="currentColor" stroke="none"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3"/><path d="M7 14h10v6H7z"/>',
    "key": '<circle cx="8" cy="12" r="4.5"/><path d="M12.5 12H21M17.5 12v3.5M21 12v3"/>',
}


def chinese() -> bool:
    """Whether the page speaks Chinese."""
    return (translation.get_language() or "en").startswith("zh")


def words(en: str, zh: str) -> str:
    """The reader's language of the two."""
    return zh if chinese() else en


@register.simple_tag
def t(en: str, zh: str, **values: Any) -> SafeString:
    """{% t "English" "中文" name=value %}: the half that the page speaks, its {name}s filled in and escaped."""
    said = SafeString(words(en, zh))
    return format_html(said, **values) if values else said


@register.filter
def mine(both: Mapping[str, str]) -> str:
    """{{ both|mine }}: the half of {en, zh} that the page speaks, English where it is empty."""
    return both.get("zh" if chinese() else "en") or both.get("en") or ""


@register.simple_tag(takes_context=True)
def day(context: template.Context, when: date | datetime | None) -> str:
    """{% day when %}: "4 November 2026", "2026年11月4日", in the organisation's zone."""
    if when is None:
        return ""
    if isinstance(when, datetime):
        when = _local(context, when)
    return f"{when.year}年{when.month}月{when.day}日" if chinese() else f"{when.day} {when:%B %Y}"


@register.simple_tag(takes_context=True)
def moment(context: template.Context, when: datetime | None) -> str:
    """{% moment when %}: the day and the time, in the organisation's zone."""
    if when is None:
        return ""
    return f"{day(context, when)}{' ' if chinese() else ', '}{_local(context, when):%H:%M}"


@register.simple_tag
def asset(name: str) -> str:
    """{% asset "console.js" %}: its address in the bundle."""
    return bundle.asset(name)


@register.simple_tag
def icon(name: str, en: str = "", zh: str = "") -> SafeString:
    """{% icon "missed" "Missed" "逾期未兑现" %}; without words it is decoration."""
    label = words(en, zh)
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="i" viewBox="0 0 24 24" {}>{}</svg>', said, SafeString(ICONS[name]))


@register.inclusion_tag("parts/field.html")
def field(bound: Any, en: str, zh: str, hint_en: str = "", hint_zh: str = "", **attrs: Any) -> dict[str, Any]:
    """A form field in our look: label, hint, what to mend, input; further arguments become its attributes."""
    # Words that vanish when one types are no label (LOOK.md).
    bound.field.widget.attrs.pop("placeholder", None)
    attrs = {name.replace("_", "-"): value for name, value in attrs.items()}
    described = [f"{bound.auto_id}-hint"] if hint_en else []
    described += [f"{bound.auto_id}-error"] if bound.errors else []
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return {
        "field": bound,
        "label": words(en, zh),
        "hint": words(hint_en, hint_zh),
        "input": bound.as_widget(attrs=attrs),
    }


def _local(context: template.Context, when: datetime) -> datetime:
    """In the organisation's time zone; UTC where there is none."""
    organisation = context.get("organisation")
    return timezone.localtime(when, ZoneInfo(organisation.time_zone if organisation else "UTC"))
