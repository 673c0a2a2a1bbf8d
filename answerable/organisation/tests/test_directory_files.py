"""A directory file is read for sure and each bad row is named, whatever comes in."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from answerable.organisation.directory import xlsx
from answerable.organisation.directory.checking import Known, check
from answerable.organisation.directory.faults import WORDS

HEADING = "number,name,name_latin,unit,manager,email,phone,language,place\n"
GOOD = (
    HEADING
    + "007,孟广青,Meng Guangqing,质检部,,meng@tidewick.example,+86 138-0000-0000,zh en,上海\n"
    + '8,"Ashby, Tom",,R&D/Lab,007,,,en,Dublin\n'
)


def faults(data, **more):
    text = data.encode() if isinstance(data, str) else data
    return [(each.line, each.column, each.code) for each in check(text, **more).faults]


def test_a_sound_file_gives_its_rows_as_they_are_meant():
    checked = check(GOOD.encode())
    assert not checked.faults
    assert checked.count == 2
    assert checked.rows[0][1:] == (
        *("007", "孟广青", "Meng Guangqing", "质检部", "", "meng@tidewick.example", "+8613800000000"),
        ("zh", "en"),
        "上海",
    )
    assert checked.rows[1].name == "Ashby, Tom"
    assert checked.rows[1].manager == "007"


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("gb18030", "gb18030"),
    ],
)
def test_each_encoding_is_found_out(codec, named):
    text = "工号,姓名,部门,直属上级工号\n1,孟广青,质检部,\n2,何佩文,质检部,1\n"
    checked = check(text.encode(codec))
    assert (list(checked.faults), checked.encoding) == ([], named)
    assert checked.rows[1].name == "何佩文"


def test_gbk_under_an_english_heading_is_believed_by_its_surnames():
    text = HEADING + "".join(f"{at},{name},,,,,,,\n" for at, name in enumerate(["王芳", "李伟", "朱镕基"]))
    checked = check(text.encode("gb18030"))
    assert (checked.encoding, checked.rows[2].name, list(checked.faults)) == ("gb18030", "朱镕基", [])


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("1,Müller,,,,,,,\n2,Zoë,,,,,,,\n", "latin-1"),
        ("1,김민호,,,,,,,\n2,이영희,,,,,,,\n", "euc-kr"),
        ("1,佐々木,,,,,,,\n2,渡辺,,,,,,,\n", "shift-jis"),
    ],
)
def test_another_encoding_is_refused_by_line_and_never_guessed(text, codec):
    assert faults((HEADING + text).encode(codec)) == [(2, "name", "encoding")]


def test_one_line_pasted_in_another_encoding_is_named():
    data = HEADING.encode() + "1,孟广青,,,,,,,\n".encode() + "2,王芳,,,,,,,\n".encode("gbk")
    assert faults(data) == [(3, "name", "encoding")]


def test_a_cut_utf16_file_is_named():
    assert faults(GOOD.encode("utf-16")[:-1])[0][2] == "encoding"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_comma_semicolon_and_tab_separate(separator):
    text = (
        separator.join(["工号", "姓名", "邮箱"])
        + "\r\n"
        + separator.join(["1", "孟", "a@b.example"])
        + "\r\n"
    )
    assert check(text.encode()).rows[0].email == "a@b.example"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",孟,,,,,,,", "number", "empty-cell"),
        ("1,,,,,,,,", "name", "empty-cell"),
        ("1,孟,,,9,,,,", "manager", "unknown-manager"),
        ("1,孟,,,1,,,,", "manager", "own-manager"),
        ("1,孟,,,,meng,,,", "email", "bad-email"),
        ("1,孟,,,,a..b@c.example,,,", "email", "bad-email"),
        ("1,孟,,,,,abc,,", "phone", "bad-phone"),
        ("1,孟,,,,,,klingon,", "language", "bad-language"),
        ("1," + "孟" * 201 + ",,,,,,,", "name", "too-long"),
        ("1" * 65 + ",孟,,,,,,,", "number", "too-long"),
        ("1,孟\u202eabc,,,,,,,", "name", "control-character"),
        ('1,"孟\nabc",,,,,,,', "name", "control-character"),
        ("1,孟\0,,,,,,,", "name", "control-character"),
        ("1,=1+1,,,,,,,", "name", "formula"),
        ("1,@SUM(A1),,,,,,,", "name", "formula"),
        ("1,+1|calc,,,,,,,", "name", "formula"),
        ("1,-2+3|calc,,,,,,,", "name", "formula"),
        ("1,孟,,,,,=1+1,,", "phone", "formula"),
        ("1,孟,,,,,", None, "wrong-cells"),
        ("1,孟,,,,,,,,,x", None, "wrong-cells"),
        ('1,孟,"a"b,,,,,,', None, "bad-quotes"),
        ('1,孟,"a,,,,,,', None, "bad-quotes"),
        ("1," + "x" * 30_000 + ",,,,,,,", None, "long-line"),
    ],
)
def test_each_fault_is_named_by_line_and_column(row, column, code):
    assert (2, column, code) in faults(HEADING + row + "\n")


def test_what_stands_twice_points_at_the_first_line():
    checked = check((HEADING + "1,孟,,,,a@b.example,,,\n1,何,,,,A@b.example,,,\n").encode())
    assert [(each.line, each.column, each.code, each.other) for each in checked.faults] == [
        (3, "number", "duplicate-number", 2),
        (3, "email", "duplicate-email", 2),
    ]
    assert "Line 2 has" in next(iter(checked.faults)).said["en"]


def test_each_member_of_a_loop_of_managers_is_named_and_nobody_else():
    rows = "1,A,,,2,,,,\n2,B,,,3,,,,\n3,C,,,1,,,,\n4,D,,,1,,,,\n5,E,,,,,,,\n"
    assert faults(HEADING + rows) == [(line, "manager", "manager-loop") for line in (2, 3, 4)]


def test_a_loop_through_people_who_are_not_in_the_file_is_found():
    known = Known(managers={"boss": "1"})
    assert faults(HEADING + "1,A,,,boss,,,,\n", known=known) == [(2, "manager", "manager-loop")]


@pytest.mark.parametrize(
    ("heading", "column", "code"),
    [
        ("name", "number", "missing-column"),
        ("number,name,salary", "salary", "unknown-column"),
        ("number,工号,name", "number", "duplicate-column"),
    ],
)
def test_headings_are_ours_once_and_no_others(heading, column, code):
    assert (1, column, code) in faults(heading + "\n" + ",".join("1" for _ in heading.split(",")) + "\n")


def test_units_of_a_list_are_the_only_ones():
    units = "code,name,parent\nQ,质检部,\nL,Lab,Q\n".encode()
    text = "number,name,unit\n1,A,Q\n2,B,质检部\n3,C,Sales\n"
    checked = check(text.encode(), units=units)
    assert [(each.line, each.column, each.code) for each in checked.faults] == [(4, "unit", "unknown-unit")]
    assert [row.unit for row in checked.rows[:2]] == ["Q", "Q"]
    looped = "code,parent\nA,B\nB,A\nC,D\nC,A\n"
    assert {each[1:] for each in faults(text, units=looped.encode())} == {
        ("units.parent", "unit-loop"),
        ("units.parent", "unknown-unit"),
        ("units.code", "duplicate-unit"),
        ("unit", "unknown-unit"),
    }


def workbook(*rows, units=None, change=None):
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    if units:
        second = book.create_sheet("部门")
        for row in units:
            second.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_keeps_numbers_as_numbers_and_their_leading_zeros():
    def pad(sheet):
        sheet["A2"].number_format = "00000"

    data = workbook(
        ("工号", "姓名", "手机"), (42, "孟广青", 13800000000), ("0043", "何佩文", None), change=pad
    )
    checked = check(data)
    assert [row.number for row in checked.rows] == ["00042", "0043"]
    assert checked.rows[0].phone == "13800000000"
    assert (checked.encoding, list(checked.faults)) == ("xlsx", [])


def test_formulas_errors_and_cut_digits_of_a_workbook_are_named_by_cell():
    data = workbook(("number", "name", "place"), (1, "=A1", "x"), (1234567890123456789, "B", "#N/A"))
    assert faults(data) == [(2, "name", "formula"), (3, "number", "digits-lost"), (3, "place", "bad-cell")]


def test_a_sheet_of_units_in_the_workbook_is_the_list():
    data = workbook(
        ("number", "name", "unit"), (1, "A", "Q"), (2, "B", "X"), units=[("编号", "名称"), ("Q", "质检部")]
    )
    assert faults(data) == [(3, "unit", "unknown-unit")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"\xef\xbb\xbf\r\n \n", "empty-file"),
        (HEADING.encode(), "no-rows"),
        (b"<html><body>no</body></html>", "not-a-table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old-excel"),
        (b"PK\x03\x04 nonsense", "broken-workbook"),
        (b"%PDF-1.7", "not-a-table"),
    ],
)
def test_what_is_no_table_is_said_in_a_word(data, code):
    assert code in {each[2] for each in faults(data)}


def replaced(data, part, content):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return out.getvalue()


def test_shared_strings_are_read_without_their_phonetic_guides():
    strings = (
        "<sst><si><t>number</t></si><si><r><t>na</t></r><r><t>me</t></r></si>"
        "<si><t>渡辺</t><rPh sb='0' eb='2'><t>わたなべ</t></rPh></si></sst>"
    )
    cells = "<row r='2'><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row>"
    cells += "<row r='5'><c r='A5'><v>7</v></c><c r='B5' t='s'><v>2</v></c></row>"
    data = replaced(_SOUND, "xl/sharedStrings.xml", strings.encode())
    data = replaced(data, "xl/worksheets/sheet1.xml", f"<sheetData>{cells}</sheetData>".encode())
    assert [(row.line, row.number, row.name) for row in check(data).rows] == [(5, "7", "渡辺")]


def test_a_workbook_that_unpacks_without_end_is_refused_soon(monkeypatch):
    """Forty megabytes of one shared string from forty kilobytes, and entities within entities."""
    monkeypatch.setattr(xlsx, "MOST_STRINGS_UNPACKED", 10 << 20)
    small = workbook(("number", "name"), (1, "A"))
    bomb = replaced(small, "xl/sharedStrings.xml", b"<sst><si><t>" + b" " * (40 << 20) + b"</t></si></sst>")
    assert faults(bomb) == [(0, None, "too-big")]
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    assert faults(replaced(small, "xl/sharedStrings.xml", entities)) == [(0, None, "broken-workbook")]


def test_a_line_of_ten_megabytes_ends_the_reading():
    assert faults(HEADING + "x" * (10 << 20)) == [(2, None, "long-line")]


def test_many_faults_are_counted_and_the_first_are_kept():
    checked = check((HEADING + ",,,,,,,,x\n" * 30_000).encode())
    assert checked.faults.count == 60_000
    assert checked.faults.left_out == 40_000


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", HEADING.encode(), b"PK\x03\x04", b"\xff\xfe"]))
def test_any_bytes_are_rows_or_faults(noise, head):
    checked = check(head + noise)
    assert checked.faults or checked.rows


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_to_a_workbook_is_rows_or_faults(data):
    whole = _SOUND
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 8)) :]
    checked = check(cut)
    assert checked.faults or checked.rows


@settings(max_examples=60, deadline=None)
@given(st.text('<>/rcvtsi="0123ABZa &;fp', max_size=200))
def test_any_sheet_is_rows_or_faults(noise):
    checked = check(replaced(_SOUND, "xl/worksheets/sheet1.xml", f"<sheetData>{noise}</sheetData>".encode()))
    assert checked.faults or checked.rows


_SOUND = workbook(("number", "name"), (1, "A"), (2, "B"))


def test_every_fault_has_its_words_in_both_languages_and_repeats_no_cell():
    for en, zh in WORDS.values():
        assert en
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
    said = str(list(check((HEADING + "1,SECRET@,,,SECRET2,SECRET3,S4,S5,\n").encode()).faults))
    assert "SECRET" not in said
