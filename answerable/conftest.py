"""What tests of several capabilities share: two organisations that must never meet, and their people."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client

from answerable.organisation import actions, queries
from answerable.organisation.models import Organisation, Person

TOTP_SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105 - of everybody here
PEOPLE = {
    "handler": ("Guangqing Meng", "孟广青"),
    "second_handler": ("Peiwen He", "何佩文"),
    "lead": ("Zhiyao Lu", "陆知遥"),
    "external": ("Aoife Brennan", "敖伊芙"),
    "overseer": ("Orla Fenwick", "欧拉"),
    "administrator": ("Ruoyun Shen", "沈若云"),
    "member": ("Tom Ashby", "汤姆"),
}


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests() -> Iterator[None]:
    queries.forget_organisations()
    yield
    queries.forget_organisations()


@pytest.fixture
def fresh_limits(db: None) -> None:  # noqa: ARG001 - on PostgreSQL the counts lie in a table
    """No tries of other tests count."""
    cache.clear()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 5, 9, 10, tzinfo=UTC)


def _organisation(slug: str, en: str, zh: str) -> Organisation:
    return actions.create_organisation(
        slug=slug,
        name_en=en,
        name_zh=zh,
        origin=f"localhost:8000/log/{slug}",
        time_zone="Asia/Shanghai",
        jurisdictions=[
            {"id": "CN", "name": {"en": "China", "zh": "中国"}},
            {"id": "IE", "name": {"en": "Ireland", "zh": "爱尔兰"}},
            {"id": "FR", "name": {"en": "France", "zh": "法国"}},
        ],
    )


@pytest.fixture
def organisation(db: None) -> Organisation:  # noqa: ARG001
    return _organisation("tidewick", "Tidewick Group", "汐维集团")


@pytest.fixture
def other_organisation(db: None) -> Organisation:  # noqa: ARG001
    return _organisation("saltholm", "Saltholm Works", "盐岛工业")


@pytest.fixture
def people(organisation: Organisation, now: datetime) -> dict[str, Person]:
    """One person by role, two handlers; each with an account but no second factor (see `client_for`)."""
    made = {}
    for key, (en, zh) in PEOPLE.items():
        person = actions.add_person(
            organisation,
            name_en=en,
            name_zh=zh,
            email=f"{key}@tidewick.example",
            duty_en="Duty",
            duty_zh="职务",
        )
        actions.give_role(person, key.removeprefix("second_"), by=None, now=now)
        made[key] = person
    return made


@pytest.fixture
def client_for() -> Callable[[Person], Client]:
    """A signed-in client of this person, with a second factor set up."""

    def sign_in(person: Person) -> Client:
        if person.account is None:
            # An unusable password hash: hashing a real one costs half a second a person.
            account = actions.make_account(
                person, password=None, totp_secret=TOTP_SECRET, now=datetime.now(UTC)
            )
        else:
            account = person.account
        client = Client()
        client.force_login(account)
        session = client.session  # as after a real sign-in: they have just shown that it is them
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
        session["account_authentication_methods_user"] = str(account.pk)
        session.save()
        for cookie in client.cookies.values():
            cookie["path"] = "/work"
        return client

    return sign_in


@pytest.fixture
def outsider(
    other_organisation: Organisation, client_for: Callable[[Person], Client], now: datetime
) -> Client:
    """Charlie, signed in, with every power in the other organisation and none in this one."""
    charlie = actions.add_person(
        other_organisation, name_en="Charlie", name_zh="查理", email="charlie@saltholm.example"
    )
    for role in ("handler", "lead", "external", "overseer", "member"):
        actions.give_role(charlie, role, by=None, now=now)
    return client_for(charlie)
