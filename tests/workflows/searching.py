"""Searches as Alice of FR makes them: short ways to do what many tests begin with."""

import contextlib
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from tests.cast import ALICE, BOB

from semblance.cases.case import Case, CaseDraft, Category
from semblance.cases.opinion import Compared, Component, Conclusion, Finding, OpinionDraft
from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import cases as stored_cases
from semblance.store import examinations, searches
from semblance.store.schema.gallery import probe
from semblance.terms.ids import ProbeId, SearchId
from semblance.terms.permission import Actor, Purpose
from semblance.workflows.cases import cases
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.examination.comparison import read_comparison
from semblance.workflows.examination.opinions import ClosedReview, close_review, give_opinion
from semblance.workflows.examination.reviews import begin_review
from semblance.workflows.search.search_answer import SearchAnswer, ShownCandidate
from semblance.workflows.search.search_gallery import search_probe

REASON = "Found at the station without papers"
NUMBER = "FR-2026-17"


def open_case(
    node: Node, actor: Actor = ALICE, *, number: str = NUMBER, purpose: Purpose = Purpose.MISSING_PERSON
) -> Case:
    """Open a case, or find the one of that number that is open."""
    with node.store.reading() as tx:
        held = stored_cases.find_numbered(tx, actor.authority, number)
    if held is not None:
        return held
    wanted = purpose is Purpose.WANTED_PERSON
    draft = CaseDraft(
        number=number,
        purpose=purpose,
        category=Category.SUSPECT if wanted else Category.MISSING,
        aim="to find out who it is",
        offence="robbery" if wanted else "",
        link="" if wanted else "report 2026/3",
    )
    return cases.open_case(node, actor, draft)


def submit(node: Node, data: bytes, actor: Actor = ALICE, **about: Any) -> ProbeId:
    """Hand a photo in as a probe of a case."""
    case = open_case(node, actor, **about)
    return submit_probe(node, actor, case.id, data, name="probe.jpg").id


def count_probes(node: Node) -> int:
    """Return how many probes are held, expired ones too."""
    with node.store.reading() as tx:
        return tx.connection.scalar(sa.select(sa.func.count()).select_from(probe)) or 0


def search(
    node: Node, data: bytes, actor: Actor = ALICE, *, about: dict[str, Any] | None = None, **options: Any
) -> SearchAnswer:
    """Search the gallery for the face in the photo."""
    answer = search_probe(node, actor, submit(node, data, actor, **(about or {})), reason=REASON, **options)
    assert isinstance(answer, SearchAnswer), answer
    return reveal(node, answer)


def reveal(node: Node, answer: SearchAnswer) -> SearchAnswer:
    """Return what a search found as the store knows it, which nobody is told before the opinions are in."""
    with node.store.reading() as tx:
        record = searches.find_search(tx, answer.search)
        assert record is not None
        known = searches.find_known(tx, [candidate.reference for candidate in record.candidates])
    shown = []
    for candidate in record.candidates:
        held = known.get(candidate.reference)
        found = ShownCandidate(
            None, candidate.rank, candidate.score, candidate.subject, candidate.reference, erased=held is None
        )
        if held is not None:
            found = replace(found, number=held.number, owner=held.facts.owner, kind=held.facts.kind)
            found = replace(found, photo=held.photo, face_box=held.box, captured=held.captured)
        shown.append(found)
    return replace(answer, record=record, candidates=tuple(shown))


def review_candidates(node: Node, actor: Actor, search: SearchId, *, potential: Collection[str] = ()) -> ClosedReview:
    """Have somebody look at every candidate, call some of them potential, and close."""
    with node.store.reading() as tx:
        held = examinations.find_of_search(tx, search)
    assert held is not None
    review = begin_review(node, actor, held.id)
    for pseudonym in review.ordering:
        with contextlib.suppress(NotFound):
            version = read_comparison(node, actor, held.id, pseudonym).version
            if pseudonym in potential:
                give_opinion(node, actor, held.id, pseudonym, POTENTIAL, version=version)
    return close_review(node, actor, held.id)


def conclude(node: Node, search: SearchId, *, potential: Collection[str] = ()) -> ClosedReview:
    """Have Alice and Bob come to the same opinions."""
    review_candidates(node, ALICE, search, potential=potential)
    return review_candidates(node, BOB, search, potential=potential)


def find_pseudonym(node: Node, search: SearchId, number: str) -> str:
    """Return what the record of that number is called in the examination of a search."""
    with node.store.reading() as tx:
        held = examinations.find_of_search(tx, search)
        assert held is not None
        dealt = examinations.list_candidates(tx, held.id)
        known = searches.find_known(tx, [candidate.reference for candidate in dealt])
    (name,) = [candidate.pseudonym for candidate in dealt if known[candidate.reference].number == number]
    return name


POTENTIAL = OpinionDraft(
    conclusion=Conclusion.POTENTIAL,
    reason="Nose, ears and brows correspond in every detail that can be seen",
    checklist={component: Compared(Finding.CORRESPONDS) for component in Component},
)
"""An opinion that has all that it needs."""
