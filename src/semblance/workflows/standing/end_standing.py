"""End standing searches with their case, their probe or their last day; the ledger says so."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from semblance.audit.entry import Act, Verb
from semblance.cases.standing_search import StandingSearch, explain_end
from semblance.node.node import Node
from semblance.store import cases, ledger, standing_searches
from semblance.store.engine import Transaction
from semblance.workflows.standing.ask_standing import touch_standing
from semblance.workflows.standing.decide_standing import end_standing, find_present_end
from semblance.workflows.worker_acts import WORKER, work_off


def end_standing_searches(node: Node) -> Iterator[int]:
    """Note of each standing search that it is over, and erase its template; give how many each time.

    Until then it does not run all the same. Raises ClockDoubted where the clock may be wrong.
    """
    policy = node.policy.read()
    longest = {purpose: rule.longest for purpose, rule in policy.standing.items()}

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[StandingSearch, ...]:
        return standing_searches.list_over(tx, now, longest, limit=limit)

    def end(tx: Transaction, over: Sequence[StandingSearch], now: datetime) -> None:
        for standing in over:
            case = cases.find_case(tx, standing.case)
            assert case is not None
            why = find_present_end(tx, policy, standing, case, now)
            assert why is not None
            ended = end_standing(tx, policy, standing, why, at=now, person=WORKER)
            about = case.number or None, standing.purpose.value, explain_end(why), touch_standing(ended)
            act = Act(Verb.ALTERATION, "standing.end", WORKER, standing.authority, *about, f"standing.{why.value}")
            ledger.append(tx, act, at=now)

    return work_off(node, find, end, job="end-standing-searches")
