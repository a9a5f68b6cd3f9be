"""Submissions and their files: what is said of them sealed under the submission's key, bytes under each file's own."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.gallery.submission import FileKind, FileState, Submission, SubmissionDraft, SubmittedFile
from semblance.store.clips import forget_clips
from semblance.store.encoding import write_fields
from semblance.store.engine import Transaction
from semblance.store.followings import forget_followed
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import find_damaged, keep_sealed, require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, count_rows, delete_rows, find_first, read_key, read_row
from semblance.store.schema.case import case_file
from semblance.store.schema.submission import submission, submission_chunk, submission_file
from semblance.store.vault import blind, destroy_key, load_keys, make_key, seal_text, unseal_text
from semblance.terms.ids import AuthorityCode, CaseId, Sha256, SubmissionFileId, SubmissionId

_DRAFT: Final = TypeAdapter(SubmissionDraft)
_FILE: Final = TypeAdapter(SubmittedFile)
_SEALED_DRAFT: Final = {"source", "authority", "company", "obtained", "legal_basis"}
_SEALED_FILE: Final = {"name", "media_type", "sha256", "facts", "fault"}
_FILES: Final = sa.select(
    *(column for column in submission_file.c if column is not submission_file.c.key_id), submission.c.key_id
).join(submission, submission.c.id == submission_file.c.submission_id)
_HELD: Final = (FileState.RECEIVING, FileState.COMPLETE)


@dataclass(frozen=True, slots=True)
class ErasedFiles:
    """How many submissions and files were erased."""

    submissions: int = 0
    files: int = 0


def add_submission(tx: Transaction, made: Submission) -> None:
    """Add a submission, which has no files yet."""
    key = make_key(tx, "submission")
    sealed = seal_text(tx, key, f"submission/{made.id}", write_fields(_DRAFT, made.draft, _SEALED_DRAFT))
    add_row(tx, submission, made, key_id=key, review_on=made.draft.review_on, sealed=sealed)


def find_submission(
    tx: Transaction, submission_id: SubmissionId, authority: AuthorityCode | None = None
) -> Submission | None:
    """Return the submission with that id; where an authority is named, only if its case is that one's."""
    require_sealed(tx, PowerKind.SUBMISSION, [submission_id])
    which = submission.c.id == submission_id
    if authority is not None:
        which &= submission.c.case_id.in_(sa.select(case_file.c.id).where(case_file.c.authority == authority))
    return find_first(_list(tx, which))


def list_submissions(tx: Transaction, case: CaseId) -> tuple[Submission, ...]:
    """Return the submissions of a case, oldest first, without those that were changed by hand."""
    return _list(tx, submission.c.case_id == case)


def change_review(tx: Transaction, submission_id: SubmissionId, day: date) -> None:
    """Move the day of the review."""
    change_rows(tx, submission, submission.c.id == submission_id, review_on=day)


def find_ended(tx: Transaction, *, today: date, limit: int) -> tuple[SubmissionId, ...]:
    """Return submissions whose review date has passed, without those of which anything was changed by hand."""
    asked = sa.select(submission.c.id).where(submission.c.review_on < today).order_by(submission.c.id)
    rows = take_sealed(tx, PowerKind.SUBMISSION, asked, lambda row: row.id, limit)
    files = sa.select(submission_file.c.id, submission_file.c.submission_id).where(
        submission_file.c.submission_id.in_([row.id for row in rows])
    )
    of = {row.id: row.submission_id for row in tx.connection.execute(files)}
    damaged = {of[file] for file in find_damaged(tx, PowerKind.SUBMISSION_FILE, of)}
    return tuple(SubmissionId(row.id) for row in rows if row.id not in damaged)


def find_empty(tx: Transaction, *, before: datetime, limit: int) -> tuple[SubmissionId, ...]:
    """Return submissions that were begun before that moment and have no files."""
    filled = sa.exists().where(submission_file.c.submission_id == submission.c.id)
    asked = sa.select(submission.c.id).where(submission.c.made_at < before, ~filled).order_by(submission.c.id)
    rows = take_sealed(tx, PowerKind.SUBMISSION, asked, lambda row: row.id, limit)
    return tuple(SubmissionId(row.id) for row in rows)


