"""What people see of a pair: the faces first, and what else agrees or excludes only after their own opinion."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from semblance.cases.check import check_action
from semblance.cases.examination import OPEN_STATES, ExaminationState, check_turn
from semblance.cases.opinion import Opinion
from semblance.cases.reconciliation.compare import FieldComparison, compare
from semblance.cases.reconciliation.pair import ENDS_IN, FoundPair
from semblance.cases.reconciliation.side import Side
from semblance.errors import NotFound
from semblance.gallery.record import Record
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import reconciliations
from semblance.store.engine import Transaction
from semblance.terms.ids import PairId
from semblance.terms.permission import Action, Actor, Permit
from semblance.workflows.examination.comparison import ComparedFace, ComparedPhoto, find_reference_face, load_reference
from semblance.workflows.permission import ask, note_reading
from semblance.workflows.reconciliation.offer_pairs import keep_current, touch_pair
from semblance.workflows.reconciliation.require_pair import ask_for_pair, find_action
from semblance.workflows.records.read_record import require_held

_SHOWN: Final = 200


class PairSide(StrEnum):
    """Which of the two photos."""

    MISSING = "missing"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class PairDetail:
    """A pair as one person may see it.

    ``own`` is their own opinion; ``fields`` are empty before it, unless people have concluded; so are ``opinions``
    until then. ``may_judge`` and ``may_conclude`` say what is asked of them.
    """

    pair: FoundPair
    missing: ComparedFace
    found: ComparedFace
    own: Opinion | None
    opinions: tuple[Opinion, ...]
    fields: tuple[FieldComparison, ...]
    reason: str
    may_judge: bool
    may_conclude: bool


def list_waiting(node: Node, actor: Actor) -> tuple[FoundPair, ...]:
    """Return the pairs that wait for the actor: for an opinion on the faces, or for the outcome; the oldest first."""
    policy, now = node.policy.read(), node.clock()
    concludes = isinstance(check_action(policy, actor, Action.PAIR_CONCLUDE, owner=actor.authority), Permit)
    examines = isinstance(check_action(policy, actor, Action.PAIR_EXAMINE, owner=actor.authority), Permit)
    decides = isinstance(check_action(policy, actor, Action.DIFFERENCE_DECIDE, owner=actor.authority), Permit)
    action = Action.DIFFERENCE_DECIDE if decides and not examines else find_action(node, actor, None)
    permit = ask(node, actor, action, owner=actor.authority)
    waiting: list[FoundPair] = []
    with node.store.reading() as tx:
        if examines or decides:
            states = OPEN_STATES if examines else {ExaminationState.THIRD}
            waiting += (
                pair
                for pair in reconciliations.list_pairs(tx, actor.authority, states=states, limit=_SHOWN)
                if _find_turn(tx, pair, actor)
            )
        if concludes:
            waiting += reconciliations.list_pairs(tx, actor.authority, states=ENDS_IN, undecided=True, limit=_SHOWN)
        waiting = list(keep_current(tx, policy, waiting, now))
    reason = Message("pair.list-read", "a list of pairs")
    note_reading(node, permit, reason=reason, action="pair.list")
    return tuple(waiting)


def read_pair(node: Node, actor: Actor, which: PairId) -> PairDetail:
    """Return a pair as the actor may see it, and note that they looked; raises NotFound."""
    pair, permit = ask_for_pair(node, actor, None, which)
    policy = node.policy.read()
    with node.store.reading() as tx:
        opinions = reconciliations.list_opinions(tx, which)
        own = next((opinion for opinion in opinions if opinion.person == actor.name), None)
        seen = not pair.is_open or own is not None
        fields = _compare(tx, pair) if seen else ()
        sides = [
            find_reference_face(tx, actor.authority, reference)
            for reference in (pair.missing_reference, pair.found_reference)
        ]
        reason = "" if pair.is_open else reconciliations.read_outcome_reason(tx, which)
        judges = permit.action is not Action.PAIR_CONCLUDE and _find_turn(tx, pair, actor)
    missing, found = sides
    if missing is None or found is None:
        raise photo_gone()
    note_reading(node, permit, *touch_pair(pair), action="pair.read")
    concludes = isinstance(check_action(policy, actor, Action.PAIR_CONCLUDE, owner=actor.authority), Permit)
    return PairDetail(
        pair=pair,
        missing=missing,
        found=found,
        own=own,
        opinions=() if pair.is_open else opinions,
        fields=fields,
        reason=reason,
        may_judge=judges,
        may_conclude=concludes and not pair.is_open and pair.evidence is None,
    )


def read_pair_side(node: Node, actor: Actor, which: PairId, side: PairSide) -> ComparedPhoto:
    """Return one of the two photos; the page that shows it has noted the reading. Raises NotFound."""
    pair, _ = ask_for_pair(node, actor, None, which)
    reference = pair.missing_reference if side is PairSide.MISSING else pair.found_reference
    with node.store.reading() as tx:
        photo = load_reference(tx, actor.authority, reference)
    if photo is None:
        raise photo_gone()
    return photo


def make_side(record: Record) -> Side:
    """Return what of a record is compared."""
    personal, event = record.draft.personal, record.draft.circumstances
    return Side(
        event_date=event.event_date,
        event_place=event.event_place,
        event_country=event.event_country,
        sex=personal.sex,
        birth_dates=personal.birth_dates,
        height=personal.height,
        description=record.draft.description,
    )


def photo_gone() -> NotFound:
    """Return the error for a photo of a pair that is not held, or not open to the actor, any more."""
    return NotFound("pair.photo-gone", "A photo of this pair is not held any more, or not open to you.")


def _compare(tx: Transaction, pair: FoundPair) -> tuple[FieldComparison, ...]:
    return compare(make_side(require_held(tx, pair.missing)), make_side(require_held(tx, pair.found)))


def _find_turn(tx: Transaction, pair: FoundPair, actor: Actor) -> bool:
    people = [opinion.person for opinion in reconciliations.list_opinions(tx, pair.id)]
    return check_turn(pair.state, people, actor.name) is None
