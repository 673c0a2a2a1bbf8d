"""What administrators type to set up a channel, and people to say how they are told."""

from typing import Any, Final

from django import forms

from answerable.notices.rules import DIGESTS
from answerable.ui.templatetags.words import words

_SECRET = {"autocomplete": "off", "spellcheck": "false"}
SIGN_INS: Final = ("none", "password", "token")


def _hidden(required: bool = False, limit: int = 4000) -> forms.CharField:
    widget = forms.PasswordInput(attrs=_SECRET)
    return forms.CharField(max_length=limit, required=required, widget=widget, strip=True)


class Group(forms.Form):
    """A robot's address, and its secret where there is one."""

    name = forms.CharField(max_length=60)
    url = forms.CharField(max_length=1000, widget=forms.TextInput(attrs=_SECRET))
    secret = _hidden(limit=500)

    def values(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in ("url", "secret")}


class MailServer(forms.Form):
    """The organisation's own mail server."""

    name = forms.CharField(max_length=60)
    host = forms.RegexField(r"^[A-Za-z0-9.-]{1,253}$")
    port = forms.IntegerField(min_value=1, max_value=65535, initial=587)
    security = forms.ChoiceField(choices=[(each, each) for each in ("starttls", "implicit")])
    sender = forms.EmailField()
    sign_in = forms.ChoiceField(choices=[(each, each) for each in SIGN_INS])
    account = forms.CharField(max_length=254, required=False, widget=forms.TextInput(attrs=_SECRET))
    password = _hidden(limit=500)
    token_url = forms.CharField(max_length=500, required=False)
    client_id = forms.CharField(max_length=300, required=False)
    client_secret = _hidden()
    refresh_token = _hidden()
    scope = forms.CharField(max_length=500, required=False)
    authorities = forms.CharField(max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        wanted = {"password": ("account", "password"), "token": ("account", "token_url", "client_id")}
        for name in wanted.get(data.get("sign_in", ""), ()):
            if not data.get(name):
                self.add_error(name, words("This is needed.", "这里要填。"))
        return data

    def values(self) -> dict[str, Any]:
        """Only what the chosen way of signing in needs."""
        data = self.cleaned_data
        keys = ["host", "port", "security", "sender", "authorities"]
        if data["sign_in"] == "password":
            keys += ["account", "password"]
        if data["sign_in"] == "token":
            keys += ["account", "token_url", "client_id", "client_secret", "refresh_token", "scope"]
        return {key: data[key] for key in keys}


class Manners(forms.Form):
    counts = forms.BooleanField(required=False)
    unsent_hours = forms.IntegerField(min_value=1, max_value=72)


class How(forms.Form):
    """`channels`: (id, name) of the groups that can be ticked."""

    mail = forms.BooleanField(required=False)
    quiet_from = forms.TimeField(
        required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    time_zone = forms.CharField(max_length=64, required=False)
    digest = forms.ChoiceField(choices=[(each, each) for each in DIGESTS], required=False)

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channels"] = forms.MultipleChoiceField(choices=channels, required=False)
