"""Covered clips: what was asked for and what was made of it, sealed in pieces under a key of each clip's own."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
from pydantic import ConfigDict, Field, TypeAdapter, with_config

from semblance.faces.redaction.outlines import ManualBox
from semblance.store.encoding import write_fields
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import keep_sealed, require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, delete_rows, find_first, read_key, read_row
from semblance.store.schema.case import case_file
from semblance.store.schema.clip import covered_clip, covered_clip_piece
from semblance.store.schema.submission import submission, submission_file
from semblance.store.vault import destroy_key, make_key, seal, seal_text, unseal, unseal_text
from semblance.terms.ids import AuthorityCode, ClipId, JobId, Sha256, SubmissionFileId, SubmissionId

BOXES_CAP: Final = 100
"""No more boxes are added to a clip by hand."""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class ClipDraft:
    """What is to leave of a video: from when to when, with one track shown, by its number, and all others covered.

    Times are seconds of the video. ``boxes`` are covered as well, in pixels of the frames in which faces were followed:
    whoever the detector missed. ``sound``: whether what is heard leaves, too.
    """

    track: Annotated[int, Field(ge=0)]
    start: Annotated[float, Field(allow_inf_nan=False)]
    end: Annotated[float, Field(allow_inf_nan=False)]
    boxes: Annotated[tuple[ManualBox, ...], Field(max_length=BOXES_CAP)] = ()
    sound: bool = False


@dataclass(frozen=True, slots=True)
class MadeClip:
    """A clip that is whole: its bytes, and what is in them.

    ``begins`` is the time of its first frame in the video; ``seconds`` it lasts from there to the last one. ``missed``
    counts the faces that only the last look found, over all frames.
    """

    sha256: Sha256
    size: int
    frames: int
    begins: float
    seconds: float
    missed: int


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A clip that somebody asked for, without its bytes; ``made`` is None until it is whole."""

    id: ClipId
    file: SubmissionFileId
    job: JobId
    made_at: datetime
    made_by: str
    draft: ClipDraft
    reference: str
    made: MadeClip | None = None


_CLIP: Final = TypeAdapter(StoredClip)
_SEALED: Final = {"draft", "reference", "made"}


def add_clip(tx: Transaction, clip: StoredClip) -> None:
    """Add a clip that is still to be made, with a key of its own."""
    key = make_key(tx, "clip")
    add_row(tx, covered_clip, clip, key_id=key, sealed=_seal(tx, key, clip))


def keep_clip(tx: Transaction, clip: StoredClip) -> None:
    """Write what was made of it; its pieces are added beside."""
    here = covered_clip.c.id == clip.id
    change_rows(tx, covered_clip, here, sealed=_seal(tx, read_key(tx, covered_clip, clip.id), clip))


def add_piece(tx: Transaction, clip: ClipId, number: int, data: bytes) -> None:
    """Seal a piece under the clip's key; each but the last has as many bytes as its encoder gives."""
    sealed = seal(tx, read_key(tx, covered_clip, clip), _place(clip, number), data)
    tx.connection.execute(sa.insert(covered_clip_piece).values(clip_id=clip, number=number, data=sealed))


def read_piece(tx: Transaction, clip: ClipId, number: int) -> bytes | None:
    """Return a piece, None where it is not held; raises VerificationError where it was changed or moved."""
    row = tx.connection.execute(
        sa.select(covered_clip_piece.c.data, covered_clip.c.key_id)
        .join(covered_clip, covered_clip.c.id == covered_clip_piece.c.clip_id)
        .where(covered_clip_piece.c.clip_id == clip, covered_clip_piece.c.number == number)
    ).one_or_none()
    return None if row is None else unseal(tx, KeyId(row.key_id), _place(clip, number), bytes(row.data))


def find_clip(
    tx: Transaction, clip_id: ClipId, authority: AuthorityCode | None = None
) -> tuple[StoredClip, SubmissionId] | None:
    """Return the clip with that id and the submission of its video; where an authority is named, only if it is its."""
    require_sealed(tx, PowerKind.CLIP, [clip_id])
    asked = (
        sa.select(covered_clip, submission.c.id.label("submission"))
        .join(submission_file, submission_file.c.id == covered_clip.c.file_id)
        .join(submission, submission.c.id == submission_file.c.submission_id)
        .join(case_file, case_file.c.id == submission.c.case_id)
        .where(covered_clip.c.id == clip_id)
    )
    if authority is not None:
        asked = asked.where(case_file.c.authority == authority)
    row = find_first(tx.connection.execute(asked))
    return None if row is None else (_read(tx, row), SubmissionId(row.submission))


def list_clips(tx: Transaction, file_id: SubmissionFileId) -> tuple[StoredClip, ...]:
    """Return the clips of a file, the newest first, without those that were changed by hand."""
    asked = sa.select(covered_clip).where(covered_clip.c.file_id == file_id)
    rows = tx.connection.execute(asked.order_by(covered_clip.c.made_at.desc(), covered_clip.c.id)).all()
    return tuple(_read(tx, row) for row in keep_sealed(tx, PowerKind.CLIP, rows, lambda row: row.id))


def list_jobs(tx: Transaction, submission_id: SubmissionId) -> tuple[JobId, ...]:
    """Return the jobs that make clips of a submission's files, or did."""
    of = sa.select(submission_file.c.id).where(submission_file.c.submission_id == submission_id)
    asked = sa.select(covered_clip.c.job_id).where(covered_clip.c.file_id.in_(of))
    return tuple(map(JobId, tx.connection.scalars(asked)))


def find_over(tx: Transaction, *, before: datetime, limit: int) -> tuple[StoredClip, ...]:
    """Return clips that were asked for before that moment, without those that were changed by hand."""
    asked = sa.select(covered_clip).where(covered_clip.c.made_at < before).order_by(covered_clip.c.id)
    return tuple(_read(tx, row) for row in take_sealed(tx, PowerKind.CLIP, asked, lambda row: row.id, limit))


def delete_clips(tx: Transaction, clips: Iterable[ClipId]) -> int:
    """Delete clips with their pieces, destroy their keys, and return how many."""
    return _delete(tx, covered_clip.c.id.in_(list(clips)))


def forget_clips(tx: Transaction, files: Sequence[str]) -> int:
    """Delete the clips of these files, and return how many."""
    return _delete(tx, covered_clip.c.file_id.in_(files))


def _delete(tx: Transaction, which: sa.ColumnElement[bool]) -> int:
    keys = tx.connection.scalars(sa.select(covered_clip.c.key_id).where(which)).all()
    if not keys:
        return 0
    of = sa.select(covered_clip.c.id).where(which)
    tx.connection.execute(sa.delete(covered_clip_piece).where(covered_clip_piece.c.clip_id.in_(of)))
    gone = delete_rows(tx, covered_clip, which)
    for key in keys:
        destroy_key(tx, KeyId(key))
    return gone


def _read(tx: Transaction, row: sa.Row[Any]) -> StoredClip:
    said = json.loads(unseal_text(tx, KeyId(row.key_id), f"clip/{row.id}/{row.file_id}", row.sealed))
    return read_row(StoredClip, row, **said)


def _seal(tx: Transaction, key: KeyId, clip: StoredClip) -> bytes:
    return seal_text(tx, key, f"clip/{clip.id}/{clip.file}", write_fields(_CLIP, clip, _SEALED))


def _place(clip: ClipId, number: int) -> str:
    return f"clip.piece/{clip}/{number}"
