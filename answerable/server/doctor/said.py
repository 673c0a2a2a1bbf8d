"""Short ways to make findings."""

from answerable.organisation.seams import BAD, GOOD, WATCH, Finding

__all__ = ["bad", "good", "watch"]


def good(name: str, en: str, zh: str) -> Finding:
    """Nothing to do."""
    return Finding(name, GOOD, {"en": en, "zh": zh})


def watch(name: str, is_: tuple[str, str], do: tuple[str, str]) -> Finding:
    """Works, but will not for ever, or not as it should. Each pair is English and Chinese."""
    return Finding(name, WATCH, {"en": is_[0], "zh": is_[1]}, {"en": do[0], "zh": do[1]})


def bad(name: str, is_: tuple[str, str], do: tuple[str, str]) -> Finding:
    """Broken, or unsafe."""
    return Finding(name, BAD, {"en": is_[0], "zh": is_[1]}, {"en": do[0], "zh": do[1]})
