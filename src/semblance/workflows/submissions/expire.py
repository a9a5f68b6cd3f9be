"""Erase what nobody needs any longer: submissions whose review date has passed, and files that never became whole."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.gallery.submission import SubmittedFile
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, submissions
from semblance.store.engine import Transaction
from semblance.terms.ids import SubmissionId
from semblance.workflows.jobs.jobs import end_jobs_of_submission
from semblance.workflows.submissions.submissions import sweep_chunks
from semblance.workflows.worker_acts import WORKER, log_due, work_off

UNFINISHED_LIFE: Final = timedelta(days=1)
"""After the last piece of it that came."""


def expire_submissions(node: Node) -> Iterator[int]:
    """Erase submissions whose review date has passed, with their keys; give how many each time."""

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[SubmissionId, ...]:
        return submissions.find_ended(tx, today=now.astimezone(UTC).date(), limit=limit)

    def erase(tx: Transaction, ended: Sequence[SubmissionId], now: datetime) -> None:
        for submission_id in ended:
            case = submissions.find_case(tx, submission_id)
            whose = cases.find_authority(tx, case)
            end_jobs_of_submission(tx, submission_id, name=WORKER, at=now)
            erased = submissions.erase_submission(tx, submission_id)
            reason = Message("submission.review-passed", "its review date has passed; {n} files erased", n=erased.files)
            touched, rule = (Touched("submission", submission_id), Touched("case", case)), "retention.submission"
            verb, action = Verb.ERASURE, "submission.expire"
            log_due(tx, node, verb, action, rule=rule, reason=reason, touched=touched, whose=whose, at=now)

    for erased in work_off(node, find, erase, job="expire-submissions"):
        clear_chunks(node)
        yield erased


def forget_unfinished(node: Node) -> Iterator[int]:
    """Forget files of which nothing came for a day and which are not whole, with their keys; give how many each time.

    A submission that has no file then, and is a day old, goes with its key, too.
    """

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[SubmittedFile, ...]:
        return submissions.find_unfinished(tx, before=now - UNFINISHED_LIFE, limit=limit)

    def forget(tx: Transaction, unfinished: Sequence[SubmittedFile], now: datetime) -> None:
        for file in unfinished:
            submissions.delete_file(tx, file.id)
        reason = Message("submission.unfinished", "{n} files were never received to their end", n=len(unfinished))
        log_due(tx, node, Verb.ERASURE, "submission.forget-file", reason=reason, at=now)

    def find_empty(tx: Transaction, now: datetime, limit: int) -> tuple[SubmissionId, ...]:
        return submissions.find_empty(tx, before=now - UNFINISHED_LIFE, limit=limit)

    def erase(tx: Transaction, empty: Sequence[SubmissionId], now: datetime) -> None:
        for submission_id in empty:
            submissions.erase_submission(tx, submission_id)
        reason = Message("submission.empty-ended", "{n} submissions in which nothing was received", n=len(empty))
        log_due(tx, node, Verb.ERASURE, "submission.expire", reason=reason, at=now)

    for forgotten in work_off(node, find, forget, job="forget-unfinished"):
        clear_chunks(node)
        yield forgotten
    yield from work_off(node, find_empty, erase, job="forget-unfinished")


def clear_chunks(node: Node) -> None:
    """Delete the sealed pieces of what is gone, and make the database's files forget them."""
    if sum(sweep_chunks(node)):
        node.store.clear_deleted()
