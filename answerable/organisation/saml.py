"""SAML 2.0 web sign-in for a provider of one organisation: we ask by redirect, it answers by POST.

The heavy part (canonical XML, signatures, wrapping) is python3-saml's, set to its strictest. Around it: only an answer to a
request of ours is taken (its id carries our own seal, so nothing is stored before somebody has proved something), once, for
ten minutes; the assertion itself must be signed; the subject must be one that never changes. What a provider sends without
being asked ("IdP-initiated") is refused: it can't be told from an answer that was stolen.
"""

import base64
import hashlib
import hmac
import secrets
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import quoteattr

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Names
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from answerable.organisation.claims import Claims
from answerable.organisation.errors import ProviderTrouble
from answerable.organisation.models import Provider

__all__ = ["Answer", "fingerprints", "our_metadata", "read_metadata", "redirect_url", "request_id", "verify"]

LASTS: Final = 600  # seconds from our request to its answer
MOST_BYTES: Final = 256 * 1024
EMAIL_NAMES: Final = (
    "email",
    "mail",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
)


class Answer:
    """A checked response: which request it answers, a hash of its assertion's id, and the claims."""

    def __init__(self, request_id: str, assertion_sha256: bytes, claims: Claims) -> None:
        self.request_id = request_id
        self.assertion_sha256 = assertion_sha256
        self.claims = claims


def read_metadata(xml: bytes) -> dict[str, Any]:
    """{"issuer", "sso_url", "certificates": [base64 DER]} from a provider's metadata. ProviderTrouble if it has none."""
    if len(xml) > MOST_BYTES:
        raise ProviderTrouble("its metadata are too long")
    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(xml)["idp"]
        issuer, sso_url = str(found["entityId"]), str(found["singleSignOnService"]["url"])
        certificates = found.get("x509certMulti", {}).get("signing") or [found["x509cert"]]
        certificates = ["".join(str(one).split()) for one in certificates]
        fingerprints(certificates)
    except ProviderTrouble:
        raise
    except Exception:  # noqa: BLE001 - whatever a parser of strangers' XML may raise
        raise ProviderTrouble(
            "its metadata can't be read, or lack a sign-in address by redirect or a certificate"
        ) from None
    parts = urlsplit(sso_url)
    local = parts.hostname in {"localhost", "127.0.0.1"} and not settings.SECURE_ORIGIN
    if parts.scheme != "https" and not local:
        raise ProviderTrouble("its sign-in address is not https")
    return {"issuer": issuer[:500], "sso_url": sso_url[:500], "certificates": certificates[:5]}


def our_metadata(*, entity: str, acs: str) -> str:
    """What a provider is given to know us by (SAML 2.0 metadata): our name, where answers go, that assertions are signed.

    We sign nothing ourselves, so there is no key in it, and nothing secret.
    """
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID={quoteattr(entity)}>\n'
        '  <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" '
        'AuthnRequestsSigned="false" WantAssertionsSigned="true">\n'
        f"    <md:NameIDFormat>{Names.NAMEID_PERSISTENT}</md:NameIDFormat>\n"
        f'    <md:AssertionConsumerService Binding="{Names.BINDING_HTTP_POST}" Location={quoteattr(acs)} '
        'index="0" isDefault="true"/>\n'
        "  </md:SPSSODescriptor>\n"
        "</md:EntityDescriptor>\n"
    )


def fingerprints(certificates: list[str]) -> list[dict[str, Any]]:
    """[{"sha256": "AB:CD:…", "until": datetime}] of base64 DER certificates. ProviderTrouble for one that is none."""
    found = []
    for one in certificates:
        try:
            certificate = x509.load_der_x509_certificate(base64.b64decode(one))
        except ValueError:
            raise ProviderTrouble("a certificate can't be read") from None
        found.append(
            {
                "sha256": certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
                "until": certificate.not_valid_after_utc,
            }
        )
    return found


def request_id(provider: Provider, *, now: datetime) -> str:
    """An id for one request, which shows later that we made it for this provider, and when."""
    body = f"{secrets.token_hex(16)}{int(now.timestamp()):010x}"
    return f"_{body}{_seal(provider, body)}"


