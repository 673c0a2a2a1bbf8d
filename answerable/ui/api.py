"""The JSON interface's common part: one table of routes gives the addresses, the checks and the OpenAPI document.

A capability writes `ROUTES = [Route(...)]` in its urls.py and takes `urlpatterns = paths(ROUTES)`. Views return what becomes JSON,
or a response; they refuse by raising `Refused(code)`. Every code stands in REFUSALS with its status and its words.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from answerable_protocol.encoding import parse_object
from answerable_protocol.errors import ProtocolError
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from answerable.ui.schema import HASH, TEXT, WORDS, DoesNotFit, Schema, check, thing

JSON = "application/json"
BYTES = "application/octet-stream"

# code: (status, English, Chinese)
REFUSALS: dict[str, tuple[int, str, str]] = {
    "bad-request": (400, "The request could not be read.", "无法读取这个请求。"),
    "bad-chunk": (
        422,
        "This part of the file arrived damaged. It can be sent again.",
        "文件的这一段在传输中损坏了，可以重新发送。",
    ),
    "not-signed-in": (401, "Please sign in again.", "请重新登录。"),
    "no-mailbox": (
        401,
        "No mailbox opens with these words. One of them is wrong or out of order.",
        "这些词打不开任何信箱：其中有词写错了，或者顺序不对。",
    ),
    "not-allowed": (403, "This is not open to you.", "你无权进行这项操作。"),
    "prove-again": (
        403,
        "Show once more that it is you, on the page “How you sign in”; then try again.",
        "请先在“登录方式”页面再确认一次是你本人，然后重试。",
    ),
    "not-found": (404, "There is nothing here.", "这里没有内容。"),
    "wrong-method": (405, "This address does not do that.", "这个地址不支持这种请求。"),
    "already-other": (
        409,
        "A different report was already received under this number.",
        "这个编号下已经收到过另一份内容不同的报告。",
    ),
    "wrong-order": (
        409,
        "The parts of the file arrived in another order. Continue from where the server stands.",
        "文件分段的顺序不对，请从服务器已收到的位置继续。",
    ),
    "conflict": (
        409,
        "Somebody else was quicker. Look at what is new, then try again.",
        "有人先你一步做了更改。请先查看最新内容，再重试。",
    ),
    "last-reader": (
        409,
        "Nobody else can read this case. Add somebody to its panel first.",
        "除你之外没有人能看这份个案。请先加人进小组。",
    ),
    "not-open": (409, "This organisation does not take reports yet.", "这家单位还没有开始接收报告。"),
    "closed": (409, "This case is closed.", "个案已结。"),
    "too-large": (413, "This is larger than the server takes.", "内容超过了服务器允许的大小。"),
    "moved": (
        410,
        "This organisation has moved to another server. Go there; your twelve words open your mailbox there.",
        "这家单位已经搬到另一台服务器。请到那里去；你的十二个词在那里同样能打开信箱。",
    ),
    "erased": (
        410,
        "This case was closed, its time of keeping was over, and it was erased. Your receipt still verifies.",
        "这个个案早已结案，保存期满后已经删除。你的回执仍然可以验证。",
    ),
    "bad-range": (416, "The file does not have this part.", "文件没有这一段。"),
    "bad-signature": (422, "The signature does not match.", "签名不符。"),
    "not-in-roster": (
        422,
        "Somebody chosen is not on the list of those who may read reports.",
        "所选的人当中，有人不在可以阅读报告的名单上。",
    ),
    "bad-envelope": (422, "A sealed file is not in the expected form.", "有一个密封文件的格式不对。"),
    "bad-size": (422, "A sealed file has a size that is not allowed.", "有一个密封文件的大小不在允许之列。"),
    "bad-manifest": (422, "The list of contents is not in the expected form.", "内容清单的格式不对。"),
    "stale-roster": (
        422,
        "The list of those who may read reports has changed. Load it again, then send.",
        "可以阅读报告的名单已经更新。请重新载入名单后再发送。",
    ),
    "wrong-organisation": (422, "This was made for another organisation.", "这份内容是为另一个组织准备的。"),
    "bad-message": (422, "The message is not in the expected form.", "这条消息的格式不对。"),
    "wrong-kind": (
        422,
        "A message of this kind does not keep that promise.",
        "这一类消息不能算作履行该项承诺。",
    ),
    "bad-file": (
        422,
        "The file that arrived is not the one that was announced. The upload starts again.",
        "收到的文件与预告的不一致，需要从头重新上传。",
    ),
    "bad-key": (422, "The key is not in the expected form.", "密钥的格式不对。"),
    "bad-roster": (
        422,
        "This list of readers does not follow from the present one.",
        "这份阅读人名单与现行名单接不上。",
    ),
    "work-needed": (
        428,
        "Your device needs to do a little work first. It starts by itself.",
        "你的设备需要先做一点计算，会自动开始。",
    ),
    "failed": (
        500,
        "Something went wrong on our side. Nothing was taken.",
        "服务器出了错，这次没有收下任何内容。",
    ),
    "busy": (
        503,
        "The server is busy. Nothing is lost; please try again.",
        "服务器正忙。内容没有丢失，请稍后再试。",
    ),
    "upgrading": (
        503,
        "The server is being upgraded. Nothing is lost; please try again in a few minutes.",
        "服务器正在升级。内容没有丢失，请过几分钟再试。",
    ),
    "no-room": (
        507,
        "The server has no room left, so nothing was taken. Please use one of the other ways, or try later.",
        "服务器存储空间已满，这次没有收下任何内容。请使用其他方式，或稍后再试。",
    ),
}


class Refused(Exception):
    """What a view raises to refuse; `code` stands in REFUSALS, `more` are further members of the answer."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more


