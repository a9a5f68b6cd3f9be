"""Erase probes and everything that was derived from them."""

from dataclasses import dataclass

from semblance.store import probes, searches
from semblance.store.engine import Transaction
from semblance.terms.ids import ProbeId


@dataclass(frozen=True, slots=True)
class Derived:
    """How many probes, searches and candidates an erasure removed."""

    probes: int
    searches: int
    candidates: int

    def __str__(self) -> str:
        return f"{self.probes} probes, {self.searches} searches and {self.candidates} candidates erased"


def erase_derived(tx: Transaction, which: tuple[ProbeId, ...]) -> Derived:
    """Erase the probes with their bytes and faces, and what was said and found in the searches of them."""
    said, found = searches.erase_searches_of(tx, which)
    return Derived(probes.delete_probes(tx, which), said, found)
