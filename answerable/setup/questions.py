"""The questions of a set-up. One form is one page; what it keeps is JSON that the same form understands again.

Pages, `answerable setup` and a configuration file all go through these, so that none of them takes what another refuses.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http.request import split_domain_port, validate_host

from answerable.organisation import queries as organisations
from answerable.organisation import rules as people
from answerable.setup import places
from answerable.ui import colours
from answerable.ui.pictures import MOST_BYTES, BadPicture, clean_png
from answerable.ui.templatetags.words import words

PICTURE_TROUBLE = {
    "svg": (
        "An SVG can hold scripts. Save the mark as a PNG.",
        "SVG 里可以藏脚本，请另存为 PNG。",
    ),
    "not-png": ("This is not a PNG picture.", "这不是 PNG 图片。"),
    "too-large": ("This picture is larger than 256 kB.", "图片超过 256 kB。"),
    "size": ("Between 16 and 1024 pixels a side, please.", "边长请在 16 到 1024 像素之间。"),
    "interlaced": ("Save this PNG without interlacing.", "请存成不带隔行扫描的 PNG。"),
    "damaged": ("This picture is damaged.", "图片已损坏。"),
}


OURS = "#095047"
"""--jade: who picks it has picked nothing."""


class Question(forms.Form):
    """A page of the set-up. `known` are the answers to the questions before."""

    def __init__(self, *args: Any, known: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.known = known or {}
        super().__init__(*args, **kwargs)

    def answer(self) -> dict[str, Any]:
        """What is kept, as JSON; the form with this as its data is valid again."""
        return dict(self.cleaned_data)


class Name(Question):
    name_en = forms.CharField(max_length=200)
    name_zh = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["name_zh"] = data.get("name_zh") or data.get("name_en", "")
        return data


class Languages(Question):
    languages = forms.MultipleChoiceField(
        choices=[("en", "English"), ("zh", "中文")], widget=forms.CheckboxSelectMultiple
    )


class Address(Question):
    slug = forms.RegexField(r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", max_length=63)
    host = forms.CharField(max_length=253, required=False)

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in people.RESERVED_NAMES or any(each.slug == slug for each in organisations.every()):
            raise ValidationError(words("This short name is taken.", "这个短名已被占用。"))
        return slug

    def clean_host(self) -> str | None:
        host = self.cleaned_data["host"].strip().lower().rstrip(".")
        if not host:
            return None
        domain, port = split_domain_port(host)
        if not domain or port or "." not in domain:
            raise ValidationError(
                words("A host name like report.example.com, please.", "请写主机名，例如 report.example.com。")
            )
        if not validate_host(domain, settings.ALLOWED_HOSTS):
            raise ValidationError(
                words(
                    "This installation does not answer at that name yet. The operator adds it to the setting “hosts” first.",
                    "本系统还不接受这个主机名。请运维人员先把它加进“hosts”设置。",
                )
            )
        if organisations.own_host_of(domain):
            raise ValidationError(
                words("Another organisation has this name.", "这个主机名已有别的单位在用。")
            )
        return str(domain)


class Places(Question):
    places = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.MultipleChoiceField", self.fields["places"])
        field.choices = [(each.id, words(each.name["en"], each.name["zh"])) for each in places.every()]


class Zones(Question):
    """The organisation's time zone, and one for each place that has several."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [places.place(each) for each in self.known.get("places", {}).get("places", [])]
        self.places = [each for each in chosen if each]
        first = self.places[0].zones[0] if self.places else "UTC"
        self.fields["time_zone"] = forms.ChoiceField(
            choices=[(zone, zone.replace("_", " ")) for zone in places.zones()], initial=first
        )
        for each in self.places:
            if len(each.zones) > 1:
                self.fields[f"zone_{each.id}"] = forms.ChoiceField(
                    choices=[(zone, zone.replace("_", " ")) for zone in each.zones],
                    initial=each.zones[0],
                    required=False,
                )

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        ZoneInfo(zone)
        return zone

    def rows(self) -> list[dict[str, Any]]:
        """The places that have several, each with its field."""
        return [
            {"place": each, "field": self[f"zone_{each.id}"]} for each in self.places if len(each.zones) > 1
        ]


