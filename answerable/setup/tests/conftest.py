from base64 import b64encode

import pytest
from django.test import Client

from answerable.setup import actions
from answerable.ui.tests.test_pictures import png

ANSWERS = {
    "name": {"name_en": "Quayside Foods", "name_zh": "码头食品"},
    "languages": {"languages": ["en", "zh"]},
    "address": {"slug": "quayside", "host": ""},
    "places": {"places": ["IE", "CN", "US"]},
    "zones": {"time_zone": "Europe/Dublin", "zone_CN": "Asia/Shanghai", "zone_US": "America/Chicago"},
    "look": {"accent": "#7a3b00", "mark": b64encode(png()).decode()},
    "contact": {
        "contact_en": "Aoife Burke, Harbour Law",
        "contact_zh": "",
        "telephone": "+353 1 555 0100",
        "post": "1 Quay Lane\nDublin",
        "email": "",
        "pgp": "",
    },
    "administrators": {
        "first_name_en": "Emeka Obi",
        "first_name_zh": "",
        "first_email": "emeka@quayside.example",
        "second_name_en": "Mei Lan",
        "second_name_zh": "梅兰",
        "second_email": "mei@quayside.example",
    },
}


@pytest.fixture
def data(settings, tmp_path):
    """A data folder of its own, for the code's file and the log's key."""
    settings.ANSWERABLE_DATA = tmp_path
    return tmp_path


@pytest.fixture
def holder(db, data, now):
    """A browser that used the code."""
    client = Client()
    code = actions.begin(now.now(now.tzinfo))
    assert client.post("/work/setup/", {"code": code}).headers["Location"] == "/work/setup/"
    return client


def answer_all(client):
    for step, answer in ANSWERS.items():
        got = client.post(f"/work/setup/{step}/", answer)
        assert got.status_code == 302, (step, got.content.decode()[-3000:])
    return got
