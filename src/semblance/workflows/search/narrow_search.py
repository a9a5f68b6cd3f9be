"""Find the subjects that a narrowed search may look among, from what their records say."""

from collections.abc import Callable
from datetime import date

from semblance.gallery.record import fits
from semblance.node.node import Node
from semblance.store.record_list import iterate_personal
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordFacts
from semblance.terms.search import Narrowing


def narrow_kinds(allowed: Callable[[RecordFacts], bool], narrowed: Narrowing) -> Callable[[RecordFacts], bool]:
    """Return the test that a record must pass: allowed, and of one of the kinds where some are named."""
    if not narrowed.kinds:
        return allowed
    return lambda facts: facts.kind in narrowed.kinds and allowed(facts)


def find_among(
    node: Node, narrowed: Narrowing, allowed: Callable[[RecordFacts], bool], today: date
) -> frozenset[SubjectId] | None:
    """Return the subjects whose records may be meant; None where nothing that is sealed is asked for.

    Only records that are allowed are opened, in memory, and nothing of them is kept or told. Those that do not say what
    is asked for stay in.
    """
    if not narrowed.is_personal:
        return None
    with node.store.reading() as tx:
        return frozenset(
            subject for subject, personal in iterate_personal(tx, allowed) if fits(personal, narrowed, today)
        )
