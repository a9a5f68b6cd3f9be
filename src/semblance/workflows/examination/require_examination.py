"""Find an examination for somebody who wants to do something in it, and write into the ledger what they did."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case
from semblance.cases.examination import Examination, ExaminationState, Review
from semblance.errors import NotFound, RefusedByPolicy
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, examinations, searches
from semblance.store.engine import Transaction
from semblance.terms.ids import ExaminationId
from semblance.terms.permission import Action, Actor, Refusal
from semblance.workflows.permission import Permitted, ask, log_act, name_touched, record_refusal, refuse_missing


@dataclass(frozen=True, slots=True)
class Access:
    """An examination in which somebody may do what was asked, and by which permit."""

    examination: Examination
    case: Case
    permit: Permitted

    @property
    def touched(self) -> tuple[Touched, ...]:
        return Touched("search", self.examination.search), Touched("case", self.case.id)


def ask_for_examination(node: Node, actor: Actor, action: Action | None, which: ExaminationId) -> Access:
    """Return the access to an examination for the action; a refusal is recorded and raised.

    Without ``action`` that of examining is asked for, or of deciding a difference where two people disagree. Raises
    NotFound where there is no such examination, and in the same words where it is another authority's.
    """
    named = name_touched("examination", which)
    with node.store.reading() as tx:
        examination = examinations.find_examination(tx, which, actor.authority)
        reviews = () if examination is None else examinations.list_reviews(tx, which)
    if examination is not None:
        action = action or _find_action(examination, reviews, actor)
    action = action or Action.CANDIDATE_EXAMINE
    permit = ask(node, actor, action, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        case = None if examination is None else cases.find_case(tx, examination.case)
    if examination is None or case is None:
        refuse_missing(node, actor, action, named)
        raise missing_examination(which)
    return Access(examination, case, permit)


def refuse_in_examination(node: Node, access: Access, refusal: Refusal) -> RefusedByPolicy:
    """Record a refusal that the examination's own rules gave, and return the error to raise."""
    case, actor = access.case, access.permit.actor
    purpose = case.draft.purpose.value
    return record_refusal(
        node, actor, Action.CANDIDATE_EXAMINE, refusal, case=case.number, purpose=purpose, touched=access.touched
    )


def log_in_examination(
    tx: Transaction, access: Access, verb: Verb, reason: Message, *touched: Touched, at: datetime, action: str = ""
) -> int:
    """Write into the ledger what the actor did in the examination, and return the entry's number.

    The reason opens with the search's own key: what the search found goes with it, also from the ledger.
    """
    key, about = searches.find_search_key(tx, access.examination.search), (*access.touched, *touched)
    return log_act(
        tx, access.permit, verb, *about, at=at, action=action, case=access.case, reason=reason, sealed_under=key
    )


def find_review_of(tx: Transaction, which: ExaminationId, person: str) -> Review | None:
    """Return the person's own review; nobody is ever given another's."""
    return next((review for review in examinations.list_reviews(tx, which) if review.person == person), None)


def missing_examination(which: str) -> NotFound:
    """Return the error for an examination that is not held, or that is another authority's."""
    return NotFound(
        "examination.unknown", "There is no examination {examination} of your authority.", examination=which
    )


def search_erased() -> NotFound:
    """Return the error for a search that was erased with all that it found."""
    return NotFound("examination.search-erased", "What this search found was erased when its time was over.")


def _find_action(examination: Examination, reviews: tuple[Review, ...], actor: Actor) -> Action:
    own = next((review for review in reviews if review.person == actor.name), None)
    third = examination.state is ExaminationState.THIRD if own is None else own.number == 3
    return Action.DIFFERENCE_DECIDE if third else Action.CANDIDATE_EXAMINE
