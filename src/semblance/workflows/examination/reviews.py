"""Sit over the candidates of a search: begin, see how far one has come, take it back before it is closed."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.act import Act, Touched, Verb
from semblance.cases.case import Case, CaseState
from semblance.cases.examination import Examination, ExaminationState, Review, check_review
from semblance.errors import Conflict, NotFound
from semblance.node.node import Node
from semblance.store import cases, examinations, ledger, opinions, searches
from semblance.store.engine import Transaction
from semblance.store.opinions import ReviewLine
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import ExaminationId, ProbeId, ReviewId, make_id
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.examination.require_examination import (
    ask_for_examination,
    find_review_of,
    missing_examination,
    refuse_in_examination,
)
from semblance.workflows.permission import ask, describe_act, note_list
from semblance.workflows.search.open_examination import deal_order

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class WaitingExamination:
    """An examination that the reader may sit over, or does already; how many others did is not told.

    ``mine``: the reader has begun and not closed it.
    """

    examination: ExaminationId
    case: Case
    searched_at: datetime
    candidates: int
    mine: bool


@dataclass(frozen=True, slots=True)
class ReviewDetail:
    """One's own pass over the candidates, in one's own order; ``face`` is the searched one's ordinal in the probe."""

    examination: Examination
    case: Case
    review: Review
    lines: tuple[ReviewLine, ...]
    probe: ProbeId
    face: int | None
    reason: str


def list_waiting(node: Node, actor: Actor) -> tuple[WaitingExamination, ...]:
    """Return the examinations of the actor's authority that the actor may sit over, longest waiting first.

    The list is logged as a consultation.
    """
    examines = ask(node, actor, Action.CANDIDATE_EXAMINE, owner=actor.authority)
    permit = examines
    if isinstance(permit, Refusal):
        permit = ask(node, actor, Action.DIFFERENCE_DECIDE, owner=actor.authority)
    states = () if isinstance(examines, Permit) else (ExaminationState.THIRD,)
    rows = []
    with node.store.reading() as tx:
        found = examinations.list_open(tx, actor.authority, states=states, limit=_SHOWN)
        reviews = examinations.list_reviews_of(tx, [one.id for one in found])
        for one in found:
            mine = next((held for held in reviews[one.id] if held.person == actor.name), None)
            may = isinstance(check_review(one, reviews[one.id], actor.name), Permit)
            if may or (mine is not None and mine.closed_at is None):
                case = cases.find_case(tx, one.case)
                assert case is not None
                count = len(examinations.list_candidates(tx, one.id))
                rows.append(WaitingExamination(one.id, case, one.opened_at, count, mine is not None))
    touched = tuple(Touched("case", one.case.id) for one in rows)
    note_list(node, actor, permit, "a list of examinations", touched)
    return tuple(rows)


def begin_review(node: Node, actor: Actor, which: ExaminationId) -> Review:
    """Begin to sit over the candidates, or go on where one had begun; a person is shown them in an order of its own.

    Raises NotFound, and Conflict where the case is not open.
    """
    found = ask_for_examination(node, actor, None, which)
    held, case, permit = found
    now = node.clock()
    with node.store.writing() as tx:
        mine = find_review_of(tx, which, actor.name)
        if mine is not None and mine.closed_at is None:
            return mine
        current = examinations.find_examination(tx, which)
        if current is None:
            raise missing_examination(which)
        reviews = examinations.list_reviews(tx, which)
        answer = check_review(current, reviews, actor.name)
        if isinstance(answer, Permit):
            _require_open(case)
            candidates = examinations.list_candidates(tx, which)
            numbers = {one.number for one in reviews}
            made = Review(
                id=ReviewId(make_id()),
                examination=which,
                number=next(number for number in (1, 2, 3) if number not in numbers),
                person=actor.name,
                opened_at=now,
                closed_at=None,
                ordering=deal_order(candidates),
            )
            examinations.add_review(tx, made)
            cases.touch_case(tx, case.id, now)
            shown = tuple(Touched("subject", one.subject) for one in candidates if one.subject)
            act = _describe(actor, permit, Verb.CONSULTATION, case, held, "begins to examine the candidates", shown)
            ledger.append(tx, act, at=now, sealed_under=searches.find_search_key(tx, held.search))
            return made
    return refuse_in_examination(node, actor, Action.CANDIDATE_EXAMINE, answer, held, case)


def read_review(node: Node, actor: Actor, which: ExaminationId) -> ReviewDetail:
    """Return one's own review; raises NotFound where one has not begun one."""
    found = ask_for_examination(node, actor, None, which)
    held, case, _ = found
    with node.store.reading() as tx:
        mine = require_own_review(tx, which, actor)
        record = searches.find_search(tx, held.search)
        lines = {line.pseudonym: line for line in opinions.list_lines(tx, mine.id)}
    if record is None or record.erased:
        raise NotFound(
            "examination.search-found-erased-when-time-5",
            "What this search found was erased when its time was over; there is nothing left to examine.",
        )
    return ReviewDetail(
        held, case, mine, tuple(lines[name] for name in mine.ordering), record.probe, record.face, record.reason
    )


def leave_review(node: Node, actor: Actor, which: ExaminationId) -> None:
    """Take one's own review back before it is closed, with what was written in it, so that another may sit."""
    found = ask_for_examination(node, actor, None, which)
    held, case, permit = found
    now = node.clock()
    with node.store.writing() as tx:
        mine = require_own_review(tx, which, actor)
        require_unclosed(mine)
        examinations.delete_review(tx, mine.id)
        act = _describe(actor, permit, Verb.ERASURE, case, held, "leaves the examination to another person", ())
        ledger.append(tx, act, at=now, sealed_under=searches.find_search_key(tx, held.search))
    return


def require_own_review(tx: Transaction, which: ExaminationId, actor: Actor) -> Review:
    """Return the actor's own review; raises NotFound where there is none."""
    mine = find_review_of(tx, which, actor.name)
    if mine is None:
        raise NotFound(
            "examination.you-not-begun-examine-these",
            "You have not begun to examine these candidates; begin on the page of examinations.",
        )
    return mine


def require_unclosed(review: Review) -> None:
    """Raise Conflict where the review was closed: what was thought in it cannot be changed any more."""
    if review.closed_at is not None:
        raise Conflict(
            "examination.you-closed-examination-your-opinions",
            "You have closed this examination; your opinions stand as they are. Nothing was changed.",
        )


def _require_open(case: Case) -> None:
    if case.state is not CaseState.OPEN:
        raise Conflict(
            "examination.case-candidates-examined-open-cases",
            "The case {number} is {state}; candidates are examined in open cases only.",
            number=case.number,
            state=case.state,
        )


def _describe(
    actor: Actor, permit: Permit, verb: Verb, case: Case, held: Examination, reason: str, shown: tuple[Touched, ...]
) -> Act:
    return describe_act(
        actor,
        permit,
        verb,
        Action.CANDIDATE_EXAMINE,
        case=case.number,
        purpose=case.draft.purpose.value,
        reason=reason,
        touched=(Touched("search", held.search), Touched("case", case.id), *shown),
    )
