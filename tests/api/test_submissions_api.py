"""Submissions over HTTP: a file in pieces, cut off and gone on with, another one in its place, and who is refused."""

from base64 import b64encode
from hashlib import sha256

import httpx2
from tests.cast import ALICE
from tests.site_fixtures import Served
from tests.workflows.submissions.conftest import make_video, zip_up

from semblance.audit.receipt import read_receipt, verify_receipt
from semblance.cases.case import CaseDraft, Category
from semblance.terms.permission import Purpose
from semblance.workflows.cases.cases import open_case

DRAFT = {
    "source": "company",
    "authority": "Police judiciaire, Lyon",
    "company": "Metro de Lyon",
    "obtained": "Cameras of the station, requested on 2 February",
    "legal_basis": "Code of criminal procedure, article 60-1",
}
OCTETS = "application/octet-stream"


def begin(site: Served, client: httpx2.Client, number: str) -> str:
    link = "Report 2026-113 of the family"
    draft = CaseDraft(number, Purpose.MISSING_PERSON, Category.MISSING, "To find her", link=link)
    case = open_case(site.node, ALICE, draft)
    until = site.node.clock().date().replace(day=1)
    later = until.replace(year=until.year + (until.month > 10), month=(until.month + 1) % 12 + 1)
    made = client.post(f"/api/v1/cases/{case.id}/submissions", json={**DRAFT, "review_on": later.isoformat()})
    assert made.status_code == 201, made.text
    assert made.json()["case"] == number
    return f"/api/v1/submissions/{made.json()['id']}"


def send(client: httpx2.Client, file: str, number: int, piece: bytes, **headers: str) -> int:
    answer = client.put(f"{file}/chunks/{number}", content=piece, headers={"content-type": OCTETS, **headers})
    return answer.status_code


def test_an_upload_that_is_cut_off_goes_on(site: Served, client: httpx2.Client, changed_copy: bytes) -> None:
    place = begin(site, client, "FR-2026-S1")
    photos = {f"card/{number}.jpg": changed_copy + bytes([number]) for number in range(2)}
    data = zip_up(**photos, **{"card/notes.txt": b"who was there", "card/Thumbs.db": b"x" * 1_500_000})
    made = client.post(f"{place}/files", json={"name": "card.zip", "size": len(data)}).json()
    file, length = f"{place}/files/{made['file']['id']}", made["chunk_bytes"]
    pieces = [data[start : start + length] for start in range(0, len(data), length)]
    assert (made["chunks"], made["held"]) == (len(pieces), [])
    digest = f"sha-256=:{b64encode(sha256(pieces[1]).digest()).decode()}:"
    wrong = {"content-digest": f"sha-256=:{b64encode(bytes(32)).decode()}:"}
    assert send(client, file, 1, pieces[1], **wrong) == 422
    assert send(client, file, 1, pieces[1], **{"content-digest": digest}) == 204
    assert client.post(f"{file}/completion", json={}).status_code == 409
    # another day, another connection
    with site.open_client("bob") as bob:
        assert bob.get(file).json()["held"] == [1]
        assert [send(bob, file, number, piece) for number, piece in enumerate(pieces)] == [204] * len(pieces)
        assert send(bob, file, 0, make_video(len(pieces[0]))) == 409
        assert send(bob, file, 0, pieces[0][:-1]) == 422
        assert send(bob, file, 99, b"x") == 404
        done = bob.post(f"{file}/completion", json={"sha256": sha256(data).hexdigest()}).json()
    assert (done["file"]["state"], done["taken_out"], len(done["refused"])) == ("unpacked", 2, 1)
    assert "text" in done["refused"][0]["fault"]["text"]
    assert done["notes"][0]["values"]["n"] == 1
    files = {found["name"]: found for found in client.get(place).json()["files"]}
    assert set(files) == {"card.zip", "card/notes.txt", *photos}
    probe = client.post(f"{place}/files/{files['card/1.jpg']['id']}/probe")
    assert (probe.status_code, len(probe.json()["faces"])) == (201, 1)
    with site.open_client("emil") as emil:
        assert emil.get(place).status_code == 403
    erased = client.request("DELETE", place, json={"reason": "Not needed any more"})
    assert (erased.status_code, erased.json()["files"]) == (200, 4)
    with site.open_client("dora") as dora:
        receipt = dora.get(f"/api/v1/ledger/entries/{erased.json()['ledger_entry']}/receipt")
    assert site.node.store.ledger is not None
    proven = verify_receipt(read_receipt(receipt.text), trusted=site.node.store.ledger.key.public)
    assert (proven.fields["verb"], proven.fields["action"]) == ("erasure", "submission.erase")
    assert client.get(place).status_code == 404


def test_what_is_said_of_it_is_told_with_every_fault(site: Served, client: httpx2.Client) -> None:
    wrong = {**DRAFT, "company": "", "obtained": " ", "review_on": "2020-01-01"}
    answer = client.post(f"/api/v1/cases/{site.case}/submissions", json=wrong)
    assert answer.status_code == 422
    fields = {problem["values"]["field"] for problem in answer.json()["error"]["problems"]}
    assert fields == {"company", "obtained", "review_on"}
