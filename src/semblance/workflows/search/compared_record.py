"""The record that a probe comes from: who may be a candidate beside it, and of whom nobody is asked again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from semblance.audit.search_record import SearchRecord
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import answered_pairs, links, records
from semblance.store.engine import Transaction
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordFacts
from semblance.terms.search import Candidate


@dataclass(frozen=True, slots=True)
class ComparedRecord:
    """The record that a probe was handed in from, and the records that were answered before; None for no record."""

    subject: SubjectId | None
    facts: RecordFacts | None
    answered: frozenset[SubjectId]

    @property
    def most(self) -> int:
        """Return how many of what is found may have to be left out."""
        return 0 if self.subject is None else len(self.answered) + 1

    def narrow(self, allowed: Callable[[RecordFacts], bool]) -> Callable[[RecordFacts], bool]:
        """Return the test with one more: the record's owner, who checks a lead on it, may see the compared record."""
        facts = self.facts
        if facts is None:
            return allowed
        return lambda record: allowed(record) and facts.is_visible_to(record.owner)

    def leave_out(self, found: tuple[Candidate, ...], limit: int) -> tuple[tuple[Candidate, ...], int]:
        """Return the candidates without the record itself and those answered before, and how many of these there were.

        Only those count that would have stood in a list of this length.
        """
        others = [candidate for candidate in found if candidate.subject != self.subject]
        kept = [candidate for candidate in others if candidate.subject not in self.answered][:limit]
        before = len(others) if len(kept) < limit else others.index(kept[-1]) + 1
        ranked = tuple(replace(candidate, rank=rank) for rank, candidate in enumerate(kept, start=1))
        return ranked, before - len(kept)


_NONE: Final = ComparedRecord(None, None, frozenset())


def find_compared(node: Node, draft: SearchRecord) -> ComparedRecord:
    """Return the record that the searched probe comes from; of an ordinary probe there is none."""
    if draft.origin is None:
        return _NONE
    whose = draft.origin, draft.authority
    with node.store.reading() as tx:
        facts = records.find_facts(tx, draft.origin)
        answered = links.list_linked(tx, *whose) | answered_pairs.list_answered(tx, *whose)
    return ComparedRecord(draft.origin, facts, frozenset() if draft.again else answered)


def find_compared_among(tx: Transaction, origin: SubjectId | None, found: Iterable[SubjectId]) -> ComparedRecord:
    """Return the record that a probe comes from, with those of the found records that were answered before.

    It is held against the store as it stands in this transaction; what somebody changed by hand of a pair or link keeps
    nobody from people, and no other search from its night.
    """
    if origin is None:
        return _NONE
    pairs = [(origin, subject) for subject in found if subject != origin]
    answered = answered_pairs.find_answered(tx, pairs) | links.find_linked(tx, pairs)
    return ComparedRecord(origin, records.find_facts(tx, origin), frozenset(other for _, other in answered))


def say_reason(record: SearchRecord) -> str | Message:
    """Return why the search was made, as the ledger is told: also why those answered before were asked of again."""
    if not record.again:
        return record.reason
    return Message(
        "search.reason-again",
        "{reason}; those answered before are asked of again: {why}",
        reason=record.reason,
        why=record.again,
    )
