"""Administrators bring people in by a file, see first, and do it once; nobody else gets near."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from answerable.organisation import access, actions
from answerable.organisation.directory import aside
from answerable.organisation.models import DirectoryPlan, Person

IMPORT = "/work/tidewick/administration/people/import/"
HEADING = "工号,姓名,部门,直属上级工号,备注\n"


def send(client, text, kind="whole", **more):
    file = SimpleUploadedFile("people.csv", text.encode(), content_type="text/csv")
    return client.post(IMPORT, {"people": file, "kind": kind, **more}, follow=True)


def digest_in(page):
    return re.search(r'name="digest" value="([0-9a-f]{64})"', page.content.decode())[1]


@pytest.fixture
def administrator(people, client_for):
    return client_for(people["administrator"])


def test_a_file_is_checked_shown_and_applied(people, organisation, administrator):
    page = send(administrator, "工号,姓名,部门\n1,=孟,质检部\n")
    assert "This file needs another look" in page.content.decode()
    page = send(administrator, "工号,姓名,部门\n1,孟广青,质检部\n2,何佩文,质检部\n")
    text = page.content.decode()
    assert "What would change" in text
    assert "孟广青" in text
    assert not Person.objects.filter(number="1").exists()
    where = page.request["PATH_INFO"]
    done = administrator.post(f"{where}apply/", {"digest": digest_in(page)}, follow=True)
    if "reauthenticate" in done.request["PATH_INFO"]:
        pytest.fail("asked again right after signing in")
    assert "Done" in done.content.decode()
    assert Person.objects.get(number="1").unit.name == "质检部"
    again = send(administrator, "工号,姓名,部门\n1,孟广青,质检部\n2,何佩文,质检部\n")
    assert "Nothing to change" in again.content.decode()


def test_the_list_of_faults_is_a_file_that_no_spreadsheet_runs(people, administrator):
    page = send(administrator, "number,name,=cmd|' /C calc'!A0\n1,A,x\n")
    answer = administrator.get(page.request["PATH_INFO"] + "faults.csv")
    text = answer.content.decode("utf-8-sig")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "1,'=cmd|' /C calc'!A0,unknown-column" in text
    assert "\n=" not in text
    assert ",=" not in text


def test_each_page_speaks_chinese(people, administrator):
    administrator.cookies.load({"django_language": "zh-hans"})
    assert "用文件导入人员" in administrator.get(IMPORT).content.decode()
    assert "下载完整列表" in send(administrator, HEADING + "1,孟,,,x\n").content.decode()
    assert "会有这些改动" in send(administrator, "工号,姓名\n1,孟\n").content.decode()


def test_when_many_leave_one_administrator_alone_gets_no_button_and_no_effect(
    people, organisation, administrator, client_for, now
):
    page = send(administrator, "number,name\n1,A\n2,B\n3,C\n")
    administrator.post(page.request["PATH_INFO"] + "apply/", {"digest": digest_in(page)})
    page = send(administrator, "number,name\n1,A\n")
    where, plan = page.request["PATH_INFO"], DirectoryPlan.objects.latest("made_at")
    assert "another administrator must confirm" in page.content.decode()
    assert 'name="digest"' not in page.content.decode()
    administrator.post(f"{where}apply/", {"digest": bytes(plan.digest).hex()})
    assert not Person.objects.exclude(left_at=None).exists()
    other = actions.add_person(organisation, name_en="B", name_zh="乙", email="b2@tidewick.example")
    actions.give_role(other, "administrator", by=None, now=now)
    second = client_for(other)
    assert "2 people would leave" in second.get(IMPORT).content.decode()
    second.post(f"{where}apply/", {"digest": digest_in(second.get(where))})
    assert Person.objects.exclude(left_at=None).count() == 2


def test_a_plan_of_before_is_refused_in_words(people, administrator):
    page = send(administrator, "number,name\n1,A\n")
    Person.objects.filter(pk=people["member"].pk).update(number="1")
    done = administrator.post(page.request["PATH_INFO"] + "apply/", {"digest": digest_in(page)}, follow=True)
    assert "Nothing was changed" in done.content.decode()


@pytest.mark.parametrize("key", ["handler", "overseer", "member"])
def test_nobody_else_gets_near(people, administrator, client_for, outsider, key):
    plan = send(administrator, "number,name\n1,A\n").request["PATH_INFO"]
    for client, status in ((client_for(people[key]), 403), (outsider, 404), (Client(), 302)):
        for path in (IMPORT, plan, f"{plan}faults.csv"):
            assert client.get(path).status_code == status
        assert client.post(f"{plan}apply/", {"digest": "00"}).status_code == status
    assert not Person.objects.filter(number="1").exists()


def test_a_plan_of_another_organisation_is_not_found(
    people, administrator, other_organisation, client_for, now
):
    theirs = actions.add_person(other_organisation, name_en="A", name_zh="甲", email="a@saltholm.example")
    actions.give_role(theirs, "administrator", by=None, now=now)
    plan = send(administrator, "number,name\n1,A\n").request["PATH_INFO"]
    client = client_for(theirs)
    assert client.get(plan.replace("tidewick", "saltholm")).status_code == 404
    assert client.get(plan).status_code == 404


def test_only_somebody_signed_in_may_send_a_large_file_and_only_to_this_page(people, administrator, settings):
    key = administrator.cookies[settings.SESSION_COOKIE_NAME].value
    good = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": IMPORT,
        "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={key}",
    }
    assert access.may_upload(good)
    for wrong in (
        {"HTTP_COOKIE": ""},
        {"HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}=x"},
        {"PATH_INFO": "/o/x/"},
    ):
        assert not access.may_upload(good | wrong)


def test_while_another_file_is_worked_on_the_next_is_refused_in_words(people, organisation, administrator):
    """Two administrators at once: the second hears so at once, and neither memory nor directory is shared."""
    page = send(administrator, "number,name\n1,A\n")
    where, digest = page.request["PATH_INFO"], digest_in(page)
    with aside._alone():
        assert "Another file is being worked on" in send(administrator, "number,name\n2,B\n").content.decode()
        told = administrator.post(f"{where}apply/", {"digest": digest}, follow=True)
        assert "Another file is being worked on" in told.content.decode()
    assert DirectoryPlan.objects.count() == 1
    assert not Person.objects.filter(number="1").exists()
    administrator.post(f"{where}apply/", {"digest": digest})
    assert Person.objects.filter(number="1").exists()


def test_a_process_that_dies_is_told_and_the_next_one_may_try(people, administrator, monkeypatch):
    monkeypatch.setattr(aside, "SMALL", 0)
    monkeypatch.setattr(aside.sys, "executable", "/bin/false")
    for _ in range(2):
        assert "Nothing was changed" in send(administrator, "number,name\n1,A\n").content.decode()
    assert not DirectoryPlan.objects.exists()
