"""What anybody can fetch of a log: up to the published size, and enough to check all of it without our code."""

import os
from datetime import datetime, timedelta

import pytest
from answerable_protocol import checkpoint, merkle, policy, receipt
from answerable_protocol.tiles import entries_path, parse_bundle, tile_path
from django.test import Client

from answerable.ledger import actions
from answerable.ledger.models import Log
from answerable.ledger.rules import NewLeaf
from answerable.organisation.models import Organisation

ROOT = "/log/tidewick/"


@pytest.fixture
def shown(log: Log, organisation: Organisation, now: datetime) -> checkpoint.Checkpoint:
    """A log of 500 events, one of them public, published; then ten more that are not."""
    actions.append(organisation, [NewLeaf("message", b"{}", os.urandom(32)) for _ in range(499)], now)
    actions.append(organisation, [NewLeaf("roster.updated", b'{"number":0}')], now)
    actions.publish(now + timedelta(days=1))
    actions.append(organisation, [NewLeaf("roster.updated", b'{"number":1}') for _ in range(10)], now)
    return checkpoint.parse(Client().get(ROOT + "checkpoint").content)


def test_all_leaves_and_tiles_lead_to_the_published_root(
    shown: checkpoint.Checkpoint, client: Client
) -> None:
    assert shown.size == 528
    hashes = []
    for index, width in ((0, 256), (1, 256), (2, 16)):
        leaves = parse_bundle(client.get(ROOT + entries_path(index, width)).content)
        tile = client.get(ROOT + tile_path(0, index, width)).content
        assert tile == b"".join(merkle.leaf_hash(each) for each in leaves)
        hashes += [merkle.leaf_hash(each) for each in leaves]
    assert merkle.root(hashes) == shown.root
    assert len(client.get(ROOT + tile_path(1, 0, 2)).content) == 64


def test_a_public_event_is_opened_and_proven(shown: checkpoint.Checkpoint, client: Client) -> None:
    trust = policy.parse(client.get(ROOT + "policy").content)
    found = receipt.verify(receipt.parse(client.get(ROOT + "public/499").content), trust).receipt
    assert (found.payload, found.checkpoint.root) == (b'{"number":0}', shown.root)


@pytest.mark.parametrize(
    "path",
    [
        "public/0",  # of a case
        "public/500",  # random
        "public/530",  # not published yet
        "public/99999999999999999999",
        "tile/0/002",
        "tile/0/002.p/17",
        "tile/0/002.p/26",
        "tile/1/000",
        "tile/1/000.p/3",
        "tile/entries/002.p/17",
        "tile/entries/003.p/1",
        "tile/0/2",
        "tile/0/x000/002.p/16",
        "tile/0/002.p/016",
        "tile/64/000",
        "tile/../checkpoint",
        "nothing",
    ],
)
def test_anything_else_is_not_found(shown: checkpoint.Checkpoint, client: Client, path: str) -> None:
    response = client.get(ROOT + path)
    assert response.status_code == 404
    assert b"number" not in response.content


def test_an_organisation_without_a_log_is_not_found(organisation: Organisation, client: Client) -> None:
    response = client.get("/log/tidewick/checkpoint")
    assert (response.status_code, response.content) == (404, b"not found\n")
    assert client.get("/log/nobody/checkpoint").status_code == 404


def test_an_own_host_answers_for_its_log_alone(
    shown: checkpoint.Checkpoint, other_organisation: Organisation, client: Client, settings: object
) -> None:
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]
    Organisation.objects.filter(pk=other_organisation.pk).update(host="saltholm.example")
    assert client.get(ROOT + "checkpoint", headers={"host": "saltholm.example"}).status_code == 404


def test_full_tiles_may_be_kept_for_ever_and_checkpoints_not(
    shown: checkpoint.Checkpoint, client: Client
) -> None:
    full = client.get(ROOT + "tile/0/000")
    assert full["Cache-Control"] == "public, max-age=31536000, immutable"
    assert full["Content-Type"] == "application/octet-stream"
    assert client.get(ROOT + "checkpoint")["Cache-Control"] == "no-cache"
    assert "immutable" not in client.get(ROOT + "tile/0/002.p/16")["Cache-Control"]
    assert client.post(ROOT + "checkpoint").status_code == 405
