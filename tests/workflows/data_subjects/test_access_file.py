"""Everything that is held about somebody and every disclosure, in one file, with proofs; nothing of others in it."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.cast import ALICE, DE, DORA, EMIL
from tests.workflows.record_acts import enrol, find_id
from tests.workflows.searching import conclude, reveal

from semblance.audit.checkpoint import SigningKey, is_signed, read_checkpoint, read_key
from semblance.audit.entry import read_entry
from semblance.audit.merkle import check_inclusion
from semblance.cases.case import CaseDraft, Category
from semblance.errors import Conflict, RefusedByPolicy, RequestInvalid
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Personal
from semblance.gallery.request import AccessPart, Request, RequestDraft, RequestKind, Withheld
from semblance.node.node import Node
from semblance.store import ledger
from semblance.store.ledger_witness import LedgerSeat
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Purpose
from semblance.workflows.cases.cases import open_case
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.data_subjects.access_file import make_access_file
from semblance.workflows.data_subjects.answer_request import decline_request
from semblance.workflows.data_subjects.requests import read_request, receive_request
from semblance.workflows.records.read_record import read_record
from semblance.workflows.records.write_record import edit_record
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

GRETA = replace(DORA, authority=DE, name="greta")
CASE = CaseDraft("FR-2026-17", Purpose.MISSING_PERSON, Category.MISSING, "to find the child", link="report 4711")
LAW = "Directive (EU) 2016/680, article 15(1)(b)"


@pytest.fixture
def held(node: Node, draw: Draw, item: MakeItem) -> SubjectId:
    """Return a record that was enrolled, edited, read, and found by a search of another authority."""
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B"))])
    subject = find_id(node, "A")
    before = read_record(node, EMIL, subject).record
    named = replace(before.draft, personal=Personal(family_name="Doe"))
    named = replace(named, circumstances=replace(named.circumstances, event_date="2025-12-24", event_country="DE"))
    edit_record(node, EMIL, subject, named, version=before.version, reason="Somebody called")
    case = open_case(node, ALICE, CASE)
    probe = submit_probe(node, ALICE, case.id, draw("A", take=7), name="station.jpg")
    answer = search_probe(node, ALICE, probe.id, reason="Found at the station without papers")
    assert isinstance(answer, SearchAnswer)
    assert reveal(node, answer).candidates[0].subject == subject
    # while people examine, nobody is told whom a search found
    conclude(node, answer.search)
    return subject


def ask_for(node: Node, *records: SubjectId, kind: RequestKind = RequestKind.ACCESS) -> Request:
    asked = RequestDraft(kind, "J. Doe, Lyon", date(2026, 3, 1), "myself", "what do you hold?", records)
    return receive_request(node, GRETA, asked).request


def unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def load(files: dict[str, bytes], name: str) -> Any:
    return json.loads(files[name])


def test_everything_held_is_in_one_file(node: Node, held: SubjectId, draw: Draw) -> None:
    request = ask_for(node, held)
    made = make_access_file(node, GRETA, request.id)
    files = unpack(made.data)
    images = [name for name in files if name.startswith("record-1/images/")]
    assert [files[name] for name in images] == [draw("A")]
    record = load(files, "record-1/record.json")
    assert record["record"]["draft"]["personal"]["family_name"] == "Doe"
    assert [version["record"]["version"] for version in record["versions"]] == [2, 1]
    assert [image["source"]["obtained"] for image in record["images"]] == ["handed in by the family"]
    searches = load(files, "record-1/searches.json")
    assert [(one["authority"], one["purpose"]) for one in searches] == [("FR", "missing-person")]
    summary = load(files, "request.json")
    assert summary["records"][0]["last_day"] == "2029-01-01"
    assert (summary["records"][0]["owner"], summary["withheld"]) == ("DE", [])
    words = files["README.txt"].decode()
    assert "One record is held" in words
    assert "held until 2029-01-01" in words
    assert "complain to the supervisory authority" in words


def test_neither_the_case_nor_staff_nor_others_are_told(node: Node, held: SubjectId) -> None:
    other = find_id(node, "B")
    data = b"\n".join(unpack(make_access_file(node, GRETA, ask_for(node, held).id).data).values())
    for secret in ("FR-2026-17", "report 4711", "station", "alice", "emil", "greta", other):
        assert secret.encode() not in data


def test_every_disclosure_is_proved_and_a_forged_one_is_not(node: Node, held: SubjectId) -> None:
    files = unpack(make_access_file(node, GRETA, ask_for(node, held).id).data)
    told = load(files, "record-1/disclosures.json")
    actions = [one["action"] for one in told["entries"]]
    for action in ("record.create", "photo.enrol", "record.read", "record.edit", "gallery.search", "request.receive"):
        assert action in actions
    checkpoint = read_checkpoint(told["checkpoint"])
    assert is_signed(checkpoint, read_key(told["key"]))
    for one in told["entries"]:
        leaf, path = base64.b64decode(one["leaf"]), [base64.b64decode(sibling) for sibling in one["path"]]
        number, size, root = one["number"], checkpoint.size, checkpoint.root
        assert check_inclusion(leaf, number, size, path, root)
        assert not check_inclusion(bytes(32), number, size, path, root)
        assert not check_inclusion(leaf, number ^ 1, size, path, root)
    with node.store.reading() as tx:
        size = ledger.read_size(tx)
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    assert {one["number"] for one in told["entries"]} < set(range(size))
    searched = next(one for one in told["entries"] if one["action"] == "gallery.search")
    assert searched["authority"] == entries[searched["number"]]["authority"] == "FR"


def test_the_file_itself_is_a_disclosure(node: Node, held: SubjectId) -> None:
    request = ask_for(node, held)
    first = make_access_file(node, GRETA, request.id)
    second = make_access_file(node, GRETA, request.id)
    numbers = [one["number"] for one in load(unpack(second.data), "record-1/disclosures.json")["entries"]]
    assert first.ledger_entry in numbers
    assert read_request(node, GRETA, request.id).row.request.told_in == second.ledger_entry
    with node.store.reading() as tx:
        data = ledger.read_data(tx, second.ledger_entry)
    assert data is not None
    assert (read_entry(data)["verb"], read_entry(data)["action"]) == ("disclosure", "subject.access")


@pytest.mark.parametrize("part", list(AccessPart))
def test_what_is_withheld_is_named_with_its_law(node: Node, held: SubjectId, part: AccessPart) -> None:
    request = ask_for(node, held)
    files = unpack(make_access_file(node, GRETA, request.id, withheld=(Withheld(part, LAW),)).data)
    there = {
        AccessPart.RECORD: "record-1/record.json" in files,
        AccessPart.IMAGES: any("/images/" in name for name in files),
        AccessPart.SEARCHES: "record-1/searches.json" in files,
        AccessPart.DISCLOSURES: "record-1/disclosures.json" in files,
    }
    assert {one for one, shown in there.items() if not shown} == {part}
    assert load(files, "request.json")["withheld"] == [{"part": part.value, "law": LAW}]
    assert LAW in files["README.txt"].decode()
    assert read_request(node, GRETA, request.id).row.request.withheld == (Withheld(part, LAW),)
    if part is AccessPart.RECORD:
        assert b"Doe" not in files["request.json"].replace(b"J. Doe", b"")
        assert "legal_basis" not in load(files, "request.json")["records"][0]


def test_nothing_is_withheld_without_a_law(node: Node, held: SubjectId) -> None:
    request = ask_for(node, held)
    with pytest.raises(RequestInvalid, match="cite that law"):
        make_access_file(node, GRETA, request.id, withheld=(Withheld(AccessPart.SEARCHES, ""),))
    assert read_request(node, GRETA, request.id).row.request.told_in is None


def test_two_records_of_one_person_come_in_two_folders(node: Node, held: SubjectId) -> None:
    request = ask_for(node, held, find_id(node, "B"))
    files = unpack(make_access_file(node, GRETA, request.id).data)
    numbers = {load(files, f"record-{n}/record.json")["record"]["draft"]["number"] for n in (1, 2)}
    assert numbers == {"A", "B"}


def test_nothing_held_is_told_too(node: Node) -> None:
    files = unpack(make_access_file(node, GRETA, ask_for(node).id).data)
    assert set(files) == {"README.txt", "request.json"}
    assert "Nothing is held here" in files["README.txt"].decode()


def test_only_a_request_for_access_leads_to_a_file(node: Node, held: SubjectId) -> None:
    erasure = ask_for(node, held, kind=RequestKind.ERASURE)
    with pytest.raises(Conflict, match="request for erasure"):
        make_access_file(node, GRETA, erasure.id)
    declined = ask_for(node, held)
    decline_request(node, GRETA, declined.id, reason="They do not say who they are")
    with pytest.raises(Conflict, match="was declined"):
        make_access_file(node, GRETA, declined.id)


def test_a_refused_attempt_told_nobody_anything(node: Node, held: SubjectId) -> None:
    with pytest.raises(RefusedByPolicy):
        read_record(node, replace(ALICE, roles=frozenset()), held)
    files = unpack(make_access_file(node, GRETA, ask_for(node, held).id).data)
    assert "refusal" not in {one["verb"] for one in load(files, "record-1/disclosures.json")["entries"]}
