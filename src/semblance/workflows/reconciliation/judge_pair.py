"""Say what one thinks of the two faces, blindly; and, as an officer of an owner, what other evidence came to."""

from datetime import datetime

from semblance.audit.entry import Verb
from semblance.cases.examination import OPEN_STATES, ExaminationState, check_turn
from semblance.cases.link_check import PairConclusion
from semblance.cases.opinion import OpinionDraft, check_opinion
from semblance.cases.reconciliation.pair import Evidence, FoundPair, check_outcome, conclude_faces
from semblance.errors import OpinionInvalid
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import answered_pairs, reconciliations
from semblance.store.engine import Transaction
from semblance.terms.ids import PairId
from semblance.terms.permission import Action, Actor
from semblance.workflows.permission import log_act, record_refusal
from semblance.workflows.reconciliation.offer_pairs import is_current, touch_pair
from semblance.workflows.reconciliation.require_pair import ask_for_pair, missing_pair


def judge_pair(node: Node, actor: Actor, which: PairId, draft: OpinionDraft) -> FoundPair:
    """Record what the actor thinks of the faces; it stands, and nobody sees it before people have concluded.

    Two that agree conclude; where two differ a third is asked. Raises OpinionInvalid where the conclusion lacks the
    reasons that it needs, RefusedByPolicy where it is not the actor's turn, NotFound.
    """
    pair, permit = ask_for_pair(node, actor, None, which)
    if permit.action is Action.PAIR_CONCLUDE:
        # who only concludes is refused as a person without the role to judge
        pair, permit = ask_for_pair(node, actor, Action.PAIR_EXAMINE, which)
    if refusal := check_opinion(draft):
        raise OpinionInvalid(refusal.message, refusal.field)
    now = node.clock()
    with node.store.writing() as tx:
        pair = _require_current(tx, node, pair)
        given = reconciliations.list_opinions(tx, which)
        late = check_turn(pair.state, [opinion.person for opinion in given], actor.name)
        if late is None:
            reconciliations.add_opinion(
                tx, which, draft, number=len(given) + 1, person=actor.name, authority=actor.authority, at=now
            )
            state = conclude_faces(pair, reconciliations.list_opinions(tx, which))
            reconciliations.move_pair(tx, which, state, None if state in OPEN_STATES else now)
            if state is ExaminationState.NO_LEAD:
                _remember(tx, pair, PairConclusion.NO_LEAD, now)
            reason = Message("pair.judged", "the faces: {conclusion}", conclusion=draft.conclusion)
            log_act(tx, permit, Verb.COMBINATION, *touch_pair(pair), at=now, action="pair.judge", reason=reason)
            moved = reconciliations.find_pair(tx, which)
            assert moved is not None
            return moved
    raise record_refusal(node, actor, permit.action, late, touched=touch_pair(pair))


def conclude_pair(node: Node, actor: Actor, which: PairId, evidence: Evidence, *, reason: str) -> FoundPair:
    """Record an officer's outcome: reconciled by this evidence, or not reconciled; nothing else follows by itself.

    Raises RefusedByPolicy before the faces were judged, where it was recorded already, or without a reason; NotFound.
    """
    pair, permit = ask_for_pair(node, actor, Action.PAIR_CONCLUDE, which)
    now = node.clock()
    with node.store.writing() as tx:
        pair = _require_current(tx, node, pair)
        refusal = check_outcome(pair, reason)
        if refusal is None:
            reconciliations.decide_pair(tx, which, evidence, at=now, person=actor.name, reason=reason.strip())
            answered_pairs.forget_answers(tx, pair.missing, pair.found)
            if evidence is Evidence.NONE:
                _remember(tx, pair, PairConclusion.NOT_RECONCILED, now)
            said = Message("pair.concluded", "evidence: {evidence}; {reason}", evidence=evidence, reason=reason.strip())
            log_act(tx, permit, Verb.COMBINATION, *touch_pair(pair), at=now, reason=said)
            decided = reconciliations.find_pair(tx, which)
            assert decided is not None
            return decided
    raise record_refusal(node, actor, Action.PAIR_CONCLUDE, refusal, touched=touch_pair(pair))


def _remember(tx: Transaction, pair: FoundPair, conclusion: PairConclusion, now: datetime) -> None:
    """Remember that the two are not the same person, so that no search from either asks it of other people again."""
    shown = pair.missing_reference, pair.found_reference
    answered_pairs.remember_pair(tx, pair.missing, pair.found, conclusion, at=now, examination=pair.id, shown=shown)


def _require_current(tx: Transaction, node: Node, pair: FoundPair) -> FoundPair:
    """Return the pair as it stands; raises NotFound where a record was closed, withdrawn or erased meanwhile."""
    current = reconciliations.find_pair(tx, pair.id)
    if current is None or not is_current(tx, node.policy.read(), current, node.clock()):
        raise missing_pair(pair.id)
    return current
