"""Erase probes and everything that was derived from them, and whole cases."""

from dataclasses import dataclass
from datetime import datetime

from semblance.store import authorisations, cases, probes, searches
from semblance.store.engine import Transaction
from semblance.terms.ids import CaseId, ProbeId


@dataclass(frozen=True, slots=True)
class Derived:
    """How many probes, searches and candidates an erasure removed."""

    probes: int
    searches: int
    candidates: int

    def __str__(self) -> str:
        return f"{self.probes} probes, {self.searches} searches and {self.candidates} candidates erased"


def erase_derived(tx: Transaction, which: tuple[ProbeId, ...]) -> Derived:
    """Erase the probes with their bytes and faces, and what was said and found in the searches of them.

    Their keys are destroyed, so that neither a copy of the store nor what opens the ledger's entries tells it again.
    """
    said, found = searches.erase_searches_of(tx, which)
    return Derived(probes.delete_probes(tx, which), said, found)


def erase_whole_case(tx: Transaction, case: CaseId, *, at: datetime, person: str) -> Derived:
    """Erase what was said in a case, and all that is in it; whatever waited there for somebody's decision ends."""
    said, found = searches.erase_searches_in(tx, case)
    gone = probes.delete_probes(tx, probes.find_of_case(tx, case))
    authorisations.end_waiting(tx, case, at=at, person=person)
    authorisations.forget_reasons(tx, case)
    cases.erase_case(tx, case)
    return Derived(gone, said, found)
