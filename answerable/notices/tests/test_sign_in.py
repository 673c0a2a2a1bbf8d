"""What happened to somebody's own sign-in stands among their notices, and leads to where they can act."""

import pytest
from django.utils import timezone

from answerable.organisation import seams


@pytest.mark.parametrize(
    ("what", "words", "link"),
    [
        ("recovery-code", "with a recovery code", "/work/accounts/sessions/"),
        ("way-changed", "The way you sign in was changed", "/work/accounts/2fa/"),
    ],
)
def test_one_hears_of_one_s_own_sign_in_and_nobody_else_does(people, client_for, what, words, link):
    seams.tell_of_sign_in(people["handler"], what, now=timezone.now())
    mine = client_for(people["handler"]).get("/work/tidewick/notices/").content.decode()
    assert words in mine
    assert f'href="{link}"' in mine
    assert words not in client_for(people["administrator"]).get("/work/tidewick/notices/").content.decode()