class Look(Question):
    """`accent`: empty for our own jade. `mark`: a PNG, kept as Base64; `drop` takes an earlier one away."""

    accent = forms.CharField(max_length=7, required=False)
    mark = forms.CharField(required=False, max_length=MOST_BYTES * 2, widget=forms.HiddenInput)
    picture = forms.FileField(required=False, widget=forms.FileInput(attrs={"accept": "image/png"}))
    drop = forms.BooleanField(required=False)
    suggestion: str | None = None

    def clean_accent(self) -> str:
        accent: str = self.cleaned_data["accent"].strip().lower()
        if accent in {"", OURS}:
            return ""
        if not colours.is_colour(accent):
            raise ValidationError(
                words("Six digits after a #, like #095047.", "请写 # 加六位数字，例如 #095047。")
            )
        found = colours.least_contrast(accent)
        if found < colours.AA:
            self.suggestion = colours.nearest(accent)
            raise ValidationError(
                words(
                    f"Too pale to read on our pages: contrast {found:.1f}, at least 4.5 is needed. The nearest that can be "
                    f"read is {self.suggestion}.",
                    f"在我们的页面上太浅，看不清：对比度 {found:.1f}，至少要 4.5。最接近的可用颜色是 {self.suggestion}。",
                )
            )
        return accent

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        sent, kept = data.pop("picture", None), data.get("mark") or ""
        if data.pop("drop", False):
            kept = ""
        try:
            if sent:
                data["mark"] = b64encode(clean_png(sent.read(MOST_BYTES + 1))).decode()
            elif kept:
                data["mark"] = b64encode(clean_png(b64decode(kept, validate=True))).decode()
            else:
                data["mark"] = ""
        except (BadPicture, ValueError) as error:
            en, zh = PICTURE_TROUBLE.get(str(error), PICTURE_TROUBLE["damaged"])
            self.add_error("picture", words(en, zh))
        return data


class Contact(Question):
    contact_en = forms.CharField(max_length=200)
    contact_zh = forms.CharField(max_length=200, required=False)
    telephone = forms.RegexField(r"^\+?[0-9 ()./-]{3,30}$", required=False)
    post = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    email = forms.EmailField(required=False)
    pgp = forms.CharField(max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["contact_zh"] = data.get("contact_zh") or data.get("contact_en", "")
        if not self.errors and not any(data.get(way) for way in ("telephone", "post", "email")):
            raise ValidationError(
                words(
                    "At least one way to reach them: a telephone number, an address or an e-mail.",
                    "至少写一种联系方式：电话、地址或邮箱。",
                )
            )
        if data.get("pgp") and "BEGIN PGP PUBLIC KEY" not in data["pgp"] and len(data["pgp"]) > 100:
            self.add_error("pgp", words("A public PGP key or its fingerprint.", "请填 PGP 公钥或它的指纹。"))
        return data


class Administrators(Question):
    """At least two, so that nobody locks everyone out; the first is whoever answers."""

    SHOWN: ClassVar = ("first", "second")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for who in self.SHOWN:
            self.fields[f"{who}_name_en"] = forms.CharField(max_length=200)
            self.fields[f"{who}_name_zh"] = forms.CharField(max_length=200, required=False)
            self.fields[f"{who}_email"] = forms.EmailField()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        emails = [str(data.get(f"{who}_email", "")).strip().lower() for who in self.SHOWN]
        if emails[0] and emails[0] == emails[1]:
            self.add_error("second_email", words("Two different people, please.", "请填两个不同的人。"))
        for who in self.SHOWN:
            data[f"{who}_name_zh"] = data.get(f"{who}_name_zh") or data.get(f"{who}_name_en", "")
        return data


QUESTIONS: Mapping[str, type[Question]] = {
    "name": Name,
    "languages": Languages,
    "address": Address,
    "places": Places,
    "zones": Zones,
    "look": Look,
    "contact": Contact,
    "administrators": Administrators,
}


class TypeCode(forms.Form):
    code = forms.CharField(max_length=100)
