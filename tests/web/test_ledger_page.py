"""The ledger's page and its part of the API, on a node with real acts."""

from base64 import b64decode

import httpx
import pytest
import sqlalchemy as sa
from tests.site_fixtures import REASON, Served

from semblance.audit.bundle import verify_bundle
from semblance.audit.checkpoint import read_checkpoint, read_key
from semblance.audit.merkle import check_consistency, check_inclusion, hash_leaf


def search(client: httpx.Client, photo: bytes, case: str) -> None:
    page = client.post("/probes", files={"photo": ("p.jpg", photo)}, follow_redirects=True)
    form = {"face": "0", "person": "alice", "case": case, "purpose": "missing-person", "reason": REASON}
    assert client.post(f"{page.url.path}/search", data=form).status_code == 303


def test_the_page_shows_who_did_what_and_verifies(client: httpx.Client, changed_copy: bytes) -> None:
    search(client, changed_copy, "LEDGER-1")
    page = client.get("/ledger", params={"case": "LEDGER-1"})
    assert page.status_code == 200
    assert page.text.count('data-name="Entry"') == 1
    assert "Consultation" in page.text
    assert REASON in page.text
    assert "LEDGER-1" in page.text
    assert "No entry is like that" in client.get("/ledger", params={"person": "mallory"}).text
    verified = client.post("/ledger/verify")
    assert "none changed, removed, moved or added" in verified.text


def test_what_people_wrote_is_text_on_the_page(client: httpx.Client, changed_copy: bytes) -> None:
    search(client, changed_copy, "<script>alert(1)</script>")
    page = client.get("/ledger").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_older_entries_are_reached_and_none_is_shown_twice(client: httpx.Client, site: Served) -> None:
    whole = client.get("/api/v1/ledger", params={"limit": 500}).json()
    seen, before = [], None
    while True:
        asked = {"limit": 2} if before is None else {"limit": 2, "before": before}
        found = client.get("/api/v1/ledger", params=asked).json()
        seen += [entry["number"] for entry in found["entries"]]
        before = found["next_before"]
        if before is None:
            break
    assert seen == [entry["number"] for entry in whole["entries"]] == list(range(whole["size"] - 1, -1, -1))
    erasures = client.get("/api/v1/ledger", params={"verb": "collection", "person": "emil"}).json()["entries"]
    assert {entry["action"] for entry in erasures} == {"photo.enrol"}


def test_the_api_proves_an_entry_and_hands_out_the_whole(client: httpx.Client) -> None:
    verified = client.get("/api/v1/ledger/verification").json()
    assert verified["entries"] == client.get("/api/v1/ledger").json()["size"] > 0
    key = read_key(verified["key"])
    assert verify_bundle(client.get("/api/v1/ledger/bundle").text.splitlines(), trusted=key).entries > 0
    assert verify_bundle(client.get("/ledger/bundle").text.splitlines(), trusted=key).entries > 0
    proof = client.get("/api/v1/ledger/entries/0/proof").json()
    checkpoint = read_checkpoint(proof["checkpoint"])
    path = [b64decode(sibling) for sibling in proof["path"]]
    assert check_inclusion(hash_leaf(b64decode(proof["entry"])), 0, checkpoint.size, path, checkpoint.root)


def test_the_api_proves_that_nothing_was_rewritten(client: httpx.Client) -> None:
    newest = client.get("/api/v1/ledger").json()["size"]
    for older in range(1, newest + 1):
        proof = client.get(f"/api/v1/ledger/growth/{older}").json()
        checkpoint, root = read_checkpoint(proof["checkpoint"]), b64decode(proof["root"])
        path = [b64decode(node) for node in proof["path"]]
        assert check_consistency(older, checkpoint.size, root, checkpoint.root, path)
        assert not check_consistency(older, checkpoint.size, b"x" * 32, checkpoint.root, path)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/ledger/entries/99999999/proof", 404),
        ("/api/v1/ledger/entries/-1/proof", 422),
        ("/api/v1/ledger/growth/0", 404),
        ("/api/v1/ledger/growth/99999999", 404),
        ("/api/v1/ledger?verb=watching", 422),
        ("/ledger?before=-1", 422),
        ("/ledger?verb=watching", 200),
    ],
)
def test_what_is_not_there_is_said(client: httpx.Client, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_a_ledger_changed_by_hand_is_said_on_page_and_api(client: httpx.Client, site: Served) -> None:
    with site.node.store.writing() as tx:
        kept = tx.connection.scalar(sa.text("SELECT data FROM ledger_entry WHERE number = 0"))
        trigger = tx.connection.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'ledger_entry_no_update'"))
        tx.connection.execute(sa.text("DROP TRIGGER ledger_entry_no_update"))
        update = sa.text("UPDATE ledger_entry SET data = :data WHERE number = 0")
        tx.connection.execute(update, {"data": kept.replace(b"emil", b"dora")})
    try:
        assert "changed by hand" in client.post("/ledger/verify").text
        answer = client.get("/api/v1/ledger/verification")
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "verification"
    finally:
        with site.node.store.writing() as tx:
            tx.connection.execute(update, {"data": kept})
            tx.connection.execute(sa.text(trigger))
    assert client.get("/api/v1/ledger/verification").status_code == 200
