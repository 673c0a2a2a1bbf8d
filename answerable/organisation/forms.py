"""What administrators and invited people type."""

from typing import Any

from allauth.mfa.base.forms import ReauthenticateForm
from django import forms
from django.contrib.auth.password_validation import validate_password

from answerable.organisation import oidc, saml
from answerable.organisation.errors import ProviderTrouble
from answerable.organisation.rules import ROLES
from answerable.ui.templatetags.words import words


class AddPerson(forms.Form):
    name_en = forms.CharField(max_length=200)
    name_zh = forms.CharField(max_length=200, required=False)
    duty_en = forms.CharField(max_length=200, required=False)
    duty_zh = forms.CharField(max_length=200, required=False)
    email = forms.EmailField()
    languages = forms.MultipleChoiceField(
        choices=[("en", "English"), ("zh", "中文")], widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["name_zh"] = data.get("name_zh") or data.get("name_en", "")
        return data


class FindPeople(forms.Form):
    """What narrows the list of people; `after` is the last person of the page before."""

    text = forms.CharField(max_length=100, required=False)
    role = forms.ChoiceField(choices=[(role, role) for role in ("any", *ROLES)], required=False)
    unit = forms.UUIDField(required=False)
    after = forms.UUIDField(required=False)


class PickRole(forms.Form):
    role = forms.ChoiceField(choices=[(role, role) for role in ROLES])


class ChoosePassword(forms.Form):
    password = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class ProveByCode(ReauthenticateForm):  # type: ignore[misc]
    """Six digits from the app. A recovery code is for signing in, and would be spent here."""

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).replace(" ", "")
        if len(code) != 6:
            raise forms.ValidationError(words("This is not a code of the app.", "这不是验证器里的验证码。"))
        self.cleaned_data["code"] = code
        return str(super().clean_code())


class _SetUpProvider(forms.Form):
    name = forms.CharField(max_length=80)
    vouches_for_email = forms.BooleanField(required=False)
    counts_second_factor = forms.BooleanField(required=False)
    strong_values = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.new = new

    def clean_strong_values(self) -> list[str]:
        return [line.strip() for line in str(self.cleaned_data["strong_values"]).splitlines() if line.strip()]


class SetUpOidc(_SetUpProvider):
    """`secret` may stay empty when something else changes."""

    issuer = forms.CharField(max_length=500)
    client_id = forms.CharField(max_length=200)
    secret = forms.CharField(
        max_length=500, required=False, strip=True, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.new and not data.get("secret"):
            self.add_error(
                "secret", words("The provider gave you a secret; it goes here.", "请填上服务商给的密钥。")
            )
        if data.get("issuer"):
            try:
                oidc.discover(data["issuer"])
            except ProviderTrouble as trouble:
                self.add_error(
                    "issuer",
                    words(
                        f"Nothing usable answers there: {trouble}.",
                        f"这个地址没有给出可用的回答（{trouble}）。",
                    ),
                )
        return data

    def fields_to_keep(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class SetUpSaml(_SetUpProvider):
    """`metadata`, an XML file, may stay empty when something else changes."""

    metadata = forms.FileField(required=False)
    subject_attribute = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        given = data.pop("metadata", None)
        self.read: dict[str, Any] = {}
        if given is not None:
            try:
                self.read = saml.read_metadata(given.read(saml.MOST_BYTES + 1))
            except ProviderTrouble as trouble:
                self.add_error(
                    "metadata",
                    words(f"This file can’t be used: {trouble}.", f"这个文件用不了（{trouble}）。"),
                )
        elif self.new:
            self.add_error("metadata", words("Choose the file with its metadata.", "请选择元数据文件。"))
        return data

    def fields_to_keep(self) -> dict[str, Any]:
        return {**self.cleaned_data, **self.read}
