"""Find a pair for somebody who wants to look at it, judge it or conclude it; hidden and unknown answer alike."""

from semblance.cases.check import check_action
from semblance.cases.examination import ExaminationState
from semblance.cases.reconciliation.pair import FoundPair
from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import reconciliations
from semblance.terms.ids import PairId
from semblance.terms.permission import Action, Actor, Permit
from semblance.workflows.permission import Permitted, ask, name_touched, refuse_missing
from semblance.workflows.reconciliation.offer_pairs import is_current


def ask_for_pair(node: Node, actor: Actor, action: Action | None, which: PairId) -> tuple[FoundPair, Permitted]:
    """Return a pair of which the actor's authority owns a record, and the permit for the action.

    Without ``action`` that of judging is asked for: of deciding where two people disagree, or of concluding for whoever
    may not judge. Raises NotFound where there is none, where a record of it is not open any more, and, for whoever only
    concludes, while the faces are judged.
    """
    named = name_touched("pair", which)
    with node.store.reading() as tx:
        pair = reconciliations.find_pair(tx, which, actor.authority)
        if pair is not None and not is_current(tx, node.policy.read(), pair, node.clock()):
            pair = None
    action = action or find_action(node, actor, pair)
    permit = ask(node, actor, action, owner=actor.authority, touched=named)
    if pair is None or (action is Action.PAIR_CONCLUDE and pair.is_open):
        refuse_missing(node, actor, action, named)
        raise missing_pair(which)
    return pair, permit


def find_action(node: Node, actor: Actor, pair: FoundPair | None) -> Action:
    """Return as what the actor looks at a pair."""
    if pair is not None and pair.state is ExaminationState.THIRD:
        return Action.DIFFERENCE_DECIDE
    policy = node.policy.read()
    examines = isinstance(check_action(policy, actor, Action.PAIR_EXAMINE, owner=actor.authority), Permit)
    concludes = isinstance(check_action(policy, actor, Action.PAIR_CONCLUDE, owner=actor.authority), Permit)
    return Action.PAIR_CONCLUDE if concludes and not examines else Action.PAIR_EXAMINE


def missing_pair(which: str) -> NotFound:
    """Return the error for a pair that is not held, or that is not to be known of."""
    return NotFound(
        "pair.unknown", "There is no pair {pair} of your authority, or it is not open any more.", pair=which
    )
