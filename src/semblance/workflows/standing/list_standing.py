"""Every standing search of an authority: whether it runs, why not, what it cost and found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.audit.search_record import SearchRecord
from semblance.cases.case import Case
from semblance.cases.policy import Policy, StandingRule
from semblance.cases.standing_search import (
    StandingEnd,
    StandingSearch,
    StandingState,
    check_standing_decision,
    refuse_purpose,
)
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, searches, standing_searches
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode, CaseId, StandingSearchId
from semblance.terms.permission import Action, Actor, Permit, Purpose
from semblance.workflows.permission import ask, log_act, note_reading
from semblance.workflows.standing.decide_standing import ask_for_it, find_present_end
from semblance.workflows.standing.thresholds import explain_uncalibrated

_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A standing search with its case's number.

    ``end`` is why it is over, also where nobody noted it yet. ``hindered`` is why it does not run though it may.
    """

    standing: StandingSearch
    case_number: str
    end: StandingEnd | None
    hindered: Message | None


@dataclass(frozen=True, slots=True)
class StandingDetail:
    """A standing search, and the searches in which it found somebody, newest first, without their candidates."""

    row: StandingRow
    rule: StandingRule | None
    found: tuple[SearchRecord, ...]


def list_standing(node: Node, actor: Actor) -> tuple[StandingRow, ...]:
    """Return the standing searches of the actor's authority, those that are open first; the list is logged."""
    permit = ask(node, actor, Action.CASE_READ, owner=actor.authority)
    policy, now = node.policy.read(), node.clock()
    with node.store.reading() as tx:
        found = standing_searches.list_standing(tx, actor.authority, limit=_MOST)
        held = {case: cases.find_case(tx, case) for case in {standing.case for standing in found}}
        rows = _describe(tx, node, policy, found, held, now)
    reason = Message("standing.list", "a list of standing searches")
    note_reading(node, permit, *(Touched("standing", row.standing.id) for row in rows), reason=reason)
    return rows


def list_asked(node: Node, actor: Actor) -> tuple[StandingRow, ...]:
    """Return the standing searches of the actor's authority that wait for them to decide; the list is logged."""
    rules = node.policy.read().standing

    def waits(row: StandingRow) -> bool:
        standing = row.standing
        decides = check_standing_decision(rules.get(standing.purpose), standing, actor)
        return standing.state is StandingState.ASKED and row.end is None and isinstance(decides, Permit)

    return tuple(row for row in list_standing(node, actor) if waits(row))


def read_standing(node: Node, actor: Actor, which: StandingSearchId) -> StandingDetail:
    """Return a standing search of the actor's authority, and note that it was read; raises NotFound."""
    standing, case, permit = ask_for_it(node, actor, Action.CASE_READ, which)
    policy, now = node.policy.read(), node.clock()
    with node.store.writing() as tx:
        (row,) = _describe(tx, node, policy, (standing,), {case.id: case}, now)
        made = [searches.find_search(tx, search) for search in standing_searches.list_found(tx, which)]
        reason = Message("standing.read", "a standing search")
        log_act(tx, permit, Verb.CONSULTATION, Touched("standing", which), at=now, case=case, reason=reason)
    newest = sorted((record for record in made if record), key=lambda record: record.when, reverse=True)
    return StandingDetail(row, policy.standing.get(standing.purpose), tuple(newest))


def _describe(
    tx: Transaction,
    node: Node,
    policy: Policy,
    found: tuple[StandingSearch, ...],
    held: Mapping[CaseId, Case | None],
    now: datetime,
) -> tuple[StandingRow, ...]:
    hindrances: dict[tuple[AuthorityCode, Purpose], Message | None] = {}
    rows = []
    for standing in found:
        case = held[standing.case]
        assert case is not None
        end = find_present_end(tx, policy, standing, case, now)
        hindered = None
        if end is None and standing.state is StandingState.RUNNING:
            group = standing.authority, standing.purpose
            if group not in hindrances:
                hindrances[group] = _find_hindrance(tx, node, policy, *group, now)
            hindered = hindrances[group]
        rows.append(StandingRow(standing, case.number, end, hindered))
    return tuple(rows)


def _find_hindrance(
    tx: Transaction, node: Node, policy: Policy, authority: AuthorityCode, purpose: Purpose, now: datetime
) -> Message | None:
    if purpose not in policy.standing or purpose not in policy.purposes:
        return refuse_purpose(purpose).message
    return explain_uncalibrated(tx, policy, authority, purpose, node.extractor.digest, now)
