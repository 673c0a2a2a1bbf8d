"""What administrators and invited people type."""

from typing import Any

from allauth.mfa.base.forms import ReauthenticateForm
from django import forms
from django.contrib.auth.password_validation import validate_password

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
