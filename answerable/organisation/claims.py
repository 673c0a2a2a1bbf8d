"""What a provider has proved about somebody, once everything about its answer was checked."""

from typing import NamedTuple


class Claims(NamedTuple):
    """`subject` never changes at the provider; `strong`: it says that a second factor was used."""

    subject: str
    email: str
    email_vouched: bool
    strong: bool
