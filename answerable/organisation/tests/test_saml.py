"""Signing in through an organisation's own SAML provider, built on pysaml2; and everything that could be forged."""

import base64
import copy
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from django.utils import timezone
from lxml import etree
from saml2 import BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.mdstore import MetadataStore
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_EMAILADDRESS, NAMEID_FORMAT_PERSISTENT, NAMEID_FORMAT_TRANSIENT, NameID
from saml2.server import Server

from answerable.organisation import providers, saml
from answerable.organisation.errors import ProviderTrouble
from answerable.organisation.models import Account, Provider, SpentResponse

pytestmark = [
    pytest.mark.usefixtures("fresh_limits"),
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning", "ignore::PendingDeprecationWarning", "ignore::ResourceWarning"
    ),
]
ENTITY = "https://idp.tidewick.example/metadata"
NOW = timezone.now
A = "{urn:oasis:names:tc:SAML:2.0:assertion}"
P = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SIGN_IN = "/work/tidewick/administration/sign-in/"


def pair(folder, name):
    """A fresh key and its certificate, as PEM files."""
    key = rsa.generate_private_key(65537, 2048)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    (folder / f"{name}.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return str(folder / f"{name}.key"), str(folder / f"{name}.crt")


class Idp:
    """pysaml2's identity provider, with one key."""

    def __init__(self, folder, name):
        key, certificate = pair(folder, name)
        self.config = IdPConfig().load(
            {
                "entityid": ENTITY,
                "key_file": key,
                "cert_file": certificate,
                "service": {
                    "idp": {
                        "endpoints": {
                            "single_sign_on_service": [
                                ("https://idp.tidewick.example/sso", BINDING_HTTP_REDIRECT)
                            ]
                        },
                        "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
                    }
                },
            }
        )
        self.server = Server(config=self.config)

    def metadata(self):
        return str(entity_descriptor(self.config)).encode()

    def answer(
        self,
        asked,
        *,
        audience,
        acs,
        subject="p-1",
        kind=NAMEID_FORMAT_PERSISTENT,
        sign=True,
        email="member@tidewick.example",
    ):
        made = self.server.create_authn_response(
            {"mail": email},
            asked,
            acs,
            sp_entity_id=audience,
            name_id=NameID(format=kind, text=subject),
            authn={
                "class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
                "authn_auth": ENTITY,
            },
            sign_response=False,
            sign_assertion=sign,
            sign_alg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
        )
        return str(made).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("saml")


@pytest.fixture(scope="module")
def idp(folder):
    return Idp(folder, "right")


def made(organisation, idp, **more):
    fields = {"name": "Work account", "vouches_for_email": True, **saml.read_metadata(idp.metadata()), **more}
    provider = providers.set_up(organisation, kind="saml", fields=fields, now=NOW())
    assert providers.passed_test(provider, changed_at=provider.changed_at, now=NOW())
    assert providers.switch(provider, on=True)
    provider.refresh_from_db()
    return provider


@pytest.fixture
def provider(organisation, people, idp):
    return made(organisation, idp)


def ask(client, provider):
    """Leave for the provider: its request id, our entity id and the address for the answer."""
    path = f"/work/accounts/with/{provider.organisation.slug}/{provider.pk}/"
    left = client.get(path)
    packed = base64.b64decode(parse_qs(urlsplit(left.headers["Location"]).query)["SAMLRequest"][0])
    import zlib

    asked = etree.fromstring(zlib.decompress(packed, -15))
    return asked.get("ID"), {
        "audience": f"http://testserver{path}",
        "acs": asked.get("AssertionConsumerServiceURL"),
    }


def post(provider, xml, client=None):
    """The provider's page posts it, from another site: no cookie of ours comes along."""
    path = f"/work/accounts/with/{provider.organisation.slug}/{provider.pk}/assertion/"
    return Client(enforce_csrf_checks=True).post(path, {"SAMLResponse": base64.b64encode(xml).decode()})


def refused(provider, client, xml):
    answer = post(provider, xml)
    if answer.status_code == 303:
        client.get(answer.headers["Location"])
    assert answer.status_code == 403
    assert client.get("/work/tidewick/").status_code == 302
    assert not Account.objects.exists()
    assert not SpentResponse.objects.exists()


def test_a_member_signs_in_and_the_browser_that_asked_is_the_one_that_is_in(provider, idp):
    client, other = Client(), Client()
    asked, where = ask(client, provider)
    kept = post(provider, idp.answer(asked, **where))
    assert kept.status_code == 303
    assert other.get(kept.headers["Location"]).status_code == 403  # login CSRF
    assert client.get(kept.headers["Location"]).headers["Location"] == "/work/"
    assert client.get("/work/tidewick/").status_code == 200
    assert other.get("/work/tidewick/").status_code == 302


def test_the_provider_s_name_of_a_person_stays_when_the_address_changes(provider, idp):
    for email in ("member@tidewick.example", "administrator@tidewick.example"):
        client = Client()
        asked, where = ask(client, provider)
        client.get(post(provider, idp.answer(asked, email=email, **where)).headers["Location"])
        assert client.get("/work/tidewick/").context["person"].email == "member@tidewick.example"
    assert Account.objects.count() == 1


def test_a_response_is_taken_once(provider, idp):
    client = Client()
    asked, where = ask(client, provider)
    xml = idp.answer(asked, **where)
    first = post(provider, xml)
    assert post(provider, xml).status_code == 403
    assert post(provider, idp.answer(asked, **where)).status_code == 403  # nor another to the same request
    assert client.get(first.headers["Location"]).status_code == 302
    fresh = Client()
    fresh.cookies = copy.copy(client.cookies)
    fresh.cookies.pop("work-session", None)
    assert fresh.get(first.headers["Location"]).status_code == 403


def test_an_unsigned_assertion_is_refused(provider, idp):
    client = Client()
    asked, where = ask(client, provider)
    root = etree.fromstring(idp.answer(asked, **where))
    signature = root.find(".//{http://www.w3.org/2000/09/xmldsig#}Signature")
    signature.getparent().remove(signature)
    refused(provider, client, etree.tostring(root))


def test_a_key_that_is_not_in_its_metadata_is_refused(provider, folder):
    client = Client()
    asked, where = ask(client, provider)
    refused(provider, client, Idp(folder, "wrong").answer(asked, **where))


def test_another_audience_is_refused(provider, idp):
    client = Client()
    asked, where = ask(client, provider)
    refused(provider, client, idp.answer(asked, audience="https://elsewhere.example", acs=where["acs"]))


def test_another_destination_is_refused(provider, idp):
    client = Client()
    asked, where = ask(client, provider)
    refused(
        provider, client, idp.answer(asked, audience=where["audience"], acs="https://elsewhere.example/acs")
    )


def test_another_issuer_is_refused(provider, idp):
    Provider.objects.update(issuer="https://elsewhere.example")
    client = Client()
    asked, where = ask(client, provider)
    refused(provider, client, idp.answer(asked, **where))


@pytest.mark.parametrize("minutes", [-30, 30])
def test_an_expired_or_future_assertion_is_refused(provider, idp, minutes, monkeypatch):
    """The provider's clock is off, or the answer was kept for later."""
    client = Client()
    asked, where = ask(client, provider)
    from saml2 import time_util

    real = time_util.utc_now
    monkeypatch.setattr(time_util, "utc_now", lambda: real() + 60 * minutes)
    shift = timedelta(minutes=minutes)
    monkeypatch.setattr(
        time_util,
        "in_a_while",
        lambda **kw: (datetime.now(UTC) + shift + timedelta(**kw)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    monkeypatch.setattr(
        time_util, "instant", lambda *_: (datetime.now(UTC) + shift).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    for module in (
        "saml2.assertion",
        "saml2.s_utils",
        "saml2.entity",
        "saml2.response",
        "saml2.authn_context",
    ):
        mod = __import__(module, fromlist=["x"])
        for name in ("instant", "in_a_while"):
            if hasattr(mod, name):
                monkeypatch.setattr(mod, name, getattr(time_util, name))
    xml = idp.answer(asked, **where)
    assert (datetime.now(UTC) + shift).strftime("%Y-%m-%dT%H") in xml.decode()
    refused(provider, client, xml)


@pytest.mark.parametrize("asked", ["", "_made-up", "_" + "0" * 82, None])
def test_what_we_did_not_ask_for_is_refused(provider, idp, asked):
    client = Client()
    _, where = ask(client, provider)
    refused(provider, client, idp.answer(asked, **where))


def test_an_answer_that_comes_too_late_is_refused(provider, idp):
    client = Client()
    _, where = ask(client, provider)
    old = saml.request_id(provider, now=NOW() - timedelta(seconds=saml.LASTS + 5))
    refused(provider, client, idp.answer(old, **where))


def test_a_response_for_another_organisation_is_refused_here(provider, idp, other_organisation):
    theirs = made(other_organisation, idp)
    client = Client()
    asked, where = ask(client, theirs)
    xml = idp.answer(asked, **where)
    refused(provider, client, xml)
    assert Client().post(f"/work/accounts/with/tidewick/{theirs.pk}/assertion/").status_code == 404


def wrapped(xml, how):
    """The signed assertion stays whole somewhere; another one, evil, stands where a careless reader looks."""
    root = etree.fromstring(xml)
    good = root.find(f"{A}Assertion")
    evil = copy.deepcopy(good)
    evil.set("ID", "_evil")
    evil.find(f"{A}Subject/{A}NameID").text = "p-evil"
    for one in evil.findall("{http://www.w3.org/2000/09/xmldsig#}Signature"):
        evil.remove(one)
    if how == "before":
        good.addprevious(evil)
    elif how == "after":
        good.addnext(evil)
    elif how == "same id":
        evil.set("ID", good.get("ID"))
        good.addprevious(evil)
    elif how == "inside the signature":
        signature = good.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
        root.replace(good, evil)
        inner = etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object")
        evil.insert(1, signature)
        good_without = copy.deepcopy(good)
        inner.append(good_without)
    elif how == "in extensions":
        root.replace(good, evil)
        extensions = etree.Element(f"{P}Extensions")
        extensions.append(good)
        root.insert(1, extensions)
    return etree.tostring(root)


@pytest.mark.parametrize("how", ["before", "after", "same id", "inside the signature", "in extensions"])
def test_a_wrapped_signature_is_refused(provider, idp, how):
    client = Client()
    asked, where = ask(client, provider)
    refused(provider, client, wrapped(idp.answer(asked, **where), how))


def test_a_changed_word_is_refused(provider, idp):
    client = Client()
    asked, where = ask(client, provider)
    refused(provider, client, idp.answer(asked, **where).replace(b">p-1<", b">p-2<"))


def test_a_comment_in_the_name_does_not_cut_it(provider, idp):
    """Canonical XML drops comments, so the signature still holds; the name must be read whole, or refused."""
    client = Client()
    asked, where = ask(client, provider)
    xml = idp.answer(asked, subject="p-1.evil", **where).replace(b">p-1.evil<", b">p-1<!---->.evil<")
    answer = post(provider, xml)
    if answer.status_code == 303:
        assert SpentResponse.objects.get().claims["subject"] == "p-1.evil"
    else:
        assert answer.status_code == 403


@pytest.mark.parametrize("kind", [NAMEID_FORMAT_EMAILADDRESS, NAMEID_FORMAT_TRANSIENT])
def test_a_name_that_can_change_is_no_subject(provider, idp, kind):
    client = Client()
    asked, where = ask(client, provider)
    refused(provider, client, idp.answer(asked, kind=kind, **where))


@pytest.mark.parametrize(
    "noise",
    [
        b"",
        b"x",
        b"<",
        b"<a/>",
        b"\xff" * 50,
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ],
)
def test_noise_is_refused(provider, noise):
    refused(provider, Client(), noise)
    with pytest.raises(ProviderTrouble):
        saml.read_metadata(noise)


def test_an_administrator_uploads_metadata_and_sees_the_fingerprint(people, client_for, idp, organisation):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = client_for(people["administrator"])
    answer = client.post(
        f"{SIGN_IN}add/saml/",
        {"name": "Work", "metadata": SimpleUploadedFile("m.xml", idp.metadata(), "text/xml")},
    )
    page = client.get(answer.headers["Location"]).content.decode()
    assert ENTITY in page
    assert re.search(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", page)
    assert not Provider.objects.get().on
    bad = client.post(f"{SIGN_IN}add/saml/", {"name": "W", "metadata": SimpleUploadedFile("m.xml", b"<x/>")})
    assert bad.status_code == 200


def test_our_metadata_is_what_a_provider_reads(people, client_for, outsider, idp, organisation, folder):
    """As `pysaml2`, which plays the provider, understands it; nothing for others, nothing for OpenID Connect."""
    provider = made(organisation, idp)
    client = client_for(people["administrator"])
    address = f"/work/tidewick/administration/sign-in/{provider.pk}/metadata.xml"
    answer = client.get(address)
    assert answer.headers["Content-Type"].startswith("application/samlmetadata+xml")
    known = MetadataStore(None, idp.server.config)
    known.load("inline", answer.content.decode())
    base = f"http://testserver/work/accounts/with/tidewick/{provider.pk}/"
    (acs,) = known.assertion_consumer_service(base, "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST")
    assert acs["location"] == f"{base}assertion/"
    assert address in client.get(address.removesuffix("metadata.xml")).content.decode()
    for other in (outsider, client_for(people["overseer"]), client_for(people["lead"])):
        assert other.get(address).status_code in {403, 404}
    Provider.objects.update(kind="oidc")
    assert client.get(address).status_code == 404
