"""Whatever is sent, the answer is a refusal in words; never an error of ours."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.intake import fast, rules
from answerable.intake.errors import IntakeError
from answerable.intake.rules import check_message, check_record, check_report, listed_attachments
from answerable.intake.tests.stage import Stage
from answerable.intake.tests.world import Reporter, b64, signed_message
from answerable.ui import schema

LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-5, 2**54)
    | st.text(max_size=40)
    | st.binary(max_size=60).map(b64)
)
ANYTHING = st.recursive(
    LEAF, lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=12), each, max_size=5)
)
_REPORT = ["manifest", "signature", "event_key", "report", "keys", "identity", "record", "pow"]
_MESSAGE = ["kind", "promises", "n", "prev", "file", "attachments", "kept"]
NAMES = st.sampled_from([*_REPORT, *_MESSAGE])
BODY = st.dictionaries(NAMES, ANYTHING, max_size=12)
CASE = rules.case_id(b64(bytes(16)))


class Nobody:
    everyone = keyed = externals = frozenset[str]()


def names(_: bytes) -> Nobody:
    return Nobody()


@given(BODY, ANYTHING)
@settings(max_examples=300, deadline=None)
def test_any_body_is_refused_by_our_own_errors_alone(body: dict[str, Any], listed: Any) -> None:
    for check in (
        lambda: check_report(body, org="tidewick", case=CASE, readers=names),
        lambda: check_record(body, org="tidewick", case=CASE),
        lambda: check_message(body, org="tidewick", case=CASE, author="reporter", public=bytes(32)),
    ):
        with pytest.raises(IntakeError):
            check()
    try:
        listed_attachments(listed)
    except IntakeError:
        return


@given(
    st.sampled_from(
        list(signed_message("tidewick", b64(bytes(16)), "reporter", Reporter("tidewick").signer))
    ),
    ANYTHING,
)
@settings(max_examples=200, deadline=None)
def test_a_message_with_one_member_changed_is_refused(name: str, value: Any) -> None:
    reporter = Reporter("tidewick")
    body = reporter.message()
    if body[name] == value or name == "attachments":
        return
    with pytest.raises(IntakeError):
        check_message(
            body | {name: value},
            org="tidewick",
            case=rules.case_id(reporter.case_text),
            author="reporter",
            public=reporter.signer.public,
        )


@given(
    ANYTHING,
    st.sampled_from(
        [schema.thing({"a": schema.ID}), schema.items(schema.TEXT, 2), schema.or_null(schema.HASH)]
    ),
)
def test_a_schema_takes_or_refuses_anything(value: Any, against: Any) -> None:
    try:
        schema.check(value, against)
    except schema.DoesNotFit:
        return
    assert value is None or isinstance(value, dict | list | str)


@pytest.mark.django_db(transaction=True)
def test_every_address_answers_noise_with_a_refusal(stage: Stage) -> None:
    reporter = stage.sent()
    token = {"Authorization": f"Bearer {stage.token(reporter)}"}
    addresses = ["cases/", "records/", "mailbox/challenge", "mailbox/open", "mailbox/messages"]

    @given(
        st.sampled_from(addresses), st.binary(max_size=200) | BODY.map(lambda body: json.dumps(body).encode())
    )
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    def noise(address: str, data: bytes) -> None:
        if address.endswith("/"):
            answer = stage.put(address + reporter.case_text, data)
        else:
            answer = stage.client.post(
                stage.url(address), data, content_type="application/json", headers=token
            )
        assert 400 <= answer.status_code < 500, (address, data, answer.content)
        said = answer.json()
        assert said["error"]
        assert said["message"]["zh"]

    noise()


@pytest.mark.django_db(transaction=True)
def test_the_fast_road_and_the_slow_one_answer_alike(stage: Stage) -> None:
    from io import BytesIO

    def on_fast_road(path: str, data: bytes, **more: str) -> tuple[str, Any] | None:
        said: list[str] = []
        environ = {
            "REQUEST_METHOD": "PUT",
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(data)),
            "HTTP_HOST": "localhost:8000",
            "wsgi.input": BytesIO(data),
        } | more
        found = fast.handle(environ, lambda status, _headers: said.append(status))
        return None if found is None else (said[0], json.loads(b"".join(found)))

    one, two = stage.reporter(), stage.reporter()
    body = stage.body(one)
    path, data = f"/api/v1/orgs/tidewick/cases/{one.case_text}", json.dumps(body).encode()
    fresh = on_fast_road(path, data)
    assert fresh
    assert fresh[0] == "201 Created"
    assert stage.put(f"cases/{one.case_text}", data).json()["promises"] == fresh[1]["promises"]
    spoiled = json.dumps(stage.body(two) | {"signature": b64(bytes(64))}).encode()
    slow = stage.put(f"cases/{two.case_text}", spoiled)
    assert on_fast_road(f"/api/v1/orgs/tidewick/cases/{two.case_text}", spoiled) == (
        "422 Unprocessable Entity",
        slow.json(),
    )
    for refused in (
        {"HTTP_HOST": "elsewhere.example"},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": str(10**9)},
        {"REQUEST_METHOD": "GET"},
        {"PATH_INFO": path.replace("tidewick", "nobody")},
        {"PATH_INFO": path + "/attachments/x"},
    ):
        assert on_fast_road(path, data, **refused) is None
