"""The linter on texts that nobody labelled for it, on bad input, and on our own worked example of each point."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.policies.errors import BadPolicy
from answerable.policies.lint import catalogue, document, engine, evaluate, report, style


def state(text: str, point: int, lang: str = "en") -> str:
    return engine.read(text, lang)[point - 1].state


@pytest.mark.parametrize(
    ("point", "lang", "text", "wanted"),
    [
        (2, "en", "The works council was consulted on 3 March and agreed to this policy.", "present"),
        (2, "en", "The works council will be consulted in due course.", "absent"),
        (3, "en", "This policy does not apply to agency workers, interns or contractors.", "absent"),
        (
            11,
            "en",
            "Nobody is required to drink alcohol, and refusing is never held against anyone.",
            "present",
        ),
        (11, "en", "Drivers must not drink alcohol within eight hours of duty.", "absent"),
        (
            22,
            "en",
            "Client data and trade secrets are strictly confidential except as required by law.",
            "absent",
        ),
        (
            34,
            "en",
            "Each employee shall execute the non-disclosure agreement as a condition of employment.",
            "absent",
        ),
        (35, "en", "All staff attend two hours of harassment training every year.", "present"),
        (35, "en", "Training: we plan to find a suitable vendor next year.", "absent"),
        (46, "en", "You may appeal your performance rating within ten days.", "absent"),
        (46, "en", "Either side may appeal against the decision in writing within ten days.", "present"),
        (2, "zh", "本制度经职工代表大会审议通过。", "present"),
        (2, "zh", "待条件成熟时，提交职工代表大会审议。", "absent"),
        (11, "zh", "任何人都可以拒绝喝酒，绩效不受影响。", "present"),
        (11, "zh", "工地内严禁酗酒。", "absent"),
        (22, "zh", "客户资料属于商业秘密，除法律另有规定外须严格保密。", "absent"),
        (39, "zh", "案件档案自结案起保存五年。", "present"),
        (39, "zh", "监控录像保存九十日。", "absent"),
        (42, "zh", "本制度将适时修订。", "absent"),
        (46, "zh", "当事人对处理结果不服的，可以在十日内申请复核。", "present"),
        (46, "zh", "对绩效考核结果不服的，可以申请复核。", "absent"),
    ],
)
def test_a_point_is_told_from_its_denial_its_plan_and_its_namesake(point, lang, text, wanted):
    assert state(text, point, lang) == wanted


def test_a_place_is_in_the_text_that_was_given():
    text = "# Rules\n\nWe care.\n\nCase files are kept for six years after closing. We care.\n"
    found = engine.read(text, "en")[38]
    assert found.state == "present"
    assert found.start is not None
    assert "Case files are kept".startswith(text[found.start : found.end][:10])


def test_an_empty_policy_lacks_everything():
    for text in ("", " \n\n", "…", "🙂" * 50, "\u202e\u200f"):
        assert {each.state for each in engine.read(text, "en")} == {"absent"}
        assert {each.state for each in engine.read(text, "zh")} == {"absent"}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=3000), st.sampled_from(["en", "zh"]))
def test_any_text_is_read_with_places_inside_it(text, lang):
    found = engine.read(text, lang)
    assert [each.point for each in found] == list(range(1, 49))
    for each in found:
        if each.state == "absent":
            assert each.start is None
            assert each.end is None
        else:
            assert each.start is not None
            assert each.end is not None
            assert 0 <= each.start < each.end <= len(text)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_policy_or_a_bad_policy(data):
    try:
        found = document.parse(data)
    except BadPolicy:
        return
    assert found.text[found.body :] is not None
    report.as_text("x", found, [])


def test_front_matter_is_read_and_what_is_wrong_with_it_is_told():
    found = document.parse(b"---\nid: x\nauthoritative: zh-CN\njurisdictions: [CN, HK]\n---\nWe care.\n")
    assert (found.lang, found.jurisdictions) == ("zh", ("CN", "HK"))
    assert found.text[found.body :] == "We care.\n"
    with pytest.raises(BadPolicy, match="line 3"):
        document.parse(b"---\nid: x\nnonsense\n---\n")
    with pytest.raises(BadPolicy, match="twice"):
        document.parse(b"---\nid: x\nid: y\n---\n")
    with pytest.raises(BadPolicy, match="307,200"):
        document.parse(b"a" * 400_000)
    with pytest.raises(BadPolicy, match="UTF-8"):
        document.parse("政策".encode("gbk"))


def test_hostile_texts_take_bounded_time():
    for text in (
        "a " * 20_000,
        "must report within " * 3_000,
        "不得" * 20_000,
        "(" * 30_000,
        "\n- x" * 10_000,
    ):
        start = time.perf_counter()
        engine.read(text, "zh" if "不" in text else "en")
        assert time.perf_counter() - start < 10


def test_every_point_has_a_name_a_level_and_advice_in_both_languages_and_rules_in_both():
    found = catalogue.points()
    assert list(found) == list(range(1, 49))
    assert {number for number, each in found.items() if each.level == "must"} == {
        1, 3, 6, 12, 14, 15, 17, 20, 21, 22, 24, 25, 27, 28, 30, 32, 34, 35, 41,
    }  # fmt: skip
    for each in found.values():
        assert all(each.name.values())
        assert all(each.ask.values())
    for lang in ("en", "zh"):
        assert {rule.point for rule in engine.book(lang).rules} == set(range(1, 49))


def test_the_law_is_that_of_the_places_named():
    point = catalogue.points()[35]
    assert {each.pack for each in point.law_of(["US-CA"])} == {"CA"}
    assert {each.pack for each in point.law_of(["CN"])} == {"CN"}
    assert {each.pack for each in catalogue.points()[20].law_of(["FR"])} == {"EU", "FR"}
    assert len(point.law_of([])) == len(point.law)


def test_reading_levels_tell_plain_from_legal():
    plain = "You can say no to a drink. Nobody may hold it against you. Tell Anna or ring the line."
    legal = (
        "Notwithstanding any contrary provision hereof, the organisation may at its sole discretion determine, "
        "having regard to all attendant circumstances, whether disciplinary consequences are appropriate."
    )
    assert style.reading(plain, "en").within
    assert not style.reading(legal, "en").within
    assert {each.rule for each in style.remarks(legal, "en")} == {"banned-words", "long-sentence"} or {
        each.rule for each in style.remarks(legal, "en")
    } == {"banned-words"}
    assert style.reading("可以不喝。没有人会因此扣你的分。", "zh").within
    assert [each.rule for each in style.remarks("违反者一切后果自负。", "zh")] == ["banned-words"]


def test_measuring_counts_missing_points_and_weak_ones_apart():
    policy = {
        "id": "x",
        "lang": "en",
        "text": "Case files are kept for six years.",
        "present": [39, 46],
        "weak": [42],
        "absent": [each for each in range(1, 49) if each not in (39, 42, 46)],
    }
    count = evaluate.evaluate([policy])["en", None]
    assert (count.hit, count.missed, count.false, count.told_weak) == (45, 0, 1, 1)
    assert (count.recall, count.precision, count.strict) == (1.0, 45 / 46, 45 / 47)
