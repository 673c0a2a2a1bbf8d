"""What views of sealed files have in common, here and at the handlers' console: refusals, chunks in, files out."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from answerable_protocol.encoding import base64url_decode
from answerable_protocol.errors import ProtocolError
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse, UnreadablePostError

from answerable.intake import actions, queries, rules, store
from answerable.intake.errors import CaseErased, IntakeError, NotFound
from answerable.intake.models import Case
from answerable.organisation.models import Organisation
from answerable.ui import api
from answerable.ui.api import Refused

_RANGE = re.compile(r"bytes ([0-9]{1,12})-([0-9]{1,12})/([0-9]{1,12})")
View = Callable[..., Any]


def refusing(view: View) -> View:
    """Let IntakeErrors out as the refusals they name."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return view(request, *args, **kwargs)
        except IntakeError as error:
            raise Refused(error.code, **_more(error)) from None

    return told


def _more(error: IntakeError) -> dict[str, Any]:
    if isinstance(error, CaseErased):
        return {"on": error.on}
    received = getattr(error, "received", None)
    return {} if received is None else {"received": received, "done": getattr(error, "done", False)}


def raw_body(request: HttpRequest) -> bytes:
    """The bytes of the request. Raises Refused when they are too many, or the line broke."""
    try:
        return request.body
    except RequestDataTooBig:
        raise Refused("too-large") from None
    except UnreadablePostError:
        raise Refused("bad-request") from None


def take_chunk(request: HttpRequest, organisation: Organisation, case: str, sha256: str) -> dict[str, Any]:
    """The chunk in this request, taken; {received, done}. Raises Refused or an IntakeError."""
    case_id, name = rules.case_id(case), rules.hash_of(sha256)
    queries.attachment_of(organisation.pk, case_id, name)
    found = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if found is None:
        raise Refused("bad-chunk")
    try:
        said = base64url_decode(request.headers.get("X-Chunk-SHA256", ""), 32)
    except ProtocolError:
        raise Refused("bad-chunk") from None
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > rules.CHUNK:
        raise Refused("too-large")
    chunk = actions.Chunk(int(found[1]), int(found[2]), int(found[3]), said, raw_body(request))
    stand = actions.receive_chunk(organisation, case_id, name, chunk)
    return {"received": stand.received, "done": stand.done}


def send_file(
    request: HttpRequest, organisation: Organisation, case: Case, sha256: bytes
) -> HttpResponseBase:
    """A finished sealed file, or the one range asked for. Raises NotFound, Refused("bad-range")."""
    found = queries.attachment_of(organisation.pk, case.pk, bytes(sha256))
    if not found.done:
        raise NotFound("file")
    start, end = _range_of(request.headers.get("Range", ""), found.size)
    path = store.path_of(organisation.pk, case.pk, bytes(sha256))
    partial = (start, end) != (0, found.size - 1)
    response = StreamingHttpResponse(
        store.stream(path, start, end - start + 1), status=206 if partial else 200, content_type=api.BYTES
    )
    response.headers["Content-Length"] = str(end - start + 1)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "no-store"
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{end}/{found.size}"
    return response


def _range_of(header: str, size: int) -> tuple[int, int]:
    """First and last byte of a single range; the whole file without one, or for a kind of range that we don't do."""
    found = re.fullmatch(r"bytes=([0-9]{0,12})-([0-9]{0,12})", header)
    if found is None or not (found[1] or found[2]):
        return 0, size - 1
    if not found[1]:
        start, end = max(0, size - int(found[2])), size - 1
    else:
        start, end = int(found[1]), min(int(found[2] or size - 1), size - 1)
    if start > end:
        raise Refused("bad-range")
    return start, end
