"""The ledger's page and its part of the API, on a node with real acts."""

from base64 import b64decode
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from tests.site_fixtures import REASON, Served

from semblance.audit.bundle import verify_bundle
from semblance.audit.checkpoint import read_checkpoint, read_key
from semblance.audit.entry import Act, Verb
from semblance.audit.merkle import check_consistency, check_inclusion, hash_leaf
from semblance.audit.receipt import read_receipt, verify_receipt
from semblance.messages.message import Message
from semblance.store import ledger


def search(client: httpx2.Client, photo: bytes, number: str) -> None:
    case = {"number": number, "purpose": "missing-person", "category": "missing", "aim": "To find", "link": "Report 1"}
    opened = client.post("/cases", data=case).headers["location"]
    probe = client.post(f"{opened}/probes", files={"photo": ("p.jpg", photo)}).headers["location"]
    assert client.post(f"{probe}/search", data={"face": "0", "reason": REASON}).status_code == 303


def test_the_page_shows_who_did_what_and_verifies(
    client: httpx2.Client, dora: httpx2.Client, changed_copy: bytes
) -> None:
    search(client, changed_copy, "LEDGER-1")
    assert client.get("/ledger").status_code == 403
    page = dora.get("/ledger", params={"case": "LEDGER-1"})
    assert page.status_code == 200
    # the case was opened, a probe was handed in, and it was searched
    assert page.text.count('data-name="Entry"') == 3
    assert "Consultation" in page.text
    # why it was searched is told when people have examined what was found; why the case was opened is told at once
    assert REASON not in page.text
    assert page.text.count("Not open to you") == 1
    assert "LEDGER-1" in page.text
    assert "No entry is like that" in dora.get("/ledger", params={"person": "zacharias"}).text
    verified = dora.post("/ledger/verify")
    assert "none changed, removed, moved or added" in verified.text


def test_what_people_wrote_is_text_on_the_page(client: httpx2.Client, dora: httpx2.Client, changed_copy: bytes) -> None:
    search(client, changed_copy, "<script>alert(1)</script>")
    page = dora.get("/ledger").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_older_entries_are_reached_and_none_is_shown_twice(dora: httpx2.Client, site: Served) -> None:
    whole = dora.get("/api/v1/ledger", params={"limit": 500}).json()
    # looking is an act, too: what comes after the first look is left out
    seen: list[dict[str, Any]] = []
    before = whole["size"]
    while before is not None:
        found = dora.get("/api/v1/ledger", params={"limit": 2, "before": before}).json()
        seen += found["entries"]
        before = found["next_before"]
    assert [entry["number"] for entry in seen] == list(range(whole["size"] - 1, -1, -1))
    assert seen[: len(whole["entries"])] == whole["entries"]
    wanted: dict[str, str | int] = {"verb": "collection", "person": "emil", "limit": 500}
    taken = dora.get("/api/v1/ledger", params=wanted).json()["entries"]
    # other tests on the same site may have let him do more
    assert taken == [entry for entry in seen if (entry["verb"], entry["person"]) == ("collection", "emil")]
    assert {entry["action"] for entry in taken} >= {"photo.enrol", "record.create"}


def test_the_api_proves_an_entry_and_hands_out_the_whole(dora: httpx2.Client) -> None:
    verified = dora.get("/api/v1/ledger/verification").json()
    assert verified["entries"] == dora.get("/api/v1/ledger").json()["size"] > 0
    key = read_key(verified["key"])
    assert verify_bundle(dora.get("/api/v1/ledger/bundle").text.splitlines(), trusted=key).entries > 0
    assert verify_bundle(dora.get("/ledger/bundle").text.splitlines(), trusted=key).entries > 0
    receipt = read_receipt(dora.get("/api/v1/ledger/entries/0/receipt").text)
    assert verify_receipt(receipt, trusted=key).fields["number"] == 0
    proof = dora.get("/api/v1/ledger/entries/0/proof").json()
    checkpoint = read_checkpoint(proof["checkpoint"])
    path = [b64decode(sibling) for sibling in proof["path"]]
    assert check_inclusion(hash_leaf(b64decode(proof["entry"])), 0, checkpoint.size, path, checkpoint.root)


def test_the_api_proves_that_nothing_was_rewritten(dora: httpx2.Client) -> None:
    newest = dora.get("/api/v1/ledger").json()["size"]
    for older in range(1, newest + 1):
        proof = dora.get(f"/api/v1/ledger/growth/{older}").json()
        checkpoint, root = read_checkpoint(proof["checkpoint"]), b64decode(proof["root"])
        path = [b64decode(node) for node in proof["path"]]
        assert check_consistency(older, checkpoint.size, root, checkpoint.root, path)
        assert not check_consistency(older, checkpoint.size, b"x" * 32, checkpoint.root, path)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/ledger/entries/99999999/proof", 404),
        ("/api/v1/ledger/entries/-1/proof", 422),
        ("/api/v1/ledger/entries/99999999/receipt", 404),
        ("/api/v1/ledger/growth/0", 404),
        ("/api/v1/ledger/growth/99999999", 404),
        ("/api/v1/ledger?verb=watching", 422),
        ("/ledger?before=-1", 422),
        ("/ledger?verb=watching", 200),
    ],
)
def test_what_is_not_there_is_said(dora: httpx2.Client, address: str, status: int) -> None:
    assert dora.get(address).status_code == status


def test_a_ledger_changed_by_hand_is_said_on_page_and_api(dora: httpx2.Client, site: Served) -> None:
    with site.node.store.writing() as tx:
        kept = tx.connection.scalar(sa.text("SELECT data FROM ledger_entry WHERE number = 0"))
        trigger = tx.connection.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'ledger_entry_no_update'"))
        tx.connection.execute(sa.text("DROP TRIGGER ledger_entry_no_update"))
        update = sa.text("UPDATE ledger_entry SET data = :data WHERE number = 0")
        tx.connection.execute(update, {"data": kept.replace(b"emil", b"dora")})
    try:
        assert "changed by hand" in dora.post("/ledger/verify").text
        answer = dora.get("/api/v1/ledger/verification")
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "verification"
    finally:
        with site.node.store.writing() as tx:
            tx.connection.execute(update, {"data": kept})
            tx.connection.execute(sa.text(trigger))
    assert dora.get("/api/v1/ledger/verification").status_code == 200


def test_what_the_node_says_is_translated_and_what_people_typed_never(dora: httpx2.Client, site: Served) -> None:
    typed = "the deadline of THE MINISTER requests has passed"
    plain = "the time to account for its answer is over"
    said = Message("requests.deadline-passed", "the deadline of {n} requests has passed", n=3)
    with site.node.store.writing() as tx:
        for reason in (typed, plain, said):
            act = Act(Verb.CONSULTATION, "test.reasons", "dora", "FR", reason=reason)
            ledger.append(tx, act, at=site.node.clock())
    page = dora.get("/ledger", headers={"accept-language": "fr"}).text
    assert f">{typed}<" in page
    assert f">{plain}<" in page
    assert "le délai de 3 demandes est écoulé" in page
    entries = [
        (entry["reason"], entry["message"])
        for entry in dora.get("/api/v1/ledger", headers={"accept-language": "fr"}).json()["entries"]
        if entry["action"] == "test.reasons"
    ]
    document = {"id": said.identifier, "text": str(said), "values": {"n": 3}}
    assert entries == [(str(said), document), (plain, None), (typed, None)]
