"""Put what a search found under pseudonyms, with known non-mates among it, for people to examine."""

import secrets
from datetime import datetime

from semblance.audit.search_record import SearchRecord
from semblance.cases.examination import Examination, ExaminationState, ExaminedCandidate
from semblance.cases.policy import Policy, PurposeRule
from semblance.node.node import Node
from semblance.store import examinations
from semblance.store.engine import Transaction
from semblance.terms.ids import ExaminationId, make_id
from semblance.terms.permission import Actor
from semblance.terms.record import RecordFacts, RecordState
from semblance.terms.samples import Template
from semblance.terms.search import EVERYBODY, Candidate, Narrowing
from semblance.workflows.search.narrow_search import find_among


def choose_known_non_mates(
    node: Node,
    policy: Policy,
    rule: PurposeRule,
    actor: Actor,
    template: Template,
    now: datetime,
    narrowed: Narrowing = EVERYBODY,
) -> tuple[Candidate, ...]:
    """Return the known non-mates most like the probe, as many as the policy wants; none where there are none.

    Their subjects are known people of kinds that the purpose does not search, so that none can be who is looked for.
    They are narrowed as the search is, so that nobody can tell them by their age, sex or nationality.
    """
    wanted, kinds = policy.examination.lures, policy.examination.lure_kinds - rule.kinds
    if rule.unmasked or not wanted or not kinds:
        return ()
    today = now.date()

    def allows(record: RecordFacts) -> bool:
        active = record.state is RecordState.ACTIVE and record.retain_until >= today
        return active and record.kind in kinds and record.is_visible_to(actor.authority)

    among = find_among(node, narrowed, allows, today)
    found = node.index.search(template, limit=wanted, pack_name=node.extractor.name, allowed=allows, among=among)
    return found.candidates


def open_examination(tx: Transaction, record: SearchRecord, known_non_mates: tuple[Candidate, ...]) -> Examination:
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
    made = Examination(
        id=ExaminationId(make_id()),
        search=record.search,
        case=record.case_id,
        authority=record.authority,
        state=ExaminationState.FIRST if record.candidates else ExaminationState.NO_LEAD,
        opened_at=record.when,
        concluded_at=None if record.candidates else record.when,
    )
    examinations.add_examination(tx, made, candidates)
    return made


def deal_order(candidates: tuple[ExaminedCandidate, ...]) -> tuple[str, ...]:
    """Return the pseudonyms in an order by chance, anew for each person."""
    names = [candidate.pseudonym for candidate in candidates]
    secrets.SystemRandom().shuffle(names)
    return tuple(names)
