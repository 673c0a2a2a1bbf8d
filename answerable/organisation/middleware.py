"""Two fences: between organisations, and between the reporter's side and signed-in work."""

from collections.abc import Callable
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from answerable.organisation import queries
from answerable.organisation.access import is_api
from answerable.organisation.errors import Busy, NotFound
from answerable.organisation.signin import factor_is_enough
from answerable.ui.api import refuse
from answerable.ui.errors import busy

View = Callable[..., HttpResponseBase]


class OwnHost:
    """404 for every URL with an `org` that doesn't answer at this host.

    It looks at what the URL resolver understood (the argument named `org`), never at the raw path, so encoded
    or doubled slashes can't make the two disagree. The host is Django's checked `get_host()`: the Host header,
    never X-Forwarded-Host.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # a host we don't serve is refused (400) before anything else looks at it
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: View, _args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if "org" not in kwargs:
            return None
        try:
            request.organisation = queries.organisation_at(request.get_host(), kwargs["org"])  # type: ignore[attr-defined]
        except NotFound:
            if is_api(request):
                return refuse("not-found")
            raise Http404 from None
        return moved(request)


def moved(request: HttpRequest) -> HttpResponseBase | None:
    """What is answered for an organisation that went to another server: the way there. At work it can still be read."""
    to = request.organisation.moved_to  # type: ignore[attr-defined]
    if to is None or (is_work(request) and request.method in {"GET", "HEAD", "OPTIONS"}):
        return None
    if is_api(request):
        return refuse("moved", to=to)
    answer = HttpResponseRedirect(to + request.path)
    answer.status_code = 303 if is_work(request) else 307
    answer.headers["Access-Control-Allow-Origin"] = "*"  # of a log, which any page may check
    return answer


class NoSession(SessionBase):
    """The session of a reporter: always empty, never kept."""

    def load(self) -> dict[str, Any]:
        return {}

    def exists(self, session_key: str) -> bool:  # noqa: ARG002
        return False

    def create(self) -> None:
        raise RuntimeError("no session outside /work/")

    def save(self, must_create: bool = False) -> None:  # noqa: ARG002
        raise RuntimeError("no session outside /work/")

    def delete(self, session_key: str | None = None) -> None:  # noqa: ARG002
        return None


# What someone who has no second factor yet may open: making one, proving who they are, going away.
_BEFORE_SECOND_FACTOR = frozenset(
    {
        "second_factor",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_reauthenticate",
        "account_reauthenticate",
        "account_logout",
        "language",
    }
)


class WorkSessions(SessionMiddleware):
    """Sessions under /work/ alone. Elsewhere cookies are neither read nor set, and everyone is anonymous.

    Inside, a password is not enough: who has neither passkey nor TOTP makes one before anything else opens.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_work(request):
            return super().__call__(request)  # type: ignore[return-value]
        request.COOKIES = {}
        request.session = NoSession()
        response: HttpResponseBase = self.get_response(request)  # type: ignore[assignment]
        response.cookies.clear()
        return response

    def process_view(
        self, request: HttpRequest, _view: View, _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not is_work(request) or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        if (match and match.view_name in _BEFORE_SECOND_FACTOR) or factor_is_enough(request):
            return None
        if is_api(request):
            return refuse("not-allowed")
        return HttpResponseRedirect(reverse("second_factor"))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Too many passwords at once: told quickly, and nothing else on the site waits for them."""
        return busy(request) if isinstance(exception, Busy) else None


def is_work(request: HttpRequest) -> bool:
    """Whether this address lies where people sign in (docs/decisions/0002)."""
    return request.path_info.startswith("/work/")
