"""A record from a photo of a case, its pseudonym, and the name that a verified lead gives it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from tests.cast import ALICE, BOB, DE, DORA, EMIL, FR, MALLORY
from tests.workflows.links.unknowns import (
    CONFIRM,
    EMILE,
    RELEASE,
    UNKNOWN_TERMS,
    WHY,
    compare,
    enrol_unknown,
    make_from_probe,
    read,
    verify,
)
from tests.workflows.record_acts import TERMS, catch_refusal, enrol, find_id, look
from tests.workflows.searching import open_case, submit

from semblance.audit.entry import read_entry
from semblance.cases.lead_check import Field
from semblance.errors import Conflict, IntakeError, NotFound, RecordInvalid
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances, Personal
from semblance.gallery.record_changes import list_changes
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.ids import LeadId, ProbeId, SubjectId, digest_bytes
from semblance.terms.permission import Purpose
from semblance.terms.record import RecordKind, RecordState
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.links.link_records import link_records
from semblance.workflows.links.make_unknown import look_at_probe, make_unknown, take_from_probe
from semblance.workflows.links.name_unknown import assign_name, take_name_back
from semblance.workflows.links.read_ties import read_ties
from semblance.workflows.records.erase_record import erase_record
from semblance.workflows.records.list_records import list_opened_records
from semblance.workflows.records.read_record import list_history, read_record
from semblance.workflows.records.write_record import edit_record

Draw = Callable[..., bytes]

YELLOW = replace(
    TERMS,
    kind=RecordKind.YELLOW,
    circumstances=Circumstances(event_date="2026-01-07", event_place="Lyon", event_country="FR"),
)


def list_entries(node: Node) -> list[tuple[str, str]]:
    with node.store.reading() as tx:
        return [
            (entry["verb"], entry["action"]) for _, data in ledger.iterate_entries(tx) for entry in [read_entry(data)]
        ]


@pytest.fixture
def known(node: Node, draw: Draw) -> SubjectId:
    """Return DE's record of a missing person, who has a name."""
    enrol(node, [IntakeItem("K", "k.jpg", lambda: draw("A", take=3))])
    held = read(node, find_id(node, "K"))
    personal = Personal(family_name="Muster", given_names="Erika", birth_dates=("1990-05-17",), nationalities=("DE",))
    draft = replace(held.draft, kind=RecordKind.YELLOW, personal=personal, circumstances=YELLOW.circumstances)
    edit_record(node, EMIL, held.subject, draft, version=held.version, reason=WHY)
    return held.subject


@pytest.fixture
def lead(node: Node, mine: SubjectId, known: SubjectId) -> LeadId:
    """Return a lead that DE confirmed, and with which it released number, names and dates of birth to FR."""
    return verify(node, compare(node, mine), "K", RELEASE)


def test_an_officer_makes_a_record_from_a_photo_of_a_case(node: Node, draw: Draw) -> None:
    data = draw("A", take=50)
    made = make_from_probe(node, data)
    assert (made.pseudonym, made.number, made.owner, made.state) == (
        "U-FR-2026-0001",
        "U-FR-2026-0001",
        FR,
        RecordState.ACTIVE,
    )
    assert make_from_probe(node, draw("B", "C"), face=1).pseudonym == "U-FR-2026-0002"
    (photo,) = read_record(node, EMILE, made.subject).photos
    assert (photo.source.authority, photo.source.obtained, photo.chosen) == (FR, "taken by a camera at the station", 0)
    assert photo.facts.sha256 == digest_bytes(data)
    assert list_entries(node)[2:4] == [("collection", "unknown.make"), ("collection", "photo.enrol")]
    page = list_opened_records(node, EMILE, "U-FR", limit=10)
    assert {row.name for row in page.rows} == {"U-FR-2026-0001", "U-FR-2026-0002"}


def test_a_record_that_is_written_gets_a_pseudonym_too(node: Node, draw: Draw) -> None:
    subject = enrol_unknown(node, draw, "DE/77", "A")
    held = read(node, subject)
    assert (held.pseudonym, held.number) == ("U-DE-2026-0001", "DE/77")
    draft = replace(held.draft, personal=Personal(family_name="Muster"))
    with pytest.raises(RecordInvalid, match="verified lead"):
        edit_record(node, EMIL, subject, draft, version=held.version, reason=WHY)


def test_searching_never_makes_a_record_and_only_an_officer_does(node: Node, draw: Draw) -> None:
    probe, before = submit(node, draw("A", take=50)), look(node)
    for actor, rule in ((ALICE, "policy.role"), (DORA, "policy.role"), (MALLORY, "authority.not-admitted")):
        assert catch_refusal(partial(look_at_probe, node, actor, probe)).rule == rule
        take = partial(take_from_probe, node, actor, probe, face=0, obtained="found")
        assert catch_refusal(take).rule == rule
    for actor, which in ((EMIL, probe), (EMILE, ProbeId("0" * 32))):
        with pytest.raises(NotFound):
            take_from_probe(node, actor, which, face=0, obtained="found")
    assert look(node) == before
    taken = take_from_probe(node, EMILE, probe, face=0, obtained="found on a phone")
    assert catch_refusal(lambda: make_unknown(node, ALICE, taken, UNKNOWN_TERMS, reason=WHY)).rule == "policy.role"


