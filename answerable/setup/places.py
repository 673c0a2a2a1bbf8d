"""Where people can work: countries with their names, time zones, the packs of promises that count there, and help lines.

Names and help lines: browser/data/help-lines.json, the same that reporters see; further countries of our packs are named here.
Time zones: zone.tab of the tz database.
"""

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import available_timezones

from answerable.promises import rules as promises

__all__ = ["Place", "every", "place", "zones"]

_HERE: Final = Path(__file__).parent
_DATA: Final = (_HERE / "help-lines.json", _HERE.parents[1] / "browser" / "data" / "help-lines.json")
_MORE: Final = {
    "AT": ("Austria", "奥地利"),
    "BE": ("Belgium", "比利时"),
    "BG": ("Bulgaria", "保加利亚"),
    "CY": ("Cyprus", "塞浦路斯"),
    "CZ": ("Czechia", "捷克"),
    "DE": ("Germany", "德国"),
    "DK": ("Denmark", "丹麦"),
    "EE": ("Estonia", "爱沙尼亚"),
    "ES": ("Spain", "西班牙"),
    "FI": ("Finland", "芬兰"),
    "FR": ("France", "法国"),
    "GR": ("Greece", "希腊"),
    "HR": ("Croatia", "克罗地亚"),
    "HU": ("Hungary", "匈牙利"),
    "IE": ("Ireland", "爱尔兰"),
    "IT": ("Italy", "意大利"),
    "LT": ("Lithuania", "立陶宛"),
    "LU": ("Luxembourg", "卢森堡"),
    "LV": ("Latvia", "拉脱维亚"),
    "MT": ("Malta", "马耳他"),
    "NL": ("Netherlands", "荷兰"),
    "PL": ("Poland", "波兰"),
    "PT": ("Portugal", "葡萄牙"),
    "RO": ("Romania", "罗马尼亚"),
    "SE": ("Sweden", "瑞典"),
    "SI": ("Slovenia", "斯洛文尼亚"),
    "SK": ("Slovakia", "斯洛伐克"),
}
_USUAL: Final = {
    "AU": "Australia/Sydney",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon",
    "US": "America/New_York",
}


class Place(NamedTuple):
    """A country or region. `zones`: its time zones, the usual one first. `help`: {"emergency": […], "lines": […]} or None."""

    id: str
    name: dict[str, str]
    zones: tuple[str, ...]
    packs: tuple[str, ...]
    help: dict[str, Any] | None

    def as_jurisdiction(self, zone: str = "") -> dict[str, Any]:
        """As an organisation keeps it."""
        return {"id": self.id, "name": self.name, "time_zone": zone or self.zones[0]}


@lru_cache(maxsize=1)
def every() -> tuple[Place, ...]:
    """All of them: those with help lines first, then the others of our packs by name."""
    helped = {each["id"]: each for each in json.loads(_data().read_text(encoding="utf-8"))["countries"]}
    named = {key: each["name"] for key, each in helped.items()}
    others = sorted((en, key, zh) for key, (en, zh) in _MORE.items() if key not in named)
    named |= {key: {"en": en, "zh": zh} for en, key, zh in others}
    return tuple(
        Place(key, name, _zones_of(key), _packs(key), helped.get(key)) for key, name in named.items()
    )


def place(identifier: str) -> Place | None:
    """The place with these two letters."""
    return next((each for each in every() if each.id == identifier), None)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Every time zone that somebody could mean."""
    wanted = {
        each
        for each in available_timezones()
        if "/" in each and not each.startswith(("Etc/", "posix/", "right/"))
    }
    return ("UTC", *sorted(wanted - {"US", "SystemV"}))


def _data() -> Path:
    return next(path for path in _DATA if path.exists())


def _packs(country: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.pack for each in promises.rules_for(country)))


def _zones_of(country: str) -> tuple[str, ...]:
    found = [zone for countries, zone in _table() if country in countries]
    found.sort(key=lambda zone: zone != _USUAL.get(country))
    return tuple(found) or ("UTC",)


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[str, str], ...]:
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((row[0], row[2]) for row in rows)
