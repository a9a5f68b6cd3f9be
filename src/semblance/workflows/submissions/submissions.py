"""Begin a submission in a case, look at it, move its review, erase it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case, CaseState
from semblance.errors import Conflict, NotFound
from semblance.gallery.submission import (
    Submission,
    SubmissionDraft,
    SubmittedFile,
    find_review_faults,
    find_submission_faults,
    require_no_submission_faults,
)
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, submissions
from semblance.store.engine import Transaction
from semblance.store.submission_chunks import delete_stray_chunks, find_stray_chunks
from semblance.terms.ids import CaseId, SubmissionId, make_id
from semblance.terms.permission import Action, Actor
from semblance.workflows.cases.cases import ask_for_case
from semblance.workflows.jobs.jobs import end_jobs_of_submission
from semblance.workflows.permission import Permitted, ask, log_act, name_touched, refuse_missing, require_reason

_SIDE_BY_SIDE: Final = ("authority", "company", "obtained", "legal_basis")


@dataclass(frozen=True, slots=True)
class SubmissionDetail:
    """A submission with its files and its case; ``latest`` is the last day to which its review may be moved now."""

    submission: Submission
    case: Case
    files: tuple[SubmittedFile, ...]
    latest: date


@dataclass(frozen=True, slots=True)
class SubmissionErased:
    """What an erasure removed; the entry of the ledger proves it."""

    submission: SubmissionId
    files: int
    files_cleared: bool
    ledger_entry: int


def begin_submission(node: Node, actor: Actor, case_id: CaseId, draft: SubmissionDraft) -> Submission:
    """Begin a submission in an open case; its files come after it.

    Raises NotFound where the case is not the authority's, Conflict where it is not open, SubmissionInvalid with
    everything that is wrong with what is said of it.
    """
    case, permit = ask_for_case(node, actor, Action.SUBMISSION_MAKE, case_id)
    require_open(case)
    draft = replace(draft, **{name: getattr(draft, name).strip() for name in _SIDE_BY_SIDE})
    now = node.clock()
    today, latest = now.astimezone(UTC).date(), find_latest(node, now)
    require_no_submission_faults(find_submission_faults(draft, today=today, latest=latest))
    made = Submission(SubmissionId(make_id()), case.id, draft, now, actor.name)
    with node.store.writing() as tx:
        require_still_open(tx, case)
        submissions.add_submission(tx, made)
        cases.touch_case(tx, case.id, now)
        log_act(tx, permit, Verb.COLLECTION, *touch(made), at=now, case=case, reason=draft.obtained)
    return made


def list_submissions(node: Node, actor: Actor, case_id: CaseId) -> tuple[SubmissionDetail, ...]:
    """Return the submissions of a case with their files, oldest first; the list is logged. Raises NotFound."""
    case, permit = ask_for_case(node, actor, Action.SUBMISSION_READ, case_id)
    now = node.clock()
    with node.store.writing() as tx:
        found = submissions.list_submissions(tx, case.id)
        touched = (Touched("submission", held.id) for held in found)
        reason = Message("submission.list", "a list of submissions")
        log_act(tx, permit, Verb.CONSULTATION, Touched("case", case.id), *touched, at=now, case=case, reason=reason)
        files = [submissions.list_files(tx, held.id) for held in found]
    latest = find_latest(node, now)
    return tuple(SubmissionDetail(held, case, of, latest) for held, of in zip(found, files, strict=True))


def read_submission(node: Node, actor: Actor, submission_id: SubmissionId) -> SubmissionDetail:
    """Return a submission with its files, and note that it was read; raises NotFound."""
    held, case, permit = ask_for_submission(node, actor, Action.SUBMISSION_READ, submission_id)
    now = node.clock()
    with node.store.writing() as tx:
        files = submissions.list_files(tx, held.id)
        log_act(tx, permit, Verb.CONSULTATION, *touch(held), at=now, case=case)
    return SubmissionDetail(held, case, files, find_latest(node, now))


def move_review(node: Node, actor: Actor, submission_id: SubmissionId, day: date, *, reason: str) -> Submission:
    """Hold a submission until another day, since somebody reviewed it; raises NotFound, SubmissionInvalid."""
    require_reason(reason, Message("submission.review-unexplained", "Say why it is held until that day."))
    held, case, permit = ask_for_submission(node, actor, Action.SUBMISSION_MAKE, submission_id)
    require_open(case)
    now = node.clock()
    faults = find_review_faults(day, today=now.astimezone(UTC).date(), latest=find_latest(node, now))
    require_no_submission_faults(iter(faults))
    with node.store.writing() as tx:
        require_submission(tx, held.id)
        submissions.change_review(tx, held.id, day)
        cases.touch_case(tx, case.id, now)
        action = "submission.review"
        log_act(tx, permit, Verb.ALTERATION, *touch(held), at=now, action=action, case=case, reason=reason)
    return replace(held, draft=replace(held.draft, review_on=day))


def erase_submission(node: Node, actor: Actor, submission_id: SubmissionId, *, reason: str) -> SubmissionErased:
    """Erase a submission with all its files at once, and destroy their keys; raises NotFound."""
    require_reason(reason, Message("submission.erasure-unexplained", "Say why the submission is erased."))
    held, case, permit = ask_for_submission(node, actor, Action.SUBMISSION_ERASE, submission_id)
    now = node.clock()
    with node.store.writing() as tx:
        require_submission(tx, held.id)
        end_jobs_of_submission(tx, held.id, name=actor.name, at=now)
        erased = submissions.erase_submission(tx, held.id)
        entry = log_act(tx, permit, Verb.ERASURE, *touch(held), at=now, case=case, reason=reason)
    for _swept in sweep_chunks(node):
        pass
    return SubmissionErased(held.id, erased.files, node.store.clear_deleted(), entry)


def sweep_chunks(node: Node) -> Iterator[int]:
    """Delete the sealed pieces of files that are gone, a few in each transaction; give how many each time.

    Their keys are destroyed already: what is left of them nobody can read.
    """
    while True:
        with node.store.reading() as tx:
            if not find_stray_chunks(tx, limit=1):
                return
        with node.store.writing() as tx:
            swept = delete_stray_chunks(tx)
        yield swept


def ask_for_submission(
    node: Node, actor: Actor, action: Action, submission_id: SubmissionId
) -> tuple[Submission, Case, Permitted]:
    """Return a submission, its case, and the permit to do the action with it.

    Raises NotFound where it is not held, not any more, or another authority's: in the same words, for the same work.
    """
    named = name_touched("submission", submission_id)
    permit = ask(node, actor, action, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        held = submissions.find_submission(tx, submission_id, actor.authority)
        case = None if held is None else cases.find_case(tx, held.case)
    if held is None or case is None:
        refuse_missing(node, actor, action, named)
        raise missing_submission(submission_id)
    return held, case, permit


def missing_submission(submission_id: str) -> NotFound:
    """Return the error for a submission that is not held, not any more, or another authority's."""
    return NotFound(
        "submission.missing",
        "There is no submission {number} of your authority, or it was erased; the page of its case lists them.",
        number=submission_id,
    )


def require_submission(tx: Transaction, submission_id: SubmissionId) -> Submission:
    """Return a submission that was asked for before; raises NotFound where it was erased meanwhile."""
    held = submissions.find_submission(tx, submission_id)
    if held is None:
        raise missing_submission(submission_id)
    return held


def require_open(case: Case) -> None:
    """Raise Conflict where nothing may be submitted in the case any more."""
    if case.state is not CaseState.OPEN:
        raise Conflict(
            "case.takes-no-submissions",
            "The case {number} is {state}; videos and photos are submitted in open cases only.",
            number=case.number,
            state=case.state,
        )


def require_still_open(tx: Transaction, case: Case) -> None:
    """Raise Conflict where the case was closed since it was asked for."""
    current = cases.find_case(tx, case.id)
    require_open(case if current is None else current)


def find_latest(node: Node, now: datetime) -> date:
    """Return the last review date that is allowed now: the policy's, and none beyond the end of an idle case."""
    retention = node.policy.read().retention
    return (now + timedelta(days=min(retention.submission, retention.case))).astimezone(UTC).date()


def touch(held: Submission) -> tuple[Touched, ...]:
    """Return what an act with a submission touches."""
    return Touched("submission", held.id), Touched("case", held.case)
