"""`answerable setup`: an organisation made at the terminal, a code for the browser, a configuration as a file."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from answerable.organisation import actions as organisations
from answerable.organisation import queries
from answerable.organisation.models import Organisation, Person
from answerable.setup import actions, configuration, places, questions, rules
from answerable.setup.errors import BadConfiguration

ASKED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "name": (("name_en", "Name in English"), ("name_zh", "Name in Chinese (Enter: the same)")),
    "languages": (("languages", "Languages people read (en zh)"),),
    "address": (
        ("slug", "Short name, in the address for good"),
        ("host", "A host name of its own (Enter: none)"),
    ),
    "places": (("places", "Places, as two letters (IE CN …)"),),
    "zones": (("time_zone", "Time zone (Europe/Dublin …)"),),
    "look": (("accent", "Accent colour (#rrggbb; Enter: ours)"),),
    "contact": (
        ("contact_en", "Contact outside the organisation, name"),
        ("contact_zh", "The same in Chinese (Enter: the same)"),
        ("telephone", "Telephone"),
        ("email", "E-mail"),
        ("post", "Address"),
    ),
    "administrators": (
        ("first_name_en", "First administrator, name"),
        ("first_email", "First administrator, e-mail"),
        ("second_name_en", "Second administrator, name"),
        ("second_email", "Second administrator, e-mail"),
    ),
}
_LISTS = {"languages", "places"}


def run(what: str | None, name: str | None, file: str | None) -> int:
    """`setup`, `setup --from FILE`, `setup code`, `setup export ORG`, `setup invite E-MAIL`; the exit status."""
    if what == "code":
        print_code(actions.begin(timezone.now()))
        return 0
    if what == "export":
        return _export(name or "")
    if what == "invite":
        return _invite(name or "")
    try:
        answers = configuration.read(_text(file)) if file else ask(input)
        if "administrators" not in answers:
            answers["administrators"] = _ask_one("administrators", answers, input)
        made = actions.create(answers, site_host=site_host(), now=timezone.now())
    except (BadConfiguration, OSError, UnicodeError) as error:
        print(f"answerable: {error}", file=sys.stderr)
        return 1
    except (EOFError, KeyboardInterrupt):
        print("\nanswerable: nothing was made", file=sys.stderr)
        return 1
    print(f"{made.organisation.slug} is there. Its log is named {made.organisation.origin} for good.")
    print("It takes no reports yet; the checklist in administration says what is missing.")
    for person, token in made.invited:
        print(f"\nOne-time link for {person.name_en}, for seven days:\n{_link(made.organisation, token)}")
    return 0


def at_start() -> int:
    """When the service starts on an empty database: the code, once; later, where it lies. Always 0."""
    code = actions.begin_if_empty(timezone.now())
    if code:
        print_code(code)
    elif not Organisation.objects.exists() and actions.code_file().exists():
        print(
            f"No organisation yet: open {_site()}/work/setup/ with the code in {actions.code_file()}",
            flush=True,
        )
    return 0


def print_code(code: str) -> None:
    """To the operator's eyes alone: standard output and a file that only the service may read."""
    print(
        f"Set up an organisation: open {_site()}/work/setup/ and type this one-time code:\n\n    {code}\n",
        flush=True,
    )
    print(f"It counts for seven days and lies in {actions.code_file()} until it is used.", flush=True)


def ask(reading: Callable[[str], str]) -> configuration.Answers:
    """The same questions as in the browser, one after the other, each until its answer will do."""
    answers: configuration.Answers = {}
    for step in rules.QUESTIONS:
        answers[step] = _ask_one(step, answers, reading)
    return answers


def _ask_one(step: str, known: Mapping[str, Any], reading: Callable[[str], str]) -> dict[str, Any]:
    while True:
        given: dict[str, Any] = {}
        for field, label in ASKED[step]:
            text = reading(f"{label}: ").strip()
            given[field] = text.replace(",", " ").split() if field in _LISTS else text
        if step == "places":
            given["places"] = [each.upper() for each in given["places"]]
        form = questions.QUESTIONS[step](given, known=known)
        if form.is_valid():
            return form.answer()
        for errors in form.errors.values():
            print(f"  {errors[0]}")
        if step == "places":
            print("  Known: " + " ".join(each.id for each in places.every()))


def site_host() -> str:
    """The host of organisations without one of their own: the first of the setting `hosts`, with the port where it shows."""
    host = str(settings.ALLOWED_HOSTS[0]).lstrip(".")
    return host if settings.SECURE_ORIGIN else f"{host}:{settings.LISTEN_PORT}"


def _site(host: str | None = None) -> str:
    return f"{'https' if settings.SECURE_ORIGIN else 'http'}://{host or site_host()}"


def _link(organisation: Organisation, token: str) -> str:
    return f"{_site(organisation.host)}/work/accounts/invitation/{token}/"


def _text(file: str) -> str:
    return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")


def _export(slug: str) -> int:
    found = next((each for each in queries.every() if each.slug == slug), None)
    if found is None:
        print(f"answerable: no organisation “{slug}”", file=sys.stderr)
        return 1
    print(configuration.write(configuration.of(found)), end="")
    return 0


def _invite(email: str) -> int:
    """A new one-time link for an administrator who lost theirs, and has no account yet."""
    found = Person.objects.filter(
        email=email.strip().lower(), roles__role="administrator", left_at=None, account=None
    ).select_related("organisation")
    for person in found:
        token = organisations.invite(person, by=None, now=timezone.now())
        print(f"One-time link for {person.name_en}, for seven days:\n{_link(person.organisation, token)}")
    if not found:
        print("answerable: no administrator without an account has this address", file=sys.stderr)
    return 0 if found else 1
