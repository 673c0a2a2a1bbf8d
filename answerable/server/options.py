"""What an operator may set: one TOML file and the environment over it, each value with where it came from.

`settings.py` asks for every option once, by name and default; so this list is complete by itself. An option is

- taken from the environment (`ANSWERABLE_<NAME>`), else from the file (`<name>`), else the default;
- secret if its name says so: then it may also stand in a file of its own (`<name>_file`, as systemd credentials do), and is
  never shown;
- refused, in words, when its kind or range is wrong. A name in the file that nobody asked for is refused, too.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["BadOption", "Option", "Options", "read_file"]

PREFIX = "ANSWERABLE_"
_SECRET = re.compile(r"(^|_)(password|secret|token|private|key)($|_)")
_IN_URL = re.compile(r"(://[^:/@\s]*:)[^@\s]*(@)")
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
# Read elsewhere: by us to find the file and the parent, by tests.
NOT_OPTIONS = {"CONFIG", "PARENT"}


class BadOption(ValueError):
    """An option cannot be what was given; says which, where, and what it may be."""


@dataclass(frozen=True)
class Option:
    """One effective value. `source`: "environment", "file", "default", or the file that a secret was read from."""

    name: str
    value: Any
    source: str
    secret: bool

    @property
    def shown(self) -> str:
        """The value as an operator may see it, in one line."""
        if self.secret:
            return "(hidden)" if self.value else "(not set)"
        if isinstance(self.value, bool):
            return "on" if self.value else "off"
        return _IN_URL.sub(r"\1(hidden)\2", str(self.value))


def read_file(name: str | None) -> dict[str, Any]:
    """The options of a TOML file; none without a name. Raises BadOption where it can't be read or is no TOML."""
    if not name:
        return {}
    try:
        return tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadOption(f"the configuration file {name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise BadOption(f"the configuration file {name} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadOption(f"the configuration file {name} is not TOML: {error}") from error


class Options:
    """The options of one process: call it for each (`value = Options(file, environ)`), then `finish`."""

    def __init__(self, file: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self._file = file
        self._environ = environ
        self._known: dict[str, Option] = {}

    def __call__(
        self,
        name: str,
        default: Any = None,
        *,
        least: int | None = None,
        most: int | None = None,
        secret: bool | None = None,
    ) -> Any:
        """The value of one option, of the kind of its default (text for None). Raises BadOption."""
        hidden = bool(_SECRET.search(name)) if secret is None else secret
        found, source = self._found(name, default, hidden)
        value = default if source == "default" else _of_kind(name, found, default, source)
        if isinstance(value, int) and not isinstance(value, bool):
            _in_range(name, value, source, least, most)
        self._known[name] = Option(name, value, source, hidden)
        return value

    def _found(self, name: str, default: Any, hidden: bool) -> tuple[Any, str]:
        variable = f"{PREFIX}{name.upper()}"
        if variable in self._environ:
            return self._environ[variable], "environment"
        apart = self._environ.get(f"{variable}_FILE") or self._file.get(f"{name}_file") if hidden else None
        if apart:
            try:
                return Path(str(apart)).read_text(encoding="utf-8").rstrip("\r\n"), str(apart)
            except (OSError, UnicodeDecodeError) as error:
                raise BadOption(f"{name}_file: {apart} cannot be read ({type(error).__name__})") from error
        if name in self._file:
            return self._file[name], "file"
        return default, "default"

    def finish(self) -> None:
        """To be called when all are known. Raises BadOption for a name in the file that is none."""
        names = self._names()
        for given in self._file:
            if given not in names:
                raise BadOption(
                    f"the configuration file has “{given}”, which is no option{_near(given, names)}"
                )

    def stray(self) -> list[str]:
        """Environment variables with our prefix that are no option, each with the nearest that is one."""
        names = self._names()
        given = [name for name in sorted(self._environ) if name.startswith(PREFIX)]
        strays = [name for name in given if name[len(PREFIX) :].lower() not in names]
        return [
            f"{name}{_near(name[len(PREFIX) :].lower(), names)}"
            for name in strays
            if name[len(PREFIX) :] not in NOT_OPTIONS
        ]

    def all(self) -> list[Option]:
        """Every option, by name."""
        return [self._known[name] for name in sorted(self._known)]

    def _names(self) -> set[str]:
        return {*self._known, *(f"{name}_file" for name, option in self._known.items() if option.secret)}


def _near(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.5)
    return f"; did you mean “{near[0]}”?" if near else ""


def _of_kind(name: str, found: Any, default: Any, source: str) -> Any:
    if isinstance(default, bool):
        return _yes_or_no(name, found, source)
    if isinstance(default, int):
        return _number(name, found, source)
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return ",".join(found)
    if not isinstance(found, str):
        raise BadOption(f"{name} ({source}) must be text, in quotes")
    return found


def _yes_or_no(name: str, found: Any, source: str) -> bool:
    if isinstance(found, bool):
        return found
    word = found.strip().lower() if isinstance(found, str) else ""
    if not isinstance(found, str) or word not in _YES | _NO:
        raise BadOption(f"{name} ({source}) must be on or off")
    return word in _YES


def _number(name: str, found: Any, source: str) -> int:
    try:
        if isinstance(found, (bool, float)):
            raise ValueError
        return int(found)
    except (TypeError, ValueError):
        raise BadOption(f"{name} ({source}) must be a whole number") from None


def _in_range(name: str, value: int, source: str, least: int | None, most: int | None) -> None:
    if (least is not None and value < least) or (most is not None and value > most):
        limits = " and ".join(
            f"{word} {limit}" for word, limit in (("at least", least), ("at most", most)) if limit is not None
        )
        raise BadOption(f"{name} ({source}) is {value} and must be {limits}")