def refusal_parts(code: str, more: Mapping[str, Any]) -> tuple[int, bytes]:
    """The status and JSON bytes of a refusal."""
    status, english, chinese = REFUSALS[code]
    return status, dump({"error": code, "message": {"en": english, "zh": chinese}, **more})


def dump(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def answer(value: Any, status: int = 200) -> HttpResponse:
    """`value` as a JSON response that nobody stores."""
    return HttpResponse(dump(value), status=status, content_type=JSON, headers={"Cache-Control": "no-store"})


def refuse(code: str, **more: Any) -> HttpResponse:
    """The response for a refusal."""
    status, body = refusal_parts(code, more)
    return HttpResponse(body, status=status, content_type=JSON, headers={"Cache-Control": "no-store"})


View = Callable[..., Any]
Security = Literal["nobody", "mailbox", "session"]


@dataclass(frozen=True)
class Route:
    """One method at one address. `path` is Django's; `answers` maps a status to the schema of its JSON (None: bytes)."""

    method: str
    path: str
    view: View
    summary: str
    answers: Mapping[int, Schema | None]
    body: Schema | None = None
    raw_body: bool = False
    query: Mapping[str, Schema] = field(default_factory=dict)
    headers: Sequence[str] = ()
    refusals: Sequence[str] = ()
    security: Security = "nobody"


ROUTES: dict[tuple[str, str], Route] = {}
"""Every route that the urls modules have named, by path and method."""


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The request's JSON object, checked against its route's schema. Raises Refused.

    Views ask for it once they know who asks, so that nobody else learns what would be a good body.
    """
    try:
        found = parse_object(request.body)
        check(found, request.route_body)  # type: ignore[attr-defined]
    except RequestDataTooBig:
        raise Refused("too-large") from None
    except (ProtocolError, DoesNotFit, UnreadablePostError):
        raise Refused("bad-request") from None
    return found


def paths(routes: Sequence[Route]) -> list[URLPattern]:
    """Django's patterns for `routes`; also enters them in the table that the document is made of."""
    by_path: dict[str, dict[str, Route]] = {}
    for route in routes:
        ROUTES[route.path, route.method] = route
        by_path.setdefault(route.path, {})[route.method] = route
    return [path(where, _dispatcher(methods)) for where, methods in by_path.items()]


def _dispatcher(methods: Mapping[str, Route]) -> Callable[..., HttpResponseBase]:
    def dispatch(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        route = methods.get("GET" if request.method == "HEAD" else request.method or "")
        if route is None:
            return refuse("wrong-method")
        try:
            request.route_body = route.body or {}  # type: ignore[attr-defined]
            found = route.view(request, **kwargs)
        except Refused as refused:
            return refuse(refused.code, **refused.more)
        return found if isinstance(found, HttpResponseBase) else answer(found)

    # A reporter's request carries no cookie, so there is nothing that another site could misuse.
    if all(route.security != "session" for route in methods.values()):
        return csrf_exempt(dispatch)
    return dispatch


_PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_KINDS: dict[str, Schema] = {
    "int": {"type": "integer", "minimum": 0},
    "slug": TEXT,
    "str": TEXT,
    "sha256": HASH,
}


def document(version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every route in the table."""
    found: dict[str, Any] = {}
    for (where, method), route in sorted(ROUTES.items()):
        found.setdefault("/" + _PARAMETER.sub(r"{\g<name>}", where), {})[method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Answerable",
            "version": version,
            "description": "Ids are 16 bytes and hashes 32, both base64url without padding; times are UTC with whole seconds.",
        },
        "paths": found,
        "components": {
            "securitySchemes": {
                "mailbox": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "work-session"},
            },
            "schemas": {
                "Refusal": {**thing({"error": TEXT, "message": WORDS}), "additionalProperties": True}
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    parameters = [
        {"name": m["name"], "in": "path", "required": True, "schema": _KINDS[m["kind"] or "str"]}
        for m in _PARAMETER.finditer(route.path)
    ]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in route.query.items()]
    parameters += [{"name": name, "in": "header", "schema": TEXT} for name in route.headers]
    responses: dict[str, Any] = {
        str(status): {
            "description": "done",
            "content": {BYTES: {}} if schema is None else {JSON: {"schema": schema}},
        }
        for status, schema in route.answers.items()
    }
    for status, codes in sorted(_by_status([*route.refusals, *_always(route)]).items()):
        responses[str(status)] = {
            "description": "refused: " + ", ".join(codes),
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}},
        }
    found: dict[str, Any] = {"summary": route.summary, "parameters": parameters, "responses": responses}
    if route.body is not None:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": route.body}}}
    elif route.raw_body:
        found["requestBody"] = {"required": True, "content": {BYTES: {}}}
    found["security"] = [] if route.security == "nobody" else [{route.security: []}]
    return found


def _always(route: Route) -> list[str]:
    """The refusals that come with the kind of route."""
    codes = ["not-found"]
    if route.body is not None or route.raw_body:
        codes += ["bad-request", "too-large", "busy", "no-room"]
    if route.security == "session":
        codes += ["not-signed-in", "not-allowed"]
    elif route.security == "mailbox":
        codes += ["no-mailbox"]
    return codes


def _by_status(codes: Sequence[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        found.setdefault(REFUSALS[code][0], []).append(code)
    return found
