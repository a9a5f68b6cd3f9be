"""Find an examination for somebody who wants to do something in it."""

from semblance.audit.act import Touched
from semblance.cases.case import Case
from semblance.cases.examination import Examination, ExaminationState, Review
from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import examinations
from semblance.store.engine import Transaction
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import ExaminationId
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.cases.require_case import ask_for_case
from semblance.workflows.permission import record_refusal


def ask_for_examination(
    node: Node, actor: Actor, action: Action | None, which: ExaminationId
) -> tuple[Examination, Case, Permit]:
    """Return the examination, its case, and the permit to do the action in it; a refusal is recorded.

    Without ``action`` that of examining is asked for, or of deciding a difference where two people disagree. Raises
    NotFound where there is no such examination, and in the same words where it is another authority's.
    """
    with node.store.reading() as tx:
        held = examinations.find_examination(tx, which)
        reviews = () if held is None else examinations.list_reviews(tx, which)
    if held is None:
        raise missing_examination(which)
    asked = action or _find_action(held, reviews, actor)
    try:
        found = ask_for_case(node, actor, asked, held.case)
    except NotFound:
        raise missing_examination(which) from None
    return found if isinstance(found, Refusal) else (held, *found)


def refuse_in_examination(
    node: Node, actor: Actor, action: Action, refusal: Refusal, held: Examination, case: Case
) -> Refusal:
    """Record a refusal that the examination's own rules gave, and return it."""
    touched = (Touched("search", held.search), Touched("case", held.case))
    purpose = case.draft.purpose.value
    record_refusal(node, actor, action, refusal, case=case.number, purpose=purpose, touched=touched)
    return refusal


def find_review_of(tx: Transaction, which: ExaminationId, person: str) -> Review | None:
    """Return the person's own review; nobody is ever given another's."""
    return next((one for one in examinations.list_reviews(tx, which) if one.person == person), None)


def missing_examination(which: str) -> NotFound:
    """Return the error for an examination that is not held, or that is another authority's."""
    return NotFound(
        "examination.no-examination-your-authority",
        "There is no examination {examination} of your authority.",
        examination=which,
    )


def _find_action(held: Examination, reviews: tuple[Review, ...], actor: Actor) -> Action:
    mine = next((one for one in reviews if one.person == actor.name), None)
    third = held.state is ExaminationState.THIRD if mine is None else mine.number == 3
    return Action.DIFFERENCE_DECIDE if third else Action.CANDIDATE_EXAMINE