def redirect_url(
    provider: Provider, *, request: str, acs: str, entity: str, afresh: bool, now: datetime
) -> str:
    """Where to send the browser with our request."""
    force = ' ForceAuthn="true"' if afresh else ""
    xml = (
        f'<samlp:AuthnRequest xmlns:samlp="{Names.NS_SAMLP}" xmlns:saml="{Names.NS_SAML}" ID="{request}" Version="2.0" '
        f'IssueInstant="{now:%Y-%m-%dT%H:%M:%SZ}" Destination={quoteattr(provider.sso_url)}{force} '
        f'ProtocolBinding="{Names.BINDING_HTTP_POST}" AssertionConsumerServiceURL={quoteattr(acs)}>'
        f"<saml:Issuer>{entity}</saml:Issuer></samlp:AuthnRequest>"
    )
    packed = zlib.compress(xml.encode())[2:-4]
    query = urlencode({"SAMLRequest": base64.b64encode(packed).decode()})
    return f"{provider.sso_url}{'&' if urlsplit(provider.sso_url).query else '?'}{query}"


def verify(provider: Provider, posted: str, *, acs: str, entity: str, now: datetime) -> Answer:
    """Check a response from top to bottom. ProviderTrouble, with a short reason, whatever is wrong."""
    if len(posted) > MOST_BYTES:
        raise ProviderTrouble("its answer is too long")
    parts = urlsplit(acs)
    request = {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {"SAMLResponse": posted},
    }
    try:
        response = OneLogin_Saml2_Response(_settings(provider, acs=acs, entity=entity), posted)
        answered = str(response.get_in_response_to() or "")
        _check_request(provider, answered, now=now)
        response.is_valid(request, request_id=answered, raise_exceptions=True)
        name = response.get_nameid_data()
        attributes = response.get_attributes()
        assertion = str(response.get_assertion_id())
        contexts = [str(one) for one in response.get_authn_contexts()]
    except ProviderTrouble:
        raise
    except Exception as error:  # noqa: BLE001 - whatever strangers' XML may make the library raise
        raise ProviderTrouble(f"its answer does not hold ({type(error).__name__})") from None
    claims = Claims(
        subject=_subject(provider, name, attributes),
        email=next((_one(attributes, key).lower() for key in EMAIL_NAMES if _one(attributes, key)), ""),
        email_vouched=provider.vouches_for_email,
        strong=any(one in provider.strong_values for one in contexts),
    )
    return Answer(answered, hashlib.sha256(assertion.encode()).digest(), claims)


def _settings(provider: Provider, *, acs: str, entity: str) -> OneLogin_Saml2_Settings:
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "debug": False,
            "sp": {
                "entityId": entity,
                "assertionConsumerService": {"url": acs, "binding": Names.BINDING_HTTP_POST},
            },
            "idp": {
                "entityId": provider.issuer,
                "singleSignOnService": {"url": provider.sso_url, "binding": Names.BINDING_HTTP_REDIRECT},
                "x509certMulti": {"signing": provider.certificates},
            },
            "security": {
                "wantAssertionsSigned": True,
                "wantNameId": True,
                "wantAttributeStatement": False,
                "rejectUnsolicitedResponsesWithInResponseTo": True,
                "rejectDeprecatedAlgorithm": True,
                "requestedAuthnContext": False,
                "allowSingleLabelDomains": True,  # of the addresses' form only: "localhost", an intranet's "reports"
            },
        },
        sp_validation_only=False,
    )


def _check_request(provider: Provider, answered: str, *, now: datetime) -> None:
    """That it answers a request which we made for this very provider, not long ago."""
    body, seal = answered[1:43], answered[43:]
    if not answered.startswith("_") or not hmac.compare_digest(seal.encode(), _seal(provider, body).encode()):
        raise ProviderTrouble("its answer is to no request of ours")
    if not 0 <= now.timestamp() - int(body[32:], 16) <= LASTS:
        raise ProviderTrouble("its answer comes too late")


def _seal(provider: Provider, body: str) -> str:
    key = hmac.new(settings.SECRET_KEY.encode(), b"answerable/saml-request/1", hashlib.sha256).digest()
    return hmac.new(key, f"{provider.pk}/{body}".encode(), hashlib.sha256).hexdigest()[:40]


def _subject(provider: Provider, name: Mapping[str, Any], attributes: Mapping[str, list[Any]]) -> str:
    """The identifier that never changes: the chosen attribute, or a persistent NameID. An address is none."""
    if provider.subject_attribute:
        values = attributes.get(provider.subject_attribute) or []
        found = str(values[0]).strip() if len(values) == 1 else ""
    elif name.get("Format") == Names.NAMEID_PERSISTENT:
        found = str(name.get("Value") or "")
    else:
        raise ProviderTrouble("it names people by something that can change; choose an attribute that can't")
    if not 0 < len(found) <= 255:
        raise ProviderTrouble("no usable subject")
    return found


def _one(attributes: Mapping[str, list[Any]], name: str) -> str:
    values = attributes.get(name) or []
    return str(values[0]).strip() if len(values) == 1 and values[0] else ""
