"""Administrators write, keep, look at and publish their questions; nobody else does, and never one alone once reports come."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from answerable.organisation import actions as organisations
from answerable.organisation import proposals
from answerable.questions import actions, queries, rules
from answerable.questions.models import QuestionSet
from answerable.questions.tests.test_rules import WHOLE

HERE = "/work/tidewick/administration/questions/"
TYPED = {
    "kind": "one",
    "text_en": "Where did it happen?",
    "text_zh": "发生在哪里？",
    "options_en": "At work\nAway",
    "options_zh": "单位里\n外面",
}


@pytest.fixture
def administrator(people, client_for):
    return client_for(people["administrator"])


def a_file(content):
    return SimpleUploadedFile("questions.json", content, content_type="application/json")


def test_a_set_is_written_question_by_question_and_kept_as_a_version(organisation, administrator):
    assert administrator.post(f"{HERE}add/", TYPED).status_code == 302
    follow = {"kind": "long", "text_en": "Which place?", "text_zh": "什么地方？", "when": ["q1=o2"]}
    assert administrator.post(f"{HERE}add/", follow).status_code == 302
    assert "发生在哪里？" in administrator.get(HERE).content.decode()
    assert administrator.post(f"{HERE}keep/", {"how": "keep"}).headers["Location"] == f"{HERE}1/"
    kept = queries.content(queries.version(organisation, 1))
    assert kept["questions"][1]["when"] == {"question": "q1", "answers": ["o2"]}
    assert queries.draft(organisation) is None
    page = administrator.get(f"{HERE}1/").content.decode()
    assert "“Away”" in page
    assert "什么地方？" in page


def test_answers_keep_their_ids_when_their_words_change(organisation, administrator):
    administrator.post(f"{HERE}add/", TYPED)
    administrator.post(
        f"{HERE}change/q1/", TYPED | {"options_en": "Away\nIn the office", "options_zh": "外面\n办公室"}
    )
    options = queries.draft(organisation)["questions"][0]["options"]
    assert [(each["id"], each["text"]["en"]) for each in options] == [("o2", "Away"), ("o3", "In the office")]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"options_en": "At work"}, "2 answers in Chinese, 1 in English"),
        ({"options_en": "One", "options_zh": "一"}, "Two to twelve answers"),
        ({"text_zh": ""}, "required"),
        ({"hint_en": "Only this"}, "both languages"),
        ({"options_en": "x" * 121 + "\nb"}, "questions[0].options[0].text.en: longer than 120"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(organisation, administrator, wrong, said):
    answer = administrator.post(f"{HERE}add/", TYPED | wrong)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert queries.draft(organisation) is None


def test_a_question_that_another_hangs_on_is_not_taken_out(organisation, administrator):
    administrator.post(f"{HERE}import/", {"file": a_file(json.dumps(WHOLE).encode())})
    for how in ("remove", "down"):
        answer = administrator.post(f"{HERE}arrange/", {"question": "q1", "how": how}, follow=True)
        assert "hangs on this one" in answer.content.decode()
    assert queries.draft(organisation)["questions"] == WHOLE["questions"]
    administrator.post(f"{HERE}arrange/", {"question": "q5", "how": "up"})
    assert [each["id"] for each in queries.draft(organisation)["questions"]] == ["q1", "q2", "q3", "q5", "q4"]
    administrator.post(f"{HERE}arrange/", {"question": "q4", "how": "remove"})
    assert len(queries.draft(organisation)["questions"]) == 4


def test_what_is_exported_can_be_imported_and_a_bad_file_changes_nothing(
    organisation, administrator, people, now
):
    made = actions.make(organisation, WHOLE, by=people["administrator"], now=now)
    exported = administrator.get(f"{HERE}{made.version}/questions.json")
    assert "attachment" in exported.headers["Content-Disposition"]
    assert rules.read(exported.content) == WHOLE
    assert administrator.post(f"{HERE}import/", {"file": a_file(exported.content)}).status_code == 302
    assert queries.draft(organisation) == WHOLE
    bad = administrator.post(
        f"{HERE}import/", {"file": a_file(exported.content.replace(b'"date"', b'"day"'))}
    )
    assert bad.status_code == 422
    assert "questions[3].kind: must be one of" in bad.content.decode()
    assert queries.draft(organisation) == WHOLE
    assert administrator.post(f"{HERE}import/", {}).status_code == 422


def test_a_higher_number_of_a_file_stays_and_none_is_given_twice(organisation, now):
    assert actions.make(organisation, {**WHOLE, "version": 7}, by=None, now=now).version == 7
    assert actions.make(organisation, {**WHOLE, "version": 2}, by=None, now=now).version == 8


def test_before_opening_one_administrator_publishes(organisation, administrator, now):
    made = actions.make(organisation, WHOLE, by=None, now=now)
    assert queries.asked(organisation.pk) is None
    administrator.post(f"{HERE}{made.version}/publish/")
    assert queries.asked(organisation.pk) == WHOLE
    administrator.post(f"{HERE}stop/")
    assert queries.asked(organisation.pk) is None


def test_once_open_a_second_person_sees_every_word_and_confirms(
    organisation, administrator, people, client_for, now
):
    organisations.open_unchecked(organisation, now=now)
    made = actions.make(organisation, WHOLE, by=None, now=now)
    answer = administrator.post(f"{HERE}{made.version}/publish/")
    assert answer.headers["Location"].endswith("/proposals/")
    assert queries.asked(organisation.pk) is None
    (waiting,) = proposals.waiting(organisation)
    assert administrator.post(f"{HERE}{made.version}/publish/", follow=True).status_code == 200
    decide = f"{answer.headers['Location']}{waiting.pk}/"
    page = client_for(people["external"]).get(answer.headers["Location"]).content.decode()
    assert "Where?" in page
    assert "在哪里？" in page
    administrator.post(decide, {"how": "confirm"})
    assert queries.asked(organisation.pk) is None
    client_for(people["external"]).post(decide, {"how": "confirm"})
    assert queries.asked(organisation.pk) == WHOLE


def test_a_version_can_not_be_changed_and_only_one_is_asked(organisation, now):
    first = actions.make(organisation, WHOLE, by=None, now=now)
    second = actions.make(organisation, WHOLE, by=None, now=now)
    for change in ({"content": "{}"}, {"sha256": "0" * 64}, {"version": 9}):
        with pytest.raises(IntegrityError), transaction.atomic():
            QuestionSet.objects.filter(pk=first.pk).update(**change)
    actions.ask(first, now=now)
    actions.ask(second, now=now)
    assert [each.version for each in queries.versions(organisation) if each.asked] == [2]
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionSet.objects.filter(pk=first.pk).update(asked=True)


@pytest.mark.parametrize("key", ["handler", "lead", "external", "overseer", "member"])
def test_others_have_no_business_there(organisation, people, client_for, key, now):
    actions.make(organisation, WHOLE, by=None, now=now)
    client = client_for(people[key])
    for where in ("", "1/", "1/questions.json", "add/"):
        assert client.get(HERE + where).status_code == 403
    for where in ("add/", "import/", "keep/", "arrange/", "1/publish/", "1/change/", "stop/"):
        assert client.post(HERE + where).status_code == 403


def test_an_outsider_learns_nothing(organisation, outsider, now):
    actions.make(organisation, WHOLE, by=None, now=now)
    for where in ("", "1/", "1/questions.json"):
        assert outsider.get(HERE + where).status_code == 404


def test_reporters_are_given_what_is_asked_and_nothing_before(organisation, client, now):
    address = "/api/v1/orgs/tidewick/questions"
    made = actions.make(organisation, WHOLE, by=None, now=now)
    assert client.get(address).json() == {"questions": None}
    actions.ask(made, now=now)
    assert client.get(address).json() == {"questions": WHOLE}
    empty = actions.make(organisation, {**WHOLE, "questions": []}, by=None, now=now)
    actions.ask(empty, now=now)
    assert client.get(address).json() == {"questions": None}
