"""The door of every signed-in page: `@for_act("people.add")`, an act of the table in `organisation.rights`.

Someone of another organisation learns nothing, not even that the page exists (404); someone not signed in is
sent to sign in (401 for the API); someone of this organisation whose roles the table doesn't name gets 403. Where the table
says `step_up`, whoever hasn't just shown that it is them does so first, and then goes on with what they were doing.
"""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from http.cookies import CookieError, SimpleCookie
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from answerable.organisation import queries
from answerable.organisation.errors import NotFound
from answerable.organisation.models import Organisation, Person
from answerable.organisation.rights import ACTS, allows
from answerable.organisation.signin import ask_again, proved_lately
from answerable.ui.api import refuse
from answerable.ui.templatetags.words import words

P = ParamSpec("P")


class WorkRequest(HttpRequest):
    """What a view behind `for_act` gets."""

    organisation: Organisation
    person: Person
    roles: frozenset[str]


def for_act(
    act: str,
) -> Callable[
    [Callable[Concatenate[Any, str, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, str, P], HttpResponseBase],
]:
    """Let only people of this organisation in whose roles the table lets do `act`; KeyError for an unknown act."""
    ACTS[act]

    def decorate(
        view: Callable[Concatenate[Any, str, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, org: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in(request)
            try:
                organisation = queries.organisation_at(request.get_host(), org)
                person = queries.person_of(request.user, organisation)
            except NotFound:
                if is_api(request):
                    return refuse("not-found")
                raise Http404 from None
            held = queries.roles_of(person)
            if not allows(act, held):
                if is_api(request):
                    return refuse("not-allowed")
                raise PermissionDenied
            if ACTS[act].step_up and not proved_lately(request):
                return refuse("prove-again") if is_api(request) else ask_again(request)
            request.organisation, request.person, request.roles = organisation, person, held  # type: ignore[attr-defined]
            return view(request, org, *args, **kwargs)

        guarded.act = act  # type: ignore[attr-defined]  # for the test that walks every route
        return cast("Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]", guarded)

    return decorate


LARGEST_UPLOAD = 64 * 1024 * 1024
"""Bytes of a request with a file of people in it."""
_UPLOADS = re.compile(r"/work/[a-z0-9-]{1,63}/administration/people/import/\Z")


def may_upload(environ: Mapping[str, Any]) -> bool:
    """Whether this request, before anything of it is read, may bring a large file: the import page, by somebody signed in.

    Whether they are an administrator there is seen behind the door as always.
    """
    if environ.get("REQUEST_METHOD") != "POST" or not _UPLOADS.match(str(environ.get("PATH_INFO", ""))):
        return False
    try:
        sent = SimpleCookie(str(environ.get("HTTP_COOKIE", "")))
    except CookieError:
        return False
    named = sent.get(settings.SESSION_COOKIE_NAME)
    return named is not None and queries.is_open_session(named.value, now=timezone.now())


def page_of(both: Mapping[str, str]) -> str:
    """The reader's language of {"en": …, "zh": …}."""
    return words(both["en"], both["zh"])


def is_api(request: HttpRequest) -> bool:
    """Whether this address answers JSON."""
    return "/api/" in request.path_info


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    if is_api(request):
        return refuse("not-signed-in")
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
