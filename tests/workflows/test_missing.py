"""What must not be known of costs the node what it costs that nothing is there: statements and ciphers are compared.

How long an answer takes follows from what is read, opened and written; so nothing is timed here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from tests.accounts import add_cast
from tests.cast import ALICE, BOB, CAROL, DE, DORA, EMIL, FR
from tests.workflows.record_acts import TERMS, enrol, find_id
from tests.workflows.searching import find_pseudonym, open_case, review_candidates, submit

from semblance.audit.checkpoint import SigningKey
from semblance.cases.lead_check import OwnerAnswer
from semblance.errors import NotFound
from semblance.exchange.intake import IntakeItem
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.node.node import Node
from semblance.store import authorisations, leads, probes, vault
from semblance.store import ledger as stored_ledger
from semblance.store.ledger_witness import LedgerSeat
from semblance.store.probes import StoredPreparation
from semblance.terms.ids import PreparationId, ProbeId, make_id
from semblance.terms.permission import Purpose
from semblance.terms.preparation import Mirror
from semblance.terms.record import Restriction, RestrictionMode
from semblance.workflows.cases.authorise import grant_authorisation, request_authorisation
from semblance.workflows.cases.cases import close_case, find_case_id, list_cases, read_case
from semblance.workflows.cases.probes import find_probe, read_probe, submit_probe
from semblance.workflows.data_subjects.access_file import make_access_file
from semblance.workflows.data_subjects.answer_request import answer_request
from semblance.workflows.data_subjects.requests import list_requests, read_request, receive_request
from semblance.workflows.examination.comparison import read_candidate_side, read_comparison, read_found_face
from semblance.workflows.examination.make_report import make_report
from semblance.workflows.examination.owner_check import answer_lead, read_lead, read_lead_side
from semblance.workflows.examination.read_outcome import read_outcome
from semblance.workflows.examination.reviews import begin_review, read_review
from semblance.workflows.records.erase_record import erase_record
from semblance.workflows.records.export_record import export_record
from semblance.workflows.records.list_records import list_records
from semblance.workflows.records.read_record import (
    describe_photo,
    find_record_id,
    list_history,
    read_photo,
    read_record,
)
from semblance.workflows.search.prepare_probe import list_preparations, prepare_probe, render_preparation
from semblance.workflows.search.search_answer import SearchAnswer, read_search
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
Act = Callable[[Node, Any], object]

WHY = "Somebody tries it, and says so here"
UNKNOWN = "0123456789abcdef" * 2
FRITZ, BERTA, GRETA = (replace(actor, authority=DE, name=f"{actor.name}-de") for actor in (ALICE, BOB, DORA))
OFFICER = replace(EMIL, authority=FR, name="emile")
HIDDEN = replace(TERMS, restriction=Restriction(RestrictionMode.EXCEPT, frozenset({FR})))
ASKED = RequestDraft(RequestKind.ACCESS, "J. Doe, 1 rue X, Lyon", date(2026, 3, 1), "myself", "what do you hold?")


@dataclass(frozen=True)
class Theirs:
    """What DE holds and FR must not know of, by what it is called here."""

    node: Node
    ids: dict[str, str]


def add_version(node: Node, probe: ProbeId) -> str:
    """Hold a prepared version of a probe, which no real photo is needed for."""
    now, made = node.clock(), PreparationId(make_id())
    with node.store.writing() as tx:
        probes.add_preparation(tx, StoredPreparation(made, probe, 1, (Mirror(),), 9, 9, (), now, "fritz"))
    return made


@pytest.fixture
def theirs(node: Node, draw: Draw, item: MakeItem) -> Theirs:
    add_cast(node)
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item("A", "a.jpg", draw("A"))], HIDDEN)
    record = find_id(node, "A")
    case = open_case(node, FRITZ, number="DE-1")
    probe = submit(node, draw("A", take=5), FRITZ, number="DE-1")
    version = add_version(node, probe)
    answer = search_probe(node, FRITZ, probe, reason="Found at the station")
    assert isinstance(answer, SearchAnswer)
    assert answer.examination is not None
    search, examination = answer.search, answer.examination
    for examiner in (FRITZ, BERTA):
        review_candidates(node, examiner, search, potential=[find_pseudonym(node, search, "A")])
    wanted = submit(node, draw("B"), FRITZ, number="DE-2", purpose=Purpose.WANTED_PERSON)
    with node.store.reading() as tx:
        (lead,) = leads.list_of_examination(tx, examination.id)
    request_authorisation(node, FRITZ, wanted)
    with node.store.reading() as tx:
        asked = authorisations.find_for_probe(tx, wanted)
        assert asked is not None
    request = receive_request(node, GRETA, ASKED).request
    photo = read_record(node, EMIL, record).photos[0].id
    named = {
        "record": record,
        "photo": photo,
        "case": case.id,
        "probe": probe,
        "version": version,
        "search": search,
        "examination": examination.id,
        "lead": lead.id,
        "authorisation": asked.id,
        "request": request.id,
    }
    return Theirs(node, dict(named))


ACTS: dict[str, tuple[str, Act]] = {
    "read": ("record", lambda n, i: read_record(n, DORA, i)),
    "history": ("record", lambda n, i: list_history(n, DORA, i)),
    "export": ("record", lambda n, i: export_record(n, DORA, i, reason=WHY)),
    "erase": ("record", lambda n, i: erase_record(n, DORA, i, reason=WHY)),
    "find": ("record", lambda n, i: find_record_id(n, DORA, i)),
    "list-after": ("record", lambda n, i: list_records(n, DORA, after=i)),
    "ask-about": ("record", lambda n, i: receive_request(n, DORA, replace(ASKED, records=(i,)))),
    "photo": ("photo", lambda n, i: describe_photo(n, DORA, i)),
    "photo-bytes": ("photo", lambda n, i: read_photo(n, DORA, i)),
    "case": ("case", lambda n, i: read_case(n, ALICE, i)),
    "close": ("case", lambda n, i: close_case(n, ALICE, i, reason=WHY)),
    "find-case": ("case", lambda n, i: find_case_id(n, ALICE, i)),
    "submit": ("case", lambda n, i: submit_probe(n, ALICE, i, b"no photo", name="p.jpg")),
    "probe": ("probe", lambda n, i: find_probe(n, ALICE, i)),
    "probe-bytes": ("probe", lambda n, i: read_probe(n, ALICE, i)),
    "prepare": ("probe", lambda n, i: prepare_probe(n, ALICE, i, [Mirror()])),
    "versions": ("probe", lambda n, i: list_preparations(n, ALICE, i)),
    "ask-authorisation": ("probe", lambda n, i: request_authorisation(n, ALICE, i)),
    "search-probe": ("probe", lambda n, i: search_probe(n, ALICE, i, reason=WHY)),
    "search": ("search", lambda n, i: read_search(n, ALICE, i)),
    "found-face": ("search", lambda n, i: read_found_face(n, ALICE, i, i)),
    "begin": ("examination", lambda n, i: begin_review(n, ALICE, i)),
    "review": ("examination", lambda n, i: read_review(n, ALICE, i)),
    "compare": ("examination", lambda n, i: read_comparison(n, ALICE, i, "C-01")),
    "candidate": ("examination", lambda n, i: read_candidate_side(n, ALICE, i, "C-01")),
    "outcome": ("examination", lambda n, i: read_outcome(n, ALICE, i)),
    "report": ("examination", lambda n, i: make_report(n, ALICE, i)),
    "lead": ("lead", lambda n, i: read_lead(n, OFFICER, i)),
    "lead-side": ("lead", lambda n, i: read_lead_side(n, OFFICER, i, probe=True)),
    "answer-lead": ("lead", lambda n, i: answer_lead(n, OFFICER, i, OwnerAnswer(False, WHY))),
    "grant": ("authorisation", lambda n, i: grant_authorisation(n, CAROL, i, reason=WHY)),
    "request": ("request", lambda n, i: read_request(n, DORA, i)),
    "file": ("request", lambda n, i: make_access_file(n, DORA, i)),
    "answer": ("request", lambda n, i: answer_request(n, DORA, i, reason=WHY)),
    "requests-after": ("request", lambda n, i: list_requests(n, DORA, after=i)),
}
"""What is asked for, and as what."""


def watch(node: Node, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int, int, str]:
    """Return the statements sent, the ciphers used, the entries left and the words said where nothing is found."""
    said: list[str] = []
    ciphers, find = [0], vault._find

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # how many nodes of the ledger's tree an entry touches follows from its number alone, and when the keyring is
        # told of its head from the clock
        if not (statement.startswith("BEGIN") or "ledger_node" in statement or "anchor" in statement):
            said.append(statement)

    def count(tx: Any, key: Any) -> Any:
        ciphers[0] += 1
        return find(tx, key)

    def measure() -> int:
        with node.store.reading() as tx:
            return stored_ledger.read_size(tx)

    assert node.store.keyring is not None
    engines, before = (node.store._engine, node.store.keyring._engine), measure()
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    with monkeypatch.context() as patch:
        patch.setattr(vault, "_find", count)
        with pytest.raises(NotFound) as missing:
            act()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    return said, ciphers[0], measure() - before, str(missing.value)


def test_the_same_is_done_for_what_is_hidden_and_what_is_not_there(
    theirs: Theirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, different = theirs.node, {}
    for name, (kind, act) in ACTS.items():
        hidden = theirs.ids[kind]
        seen = []
        for named in (UNKNOWN, hidden, UNKNOWN):
            said, ciphers, entries, words = watch(node, partial(act, node, named), monkeypatch)
            seen.append((said, ciphers, entries, words.replace(named, "ID")))
        if not seen[0] == seen[1] == seen[2]:
            different[name] = seen[:2]
    assert different == {}


def test_a_number_of_another_authority_s_record_costs_the_same(theirs: Theirs, monkeypatch: pytest.MonkeyPatch) -> None:
    node = theirs.node
    seen = [watch(node, partial(find_record_id, node, DORA, number), monkeypatch)[:3] for number in ("DE:A", "DE:Z")]
    assert seen[0] == seen[1]


def test_a_list_does_not_go_on_from_another_authority_s_case(theirs: Theirs) -> None:
    open_case(theirs.node, ALICE, number="FR-1")
    pages = [list_cases(theirs.node, ALICE, after=named) for named in (UNKNOWN, theirs.ids["case"])]  # type: ignore[arg-type]
    assert pages[0] == pages[1]


def test_a_prepared_version_of_another_probe_costs_the_same(
    theirs: Theirs, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = theirs.node
    probe = submit(node, draw("C"), ALICE, number="FR-1")
    seen = [
        watch(node, partial(render_preparation, node, ALICE, probe, named), monkeypatch)  # type: ignore[arg-type]
        # the first opens the own probe's key
        for named in (UNKNOWN, UNKNOWN, theirs.ids["version"])
    ]
    assert seen[1] == seen[2]
