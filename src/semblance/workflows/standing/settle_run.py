"""Settle one standing search's night in one transaction: what it found, what was cut, how far it has come."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.audit.search_record import SearchOutcome, SearchRecord
from semblance.cases.case import Case
from semblance.cases.policy import Policy
from semblance.cases.standing_search import Cost, Coverage, StandingSearch
from semblance.errors import Conflict
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.search.standing_batch import BatchAnswer
from semblance.store import cases, gallery, ledger, probes, searches, standing_searches
from semblance.store.engine import Transaction
from semblance.terms.ids import SearchId, SubjectId, make_id
from semblance.terms.permission import Actor, Means, PersonId
from semblance.terms.search import EVERYBODY, Candidate
from semblance.workflows.search.compared_record import find_compared_among
from semblance.workflows.search.open_examination import choose_known_non_mates, open_examination
from semblance.workflows.standing.ask_standing import touch_standing
from semblance.workflows.standing.decide_standing import find_present_end
from semblance.workflows.standing.plan_night import Planned
from semblance.workflows.standing.sought_face import SoughtFace, find_sought
from semblance.workflows.worker_acts import WORKER

RUN: Final = "standing.run"
"""What the ledger calls a run: nobody does it, the night does."""


def settle_run(node: Node, policy: Policy, planned: Planned, answer: BatchAnswer, now: datetime) -> bool:
    """Record one run, and hand what it found to people; return False where it is not what was planned any more.

    Somebody may have stopped it meanwhile, closed its case, or run it from another program. What it found is held
    against the store once more: what was hidden, erased or changed by hand meanwhile is not told.
    """
    sought, known = None, tuple[Candidate, ...]()
    if answer.scored:
        sought = find_sought(node, planned.standing)
        if sought is None:
            return False
        known = _choose_known(node, policy, planned)
    with node.store.writing() as tx:
        standing = standing_searches.find_standing(tx, planned.standing.id)
        case = None if standing is None else cases.find_case(tx, standing.case)
        if standing is None or standing != planned.standing or case is None:
            return False
        if find_present_end(tx, policy, standing, case, now) is not None:
            return False
        candidates, answered = _list_candidates(tx, planned, answer, None if sought is None else sought.origin)
        shown = candidates[: planned.cap - len(known)]
        record = None
        if sought is not None and shown:
            record = replace(_describe(planned, case, sought, shown, now), answered=answered)
        key = None
        if record is not None:
            key = searches.add_search(tx, record)
            open_examination(tx, record, known)
        covered = Coverage(planned.until, node.extractor.digest, policy.digest)
        cost = _add_cost(standing.cost, answer, len(candidates) - len(shown), found=record is not None)
        search = None if record is None else record.search
        if not standing_searches.note_run(tx, standing, at=now, covered=covered, cost=cost, search=search):
            raise _run_elsewhere()
        if record is not None:
            probes.keep_probe_until(tx, standing.probe, now + timedelta(days=policy.retention.probe))
        act = _describe_run(planned, case, record, known, len(candidates), answered)
        ledger.append(tx, act, at=now, sealed_under=key)
    return True


def _choose_known(node: Node, policy: Policy, planned: Planned) -> tuple[Candidate, ...]:
    """Return the known non-mates to put among what was found; the list is no longer with them than without."""
    assert planned.template is not None
    standing, today = planned.standing, node.clock().date()
    actor = Actor(PersonId("worker"), WORKER, standing.authority, frozenset(), means=Means.WORKER)
    rule = policy.purposes[standing.purpose]
    known = choose_known_non_mates(node, policy, rule, actor, planned.template, today, EVERYBODY)
    return known[: planned.cap - 1]


def _list_candidates(
    tx: Transaction, planned: Planned, answer: BatchAnswer, origin: SubjectId | None
) -> tuple[tuple[Candidate, ...], int]:
    """Return who may be shown now, and how many others people answered before of whom nobody is asked again."""
    facts = gallery.read_facts_of(tx, {scored.subject for scored in answer.scored})
    compared = find_compared_among(tx, origin, facts)
    allowed = compared.narrow(planned.allowed)
    still = tuple(
        Candidate(rank, scored.subject, scored.reference, scored.score)
        for rank, scored in enumerate(answer.scored, start=1)
        if scored.subject in facts and allowed(facts[scored.subject])
    )
    return compared.leave_out(still, len(still) + 1)


def _describe(
    planned: Planned, case: Case, sought: SoughtFace, shown: tuple[Candidate, ...], now: datetime
) -> SearchRecord:
    standing, face = planned.standing, sought.face
    return SearchRecord(
        search=SearchId(make_id()),
        when=now,
        person=standing.asked_by,
        authority=standing.authority,
        case_id=case.id,
        case=case.number,
        purpose=standing.purpose.value,
        reason=standing.reason,
        outcome=SearchOutcome.ANSWERED,
        probe=standing.probe,
        probe_sha256=sought.probe_sha256,
        probe_name=sought.probe_name,
        face=face.face,
        face_box=face.box,
        prepared=face.prepared,
        frames=face.frames,
        pack=face.template.pack,
        gallery_subjects=planned.new.subjects,
        gallery_references=planned.new.references,
        gallery_version=planned.until,
        limit=planned.cap,
        candidates=shown,
        rule=_name_rule(standing),
        standing=standing.id,
        origin=sought.origin,
    )


def _add_cost(cost: Cost, answer: BatchAnswer, cut: int, *, found: bool) -> Cost:
    return Cost(cost.runs + 1, cost.comparisons + answer.comparisons, cost.found + found, cost.cut + cut)


def _describe_run(
    planned: Planned, case: Case, record: SearchRecord | None, known: tuple[Candidate, ...], above: int, answered: int
) -> Act:
    standing, shown = planned.standing, () if record is None else record.candidates
    reason = Message(
        "standing.ran",
        "compared with {n} photos of {people} people that were new; {above} of them above the operating point, {found} "
        "handed to people; {expected} false candidates were expected",
        n=planned.new.references,
        people=planned.new.subjects,
        above=above,
        found=len(shown),
        expected=round(planned.expected, 4),
    )
    if answered:
        reason = Message("standing.ran-answered", "{ran}; {n} more were answered before", ran=reason, n=answered)
    touched = touch_standing(standing)
    if record is not None:
        people = (Touched("subject", candidate.subject) for candidate in (*shown, *known))
        touched = (*touched, Touched("search", record.search), *people)
    purpose = standing.purpose.value
    return Act(
        Verb.CONSULTATION, RUN, WORKER, standing.authority, case.number, purpose, reason, touched, _name_rule(standing)
    )


def _name_rule(standing: StandingSearch) -> str:
    return f"standing.{standing.purpose.value}"


def _run_elsewhere() -> Conflict:
    return Conflict(
        "standing.run-elsewhere",
        "Another program ran the same standing search at the same time; this run stored nothing of it.",
    )
