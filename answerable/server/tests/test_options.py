"""Options come from the environment, else the file, else the default; what can't be meant is refused in words."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.server.options import BadOption, Options, read_file


def test_the_environment_wins_over_the_file_and_the_file_over_the_default() -> None:
    options = Options({"threads": 8, "hosts": "b"}, {"ANSWERABLE_HOSTS": "a"})
    assert [options("hosts", "c"), options("threads", 32), options("mail_port", 25)] == ["a", 8, 25]
    assert [(each.name, each.source) for each in options.all()] == [
        ("hosts", "environment"),
        ("mail_port", "default"),
        ("threads", "file"),
    ]


@pytest.mark.parametrize(
    ("given_", "default", "says"),
    [
        ({"threads": "many"}, 32, "threads (file) must be a whole number"),
        ({"threads": True}, 32, "must be a whole number"),
        ({"threads": 1.5}, 32, "must be a whole number"),
        ({"threads": 0}, 32, "threads (file) is 0 and must be at least 2 and at most 64"),
        ({"threads": "perhaps"}, True, "threads (file) must be on or off"),
        ({"threads": 1234}, "", "threads (file) must be text, in quotes"),
        ({"threads": {"a": 1}}, "", "must be text"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_what_it_may_be(
    given_: dict[str, Any], default: Any, says: str
) -> None:
    with pytest.raises(BadOption, match=says.replace("(", r"\(").replace(")", r"\)")):
        Options(given_, {})("threads", default, least=2, most=64)


def test_an_unknown_name_in_the_file_is_refused_with_the_nearest_known_one() -> None:
    options = Options({"mail_hosst": "x"}, {})
    options("mail_host", "")
    with pytest.raises(BadOption, match="“mail_hosst”, which is no option; did you mean “mail_host”"):
        options.finish()


def test_unknown_names_in_the_environment_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    options = Options({}, {"ANSWERABLE_MAIL_HOTS": "x", "ANSWERABLE_CONFIG": "y", "PATH": "z"})
    options("mail_host", "")
    assert options.stray() == ["ANSWERABLE_MAIL_HOTS; did you mean “mail_host”?"]


def test_a_list_in_the_file_is_a_list_with_commas() -> None:
    assert Options({"hosts": ["a.example", "b.example"]}, {})("hosts", "") == "a.example,b.example"


def test_secrets_are_never_shown_and_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("from a file\n")
    options = Options({"mail_password_file": str(tmp_path / "mail")}, {"ANSWERABLE_SECRET_KEY": "abc"})
    assert options("mail_password", "") == "from a file"
    assert options("secret_key") == "abc"
    assert options("database", "postgresql://me:hush@host/name") == "postgresql://me:hush@host/name"
    options.finish()
    shown = " ".join(each.shown for each in options.all())
    assert "from a file" not in shown
    assert "abc" not in shown
    assert "hush" not in shown
    assert "postgresql://me:(hidden)@host/name" in shown


def test_a_missing_or_broken_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="cannot be read: No such file"):
        read_file(str(tmp_path / "none.toml"))
    (tmp_path / "bad.toml").write_text("a = ")
    with pytest.raises(BadOption, match="is not TOML"):
        read_file(str(tmp_path / "bad.toml"))
    with pytest.raises(BadOption, match="cannot be read"):
        Options({"mail_password_file": str(tmp_path / "none")}, {})("mail_password", "")


@given(
    st.dictionaries(
        st.sampled_from(["a", "b_password", "b_password_file", "c"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.lists(st.text() | st.integers()),
    )
)
def test_whatever_stands_in_the_file_there_are_values_or_a_refusal(file: dict[str, Any]) -> None:
    options = Options(file, {})
    for name, default in (("a", 1), ("b_password", ""), ("c", False)):
        try:
            value = options(name, default)
        except BadOption:
            continue
        assert type(value) is type(default)


def answerable(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERABLE_")}
    command = [sys.executable, "-m", "answerable", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**bare, **environment}, timeout=60
    )


def test_the_command_shows_values_and_sources_and_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "answerable.toml"
    file.write_text('mail_password = "hush hush"\nhosts = ["report.example.org"]\n')
    done = answerable("config", ANSWERABLE_DATA=str(tmp_path / "data"), ANSWERABLE_CONFIG=str(file))
    assert done.returncode == 0, done.stderr
    assert "report.example.org  [file]" in done.stdout
    assert "hush" not in done.stdout + done.stderr


def test_a_mistake_in_the_file_ends_every_command_with_one_plain_line(tmp_path: Path) -> None:
    file = tmp_path / "answerable.toml"
    file.write_text("listen_prot = 1\n")
    done = answerable("serve", ANSWERABLE_DATA=str(tmp_path / "data"), ANSWERABLE_CONFIG=str(file))
    assert done.returncode == 2
    assert done.stderr == (
        "answerable: the configuration file has “listen_prot”, which is no option; did you mean “listen_port”?\n"
    )
