"""The night: what is new is compared with all standing searches in one batch, then each is settled by itself.

Each search's result and how far it has come are one transaction: a run that is killed goes on with the others, and
does nothing twice.
"""

from collections.abc import Iterator, Sequence

from semblance.node.node import Node
from semblance.search.standing_batch import BatchAnswer, Sought, StandingBatch
from semblance.store import standing_searches
from semblance.store.engine import Transaction
from semblance.store.new_references import iterate_new
from semblance.workflows.standing.plan_night import Planned, plan_night
from semblance.workflows.standing.settle_run import settle_run
from semblance.workflows.standing.sought_face import add_templates


def run_standing_searches(node: Node) -> Iterator[int]:
    """Run every standing search that is due, once on each day in UTC; give how many after each.

    Those wait of which the policy allows none any more, whose operating point is not known, or that are beyond the
    authority's cap of runs a day; what they miss is compared when they run.
    """
    policy, now = node.policy.read(), node.clock()
    with node.store.reading() as tx:
        if not standing_searches.list_due(tx, now, limit=1):
            return
    planned = add_templates(node, plan_night(node, policy, now))
    # what is compared with the whole gallery reads it once, the others only what is new
    for part in ([search for search in planned if not search.after], [search for search in planned if search.after]):
        for search, answer in zip(part, _compare(node, part), strict=True):
            yield int(settle_run(node, policy, search, answer, now))


def _compare(node: Node, planned: Sequence[Planned]) -> tuple[BatchAnswer, ...]:
    if not planned:
        return ()
    with node.store.reading() as tx:
        batch = StandingBatch([_seek(tx, search) for search in planned])
        until, after = planned[0].until, min(search.after for search in planned)
        for rows in iterate_new(tx, after=after, pack=node.extractor.digest):
            fresh = [new for new in rows if new.version <= until]
            batch.compare([new.row for new in fresh], [new.version for new in fresh])
    return batch.answer()


def _seek(tx: Transaction, planned: Planned) -> Sought:
    assert planned.template is not None
    offered = standing_searches.list_offered(tx, planned.standing.id)
    return Sought(planned.template, planned.threshold, planned.after, planned.allowed, offered)
