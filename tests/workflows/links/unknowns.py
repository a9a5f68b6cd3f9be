"""Unknown people of two authorities: short ways to make their records, compare them, and come to a verified lead."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from tests.cast import ALICE, DE, EMIL, FR
from tests.workflows.record_acts import TERMS, enrol
from tests.workflows.searching import conclude, find_pseudonym, open_case, reveal, submit

from semblance.cases.lead_check import Field, OwnerAnswer
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances, ImageSource, Record
from semblance.node.node import Node
from semblance.store import examinations, leads, records, subjects
from semblance.terms.ids import LeadId, SubjectId
from semblance.terms.permission import Actor, Purpose
from semblance.terms.record import UNRESTRICTED, RecordKind, Restriction
from semblance.workflows.examination.owner_check import answer_lead
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.links.make_unknown import UnknownTerms, make_unknown, take_from_probe
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

WHY = "Found without papers in both countries"
EMILE = replace(EMIL, name="emile", authority=FR)
FOUND = Circumstances(summary="Found at the station, does not speak")
UNKNOWN = replace(TERMS, kind=RecordKind.UNIDENTIFIED, circumstances=FOUND)
FR_TERMS = replace(UNKNOWN, source=ImageSource("FR", "taken at the hospital", date(2026, 2, 14)))
UNKNOWN_TERMS = UnknownTerms("INTERPOL RPD, article 88", date(2028, 1, 1), FOUND, neutral=True)
CONFIRM = OwnerAnswer(True, "The scar on the chin is the same")
RELEASE = replace(CONFIRM, fields=frozenset({Field.NUMBER, Field.NAMES, Field.BIRTH}), recipients=frozenset({FR}))
REFUTE = OwnerAnswer(False, "Ours is in custody since May")


def enrol_unknown(
    node: Node,
    draw: Callable[..., bytes],
    number: str,
    person: str,
    actor: Actor = EMIL,
    *,
    restriction: Restriction = UNRESTRICTED,
) -> SubjectId:
    """Enrol somebody whom nobody could name, published at once."""
    terms = replace(UNKNOWN if actor.authority == DE else FR_TERMS, restriction=restriction)
    data = draw(person, take=len(number))
    enrol(node, [IntakeItem(number, f"{number}.jpg", lambda: data)], terms, actor)
    with node.store.reading() as tx:
        found = subjects.find_subject_id(tx, actor.authority, number)
    assert found is not None
    return found


def make_from_probe(
    node: Node, data: bytes, terms: UnknownTerms = UNKNOWN_TERMS, *, face: int | None = None, actor: Actor = EMILE
) -> Record:
    """Make a record of FR from a photo that Alice handed in."""
    taken = take_from_probe(node, actor, submit(node, data), face=face, obtained="taken by a camera at the station")
    return make_unknown(node, actor, taken, terms, reason=WHY)


def compare(node: Node, subject: SubjectId, *, again: str = "") -> SearchAnswer:
    """Have Alice search for a photo of the record; the answer names who was found."""
    case = open_case(node, number="FR-U-1", purpose=Purpose.UNIDENTIFIED_PERSON)
    probe = compare_record(node, ALICE, subject, case.id, reason=WHY)
    answer = search_probe(node, ALICE, probe.id, reason=WHY, again=again)
    assert isinstance(answer, SearchAnswer), answer
    return reveal(node, answer)


def list_found(answer: SearchAnswer) -> set[SubjectId | None]:
    """Return the records that a search found."""
    return {candidate.subject for candidate in answer.candidates}


def find_lead(node: Node, answer: SearchAnswer, number: str) -> LeadId:
    """Have Alice and Bob agree on the record of that number, and nobody else; return the lead."""
    conclude(node, answer.search, potential=[find_pseudonym(node, answer.search, number)])
    with node.store.reading() as tx:
        held = examinations.find_of_search(tx, answer.search)
        assert held is not None
        (lead,) = leads.list_of_examination(tx, held.id)
    return lead.id


def verify(node: Node, answer: SearchAnswer, number: str, said: OwnerAnswer = CONFIRM, owner: Actor = EMIL) -> LeadId:
    """Have a lead on the record of that number, and its owner answer it."""
    lead = find_lead(node, answer, number)
    answer_lead(node, owner, lead, said)
    return lead


def read(node: Node, subject: SubjectId) -> Record:
    """Return a record as the store holds it."""
    with node.store.reading() as tx:
        held = records.find_record(tx, subject)
    assert held is not None
    return held
