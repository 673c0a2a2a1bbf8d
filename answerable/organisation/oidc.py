"""OpenID Connect by the code flow with PKCE, for a provider of one organisation.

Everything that OpenID Connect Core 3.1.3.7 asks of an ID token is checked: signature by a key of the provider, issuer,
audience, `azp`, time, and the nonce of this browser's own request. Nothing else that the provider sends is believed.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
import jwt
from django.conf import settings

from answerable.organisation import secretbox
from answerable.organisation.claims import Claims
from answerable.organisation.errors import ProviderTrouble, Unreadable
from answerable.organisation.models import Provider

__all__ = ["authorize_url", "claims", "discover", "new_secrets"]

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY: Final = 60  # seconds that its clock may be off
MOST_BYTES: Final = 512 * 1024
_SECONDS: Final = 8.0
_KNOWN_FOR: Final = 300.0
_known: dict[str, tuple[float, dict[str, Any]]] = {}


def new_secrets() -> dict[str, str]:
    """For one request: {"state", "nonce", "verifier"}."""
    return {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}


def discover(issuer: str) -> dict[str, Any]:
    """What the provider publishes about itself. ProviderTrouble if it isn't reached or names another issuer."""
    found = _fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise ProviderTrouble("the issuer it names is another one")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        check_address(str(found.get(name, "")))
    return found


def authorize_url(provider: Provider, *, redirect_uri: str, flow: Mapping[str, str], afresh: bool) -> str:
    """Where to send the browser; `afresh` asks the provider to make them sign in there again."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(flow["verifier"].encode()).digest()).rstrip(b"=")
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid email",
        "state": flow["state"],
        "nonce": flow["nonce"],
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
        **({"prompt": "login"} if afresh else {}),
    }
    endpoint = str(discover(provider.issuer)["authorization_endpoint"])
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"


def claims(provider: Provider, *, code: str, redirect_uri: str, flow: Mapping[str, str]) -> Claims:
    """Change the code for an ID token, check that, and say who it is. ProviderTrouble whatever is wrong."""
    about = discover(provider.issuer)
    token, access = _exchange(
        provider, about, code=code, redirect_uri=redirect_uri, verifier=flow["verifier"]
    )
    said = _checked(provider, about, token, nonce=flow["nonce"])
    if "email" not in said and access and about.get("userinfo_endpoint"):
        more = _ask("GET", str(about["userinfo_endpoint"]), headers={"Authorization": f"Bearer {access}"})
        if more.get("sub") == said["sub"]:  # Core 5.3.2: else it must not be used
            said = {**{name: more.get(name) for name in ("email", "email_verified")}, **said}
    subject = said["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ProviderTrouble("no usable subject")
    email = said.get("email")
    methods = said.get("amr") if isinstance(said.get("amr"), list) else []
    return Claims(
        subject=subject,
        email=email.strip().lower() if isinstance(email, str) else "",
        email_vouched=said.get("email_verified") is True or provider.vouches_for_email,
        strong="mfa" in (methods or []) or said.get("acr") in provider.strong_values,
    )


def _exchange(
    provider: Provider, about: Mapping[str, Any], *, code: str, redirect_uri: str, verifier: str
) -> tuple[str, str]:
    try:
        secret = secretbox.unseal(provider.sealed_secret, purpose="sign-in")
    except Unreadable:
        raise ProviderTrouble("its secret can't be read") from None
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    ways = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    basic = None
    if "client_secret_basic" in ways:
        basic = httpx.BasicAuth(provider.client_id, secret)
    else:
        form |= {"client_id": provider.client_id, "client_secret": secret}
    answer = _ask("POST", str(about["token_endpoint"]), data=form, auth=basic)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise ProviderTrouble("no ID token")
    access = answer.get("access_token")
    return token, access if isinstance(access, str) else ""


def _checked(provider: Provider, about: Mapping[str, Any], token: str, *, nonce: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise ProviderTrouble("its signature is of a kind we don't take")
        said: dict[str, Any] = jwt.decode(
            token,
            key=_key(str(about["jwks_uri"]), header.get("kid")),
            algorithms=[header["alg"]],
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.PyJWTError as error:
        raise ProviderTrouble(f"its ID token does not hold ({type(error).__name__})") from None
    if not secrets.compare_digest(str(said.get("nonce", "")).encode(), nonce.encode()):
        raise ProviderTrouble("its ID token answers another request")
    several = isinstance(said["aud"], list) and len(said["aud"]) > 1
    if (several or "azp" in said) and said.get("azp") != provider.client_id:
        raise ProviderTrouble("its ID token is for somebody else")
    return said


def _key(address: str, kid: Any) -> jwt.PyJWK:
    """The provider's key of this name; asked anew if it has one that we don't know yet."""
    for fresh in (False, True):
        keys = [
            one
            for one in jwt.PyJWKSet.from_dict(_fetch(address, fresh=fresh)).keys
            if one.public_key_use in {None, "sig"}
        ]
        for one in keys:
            if one.key_id == kid or (kid is None and len(keys) == 1):
                return one
    raise ProviderTrouble("it signs with a key that it doesn't publish")


def _fetch(address: str, *, fresh: bool = False) -> dict[str, Any]:
    known = _known.get(address)
    if known and known[0] > time.monotonic() and not fresh:
        return known[1]
    found = _ask("GET", address)
    if len(_known) > 200:
        _known.clear()
    _known[address] = (time.monotonic() + _KNOWN_FOR, found)
    return found


def _ask(
    method: str, address: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    check_address(address)
    try:
        with (
            httpx.Client(timeout=_SECONDS, follow_redirects=False) as client,
            client.stream(
                method, address, headers={"Accept": "application/json", **(headers or {})}, **more
            ) as answer,
        ):
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise ProviderTrouble("its answer is too long")
            if answer.status_code != 200:
                raise ProviderTrouble(f"it answers {answer.status_code}")
        found = httpx.Response(200, content=body).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ProviderTrouble(f"it can't be reached or understood ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise ProviderTrouble("its answer is not an object")
    return found


def check_address(address: str) -> None:
    """HTTPS only; plain HTTP to this very machine where the site itself has none, for tests and demonstrations."""
    try:
        parts = urlsplit(address)
        local = parts.hostname in {"localhost", "127.0.0.1"} and not settings.SECURE_ORIGIN
    except ValueError:
        raise ProviderTrouble("an address of it is none") from None
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ProviderTrouble("an address of it is not https")