def find_case(tx: Transaction, submission_id: SubmissionId) -> CaseId:
    """Return in which case it was made; it must be held."""
    asked = sa.select(submission.c.case_id).where(submission.c.id == submission_id)
    return CaseId(tx.connection.scalars(asked).one())


def erase_submission(tx: Transaction, submission_id: SubmissionId) -> ErasedFiles:
    """Erase a submission with its files, and destroy their keys; the sealed pieces are ``sweep_chunks``' to delete."""
    mine = submission_file.c.submission_id == submission_id
    held = tx.connection.execute(sa.select(submission_file.c.id, submission_file.c.key_id).where(mine)).all()
    keys = [row.key_id for row in held if row.key_id is not None] + [read_key(tx, submission, submission_id)]
    forget_followed(tx, [row.id for row in held])
    forget_clips(tx, [row.id for row in held])
    files = delete_rows(tx, submission_file, mine)
    erased = ErasedFiles(delete_rows(tx, submission, submission.c.id == submission_id), files)
    for key in keys:
        destroy_key(tx, KeyId(key))
    return erased


def erase_of_case(tx: Transaction, case: CaseId) -> ErasedFiles:
    """Erase every submission of a case."""
    found = tx.connection.scalars(sa.select(submission.c.id).where(submission.c.case_id == case)).all()
    gone = [erase_submission(tx, SubmissionId(held)) for held in found]
    return ErasedFiles(len(gone), sum(erased.files for erased in gone))


def add_file(tx: Transaction, made: SubmittedFile) -> None:
    """Add a file whose bytes are still to come, with a key of its own for them."""
    key = make_key(tx, "submission-file")
    sealed = _seal_file(tx, made)
    add_row(tx, submission_file, made, key_id=key, is_read=False, sealed=sealed)


def change_file(tx: Transaction, changed: SubmittedFile, *, is_read: bool = False) -> None:
    """Write a file as it stands now; the key of one that is not held any more is destroyed."""
    here = submission_file.c.id == changed.id
    case, kept = find_case(tx, changed.submission), changed.state in _HELD
    told = None if changed.state is FileState.REFUSED else changed.sha256
    digest = None if told is None else blind_file(tx, case, told)
    values = {"state": changed.state, "kind": changed.kind, "size": changed.size, "blind": digest, "is_read": is_read}
    if not kept:
        _destroy_bytes(tx, changed.id)
        values["key_id"] = None
    change_rows(tx, submission_file, here, **values, sealed=_seal_file(tx, changed))


def delete_file(tx: Transaction, file_id: SubmissionFileId) -> None:
    """Forget a file and whatever was taken out of it, and destroy their keys."""
    whole = (submission_file.c.id == file_id) | (submission_file.c.parent_id == file_id)
    for held in tx.connection.scalars(sa.select(submission_file.c.id).where(whole)).all():
        _destroy_bytes(tx, held)
    delete_rows(tx, submission_file, whole)


def find_file(tx: Transaction, submission_id: SubmissionId, file_id: SubmissionFileId) -> SubmittedFile | None:
    """Return the file of the submission with that id."""
    require_sealed(tx, PowerKind.SUBMISSION_FILE, [file_id])
    here = (submission_file.c.id == file_id) & (submission_file.c.submission_id == submission_id)
    return find_first(_list_files(tx, here))


def list_files(tx: Transaction, submission_id: SubmissionId) -> tuple[SubmittedFile, ...]:
    """Return the files of a submission in the order in which they came, without those that were changed by hand."""
    return _list_files(tx, submission_file.c.submission_id == submission_id)


def list_taken_out(tx: Transaction, archive: SubmissionFileId) -> tuple[SubmittedFile, ...]:
    """Return what was taken out of an archive."""
    return _list_files(tx, submission_file.c.parent_id == archive)


def find_same(tx: Transaction, file: SubmittedFile, sha256: Sha256) -> SubmittedFile | None:
    """Return another file of the same case that holds the same bytes."""
    digest = blind_file(tx, find_case(tx, file.submission), sha256)
    same = (submission_file.c.blind == digest) & (submission_file.c.id != file.id)
    return find_first(_list_files(tx, same))


