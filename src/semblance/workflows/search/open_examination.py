"""Put what a search found under pseudonyms, with known non-mates among it, for people to examine."""

import secrets
from collections.abc import Callable
from datetime import date

from semblance.audit.search_record import SearchRecord
from semblance.cases.check import admit_kinds
from semblance.cases.examination import Examination, ExaminationState, ExaminedCandidate
from semblance.cases.policy import Policy, PurposeRule
from semblance.gallery.record import fits
from semblance.node.node import Node
from semblance.store import examinations
from semblance.store.engine import Transaction
from semblance.store.record_list import iterate_personal
from semblance.terms.ids import ExaminationId, SubjectId, make_id
from semblance.terms.permission import Actor
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Template
from semblance.terms.search import Candidate, Narrowing


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


def choose_known_non_mates(
    node: Node, policy: Policy, rule: PurposeRule, actor: Actor, template: Template, today: date, narrowed: Narrowing
) -> tuple[Candidate, ...]:
    """Return the known non-mates most like the probe, as many as the policy wants; none where there are none.

    Their subjects are known people of kinds that the purpose does not search, so that none can be who is looked for.
    They are narrowed as the search is, so that nobody can tell them by their age, sex or nationality.
    """
    wanted, kinds = policy.examination.lures, policy.examination.lure_kinds - rule.kinds
    if rule.unmasked or not wanted or not kinds:
        return ()
    allows = admit_kinds(kinds, actor.authority, today)
    among = find_among(node, narrowed, allows, today)
    found = node.index.search(template, limit=wanted, pack_name=node.extractor.name, allowed=allows, among=among)
    return found.candidates


def open_examination(tx: Transaction, record: SearchRecord, known_non_mates: tuple[Candidate, ...]) -> None:
    """Add the examination of a search within the transaction in hand; one that found nobody is concluded at once.

    Pseudonyms are dealt out by chance, so that C-01 is no better a candidate than any other.
    """
    dealt = [*((found, False) for found in record.candidates), *((candidate, True) for candidate in known_non_mates)]
    secrets.SystemRandom().shuffle(dealt)
    width = max(2, len(str(len(dealt))))
    candidates = [
        ExaminedCandidate(f"C-{number:0{width}}", candidate.subject, candidate.reference, known)
        for number, (candidate, known) in enumerate(dealt, start=1)
    ]
    state, concluded_at = (
        (ExaminationState.FIRST, None) if record.candidates else (ExaminationState.NO_LEAD, record.when)
    )
    examination = ExaminationId(make_id())
    made = Examination(examination, record.search, record.case_id, record.authority, state, record.when, concluded_at)
    examinations.add_examination(tx, made, candidates)


def deal_order(candidates: tuple[ExaminedCandidate, ...]) -> tuple[str, ...]:
    """Return the pseudonyms in an order by chance, anew for each person."""
    names = [candidate.pseudonym for candidate in candidates]
    secrets.SystemRandom().shuffle(names)
    return tuple(names)
