"""The format says what is wrong and where, and nothing else escapes it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.questions import rules
from answerable.questions.errors import BadQuestions, QuestionsError

BOTH = {"en": "Where?", "zh": "在哪里？"}


def question(identifier="q1", kind="short", **more):
    return {"id": identifier, "kind": kind, "text": BOTH, **more}


def a_set(*questions, **more):
    return {"format": rules.FORMAT, "id": "office", "version": 1, "questions": list(questions)} | more


OPTIONS = [{"id": "a", "text": BOTH}, {"id": "b", "text": BOTH}]
WHOLE = a_set(
    question("q1", "yes-no"),
    question("q2", "one", options=OPTIONS, when={"question": "q1", "answers": ["yes", "unknown"]}),
    question("q3", "several", options=OPTIONS, hint=BOTH, when={"question": "q2", "answers": ["a"]}),
    question("q4", "date"),
    question("q5", "long"),
)


def test_what_is_checked_comes_back_and_its_hash_does_not_depend_on_the_order_of_members():
    turned = json.dumps(dict(reversed(WHOLE.items())), indent=3).encode()
    assert rules.read(turned) == WHOLE == rules.check(WHOLE)
    assert rules.fingerprint(rules.read(turned)) == rules.fingerprint(WHOLE)
    assert rules.read(rules.canonical(WHOLE)) == WHOLE
    # Fixed: the reporter's browser computes the very same (browser/test/core/questions.test.ts).
    pinned = "61a367d91330ac3b825cee9493de34d4c5ad75a48f8fe34f2c920afdd55d4fb6"
    assert rules.fingerprint(a_set(question())) == pinned


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ([], ""),
        (a_set(more=1), ""),
        ({**WHOLE, "format": "answerable/questions/v2"}, "format"),
        (a_set(version=0), "version"),
        (a_set(version=True), "version"),
        (a_set(id="Büro"), "id"),
        (a_set(*(question(f"q{n}") for n in range(13))), "questions"),
        (a_set(question(), question()), "questions[1].id"),
        (a_set(question(kind="number")), "questions[0].kind"),
        (a_set(question(kind=["one"])), "questions[0].kind"),
        (a_set(question(required=True)), "questions[0]"),
        (a_set(question() | {"text": {"en": "Where?"}}), "questions[0].text.zh"),
        (a_set(question() | {"text": {"en": "Where?", "zh": " "}}), "questions[0].text.zh"),
        (a_set(question() | {"text": {"en": "a\nb", "zh": "一"}}), "questions[0].text.en"),
        (a_set(question() | {"text": {"en": "x" * 201, "zh": "一"}}), "questions[0].text.en"),
        (a_set(question(options=OPTIONS)), "questions[0].options"),
        (a_set(question(kind="one")), "questions[0].options"),
        (a_set(question(kind="one", options=OPTIONS[:1])), "questions[0].options"),
        (a_set(question(kind="one", options=[OPTIONS[0]] * 2)), "questions[0].options[1].id"),
        (a_set(question(when={"question": "q1", "answers": ["yes"]})), "questions[0].when.question"),
        (
            a_set(question("q1", when={"question": "q2", "answers": ["yes"]}), question("q2", "yes-no")),
            "questions[0].when.question",
        ),
        (
            a_set(question("q1"), question("q2", when={"question": "q1", "answers": ["x"]})),
            "questions[1].when.question",
        ),
        (
            a_set(question("q1", "yes-no"), question("q2", when={"question": "q1", "answers": ["maybe"]})),
            "questions[1].when.answers[0]",
        ),
        (
            a_set(question("q1", "yes-no"), question("q2", when={"question": "q1", "answers": []})),
            "questions[1].when.answers",
        ),
    ],
)
def test_a_broken_set_is_refused_and_the_place_is_named(broken, place):
    with pytest.raises(BadQuestions) as refused:
        rules.check(broken)
    assert refused.value.place == place
    assert refused.value.en
    assert refused.value.zh


def test_a_name_that_stands_twice_is_refused():
    with pytest.raises(BadQuestions):
        rules.read(b'{"format":"answerable/questions/v1","id":"a","id":"b","version":1,"questions":[]}')


def test_a_file_that_is_too_large_is_refused_unread():
    with pytest.raises(BadQuestions):
        rules.read(b" " * (rules.MOST_BYTES + 1))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=5)
    | st.sampled_from([*rules.KINDS, "q1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "format",
                    "id",
                    "version",
                    "questions",
                    "kind",
                    "text",
                    "en",
                    "zh",
                    "options",
                    "when",
                    "answers",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_set_or_our_error(noise):
    with suppress(QuestionsError):
        rules.read(noise)


@given(VALUES, st.sampled_from(["id", "kind", "text", "hint", "options", "when", ""]))
def test_any_value_in_any_place_is_a_set_or_our_error(noise, where):
    broken = a_set(question("q0", "yes-no"), {**question(), where: noise} if where else noise)
    with suppress(QuestionsError):
        rules.check(broken)