def count_files(tx: Transaction, submission_id: SubmissionId) -> int:
    """Return how many files a submission has, refused ones too."""
    return count_rows(tx, submission_file, submission_file.c.submission_id == submission_id)


def sum_sizes(tx: Transaction, case: CaseId) -> int:
    """Return how many bytes are held, or announced, in all submissions of a case."""
    asked = (
        sa.select(sa.func.coalesce(sa.func.sum(submission_file.c.size), 0))
        .join(submission, submission.c.id == submission_file.c.submission_id)
        .where(submission.c.case_id == case, submission_file.c.state.in_(_HELD))
    )
    return int(tx.connection.scalar(asked) or 0)


def find_unread(
    tx: Transaction, kinds: Iterable[FileKind], *, limit: int, submission_id: SubmissionId | None = None
) -> tuple[SubmittedFile, ...]:
    """Return whole files of these kinds whose facts were not read yet, oldest first."""
    which = (submission_file.c.state == FileState.COMPLETE) & ~submission_file.c.is_read
    which &= submission_file.c.kind.in_(list(kinds))
    if submission_id is not None:
        which &= submission_file.c.submission_id == submission_id
    return _list_files(tx, which, limit=limit)


def find_unfinished(tx: Transaction, *, before: datetime, limit: int) -> tuple[SubmittedFile, ...]:
    """Return files that were begun before that moment, of which nothing came since, and which are not whole."""
    came = sa.exists().where(
        submission_chunk.c.file_id == submission_file.c.id, submission_chunk.c.received_at >= before
    )
    waiting = (submission_file.c.state == FileState.RECEIVING) & (submission_file.c.begun_at < before)
    # what is taken out of an archive goes with it
    return _list_files(tx, waiting & ~came & submission_file.c.parent_id.is_(None), limit=limit)


def blind_file(tx: Transaction, case: CaseId, sha256: Sha256) -> str:
    """Return by what a file is found again in its case."""
    return blind(tx, "submission", case, sha256)


def _destroy_bytes(tx: Transaction, file_id: str) -> None:
    forget_followed(tx, [file_id])
    forget_clips(tx, [file_id])
    key = tx.connection.scalar(sa.select(submission_file.c.key_id).where(submission_file.c.id == file_id))
    if key is not None:
        destroy_key(tx, KeyId(key))


def _seal_file(tx: Transaction, file: SubmittedFile) -> bytes:
    key = read_key(tx, submission, file.submission)
    return seal_text(tx, key, f"submission.file/{file.id}", write_fields(_FILE, file, _SEALED_FILE))


def _list(tx: Transaction, which: sa.ColumnElement[bool]) -> tuple[Submission, ...]:
    asked = sa.select(submission).where(which).order_by(submission.c.made_at, submission.c.id)
    whole = keep_sealed(tx, PowerKind.SUBMISSION, tx.connection.execute(asked).all(), lambda row: row.id)
    found = []
    for row in whole:
        said = json.loads(unseal_text(tx, KeyId(row.key_id), f"submission/{row.id}", row.sealed))
        draft = _DRAFT.validate_python({**said, "review_on": row.review_on})
        found.append(read_row(Submission, row, draft=draft))
    return tuple(found)


def _list_files(
    tx: Transaction, which: sa.ColumnElement[bool], *, limit: int | None = None
) -> tuple[SubmittedFile, ...]:
    asked = _FILES.where(which).order_by(submission_file.c.begun_at, submission_file.c.id)
    rows: Sequence[Any]
    if limit is None:
        rows = keep_sealed(tx, PowerKind.SUBMISSION_FILE, tx.connection.execute(asked).all(), lambda row: row.id)
    else:
        rows = take_sealed(tx, PowerKind.SUBMISSION_FILE, asked, lambda row: row.id, limit)
    load_keys(tx, {KeyId(row.key_id) for row in rows})
    found = []
    for row in rows:
        said = json.loads(unseal_text(tx, KeyId(row.key_id), f"submission.file/{row.id}", row.sealed))
        found.append(read_row(SubmittedFile, row, **said))
    return tuple(found)
