"""What is said when the database or the disk does not do its part: 503 or 507 with words, and nothing was taken."""

import sys

from django.http import HttpRequest, HttpResponse

from answerable.ledger.errors import Busy, NoRoom
from answerable.ledger.trouble import typed
from answerable.ui import errors
from answerable.ui.api import refuse

__all__ = ["code_of", "server_error"]


def code_of(error: BaseException | None) -> str:
    """The refusal that fits: "busy", "no-room", or "failed"."""
    known = typed(error) if error is not None else None
    if isinstance(error, Busy) or isinstance(known, Busy):
        return "busy"
    if isinstance(error, NoRoom) or isinstance(known, NoRoom):
        return "no-room"
    return "failed"


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while it handles the exception."""
    code = code_of(sys.exc_info()[1])
    if "/api/" in request.path_info:
        return refuse(code)
    return errors.answer(request, {"busy": 503, "no-room": 507}.get(code, 500))
