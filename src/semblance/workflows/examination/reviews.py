"""Review the candidates of a search: begin, see how far one has come, take it back before it is closed."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case, CaseState
from semblance.cases.check import check_action
from semblance.cases.examination import Examination, ExaminationState, Review, check_review
from semblance.errors import Conflict, NotFound
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, examinations, opinions, searches
from semblance.store.engine import Transaction
from semblance.store.opinions import ReviewLine
from semblance.terms.ids import ExaminationId, ProbeId, ReviewId, make_id
from semblance.terms.permission import Action, Actor, Refusal
from semblance.workflows.examination.require_examination import (
    ask_for_examination,
    find_review_of,
    log_in_examination,
    missing_examination,
    refuse_in_examination,
    search_erased,
)
from semblance.workflows.permission import ask, note_reading
from semblance.workflows.search.open_examination import deal_order

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class WaitingExamination:
    """An examination that the reader may review, or does already; how many others did is not told.

    ``mine``: the reader has begun and not closed it.
    """

    examination: ExaminationId
    case: Case
    searched_at: datetime
    candidates: int
    mine: bool


@dataclass(frozen=True, slots=True)
class ReviewDetail:
    """One's own pass over the candidates, in one's own order."""

    examination: Examination
    case: Case
    review: Review
    lines: tuple[ReviewLine, ...]
    probe: ProbeId
    reason: str


def list_waiting(node: Node, actor: Actor) -> tuple[WaitingExamination, ...]:
    """Return the examinations of the actor's authority that the actor may review, longest waiting first.

    The list is logged as a consultation.
    """
    examines = check_action(node.policy.read(), actor, Action.CANDIDATE_EXAMINE, owner=actor.authority)
    third = isinstance(examines, Refusal)
    states = (ExaminationState.THIRD,) if third else ()
    permit = ask(node, actor, Action.DIFFERENCE_DECIDE if third else Action.CANDIDATE_EXAMINE, owner=actor.authority)
    waiting = []
    with node.store.reading() as tx:
        found = examinations.list_open(tx, actor.authority, states=states, limit=_SHOWN)
        reviews = examinations.list_reviews_of(tx, [examination.id for examination in found])
        for examination in found:
            begun = reviews[examination.id]
            own = next((review for review in begun if review.person == actor.name), None)
            if check_review(examination, begun, actor.name) is None or (own is not None and own.closed_at is None):
                case = cases.find_case(tx, examination.case)
                assert case is not None
                count = len(examinations.list_candidates(tx, examination.id))
                row = WaitingExamination(examination.id, case, examination.opened_at, count, own is not None)
                waiting.append(row)
    touched = (Touched("case", row.case.id) for row in waiting)
    reason = Message("examination.list-read", "a list of examinations")
    note_reading(node, permit, *touched, reason=reason, action=Action.CASE_READ)
    return tuple(waiting)


def begin_review(node: Node, actor: Actor, which: ExaminationId) -> Review:
    """Begin to review the candidates, or go on where one had begun; each person is shown them in an order of their own.

    Raises NotFound, and Conflict where the case is not open.
    """
    access, now = ask_for_examination(node, actor, None, which), node.clock()
    with node.store.writing() as tx:
        own = find_review_of(tx, which, actor.name)
        if own is not None and own.closed_at is None:
            return own
        current = examinations.find_examination(tx, which)
        if current is None:
            raise missing_examination(which)
        reviews = examinations.list_reviews(tx, which)
        refusal = check_review(current, reviews, actor.name)
        if refusal is None:
            _require_open(access.case)
            candidates = examinations.list_candidates(tx, which)
            taken = {review.number for review in reviews}
            number = next(number for number in (1, 2, 3) if number not in taken)
            begun = Review(ReviewId(make_id()), which, number, actor.name, now, None, deal_order(candidates))
            examinations.add_review(tx, begun)
            cases.touch_case(tx, access.case.id, now)
            shown = [Touched("subject", candidate.subject) for candidate in candidates if candidate.subject]
            reason = Message("examination.review-begun", "begins to examine the candidates")
            log_in_examination(tx, access, Verb.CONSULTATION, reason, *shown, at=now, action=Action.CANDIDATE_EXAMINE)
            return begun
    raise refuse_in_examination(node, access, refusal)


def read_review(node: Node, actor: Actor, which: ExaminationId) -> ReviewDetail:
    """Return one's own review; raises NotFound where one has not begun one."""
    access = ask_for_examination(node, actor, None, which)
    with node.store.reading() as tx:
        own = require_own_review(tx, which, actor)
        record = searches.find_search(tx, access.examination.search)
        lines = {line.pseudonym: line for line in opinions.list_lines(tx, own.id)}
    if record is None or record.erased:
        raise search_erased()
    ordered = tuple(lines[name] for name in own.ordering)
    return ReviewDetail(access.examination, access.case, own, ordered, record.probe, record.reason)


def leave_review(node: Node, actor: Actor, which: ExaminationId) -> None:
    """Take one's own review back before it is closed, with what was written in it, so that another may begin one."""
    access, now = ask_for_examination(node, actor, None, which), node.clock()
    with node.store.writing() as tx:
        own = require_own_review(tx, which, actor)
        require_unclosed(own)
        examinations.delete_review(tx, own.id)
        reason = Message("examination.review-left", "leaves the examination to another person")
        log_in_examination(tx, access, Verb.ERASURE, reason, at=now, action=Action.CANDIDATE_EXAMINE)


def require_own_review(tx: Transaction, which: ExaminationId, actor: Actor) -> Review:
    """Return the actor's own review; raises NotFound where there is none."""
    own = find_review_of(tx, which, actor.name)
    if own is None:
        raise NotFound(
            "examination.not-begun",
            "You have not begun to examine these candidates; begin on the page of examinations.",
        )
    return own


def require_unclosed(review: Review) -> None:
    """Raise Conflict where the review was closed: what was thought in it cannot be changed any more."""
    if review.closed_at is not None:
        raise Conflict(
            "examination.closed",
            "You have closed this examination; your opinions stand as they are. Nothing was changed.",
        )


def _require_open(case: Case) -> None:
    if case.state is not CaseState.OPEN:
        raise Conflict(
            "examination.case-not-open",
            "The case {number} is {state}; candidates are examined in open cases only.",
            number=case.number,
            state=case.state,
        )
