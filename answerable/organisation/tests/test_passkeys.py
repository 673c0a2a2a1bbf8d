"""An invited person makes a passkey in a real Chromium, signs out, and signs in with it alone."""

import os
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from answerable.organisation import actions

# Playwright keeps an event loop in the thread of the tests, and Django would refuse its database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": flags}


@pytest.fixture
def refusals(page: Page) -> Iterator[list[str]]:
    """What the content policy refused, and scripts that failed: must stay empty."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


def test_an_invited_person_signs_in_with_a_passkey_alone(page: Page, refusals, live_server, people):
    cache.clear()
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    token = actions.invite(people["handler"], by=None, now=timezone.now())

    page.goto(f"{live_server.url}/work/accounts/invitation/{token}/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert Authenticator.objects.filter(user__email=people["handler"].email, type="webauthn").count() == 1

    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("heading", name="Good to see you")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()

    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Good to see you")).to_be_visible()
    assert all(cookie["path"].startswith("/work") for cookie in page.context.cookies())
