"""Secrets at rest: another purpose, another key, a changed letter open nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.organisation import secretbox
from answerable.organisation.errors import Unreadable


def test_a_sealed_secret_comes_back_and_does_not_show():
    sealed = secretbox.seal("correct horse 密码", purpose="channels")
    assert "horse" not in sealed
    assert secretbox.unseal(sealed, purpose="channels") == "correct horse 密码"


def test_another_purpose_does_not_open_it():
    sealed = secretbox.seal("x", purpose="channels")
    with pytest.raises(Unreadable):
        secretbox.unseal(sealed, purpose="second-factors")


def test_another_secret_key_does_not_open_it(settings):
    sealed = secretbox.seal("x", purpose="channels")
    settings.SECRET_KEY = "another"
    with pytest.raises(Unreadable):
        secretbox.unseal(sealed, purpose="channels")


@given(st.text())
def test_any_text_is_a_secret_or_unreadable(noise):
    with pytest.raises(Unreadable):
        secretbox.unseal(noise, purpose="channels")
