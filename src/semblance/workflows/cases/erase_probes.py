"""Erase probes and everything that was derived from them, and whole cases."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.entry import Act, Verb
from semblance.cases.examination import ExaminationState
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import authorisations, cases, examinations, ledger, probes, searches
from semblance.store.engine import Transaction
from semblance.terms.ids import CaseId, ProbeId
from semblance.workflows.worker_acts import BATCH, WORKER, describe_erasure


@dataclass(frozen=True, slots=True)
class Derived:
    """How many probes, searches and candidates an erasure removed."""

    probes: int
    searches: int
    candidates: int

    @property
    def message(self) -> Message:
        return Message(
            "probes.erased",
            "{probes} probes, {searches} searches and {candidates} candidates erased",
            probes=self.probes,
            searches=self.searches,
            candidates=self.candidates,
        )


def erase_derived(tx: Transaction, which: tuple[ProbeId, ...]) -> Derived:
    """Erase the probes with their bytes and faces, and the justifications and candidates of the searches for them.

    Their keys are destroyed, so that neither a copy of the store nor what opens the ledger's entries tells it again.
    """
    searched, candidates = searches.erase_searches_of(tx, which)
    return Derived(probes.delete_probes(tx, which), searched, candidates)


def erase_whole_case(tx: Transaction, case: CaseId, *, at: datetime, person: str) -> Derived:
    """Erase what a case says, and all that is in it; whatever waited there for somebody's decision ends."""
    searched, candidates = searches.erase_searches_in(tx, case)
    gone = probes.delete_probes(tx, probes.find_of_case(tx, case))
    authorisations.end_waiting(tx, case, at=at, person=person)
    authorisations.forget_reasons(tx, case)
    cases.erase_case(tx, case)
    return Derived(gone, searched, candidates)


def purge_expired(node: Node) -> int:
    """Delete expired probes and return how many; done whenever a node starts and whenever a probe is submitted."""
    total = 0
    while True:
        now = node.clock()
        with node.store.reading() as tx:
            if not probes.find_expired(tx, now=now, limit=1):
                break
        with node.store.writing() as tx:
            gone = probes.delete_probes(tx, probes.find_expired(tx, now=now, limit=BATCH))
            if gone:
                reason = Message("probes.expired", "{n} expired", n=gone)
                ledger.append(tx, describe_erasure(node, "probe.expire", reason), at=now)
        total += gone
    lapse_examinations(node)
    if total:
        node.store.clear_deleted()
    return total


def lapse_examinations(node: Node) -> int:
    """End the examinations whose probe is not held any more: nobody can compare it; return how many."""
    total = 0
    while True:
        with node.store.reading() as tx:
            if not examinations.list_probeless(tx, limit=1):
                return total
        with node.store.writing() as tx:
            now = node.clock()
            ended = examinations.list_probeless(tx, limit=BATCH)
            for examination in ended:
                examinations.move_examination(tx, examination, ExaminationState.LAPSED, now)
            reason = Message(
                "examinations.lapsed", "the probes of {n} examinations are gone; nobody can conclude", n=len(ended)
            )
            act = Act(Verb.ALTERATION, "examination.lapse", WORKER, node.authority, reason=reason)
            ledger.append(tx, act, at=now)
        total += len(ended)
