"""Course packages by other tools: what is refused, in a sentence that names the member, and what is repaired."""

import contextlib
import io
import json
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.training.packages.check import Package, check
from answerable.training.packages.words import REFUSALS, REPAIRS, BadPackage

PAGE = b"<!doctype html><title>One</title>"
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="M" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
 <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
 <organizations default="O"><organization identifier="O"><title>Course</title>
  <item identifier="I" identifierref="R"><title>First</title></item></organization></organizations>
 <resources><resource identifier="R" type="webcontent" adlcp:scormtype="sco" href="a.html">
  <file href="a.html"/></resource></resources>
</manifest>"""
NEWER = (
    MANIFEST.replace(
        "http://www.imsproject.org/xsd/imscp_rootv1p1p2", "http://www.imsglobal.org/xsd/imscp_v1p1"
    )
    .replace("adlcp_rootv1p2", "adlcp_v1p3")
    .replace("scormtype", "scormType")
    .replace(">1.2<", ">2004 4th Edition<")
)


DANGLING = '<item identifier="J" identifierref="none"/></organization>'


def packed(files: dict[str, bytes | str], *, store: bool = False) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return held.getvalue()


def course(manifest: str = MANIFEST, **more: bytes | str) -> bytes:
    return packed({"imsmanifest.xml": manifest, "a.html": PAGE, **more})


def with_member(name: str, data: bytes = b"x", attributes: int = 0, **fields: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("imsmanifest.xml", MANIFEST)
        made.writestr("a.html", PAGE)
        info = zipfile.ZipInfo(name)
        info.filename = name  # as given: ZipInfo would cut and turn slashes
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = attributes
        for field, value in fields.items():
            setattr(info, field, value)
        made.writestr(info, data)
    return held.getvalue()


def tried(data: bytes) -> Package:
    return check(io.BytesIO(data))


def refusal(data: bytes) -> BadPackage:
    with pytest.raises(BadPackage) as caught:
        tried(data)
    return caught.value


def test_a_course_of_either_version_comes_in_as_it_is() -> None:
    older, newer = tried(course()), tried(course(NEWER))
    assert (older.version, newer.version) == ("1.2", "2004 4th Edition")
    assert older.starts == (("First", "a.html"),)
    assert older.title == "Course"
    assert not older.repaired
    assert not newer.repaired


def _launching(href: str) -> str:
    return MANIFEST.replace('sco" href="a.html"', f'sco" href="{href}"')


def _swap(data: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert old in data
    return data.replace(old, new)


REFUSED: list[tuple[str, Callable[[], bytes], str]] = [
    ("empty", lambda: b"", "empty"),
    ("not_zip", lambda: b"Rar!\x1a\x07\x00" + b"x" * 100, "RAR"),
    ("truncated", lambda: course()[:-40], "cut off"),
    ("before", lambda: b"GIF89a" + course(), "something else"),
    ("no_members", lambda: packed({}), "no files"),
    ("traversal", lambda: with_member("../evil.html"), "../evil.html"),
    ("traversal", lambda: with_member("x\\..\\..\\evil.html"), "evil.html"),
    ("absolute", lambda: with_member("/etc/evil"), "/etc/evil"),
    ("absolute", lambda: with_member("C:/evil"), "C:/evil"),
    ("absolute", lambda: with_member("\\\\host\\evil"), "evil"),
    ("backslash", lambda: with_member("sub\\evil.js"), "sub\\evil.js"),
    ("control", lambda: with_member("a\x07b.html"), "html"),
    ("control", lambda: with_member("a\u202elmth.exe.html"), "html"),
    ("long_name", lambda: with_member("n" * 1100), "nnn"),
    ("symlink", lambda: with_member("link.html", b"/etc/passwd", (stat.S_IFLNK | 0o777) << 16), "link.html"),
    ("special", lambda: with_member("pipe", b"", (stat.S_IFIFO | 0o644) << 16), "pipe"),
    ("bomb", lambda: course(**{"zeros.bin": bytes(3_000_000)}), "zeros.bin"),
    ("program", lambda: course(**{"lib/setup.exe": b"MZ"}), "lib/setup.exe"),
    ("program", lambda: course(**{"shell.PHP": b"<?php"}), "shell.PHP"),
    ("program", lambda: course(**{"picture.png": b"\x7fELF" + b"x" * 60}), "picture.png"),
    ("traversal", lambda: with_member("%2e%2e/evil.html"), "evil.html"),
    ("control", lambda: with_member("a\rb.html"), "html"),
    ("encrypted", lambda: _flagged(0x1), "a.html"),
    ("method", lambda: _method(12), "method 12"),
    ("damaged", lambda: _broken(), "b.txt"),
    ("nested", lambda: course(**{"more.zip": packed({"z": bytes(5_000_000)})}), "more.zip"),
    ("nested", lambda: course(**{"more.zip": packed({"more.zip": packed({"a": b"a"})})}), "more.zip"),
    ("file_and_folder", lambda: course(**{"b": b"file", "b/c.html": PAGE}), "b"),
    ("no_manifest", lambda: packed({"readme.txt": b"hello"}), "imsmanifest.xml"),
    ("web_page", lambda: packed({"site/index.html": PAGE}), "site/index.html"),
    ("inner_package", lambda: packed({"course.zip": course()}), "course.zip"),
    ("two_courses", lambda: packed({"a/imsmanifest.xml": MANIFEST, "b/imsmanifest.xml": MANIFEST}), "a/imsmanifest.xml"),
    ("other_kind", lambda: packed({"tincan.xml": "<tincan/>", "index.html": PAGE}), "tincan.xml"),
    ("other_kind", lambda: packed({"h5p.json": "{}"}), "h5p.json"),
    ("other_kind", lambda: packed({"x.crs": "[Course]", "x.au": "", "x.des": "", "x.cst": ""}), "x.crs"),
    ("doctype", lambda: course('<!DOCTYPE manifest [<!ENTITY a "aa">]>' + MANIFEST.split("?>", 1)[1]), "imsmanifest.xml"),
    ("doctype", lambda: course('<!DOCTYPE m SYSTEM "file:///etc/passwd">' + MANIFEST.split("?>", 1)[1]), "imsmanifest.xml"),
    ("not_xml", lambda: course("just some words, thirty-nine bytes long"), "imsmanifest.xml"),
    ("not_manifest", lambda: course("<course/>"), "course"),
    ("too_deep", lambda: course("<manifest>" * 500), "imsmanifest.xml"),
    ("scorm_old", lambda: course(MANIFEST.replace(">1.2<", ">1.1<").replace("adlcp_rootv1p2", "adlcp_rootv1p1")), "1.1"),
    ("nothing", lambda: course(MANIFEST.replace("organization ", "nothing ").replace("/organization>", "/nothing>")), "started"),
    ("nothing", lambda: course(MANIFEST.replace('scormtype="sco"', 'scormtype="asset"')), "SCO"),
    ("nothing", lambda: course(MANIFEST.replace('identifierref="R"', 'identifierref="Q"')), "imsmanifest.xml"),
    ("nothing", lambda: course(MANIFEST.replace(' href="a.html">', ">")), "names no file"),
    ("remote", lambda: course(_launching('https://example.org/a.html')), "example.org"),
    ("remote", lambda: course(_launching('//example.org/a.html')), "example.org"),
    ("remote", lambda: course(_launching('java&#9;script:alert(1)')), "script"),
    ("remote", lambda: course(MANIFEST.replace("<resources>", '<resources xml:base="https://example.org/">')), "a.html"),
    ("outside", lambda: course(_launching('x/../../a.html')), "a.html"),
    ("outside", lambda: course(_launching('%2e%2e/a.html')), "a.html"),
    ("no_launch", lambda: course(_launching('b.html')), "b.html"),
    ("not_page", lambda: course(_launching('a.swf'), **{"a.swf": b"FWS"}), "a.swf"),
]  # fmt: skip


def _broken() -> bytes:
    whole = packed({"imsmanifest.xml": MANIFEST, "a.html": PAGE, "b.txt": "unbroken"}, store=True)
    return _swap(whole, b"unbroken", b"broken!!")


def _flagged(bit: int) -> bytes:
    data = bytearray(course())
    at = data.rfind(b"PK\x01\x02")
    data[at + 8 : at + 10] = struct.pack("<H", bit)
    return bytes(data)


def _method(number: int) -> bytes:
    data = bytearray(course())
    at = data.rfind(b"PK\x01\x02")
    data[at + 10 : at + 12] = struct.pack("<H", number)
    return bytes(data)


@pytest.mark.parametrize(
    ("kind", "made", "words"), REFUSED, ids=[f"{at}-{each[0]}" for at, each in enumerate(REFUSED)]
)
def test_it_is_refused_in_one_sentence_that_says_what(
    kind: str, made: Callable[[], bytes], words: str
) -> None:
    found = refusal(made())
    assert found.said.kind == kind
    assert words in str(found)
    assert "\n" not in str(found)
    assert found.said.text("zh") != str(found)


def test_more_files_than_a_course_has_are_refused_before_any_is_read() -> None:
    assert refusal(packed({f"{each}.txt": b"" for each in range(5_001)}, store=True)).said.kind == "too_many"


def test_members_that_lie_over_each_other_are_refused() -> None:
    data = bytearray(course())
    first, last = data.find(b"PK\x01\x02"), data.rfind(b"PK\x01\x02")
    data[last + 42 : last + 46] = data[first + 42 : first + 46]  # both point at the first member's header
    assert refusal(bytes(data)).said.kind in {"two_names", "overlap"}


def test_two_members_of_one_name_are_kept_once_if_equal_and_refused_if_not() -> None:
    def twice(second: bytes) -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as made:
            made.writestr("imsmanifest.xml", MANIFEST)
            made.writestr("a.html", PAGE)
            with pytest.warns(UserWarning, match="Duplicate"):
                made.writestr("a.html", second)
        return held.getvalue()

    assert [each.kind for each in tried(twice(PAGE)).repaired] == ["twice"]
    assert refusal(twice(b"other")).said.kind == "duplicate"


REPAIRED: list[tuple[str, Callable[[], bytes], str]] = [
    ("folder", lambda: packed({"My course/imsmanifest.xml": MANIFEST, "My course/a.html": PAGE}), "My course"),
    ("beside", lambda: packed({"c/imsmanifest.xml": MANIFEST, "c/a.html": PAGE, "read me.txt": b"x"}), "read me.txt"),
    ("junk", lambda: course(**{"__MACOSX/._a.html": b"x", ".DS_Store": b"x"}), "2 files"),
    ("server_settings", lambda: course(**{".htaccess": b"x"}), ".htaccess"),
    ("names", lambda: _gbk(), "GB18030"),
    ("slashes", lambda: _windows(), "pages\\a.html"),
    ("trailing", lambda: course() + b"\0" * 10, "after the end"),
    ("manifest_name", lambda: packed({"IMSManifest.xml": MANIFEST, "a.html": PAGE}), "IMSManifest.xml"),
    ("bom", lambda: course("\ufeff" + MANIFEST), "byte order mark"),
    ("leading", lambda: course("\n\n" + MANIFEST), "Blank"),
    ("recoded", lambda: packed({"imsmanifest.xml": MANIFEST.replace("Course", "课程").encode("gbk"), "a.html": PAGE}), "GB18030"),
    ("ampersand", lambda: course(MANIFEST.replace("Course", "Q & A")), "&"),
    ("after", lambda: course(MANIFEST + "<!-- made by --> x"), "imsmanifest.xml"),
    ("controls", lambda: course(MANIFEST.replace("Course", "Co\x0burse")), "Control"),
    ("recoded", lambda: course(MANIFEST.replace("UTF-8", "klingon").replace("Course", "课程")), "UTF-8"),
    ("more", lambda: course(MANIFEST.replace("</resources>", _again() + "</resources>")), "20 more"),
    ("no_namespace", lambda: course(MANIFEST.replace('xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"', "")), "namespace"),
    ("no_version", lambda: course(MANIFEST.replace("<schemaversion>1.2</schemaversion>", "")), "no schema version"),
    ("schema", lambda: course(MANIFEST.replace("ADL SCORM", "x")), "ADL SCORM"),
    ("default_organisation", lambda: course(MANIFEST.replace('default="O"', 'default="P"')), "organisation"),
    ("ids", lambda: course(MANIFEST.replace("</resources>", '<resource identifier="R"/></resources>')), "“R”"),
    ("reference", lambda: course(MANIFEST.replace("</organization>", DANGLING)), "“J”"),
    ("reference_case", lambda: course(MANIFEST.replace('identifierref="R"', 'identifierref="r"')), "letters"),
    ("sco", lambda: course(MANIFEST.replace(' adlcp:scormtype="sco"', "")), "SCO"),
    ("href_case", lambda: course(_launching('A.HTML')), "A.HTML"),
    ("href_written", lambda: course(_launching('a%20b.html'), **{"a b.html": PAGE}), "a b.html"),
    ("missing", lambda: course(MANIFEST.replace("</resource>", '<file href="lost.js"/></resource>')), "lost.js"),
]  # fmt: skip


def _again() -> str:
    return "".join(f'<resource identifier="R{each}"/><resource identifier="R{each}"/>' for each in range(30))


def _gbk() -> bytes:
    data = course(MANIFEST.replace("a.html", "课.html"), **{"XX.html": PAGE})
    return _swap(data, b"XX.html", "课".encode("gbk") + b".html")


def _windows() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, data in (
            ("imsmanifest.xml", MANIFEST.replace("a.html", "pages/a.html")),
            ("pages\\a.html", PAGE.decode()),
        ):
            info = zipfile.ZipInfo("x")
            info.filename, info.create_system = name, 0
            made.writestr(info, data)
    return held.getvalue()


@pytest.mark.parametrize(("kind", "made", "words"), REPAIRED, ids=[each[0] for each in REPAIRED])
def test_it_comes_in_and_the_repair_is_said(kind: str, made: Callable[[], bytes], words: str) -> None:
    said = {each.kind: each.text() for each in tried(made()).repaired}
    assert words in said[kind]


def test_a_tool_that_always_writes_the_end_of_a_large_zip_is_read() -> None:
    data = course()
    at = data.rfind(b"PK\x05\x06")
    _, _, _, here, count, size, offset, _ = struct.unpack("<4s4H2LH", data[at:])
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, here, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    assert tried(data[:at] + large + locator + data[at:]).starts == (("First", "a.html"),)


def test_the_addresses_that_tools_write_lead_to_the_page() -> None:
    base = MANIFEST.replace("<resources>", '<resources xml:base="web/">').replace(
        'sco" href="a.html"', 'sco" href="p.html?x=1#top"'
    )
    found = tried(packed({"imsmanifest.xml": base, "web/p.html": PAGE, "a.html": PAGE}))
    assert found.starts == (("First", "web/p.html?x=1#top"),)
    asked = tried(course(MANIFEST.replace('identifierref="R"', 'identifierref="R" parameters="?sco=2"')))
    assert asked.starts == (("First", "a.html?sco=2"),)


def test_every_sentence_is_there_in_both_languages() -> None:
    for english, chinese in [*REFUSALS.values(), *REPAIRS.values()]:
        assert english.endswith(".")
        assert chinese.endswith("。")
        assert {each.split("}")[0] for each in english.split("{")[1:]} >= {
            each.split("}")[0] for each in chinese.split("{")[1:]
        }


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_done_to_a_package_only_our_error_escapes(data: st.DataObject) -> None:
    whole = bytearray(course(data.draw(st.sampled_from([MANIFEST, NEWER]))))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    for tried_one in (bytes(whole), bytes(whole[:cut])):
        with contextlib.suppress(BadPackage):
            tried(tried_one)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", "<manifest>", MANIFEST]))
def test_whatever_a_manifest_says_only_our_error_escapes(text: str, around: str) -> None:
    with contextlib.suppress(BadPackage):
        tried(course(around.replace("Course", text) or text))


def test_the_command_prints_ok_reason_and_repaired(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    good.write_bytes(course("\ufeff" + MANIFEST))
    bad.write_bytes(with_member("../x"))

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "answerable", "training", "check", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert not done.stderr
        return done.returncode, done.stdout

    status, text = run(str(good), "--format", "json")
    assert (status, json.loads(text)["ok"], json.loads(text)["reason"]) == (0, True, None)
    assert len(json.loads(text)["repaired"]) == 1
    status, text = run(str(bad), "--format", "json")
    assert (status, json.loads(text)["ok"], json.loads(text)["repaired"]) == (1, False, [])
    assert "../x" in json.loads(text)["reason"]
    assert run(str(tmp_path / "none.zip"))[0] == 1
    assert "First → a.html" in run(str(good))[1]
