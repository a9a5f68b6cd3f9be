"""Compare missing persons with who was found, once a night, and offer the pairs most alike to people.

The comparison is exact and of everybody with everybody; only what is offered is bounded. A night that is killed goes on
behind the last record that it had done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from semblance.audit.entry import Touched, Verb
from semblance.cases.examination import OPEN_STATES, ExaminationState
from semblance.cases.policy import Policy
from semblance.cases.reconciliation.pair import FoundPair, Known, is_offered_again, may_pair
from semblance.evaluation.calibration import NoCalibration
from semblance.gallery.kinds import FOUND, MISSING
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.search.pairs import RankedPair, rank_pairs
from semblance.store import answered_pairs, gallery, reconciliations, records, templates
from semblance.store.engine import Transaction
from semblance.store.reconciliations import Night
from semblance.terms.ids import AuthorityCode, PackDigest, PairId, SubjectId, make_id
from semblance.workflows.standing.thresholds import find_night_calibration, set_threshold
from semblance.workflows.worker_acts import BATCH, log_due, work_off

_RULE = "reconciliation.pairs"


@dataclass(frozen=True, slots=True)
class _Compared:
    missing: int
    found: int
    threshold: float | None
    pairs: tuple[RankedPair, ...]


def offer_pairs(node: Node) -> Iterator[int]:
    """Offer the pairs of this night (UTC) that nobody has seen; give how many after each missing person.

    Where no authority takes part, or the night is done, nothing happens.
    """
    policy, now = node.policy.read(), node.clock()
    if not policy.reconciliation.authorities:
        return
    with node.store.reading() as tx:
        night = reconciliations.find_night(tx, now.date())
        if night is not None and night.ended_at is not None:
            return
        compared = _compare(tx, node, policy, now)
    night = night or Night(now.date(), "", compared.missing, compared.found, 0, compared.threshold)
    offered: dict[SubjectId, list[RankedPair]] = {}
    for pair in compared.pairs:
        offered.setdefault(pair.missing.subject, []).append(pair)
    for missing in sorted(which for which in offered if which > night.done_to):
        with node.store.writing() as tx:
            count = _offer(tx, node, policy, offered[missing])
            night = replace(night, done_to=missing, offered=night.offered + count)
            reconciliations.keep_night(tx, night)
        yield count
    with node.store.writing() as tx:
        ended = node.clock()
        reconciliations.keep_night(tx, replace(night, ended_at=ended))
        log_due(tx, node, Verb.COMBINATION, "pair.night", rule=_RULE, reason=describe_night(night), at=ended)


def describe_night(night: Night) -> Message:
    """Return what was compared in a night and what came of it."""
    counts = {"missing": night.missing, "found": night.found, "n": night.offered}
    if night.threshold is None:
        return Message(
            "pair.night-uncalibrated",
            "{missing} missing persons compared with {found} who were found: {n} pairs offered, the best of each: "
            "no calibration says how many are false by chance",
            **counts,
        )
    return Message(
        "pair.night", "{missing} missing persons compared with {found} who were found: {n} pairs offered", **counts
    )


def lapse_pairs(node: Node) -> Iterator[int]:
    """End open pairs of which a record is withdrawn, restricted, expired or not of those that take part any more."""

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[FoundPair, ...]:
        open_pairs = reconciliations.list_pairs(tx, None, states=OPEN_STATES, limit=10**6)
        policy = node.policy.read()
        current = set(keep_current(tx, policy, open_pairs, now))
        return tuple(pair for pair in open_pairs if pair not in current)[:limit]

    def lapse(tx: Transaction, gone: tuple[FoundPair, ...], now: datetime) -> None:
        for pair in gone:
            reconciliations.move_pair(tx, pair.id, ExaminationState.LAPSED, now)
            reason = Message("pair.lapsed", "one of the records is not open any more; nothing is concluded")
            log_due(tx, node, Verb.ALTERATION, "pair.lapse", reason=reason, touched=touch_pair(pair), at=now)

    return work_off(node, find, lapse, at_most=BATCH)  # type: ignore[arg-type]


def is_current(tx: Transaction, policy: Policy, pair: FoundPair, now: datetime) -> bool:
    """Return whether both records of a pair may be compared as they stand now."""
    missing, found = records.find_facts(tx, pair.missing), records.find_facts(tx, pair.found)
    return missing is not None and found is not None and may_pair(policy, missing, found, now.date())


def keep_current(tx: Transaction, policy: Policy, pairs: Sequence[FoundPair], now: datetime) -> tuple[FoundPair, ...]:
    """Return those pairs of which both records may be compared as they stand now; the database is asked once.

    One with a record that was changed by hand is left out, and keeps none of the others from people.
    """
    facts = gallery.read_facts_of(tx, {subject for pair in pairs for subject in (pair.missing, pair.found)})
    return tuple(
        pair
        for pair in pairs
        if pair.missing in facts
        and pair.found in facts
        and may_pair(policy, facts[pair.missing], facts[pair.found], now.date())
    )


def touch_pair(pair: FoundPair) -> tuple[Touched, ...]:
    """Return what an act on a pair touches; an erased record is nothing."""
    subjects = tuple(Touched("subject", subject) for subject in (pair.missing, pair.found) if subject)
    return (*subjects, Touched("pair", pair.id))


def _compare(tx: Transaction, node: Node, policy: Policy, now: datetime) -> _Compared:
    pack, rule, today = gallery.read_pack(tx), policy.reconciliation, now.date()
    if pack is None:
        return _Compared(0, 0, None, ())
    missing, found = (
        [
            row
            for row in templates.read_rows(tx, reconciliations.list_references(tx, kinds), pack=pack).values()
            if row.facts.owner in rule.authorities
        ]
        for kinds in (MISSING, FOUND)
    )
    counts = len({row.subject for row in missing}), len({row.subject for row in found})
    threshold = _find_threshold(tx, node, policy, pack, counts, now)
    pairs = rank_pairs(
        missing,
        found,
        most=rule.pairs,
        may_pair=lambda one, other: may_pair(policy, one, other, today),
        threshold=threshold,
    )
    return _Compared(*counts, threshold, _keep_fresh(tx, pairs, reconciliations.list_known(tx)))


def _keep_fresh(tx: Transaction, pairs: Sequence[RankedPair], known: Known) -> tuple[RankedPair, ...]:
    """Return the pairs that nobody judged with the photos that both records hold, also not after a search."""
    fresh = [pair for pair in pairs if is_offered_again(known, pair.missing.subject, pair.found.subject, pair.newest)]
    answered = answered_pairs.find_answered(tx, [(pair.missing.subject, pair.found.subject) for pair in fresh])
    return tuple(pair for pair in fresh if (pair.missing.subject, pair.found.subject) not in answered)


def _find_threshold(
    tx: Transaction, node: Node, policy: Policy, pack: PackDigest, counts: tuple[int, int], now: datetime
) -> float | None:
    """Return above which score so many false pairs are expected as the policy says; None where nothing tells.

    The node's own authority's calibration for the purpose does.
    """
    rule = policy.reconciliation
    held = find_night_calibration(tx, policy, AuthorityCode(node.authority), rule.purpose, pack, now)
    if isinstance(held, NoCalibration):
        return None
    point = set_threshold(held, compared=counts[0] * counts[1], wanted=rule.false_pairs)
    return None if isinstance(point, NoCalibration) else point.threshold


def _offer(tx: Transaction, node: Node, policy: Policy, ranked: list[RankedPair]) -> int:
    """Offer one missing person's pairs within the transaction; records may have changed since they were compared."""
    now, fresh = node.clock(), _keep_fresh(tx, ranked, reconciliations.list_known(tx, ranked[0].missing.subject))
    made = [
        FoundPair(
            id=PairId(make_id()),
            missing=pair.missing.subject,
            found=pair.found.subject,
            missing_reference=pair.missing.reference,
            found_reference=pair.found.reference,
            missing_owner=pair.missing.facts.owner,
            found_owner=pair.found.facts.owner,
            newest=pair.newest,
            state=ExaminationState.FIRST,
            offered_at=now,
        )
        for pair in fresh
    ]
    offered = keep_current(tx, policy, made, now)
    for pair in offered:
        reconciliations.add_pair(tx, pair)
        reason = Message("pair.offered", "two records look alike; two people are asked to judge the faces")
        log_due(tx, node, Verb.COMBINATION, "pair.offer", rule=_RULE, reason=reason, touched=touch_pair(pair), at=now)
    return len(offered)