@pytest.mark.parametrize(
    ("people", "face", "words"),
    [((), None, "no face"), (("A", "B"), None, "faces were found"), (("A",), 4, "has no face")],
)
def test_a_photo_that_is_not_fit_makes_no_record(
    node: Node, draw: Draw, people: tuple[str, ...], face: int | None, words: str
) -> None:
    with pytest.raises(IntakeError, match=words):
        make_from_probe(node, draw(*people), face=face)
    assert look(node).records == 0
    assert make_from_probe(node, draw("A")).pseudonym == "U-FR-2026-0001"


def test_no_record_is_made_without_basis_or_day_or_of_a_records_own_photo(
    node: Node, draw: Draw, mine: SubjectId
) -> None:
    for terms in (replace(UNKNOWN_TERMS, legal_basis=" "), replace(UNKNOWN_TERMS, retain_until=date(2020, 1, 1))):
        with pytest.raises(RecordInvalid):
            make_from_probe(node, draw("B"), terms)
    case = open_case(node, number="FR-U-1", purpose=Purpose.UNIDENTIFIED_PERSON)
    probe = compare_record(node, ALICE, mine, case.id, reason=WHY)
    with pytest.raises(IntakeError, match="handed in from a record"):
        take_from_probe(node, EMILE, probe.id, face=0, obtained="found")


def test_a_name_is_assigned_as_it_was_released_and_taken_back(
    node: Node, mine: SubjectId, known: SubjectId, lead: LeadId
) -> None:
    (told,) = read_ties(node, EMILE, mine).leads
    assert told.released == {Field.NAMES: "Muster, Erika", Field.BIRTH: "1990-05-17"}
    named = assign_name(node, EMILE, mine, lead, version=1, reason=WHY)
    assert named.assigned is not None
    assert dict(named.assigned.fields) == {"names": "Muster, Erika", "birth": "1990-05-17"}
    assert (named.assigned.source, named.assigned.owner, named.assigned.lead) == (known, DE, lead)
    assert list_entries(node)[-1] == ("alteration", "unknown.name")
    assert [row.name for row in list_opened_records(node, EMILE, "Muster", limit=10).rows] == ["Muster, Erika"] * 2
    newest = list_changes(list_history(node, EMILE, mine))[0]
    (change,) = newest.changes
    assert (change.field, str(change.after)) == ("assigned", "Muster, Erika; 1990-05-17, as DE released it")
    with pytest.raises(Conflict, match="at version 2"):
        take_name_back(node, EMILE, mine, version=1, reason=WHY)
    bare = take_name_back(node, EMILE, mine, version=2, reason="It was her sister")
    assert (bare.assigned, bare.version, bare.pseudonym) == (None, 3, "U-FR-2026-0001")
    with pytest.raises(Conflict, match="No name"):
        take_name_back(node, EMILE, mine, version=3, reason=WHY)


def test_only_what_was_released_is_assigned(node: Node, mine: SubjectId, lead: LeadId) -> None:
    for wanted in ({Field.NATIONALITIES}, {Field.NUMBER}, {Field.NAMES, Field.SEX}):
        refusal = catch_refusal(partial(assign_name, node, EMILE, mine, lead, version=1, reason=WHY, fields=wanted))
        assert (refusal.rule, refusal.field) == ("naming.not-released", "fields")
    one = assign_name(node, EMILE, mine, lead, version=1, reason=WHY, fields={Field.NAMES})
    assert one.assigned is not None
    assert one.assigned.fields == (("names", "Muster, Erika"),)


def test_without_a_release_there_is_no_name(node: Node, mine: SubjectId, known: SubjectId) -> None:
    lead = verify(node, compare(node, mine), "K", CONFIRM)
    refusal = catch_refusal(lambda: assign_name(node, EMILE, mine, lead, version=1, reason=WHY))
    assert refusal.rule == "naming.nothing"
    assert read_ties(node, EMILE, mine).leads[0].released == {}


def test_nobody_but_the_owners_officer_names(node: Node, mine: SubjectId, known: SubjectId, lead: LeadId) -> None:
    for actor, rule in ((EMIL, "policy.owner"), (BOB, "policy.role"), (MALLORY, "authority.not-admitted")):
        assert catch_refusal(partial(assign_name, node, actor, mine, lead, version=1, reason=WHY)).rule == rule
    # the known record is not named after itself, and an unknown not by a lead of another's
    assert catch_refusal(lambda: assign_name(node, EMIL, known, lead, version=2, reason=WHY)).rule == "naming.record"
    with pytest.raises(NotFound):
        assign_name(node, EMILE, mine, LeadId("0" * 32), version=1, reason=WHY)


def test_the_name_stays_where_the_record_that_it_came_from_is_erased(
    node: Node, mine: SubjectId, known: SubjectId, lead: LeadId
) -> None:
    assign_name(node, EMILE, mine, lead, version=1, reason=WHY)
    erase_record(node, EMIL, known, reason=WHY)
    assert read(node, mine).assigned is not None
    assert read_ties(node, EMILE, mine).leads == ()
    with pytest.raises(NotFound):
        link_records(node, EMILE, lead, reason=WHY)
