"""Go on with an older copy of the store: record that it is one, and erase again what was erased since it was made."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from semblance.audit.checkpoint import Checkpoint
from semblance.audit.entry import Touched, Verb
from semblance.errors import LedgerBroken
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.proposal import ProposalState
from semblance.store import (
    clips,
    jobs,
    ledger,
    people,
    probes,
    proposals,
    requests,
    searches,
    sessions,
    subjects,
    submissions,
)
from semblance.store.engine import Transaction
from semblance.store.ledger_growth import ANCHOR, anchor_head, list_known_heads
from semblance.store.ledger_witness import HeadMemory, LedgerSeat, keep_checkpoint
from semblance.store.powers.whole import collect_anchors
from semblance.store.vault import find_unreadable
from semblance.terms.ids import (
    CaseId,
    ClipId,
    JobId,
    ProbeId,
    RequestId,
    SearchId,
    SubjectId,
    SubmissionFileId,
    SubmissionId,
)
from semblance.terms.job import JobState
from semblance.terms.permission import Action, Actor
from semblance.workflows.cases.probes import erase_whole_case
from semblance.workflows.jobs.jobs import touch_job
from semblance.workflows.oversight.ledger import require_seat
from semblance.workflows.permission import Permitted, ask, describe_act, log_act, require_reason
from semblance.workflows.records.erase_record import erase_within

_BATCH: Final = 50
_REASON: Final = Message(
    "store.key-destroyed-since", "its key was destroyed after the copy of the store was made that is restored now"
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A restored store that was accepted: its ledger entry, and what was erased in it again.

    ``doubted``: it is an older copy, and its accounts wait to be confirmed.
    """

    entry: int
    subjects: int
    cases: int
    requests: int
    doubted: bool


def accept_restored(node: Node, actor: Actor, *, reason: str) -> Accepted:
    """Go on with a restored store: record that it is one, and the checkpoint that is lost, and erase again.

    Nobody is let in any more as the copy has them. Whatever is sealed by a key that was destroyed is erased again, each
    with an entry of its own. The witness takes the
    restored store for the right one at the very end: where this was stopped before, it is to be done again.
    """
    require_reason(reason, Message("ledger.restore-unexplained", "Say why an older copy of the store is taken."))
    permit = ask(node, actor, Action.LEDGER_ACCEPT)
    seat = require_seat(node)
    with node.store.reading() as tx:
        # an older copy is whole in itself; one that was changed is not made right by accepting it
        ledger.verify_ledger(tx, seat.key.public)
        own = ledger.read_size(tx)
    heads = _list_lost(node, seat)
    lost = tuple(Touched("checkpoint", f"{head.size} {head.root.hex()}") for head in heads)
    with node.store.writing() as tx:
        entry = log_act(tx, permit, Verb.ALTERATION, *lost, at=node.clock(), reason=reason)
        doubted = not heads or any(head.size > own for head in heads)
        if doubted:
            doubt_accounts(node, tx, permit)
    erased = erase_unreadable(node, permit)
    node.store.ledger = replace(seat, witnesses=True)
    with node.store.reading() as tx:
        newest, powers = ledger.read_checkpoint_note(tx), collect_anchors(tx)
    if newest is not None:
        if node.store.keyring is not None:
            node.store.keyring.replace_anchors(powers | {ANCHOR: anchor_head(newest)})
        if seat.witness is not None:
            keep_checkpoint(seat.witness, newest)
    return Accepted(entry, *erased, doubted)


def doubt_accounts(node: Node, tx: Transaction, permit: Permitted) -> None:
    """Let nobody in as the copy has them: tokens were revoked since, people disabled, roles and passwords changed.

    The folder's holder lets two administrators in anew, and these two confirm everybody else.
    """
    now = node.clock()
    people.doubt_everybody(tx, now)
    sessions.drop_all_access(tx, now)
    for waiting in proposals.list_waiting(tx, now=now):
        # declined since, perhaps
        lapsed = replace(waiting, state=ProposalState.LAPSED, decided_by=permit.actor.name, decided_at=now, half=None)
        proposals.change_proposal(tx, lapsed)
    reason = Message("people.doubted", "nobody is let in as the restored copy has them until two people confirm it")
    log_act(tx, permit, Verb.ALTERATION, at=now, action="person.doubt", reason=reason)


