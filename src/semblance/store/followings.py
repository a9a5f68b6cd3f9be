"""What was found by following faces through submitted videos, sealed under the key of the file it was found in."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.gallery.following import Followed, TrackFace
from semblance.store.encoding import write_fields
from semblance.store.engine import Transaction
from semblance.store.rows import add_row, delete_rows, find_first, read_key
from semblance.store.schema.following import followed_file, track_face
from semblance.store.schema.submission import submission_file
from semblance.store.vault import seal, seal_text, unseal, unseal_text
from semblance.terms.ids import JobId, SubmissionFileId, SubmissionId
from semblance.terms.tracks import read_tracks, write_tracks

_FOLLOWED: Final = TypeAdapter(Followed)
_FACE: Final = TypeAdapter(TrackFace)


def begin_followed(tx: Transaction, file_id: SubmissionFileId, job: JobId) -> None:
    """Note which job follows the faces of a file from now on; what an earlier one found is forgotten."""
    forget_followed(tx, [file_id])
    add_row(tx, followed_file, file_id=file_id, job_id=job)


def keep_followed(tx: Transaction, found: Followed, faces: Mapping[TrackFace, bytes]) -> None:
    """Write what the job has found so far; ``faces`` are new pictures, JPEG, and replace those of the same id."""
    key = read_key(tx, submission_file, found.file)
    document = write_fields(_FOLLOWED, found, {"pack", "longest", "reached", "done", "notes"})
    values = {
        "sealed": seal_text(tx, key, _place("followed", found.file), document),
        "tracks": seal(tx, key, _place("tracks", found.file), write_tracks(found.tracks)),
    }
    here = (followed_file.c.file_id == found.file) & (followed_file.c.job_id == found.job)
    tx.connection.execute(sa.update(followed_file).where(here).values(**values))
    for face, picture in faces.items():
        where = (track_face.c.file_id == found.file) & (track_face.c.id == face.id)
        delete_rows(tx, track_face, where)
        written = write_fields(_FACE, face, {"frame", "seconds", "box", "quality"})
        sealed = seal_text(tx, key, _place("face", found.file, face.id), written)
        data = seal(tx, key, _place("picture", found.file, face.id), picture)
        add_row(tx, track_face, file_id=found.file, id=face.id, sealed=sealed, data=data)


def find_job(tx: Transaction, file_id: SubmissionFileId) -> JobId | None:
    """Return the job that followed the faces of a file last, or does so."""
    asked = sa.select(followed_file.c.job_id).where(followed_file.c.file_id == file_id)
    return find_first(map(JobId, tx.connection.scalars(asked)))


def list_jobs(tx: Transaction, submission_id: SubmissionId) -> tuple[JobId, ...]:
    """Return the jobs that followed the faces of a submission's files."""
    of = sa.select(submission_file.c.id).where(submission_file.c.submission_id == submission_id)
    asked = sa.select(followed_file.c.job_id).where(followed_file.c.file_id.in_(of))
    return tuple(map(JobId, tx.connection.scalars(asked)))


def find_followed(tx: Transaction, file_id: SubmissionFileId) -> Followed | None:
    """Return what was found in a file so far, None where nothing was yet."""
    row = tx.connection.execute(sa.select(followed_file).where(followed_file.c.file_id == file_id)).one_or_none()
    if row is None or row.sealed is None:
        return None
    key = read_key(tx, submission_file, file_id)
    said: dict[str, Any] = json.loads(unseal_text(tx, key, _place("followed", file_id), row.sealed))
    tracks = read_tracks(unseal(tx, key, _place("tracks", file_id), bytes(row.tracks)))
    return _FOLLOWED.validate_python({"file": file_id, "job": row.job_id, "tracks": tracks, **said})


def list_faces(tx: Transaction, file_id: SubmissionFileId) -> tuple[TrackFace, ...]:
    """Return the pictures of faces that are held of a file, without their bytes."""
    key = read_key(tx, submission_file, file_id)
    rows = tx.connection.execute(
        sa.select(track_face.c.id, track_face.c.sealed).where(track_face.c.file_id == file_id).order_by(track_face.c.id)
    )
    return tuple(
        _FACE.validate_python(
            {"id": row.id, **json.loads(unseal_text(tx, key, _place("face", file_id, row.id), row.sealed))}
        )
        for row in rows.all()
    )


def read_face(tx: Transaction, file_id: SubmissionFileId, face_id: str) -> bytes | None:
    """Return a picture of a face, a JPEG; None where there is none."""
    here = (track_face.c.file_id == file_id) & (track_face.c.id == face_id)
    data = tx.connection.scalar(sa.select(track_face.c.data).where(here))
    if data is None:
        return None
    return unseal(tx, read_key(tx, submission_file, file_id), _place("picture", file_id, face_id), bytes(data))


def forget_followed(tx: Transaction, files: Sequence[str]) -> None:
    """Delete what was found in these files."""
    delete_rows(tx, track_face, track_face.c.file_id.in_(files))
    delete_rows(tx, followed_file, followed_file.c.file_id.in_(files))


def _place(what: str, file_id: str, face: str = "") -> str:
    return f"submission.{what}/{file_id}" + (f"/{face}" if face else "")
