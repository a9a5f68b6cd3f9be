"""What a node holds, and what a data-protection officer sees at one glance: who searches, what ends, what waits."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from semblance.audit.entry import Verb, read_entry
from semblance.cases.examination import ExaminationState
from semblance.cases.lead_check import LeadState
from semblance.cases.policy import Waiver
from semblance.evaluation.intervals import Rate, measure_rate
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import authorisations, examinations, gallery, leads, ledger, record_list, requests, searches
from semblance.store.engine import Transaction
from semblance.store.record_list import Counted
from semblance.store.record_selection import RecordFilter, Selection, SelectionOrder, select_records
from semblance.store.subjects import count_erased
from semblance.store.vault import count_doomed_keys
from semblance.store.worker_notes import Verification, find_last_verification
from semblance.terms.ids import AuthorityCode, PackDigest, SubjectId
from semblance.terms.permission import Action, Actor, Purpose
from semblance.terms.record import RecordKind, RecordState
from semblance.workflows.accounts.standing import Standing, read_standing
from semblance.workflows.permission import ask, log_act
from semblance.workflows.records.list_records import may_read

LONGEST: Final = 366
ENTRIES_CAP: Final = 200_000
"""So many entries of the ledger are looked through for one page; ``complete`` tells whether that was all."""

_LISTED: Final = 100
_ENDING_STATES: Final = frozenset({RecordState.DRAFT, RecordState.ACTIVE, RecordState.BLOCKED})


@dataclass(frozen=True, slots=True)
class SearchCount:
    """How many searches an authority made on a day for a purpose, by how they ended."""

    day: date
    authority: AuthorityCode
    purpose: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class RecordCount:
    """How many records there are of a kind, in a state, of an owner."""

    kind: RecordKind
    state: RecordState
    owner: AuthorityCode
    count: int


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """A record that needs a look: it ends soon, or it is disputed."""

    subject: SubjectId
    number: str
    owner: AuthorityCode
    kind: RecordKind
    state: RecordState
    last_day: date
    since: datetime


@dataclass(frozen=True, slots=True)
class AuthorisationCount:
    """How many authorisations of an authority's searches ended in a state; ``late`` ones were erased."""

    authority: AuthorityCode
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class AuthorityOutcomes:
    """What an authority's searches came to: by people, and by the owners of the records that they led to.

    ``disagreed``: two people did, so that a third had to look. ``refuted`` is the share of the answered leads that
    their owners refuted as false positives.
    """

    authority: AuthorityCode
    examinations: dict[ExaminationState, int]
    disagreed: int
    leads: dict[LeadState, int]
    refuted: Rate


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule, a waiver or a verb stands in the ledger."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """What the ledger of the days in question says; ``complete`` is False where it has more entries than were read."""

    entries: int
    by_verb: tuple[RuleCount, ...]
    refusals: tuple[RuleCount, ...]
    waivers: tuple[RuleCount, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Oversight:
    """All figures of one moment; records that are not open to the reader's authority are in none of them.

    ``days`` is how far back they reach, ``within`` how many days ahead a record's end is listed; both lists of records
    show the first hundred, the counts beside them all. ``keys_destroyed`` counts subjects, cases and requests since the
    node was made.
    """

    at: datetime
    days: int
    within: int
    searches: tuple[SearchCount, ...]
    records: tuple[RecordCount, ...]
    ending: tuple[NamedRecord, ...]
    ending_count: int
    disputed: tuple[NamedRecord, ...]
    disputed_count: int
    requests_open: int
    requests_overdue: int
    authorisations: tuple[AuthorisationCount, ...]
    outcomes: tuple[AuthorityOutcomes, ...]
    ledger: LedgerCounts
    policy_waivers: tuple[Waiver, ...]
    subjects_erased: int
    keys_destroyed: int
    verified: Verification | None
    standing: Standing


def read_oversight(node: Node, actor: Actor, *, days: int = 30, within: int = 30) -> Oversight:
    """Return the figures of the last ``days`` days, and note in the ledger that they were read."""
    permit = ask(node, actor, Action.LEDGER_READ)
    days, within = min(max(days, 1), LONGEST), min(max(within, 0), LONGEST)
    now, policy = node.clock(), node.policy.read()
    today = now.astimezone(UTC).date()
    since = datetime.combine(today - timedelta(days=days - 1), datetime.min.time(), UTC)

    with node.store.reading() as tx:
        counted = [group for group in record_list.count_held(tx) if group.standing.is_visible_to(actor.authority)]
        reads, end = may_read(node, actor), today + timedelta(days=within + 1)
        near = select_records(tx, reads, RecordFilter(states=_ENDING_STATES, ending_before=end))
        blocked = select_records(tx, reads, RecordFilter(states=frozenset({RecordState.BLOCKED})))
        disputed = replace(blocked, order=SelectionOrder.UNCHANGED)
        waiting, overdue = requests.count_open(tx, actor.authority, today=today)
        found = Oversight(
            at=now,
            days=days,
            within=within,
            searches=tuple(
                SearchCount(date.fromisoformat(day), authority, purpose, outcome, count)
                for day, authority, purpose, outcome, count in searches.count_by_day(tx, since=since)
            ),
            records=_count_records(counted),
            ending=_name(tx, near),
            ending_count=record_list.count_records(tx, near),
            disputed=_name(tx, disputed),
            disputed_count=record_list.count_records(tx, disputed),
            requests_open=waiting,
            requests_overdue=overdue,
            authorisations=tuple(AuthorisationCount(*row) for row in authorisations.count_states(tx, since=since)),
            outcomes=_count_outcomes(tx, since),
            ledger=_count_entries(tx, since),
            policy_waivers=policy.waivers,
            subjects_erased=count_erased(tx, since=since),
            keys_destroyed=count_doomed_keys(tx),
            verified=find_last_verification(tx),
            standing=read_standing(node, tx),
        )
    with node.store.writing() as tx:
        reason = Message("oversight.days-read", "the last {n} days", n=days)
        log_act(tx, permit, Verb.CONSULTATION, at=now, action="oversight.read", reason=reason)
    return found


def _count_outcomes(tx: Transaction, since: datetime) -> tuple[AuthorityOutcomes, ...]:
    ended: dict[AuthorityCode, dict[ExaminationState, int]] = defaultdict(dict)
    answered: dict[AuthorityCode, dict[LeadState, int]] = defaultdict(dict)
    for authority, state, count in examinations.count_states(tx, since=since):
        ended[authority][state] = count
    for authority, state_of_lead, count in leads.count_states(tx, since=since):
        answered[authority][state_of_lead] = count
    differed = dict(examinations.count_disagreements(tx, since=since))
    found = []
    for authority in sorted(ended.keys() | answered.keys()):
        answers = answered[authority]
        refuted = answers.get(LeadState.REFUTED, 0)
        rate = measure_rate(refuted, refuted + answers.get(LeadState.CONFIRMED, 0))
        found.append(AuthorityOutcomes(authority, ended[authority], differed.get(authority, 0), answers, rate))
    return tuple(found)


def _count_records(counted: list[Counted]) -> tuple[RecordCount, ...]:
    summed: Counter[tuple[RecordKind, RecordState, AuthorityCode]] = Counter()
    for group in counted:
        summed[group.kind, group.standing.state, group.standing.owner] += group.records
    return tuple(RecordCount(*key, count) for key, count in sorted(summed.items()))


def _name(tx: Transaction, selection: Selection) -> tuple[NamedRecord, ...]:
    listed = record_list.find_page(tx, selection, after=None, limit=_LISTED).listed
    names = record_list.open_names(tx, listed)
    return tuple(
        NamedRecord(
            record.subject,
            names[record.subject].number,
            record.facts.owner,
            record.facts.kind,
            record.facts.state,
            record.facts.retain_until,
            record.changed_at,
        )
        for record in listed
    )


def _count_entries(tx: Transaction, since: datetime) -> LedgerCounts:
    verbs: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    waivers: Counter[str] = Counter()
    first, seen, complete = since.isoformat(timespec="microseconds"), 0, True
    for _, data in ledger.iterate_backwards(tx, before=ledger.read_size(tx)):
        if seen == ENTRIES_CAP:
            complete = False
            break
        fields = read_entry(data)
        if fields["at"] < first:
            break
        seen += 1
        verbs[fields["verb"]] += 1
        rule = fields["rule"] or ""
        if fields["verb"] == Verb.REFUSAL.value:
            refusals[rule] += 1
        if rule.startswith("waivers."):
            waivers[rule.removeprefix("waivers.")] += 1
    return LedgerCounts(seen, _sort(verbs), _sort(refusals), _sort(waivers), complete)


def _sort(counted: Counter[str]) -> tuple[RuleCount, ...]:
    return tuple(RuleCount(name, counted[name]) for name in sorted(counted, key=lambda name: (-counted[name], name)))


@dataclass(frozen=True, slots=True)
class NodeSummary:
    """Counts of what is held and may be known of.

    ``gallery_pack`` is the digest of the pack that made all templates, None before the first. Its place on the disk is
    nobody's business but the machine's.
    """

    name: str
    store: str
    gallery_pack: PackDigest | None
    records: int
    active: int
    references: int
    photos: int
    awaiting_choice: int
    kept_unsuitable: int
    searches: int
    purposes: tuple[Purpose, ...]
    people_with_joined_roles: int
    two_administrators: bool


def describe_node(node: Node, actor: Actor) -> NodeSummary:
    """Return what the node holds, in numbers; records that the actor's authority may not know of are in none of them.

    Searches are those of the actor's authority.
    """
    with node.store.reading() as tx:
        state, standing = gallery.read_state(tx), read_standing(node, tx)
        seen = [counted for counted in record_list.count_held(tx) if counted.standing.is_visible_to(actor.authority)]
        return NodeSummary(
            name=node.name,
            store=node.store.kind,
            gallery_pack=state.pack,
            records=sum(counted.records for counted in seen),
            active=sum(counted.records for counted in seen if counted.standing.state is RecordState.ACTIVE),
            references=sum(counted.references for counted in seen),
            photos=sum(counted.photos for counted in seen),
            awaiting_choice=sum(counted.awaiting_choice for counted in seen),
            kept_unsuitable=sum(counted.kept_unsuitable for counted in seen),
            searches=searches.count_searches(tx, actor.authority),
            purposes=tuple(node.policy.read().purposes),
            people_with_joined_roles=len(standing.joined),
            two_administrators=standing.two_administrators,
        )


def count_visible(node: Node, actor: Actor) -> tuple[int, int]:
    """Return the active records and the references that the actor's authority may know of: `describe_node` in short."""
    with node.store.reading() as tx:
        return record_list.count_visible(tx, actor.authority)