def _list_lost(node: Node, seat: LedgerSeat) -> tuple[Checkpoint, ...]:
    try:
        known = list_known_heads(replace(seat, witnesses=True, memory=HeadMemory()), node.store.keyring).heads
    except LedgerBroken:
        known = list_known_heads(replace(seat, witnesses=True, witness=None), node.store.keyring).heads
    return tuple(dict.fromkeys(replace(head, signatures=()) for head in known if head.size))


def erase_unreadable(node: Node, permit: Permitted) -> tuple[int, int, int]:
    """Erase the subjects, cases and requests whose keys are destroyed; return how many of each."""
    actor = permit.actor

    def log(tx: Transaction, action: str, *touched: Touched) -> None:
        log_act(tx, permit, Verb.ERASURE, *touched, at=node.clock(), action=action, reason=_REASON)

    def erase_subject(tx: Transaction, subject: SubjectId) -> None:
        touched = Touched("subject", subject)
        act = describe_act(permit, Verb.ERASURE, touched, action=Action.RECORD_ERASE, reason=_REASON)
        erase_within(tx, act, subject, now=node.clock())

    def erase_intake(tx: Transaction, blind: str) -> None:
        subjects.erase_outcomes(tx, blind)
        log(tx, "intake.erase")

    def erase_case(tx: Transaction, case: CaseId) -> None:
        erase_whole_case(tx, case, at=node.clock(), person=actor.name)
        log(tx, "case.erase", Touched("case", case))

    def erase_search(tx: Transaction, search: SearchId) -> None:
        searches.erase_search(tx, search)
        log(tx, "search.erase", Touched("search", search))

    def erase_probe(tx: Transaction, probe: ProbeId) -> None:
        probes.delete_probes(tx, (probe,))
        log(tx, "probe.erase", Touched("probe", probe))

    def erase_submission(tx: Transaction, submission: SubmissionId) -> None:
        submissions.erase_submission(tx, submission)
        log(tx, "submission.erase", Touched("submission", submission))

    def forget_file(tx: Transaction, file: SubmissionFileId) -> None:
        submissions.delete_file(tx, file)
        log(tx, "submission.forget-file")

    def erase_clip(tx: Transaction, clip: ClipId) -> None:
        clips.delete_clips(tx, [clip])
        log(tx, "redaction.discard", Touched("clip", clip))

    def erase_request(tx: Transaction, request: RequestId) -> None:
        requests.erase_request(tx, request)
        log(tx, "request.erase", Touched("request", request))

    def end_job(tx: Transaction, job: JobId) -> None:
        came_back = jobs.find_job(tx, job)
        if came_back is not None:
            jobs.end_job(tx, came_back, JobState.CANCELLED, None, at=node.clock())
            log(tx, "job.end", *touch_job(came_back))

    jobs_gone = _erase_each(node, "job", end_job)
    submitted = _erase_each(node, "submission", erase_submission) + _erase_each(node, "submission-file", forget_file)
    submitted += _erase_each(node, "clip", erase_clip)
    subjects_gone = _erase_each(node, "subject", erase_subject) + _erase_each(node, "intake", erase_intake)
    cases_gone = _erase_each(node, "case", erase_case)
    others_gone = submitted + _erase_each(node, "search", erase_search) + _erase_each(node, "probe", erase_probe)
    requests_gone = _erase_each(node, "request", erase_request)
    if subjects_gone or cases_gone or others_gone or requests_gone or jobs_gone:
        node.store.clear_deleted()
    return subjects_gone, cases_gone, requests_gone


def _erase_each(node: Node, kind: str, erase: Callable[[Transaction, Any], None]) -> int:
    with node.store.reading() as tx:
        found = find_unreadable(tx, kind)
    for start in range(0, len(found), _BATCH):
        with node.store.writing() as tx:
            for unreadable_id in found[start : start + _BATCH]:
                erase(tx, unreadable_id)
    return len(found)
