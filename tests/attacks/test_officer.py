"""A data-protection officer of another authority looks for what is not theirs; each way ends at nothing."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.accounts import add_cast
from tests.cast import ALICE, DE, DORA, EMIL, FR
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol, find_id
from tests.workflows.searching import conclude, open_case, submit

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import read_entry
from semblance.errors import Conflict, NotFound, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.gallery.request import Request, RequestDraft, RequestKind, RequestState
from semblance.node.node import Node
from semblance.store import ledger as stored_ledger
from semblance.store.ledger_witness import LedgerSeat
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Actor
from semblance.terms.record import RecordState, Restriction, RestrictionMode
from semblance.workflows.data_subjects.access_file import make_access_file
from semblance.workflows.data_subjects.answer_request import answer_request, decline_request
from semblance.workflows.data_subjects.requests import (
    link_records,
    list_requests,
    read_request,
    receive_request,
    refer_request,
)
from semblance.workflows.oversight import ledger
from semblance.workflows.oversight.oversight import count_visible, describe_node, read_oversight
from semblance.workflows.records.export_record import export_record
from semblance.workflows.records.list_records import list_opened_records, list_records
from semblance.workflows.records.read_record import find_record_id, list_history, read_photo, read_record
from semblance.workflows.records.write_record import decide_dispute, dispute_record, edit_record
from semblance.workflows.scheduled.remind import list_reminders, remind_officers
from semblance.workflows.scheduled.worker import run_round
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

GRETA = replace(DORA, authority=DE, name="greta")
HIDDEN = replace(TERMS, restriction=Restriction(RestrictionMode.EXCEPT, frozenset({FR})))
DRAFTS = replace(TERMS, neutral=None)
WHY = "An officer has a look at it"


def ask_about(*records: SubjectId, kind: RequestKind = RequestKind.ACCESS) -> RequestDraft:
    return RequestDraft(kind, "J. Doe, 1 rue X, Lyon", date(2026, 3, 1), "myself", "that is not me", records)


def hide(node: Node, subject: SubjectId) -> None:
    held = read_record(node, EMIL, subject).record
    hidden = replace(held.draft, restriction=HIDDEN.restriction)
    edit_record(node, EMIL, subject, hidden, version=held.version, reason="Not for France any more")


def list_mine(node: Node, actor: Actor, *, decided: bool = False) -> list[Request]:
    return [row.request for row in list_requests(node, actor, decided=decided).rows]


@pytest.fixture(params=["restricted", "draft"])
def theirs(request: pytest.FixtureRequest, node: Node, draw: Draw, item: MakeItem) -> SubjectId:
    """Return a record of DE that FR must not know of."""
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item("H", "h.jpg", draw("H"))], HIDDEN if request.param == "restricted" else DRAFTS)
    return find_id(node, "H")


def test_no_act_reaches_a_record_that_is_not_open(node: Node, theirs: SubjectId) -> None:
    photo = read_record(node, EMIL, theirs).photos[0].id
    acts: tuple[Callable[[], object], ...] = (
        lambda: read_record(node, DORA, theirs),
        lambda: list_history(node, DORA, theirs),
        lambda: read_photo(node, DORA, photo),
        lambda: export_record(node, DORA, theirs, reason=WHY),
        lambda: dispute_record(node, DORA, theirs, reason=WHY),
        lambda: decide_dispute(node, DORA, theirs, upheld=True, reason=WHY),
        lambda: find_record_id(node, DORA, "DE:H"),
        lambda: find_record_id(node, DORA, theirs),
        *(lambda kind=kind: receive_request(node, DORA, ask_about(theirs, kind=kind)) for kind in RequestKind),
        lambda: link_records(node, DORA, receive_request(node, DORA, ask_about()).request.id, add=[theirs]),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()


def test_no_list_and_no_figure_tells_of_it(node: Node, theirs: SubjectId) -> None:
    assert list_records(node, DORA).rows == list_opened_records(node, DORA, "H").rows == ()
    assert (describe_node(node, DORA).records, describe_node(node, DORA).references) == (0, 0)
    assert count_visible(node, DORA) == (0, 0)
    found = read_oversight(node, DORA, within=366)
    assert (found.records, found.ending, found.disputed) == ((), (), ())
    assert describe_node(node, GRETA).records == 1


def test_what_others_did_and_why_is_not_opened(node: Node, theirs: SubjectId) -> None:
    read_record(node, GRETA, theirs)
    with pytest.raises(NotFound):
        read_record(node, DORA, theirs)
    for officer in (DORA, GRETA):
        page = ledger.list_newest(node, officer, ledger.Filter(), before=None, limit=100)
        for entry in page.entries:
            mine = entry.fields["authority"] == officer.authority
            assert (entry.reason is not None, entry.withheld) == (mine, not mine), entry
            assert all((name is not None) == mine for _, name in entry.touched), entry
            receipt = ledger.hand_out_receipt(node, officer, entry.fields["number"])
            assert bool(receipt.openings) == mine, entry


def test_the_worker_tells_the_owner_and_nobody_else(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item("H", "h.jpg", draw("H"))], replace(HIDDEN, retain_until=date(2026, 4, 10)))
    subject = find_id(node, "H")
    while clock.now < datetime(2026, 6, 1, tzinfo=UTC):
        # a clock that goes further at once is not believed
        clock.now += timedelta(days=6)
        assert run_round(replace(node, authority=FR)).complete
    opened = {}
    for officer in (DORA, GRETA):
        page = ledger.list_newest(node, officer, ledger.Filter(person="semblance-worker"), before=None, limit=100)
        told = [entry for entry in page.entries if ("subject", subject) in entry.touched]
        opened[officer.name] = {entry.fields["action"] for entry in told}
    # what an erased subject's own key opened is gone; the erasure's own entry stays
    assert opened == {"dora": set(), "greta": {"record.erase-expired"}}


def test_a_request_is_its_authority_s_own(node: Node, clock: Clock) -> None:
    taken = receive_request(node, GRETA, ask_about()).request
    assert (list_mine(node, DORA), list_mine(node, GRETA)) == ([], [taken])
    acts: tuple[Callable[[], object], ...] = (
        lambda: read_request(node, DORA, taken.id),
        lambda: link_records(node, DORA, taken.id),
        lambda: make_access_file(node, DORA, taken.id),
        lambda: answer_request(node, DORA, taken.id, reason=WHY),
        lambda: decline_request(node, DORA, taken.id, reason=WHY),
        lambda: list_requests(node, DORA, after=taken.id),
        lambda: refer_request(node, DORA, taken.id, to="DE", reason=WHY),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert (read_oversight(node, DORA).requests_open, read_oversight(node, GRETA).requests_open) == (0, 1)
    clock.now = datetime(2026, 4, 15, tzinfo=UTC)
    assert sum(remind_officers(node)) == 1
    assert list_reminders(node, DORA).overdue == ()
    assert [late.request for late in list_reminders(node, GRETA).overdue] == [taken.id]


def test_a_request_about_what_is_not_open_goes_to_its_owner(node: Node, theirs: SubjectId) -> None:
    add_cast(node)
    taken = receive_request(node, DORA, ask_about()).request
    referred = refer_request(node, DORA, taken.id, to="DE", reason="She says that Germany holds a record of hers")
    assert (referred.state, referred.referred_to) == (RequestState.REFERRED, DE)
    assert (list_mine(node, DORA), list_mine(node, DORA, decided=True)) == ([], [referred])
    (passed,) = list_mine(node, GRETA)
    assert (passed.authority, passed.referred_by, passed.state) == (DE, FR, RequestState.RECEIVED)
    assert (passed.draft, passed.due_on) == (taken.draft, taken.due_on)
    link_records(node, GRETA, passed.id, add=[theirs])
    assert make_access_file(node, GRETA, passed.id).data
    answer_request(node, GRETA, passed.id, reason="The file was handed out")
    # what came of it, and whether there was a record at all, is not told to who referred it
    assert list_mine(node, DORA, decided=True) == [referred]
    with pytest.raises(NotFound):
        read_request(node, DORA, passed.id)
    with pytest.raises(Conflict, match="decided already"):
        answer_request(node, DORA, taken.id, reason=WHY)


@pytest.mark.parametrize("kind", list(RequestKind))
def test_a_record_that_was_closed_since_is_answered_for_by_its_owner(
    node: Node, draw: Draw, item: MakeItem, kind: RequestKind
) -> None:
    add_cast(node)
    enrol(node, [item("A", "a.jpg", draw("A"))])
    subject = find_id(node, "A")
    taken = receive_request(node, DORA, ask_about(subject, kind=kind)).request
    if kind is RequestKind.DISPUTE:
        # only an active record is edited; the restriction was a mistake that its owner mends before
        answer = decide_dispute(node, GRETA, subject, upheld=False, reason="It is he")
        assert answer.state is RecordState.ACTIVE
    hide(node, subject)
    acts: dict[RequestKind, Callable[[], object]] = {RequestKind.ACCESS: lambda: make_access_file(node, DORA, taken.id)}
    with pytest.raises(Conflict, match="Refer the request to DE"):
        acts.get(kind, lambda: answer_request(node, DORA, taken.id, reason=WHY))()
    assert subject not in read_request(node, DORA, taken.id).numbers
    refer_request(node, DORA, taken.id, to="DE", reason="It is not open to France any more")
    (passed,) = list_mine(node, GRETA)
    assert [about.subject for about in passed.about] == [subject]


def test_only_what_cannot_be_answered_here_is_referred(node: Node, draw: Draw, item: MakeItem) -> None:
    add_cast(node)
    enrol(node, [item("A", "a.jpg", draw("A"))])
    about_open = receive_request(node, DORA, ask_about(find_id(node, "A"))).request
    with pytest.raises(Conflict, match="answer for"):
        refer_request(node, DORA, about_open.id, to="DE", reason=WHY)
    other = receive_request(node, DORA, ask_about()).request
    for authority in ("FR", "XX"):
        with pytest.raises(Conflict, match="another authority"):
            refer_request(node, DORA, other.id, to=authority, reason=WHY)
    with pytest.raises(NotFound):
        refer_request(node, DORA, other.id, to="ZZ", reason=WHY)
    with pytest.raises(RefusedByPolicy):
        refer_request(node, ALICE, other.id, to="DE", reason=WHY)


def test_an_access_file_says_the_same_of_whoever_is_examined(node: Node, draw: Draw, item: MakeItem) -> None:
    """Nobody finds out by a request for access whom a search found before people have concluded on it."""
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item(name, f"{name}.jpg", draw(name)) for name in ("A", "B")])
    open_case(node)
    answer = search_probe(node, ALICE, submit(node, draw("A", take=5)), reason="Found at the station", limit=1)
    assert isinstance(answer, SearchAnswer)

    def tell(number: str) -> tuple[list[str], list[Any], Any]:
        request = receive_request(node, DORA, ask_about(find_id(node, number))).request
        with zipfile.ZipFile(io.BytesIO(make_access_file(node, DORA, request.id).data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        told = json.loads(files["record-1/disclosures.json"])["entries"]
        actions = [entry["action"] for entry in told]
        found, document = json.loads(files["record-1/searches.json"]), json.loads(files["request.json"])
        until = document["examined_until"]
        assert (until is not None) == ("still examine are kept back" in files["README.txt"].decode())
        return actions, found, until

    (candidate, others) = tell("A"), tell("B")
    assert candidate == others
    assert (candidate[1], candidate[2]) == ([], "2026-03-31")
    conclude(node, answer.search)
    actions, found, until = tell("A")
    assert "gallery.search" in actions
    assert (len(found), until) == (1, None)


def test_a_refusal_stands_in_the_ledger_the_same_for_hidden_and_unknown(node: Node, theirs: SubjectId) -> None:
    for subject in (theirs, SubjectId("0" * 32)):
        with pytest.raises(NotFound):
            read_record(node, DORA, subject)
    with node.store.reading() as tx:
        size = stored_ledger.read_size(tx)
        hidden, unknown = (read_entry(data) for _, data in list(stored_ledger.iterate_entries(tx, start=size - 2)))
    for entry in (hidden, unknown):
        entry["touched"] = [kind for kind, _ in entry["touched"]]
        for name in ("number", "at", "message"):
            assert entry.pop(name) is not None
    assert hidden == unknown
