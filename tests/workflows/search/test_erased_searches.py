"""What is erased of a search is erased wherever it stood: in its row, in the ledger's openings, in every copy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cast import ALICE, CAROL, DORA, FR
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol, find_id
from tests.workflows.searching import REASON, open_case, search, submit

from semblance.audit.entry import read_entry
from semblance.audit.search_record import SearchRecord
from semblance.cases.case import AuthorisationState
from semblance.errors import KeyDestroyed, NotFound, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.faces.extractor import extract_face
from semblance.node.node import Node
from semblance.store import authorisations, ledger, probes, searches
from semblance.store.rows import add_row, change_rows
from semblance.store.schema.gallery import probe, probe_bytes
from semblance.store.schema.gallery import search as search_table
from semblance.store.touched import find_touching
from semblance.terms.ids import CaseId
from semblance.terms.permission import Action, Purpose
from semblance.terms.record import RecordKind
from semblance.workflows.cases.authorise import list_authorisations, refuse_authorisation, request_authorisation
from semblance.workflows.cases.cases import close_case
from semblance.workflows.oversight.accept_restored import erase_unreadable
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.permission import Permitted
from semblance.workflows.scheduled.expire import erase_justifications, expire_authorisations, expire_cases
from semblance.workflows.search import probe_faces
from semblance.workflows.search.search_answer import list_searches, read_search
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

WANTED: dict[str, Any] = {"purpose": Purpose.WANTED_PERSON, "number": "FR-2"}


def list_said(node: Node) -> list[str]:
    """Return everything that can still be opened of the entries of searches, and of readings of them."""
    with node.store.reading() as tx:
        numbers = [
            number
            for number, data in ledger.iterate_entries(tx)
            if read_entry(data)["action"] in ("gallery.search", "case.read")
        ]
        return [opening.text for number in numbers for opening in ledger.read_openings(tx, number)]


def find_case_of(node: Node, record: SearchRecord) -> CaseId:
    with node.store.reading() as tx:
        found = searches.find_search(tx, record.search)
    assert found is not None
    return found.case_id


@contextmanager
def copies_of(node: Node, record: SearchRecord) -> Iterator[None]:
    """Put the sealed rows of a search and its probe back afterwards, as somebody with an old copy would."""
    mine = search_table.c.id == record.search
    with node.store.reading() as tx:
        said = tx.connection.execute(sa.select(search_table.c.sealed).where(mine)).scalar_one()
        row = tx.connection.execute(sa.select(probe).where(probe.c.id == record.probe)).mappings().one()
        data = tx.connection.execute(sa.select(probe_bytes)).mappings().one()
    yield
    with node.store.writing() as tx:
        change_rows(tx, search_table, mine, sealed=said)
        add_row(tx, probe, **dict(row))
        add_row(tx, probe_bytes, **dict(data))


@pytest.fixture
def found(node: Node, draw: Draw, item: MakeItem) -> SearchRecord:
    """Return a search for a wanted person that waits for its authorisation and found somebody."""
    enrol(node, [item("A", "a.jpg", draw("A"))], replace(TERMS, kind=RecordKind.BLUE))
    record = search(node, draw("A", take=5), about=WANTED).record
    assert record.candidates
    return record


def test_refused_neither_the_ledger_nor_a_copy_tells_what_was_said_and_found(node: Node, found: SearchRecord) -> None:
    subject = find_id(node, "A")
    read_search(node, ALICE, found.search)
    assert {REASON, subject, found.search} <= set(list_said(node))
    with node.store.reading() as tx:
        before = find_touching(tx, subject)
    (row,) = list_authorisations(node, CAROL)
    with copies_of(node, found):
        refuse_authorisation(node, CAROL, row.authorisation.id, reason="Nothing points to him")
        assert not {REASON, subject, found.search} & set(list_said(node))
        with node.store.reading() as tx:
            after = find_touching(tx, subject)
            actions = [read_entry(ledger.read_data(tx, number) or b"")["action"] for number in after]
        assert len(before) == len(after) + 1
        assert "gallery.search" not in actions
    with node.store.reading() as tx:
        for read in (
            lambda: searches.find_search(tx, found.search),
            lambda: probes.find_probe(tx, found.probe, now=node.clock()),
            lambda: probes.read_probe_bytes(tx, found.probe),
        ):
            with pytest.raises(KeyDestroyed):
                read()
    # whoever takes that copy erases again
    erase_unreadable(node, Permitted("test", DORA, Action.LEDGER_ACCEPT))
    assert all(one.erased for one in list_searches(node, ALICE).records)
    with node.store.reading() as tx:
        assert probes.find_probe(tx, found.probe, now=node.clock()) is None


def test_after_three_years_the_ledger_does_not_say_why_any_more(
    node: Node, draw: Draw, item: MakeItem, clock: Clock
) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))])
    answered = search(node, draw("A", take=5)).record
    with pytest.raises(RefusedByPolicy):
        search_probe(node, ALICE, answered.probe, reason="because")
    search(node, draw("nobody"))
    assert {REASON, "because", answered.search} <= set(list_said(node))
    clock.now += timedelta(days=1097)
    assert erase_justifications(node) == 3
    assert list_said(node) == []


def test_what_was_refused_in_a_closed_case_goes_with_the_case(node: Node, draw: Draw, clock: Clock) -> None:
    probe_id = submit(node, draw("A"))
    request_authorisation(node, ALICE, probe_id)
    case = open_case(node)
    close_case(node, ALICE, case.id, reason="The child is home again")
    clock.now += timedelta(days=20)
    with pytest.raises(RefusedByPolicy):
        search_probe(node, ALICE, probe_id, reason=REASON)
    clock.now += timedelta(days=1077)
    assert erase_justifications(node) == 1
    (only,) = list_searches(node, ALICE).records
    assert (only.erased, only.reason, only.case) == (True, "", "")
    assert REASON not in list_said(node)
    (row,) = list_authorisations(node, CAROL, state=None)
    assert row.authorisation.state is AuthorisationState.LATE


def test_a_clock_that_runs_on_in_an_erased_case_keeps_nobody_from_their_work(
    node: Node, found: SearchRecord, clock: Clock
) -> None:
    text = node.policy.read().text.replace("justification = 1096", "justification = 1")
    with node.store.reading() as tx:
        (waiting,) = authorisations.list_authorisations(tx, FR, state=AuthorisationState.WAITING, limit=2)
    close_case(node, ALICE, find_case_of(node, found), reason="The suspicion is gone")
    replace_policy(node, DORA, text, reason="What is said is kept for a day only")
    clock.now += timedelta(days=1, minutes=1)
    assert erase_justifications(node) == 2
    clock.now += timedelta(days=2)
    assert expire_authorisations(node) == 0
    with node.store.reading() as tx:
        held = authorisations.find_authorisation(tx, waiting.id, FR)
    assert held is not None
    assert held.state is AuthorisationState.LATE


def test_a_case_that_expires_leaves_nothing_waiting_without_a_clock(node: Node, draw: Draw, clock: Clock) -> None:
    request_authorisation(node, ALICE, submit(node, draw("A")))
    clock.now += timedelta(days=366)
    assert expire_cases(node) == 1
    assert list_authorisations(node, CAROL) == ()


def test_refused_while_the_face_is_compared_nothing_is_answered_or_kept(
    node: Node, found: SearchRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = list_authorisations(node, CAROL)

    def extract_slowly(*args: Any, **options: Any) -> Any:
        refuse_authorisation(node, CAROL, row.authorisation.id, reason="Nothing points to him")
        return extract_face(*args, **options)

    monkeypatch.setattr(probe_faces, "extract_face", extract_slowly)
    with pytest.raises(NotFound):
        search_probe(node, ALICE, found.probe, reason=REASON)
    assert all(one.erased and not one.candidates for one in list_searches(node, ALICE).records)


def test_closed_while_the_face_is_compared_the_search_is_refused(
    node: Node, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe_id, case = submit(node, draw("A")), open_case(node)

    def extract_slowly(*args: Any, **options: Any) -> Any:
        close_case(node, ALICE, case.id, reason="The child is home again")
        return extract_face(*args, **options)

    monkeypatch.setattr(probe_faces, "extract_face", extract_slowly)
    with pytest.raises(RefusedByPolicy) as refusal:
        search_probe(node, ALICE, probe_id, reason=REASON)
    assert refusal.value.rule == "case.state"
    (only,) = list_searches(node, ALICE).records
    assert (only.rule, only.candidates) == ("case.state", ())
