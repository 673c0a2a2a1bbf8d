"""The public addresses of a log (C2SP tlog-tiles): checkpoint, tiles, entry bundles, public events, policy.

Only up to the published size; anything else is "not found", in plain text. Nothing here depends on who asks.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from answerable_protocol.errors import Unreadable
from answerable_protocol.tiles import WIDTH, parse_path
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from answerable.ledger import queries
from answerable.ledger.errors import NotFound
from answerable.organisation import queries as organisations
from answerable.organisation.errors import NotFound as NoOrganisation
from answerable.organisation.models import Organisation

P = ParamSpec("P")

TEXT = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
"""Of full tiles: they never change. Partial ones don't either, but soon nobody asks for them."""
SHORTLY = "public, max-age=600"
NOW = "no-cache"


def _public(
    view: Callable[Concatenate[Organisation, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponse]:
    """A view of one organisation's log, open to any page that wants to check it."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, org: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(organisations.organisation_at(request.get_host(), org), *args, **kwargs)
        except (NotFound, NoOrganisation, Unreadable):
            response = HttpResponse(
                "not found\n", status=404, content_type=TEXT, headers={"Cache-Control": NOW}
            )
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return cast("Callable[Concatenate[HttpRequest, str, P], HttpResponse]", answer)


def _text(content: str, cache: str) -> HttpResponse:
    return HttpResponse(content, content_type=TEXT, headers={"Cache-Control": cache})


@_public
def checkpoint(organisation: Organisation) -> HttpResponse:
    """The published checkpoint."""
    return _text(queries.published_checkpoint(organisation), NOW)


@_public
def tile(organisation: Organisation, path: str) -> HttpResponse:
    """A hash tile or an entry bundle, whole or partial."""
    asked = parse_path(f"tile/{path}")
    data = queries.tile(organisation, asked)
    cache = FOR_EVER if asked.width == WIDTH else SHORTLY
    return HttpResponse(data, content_type="application/octet-stream", headers={"Cache-Control": cache})


@_public
def public(organisation: Organisation, index: int) -> HttpResponse:
    """A public event, opened, as a receipt."""
    return _text(queries.public_receipt(organisation, index), SHORTLY)


@_public
def policy(organisation: Organisation) -> HttpResponse:
    """A trust policy that believes this log. To check a receipt, take one from elsewhere."""
    return _text(queries.trust_policy(organisation), SHORTLY)
