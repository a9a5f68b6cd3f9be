"""What following a submitted video found so far: its tracks, and small pictures of their faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from semblance.cases.case import Case
from semblance.errors import Conflict, NotFound
from semblance.faces.tracking.best_frames import choose_frames
from semblance.gallery.following import Followed, TrackFace
from semblance.gallery.submission import Submission, SubmittedFile
from semblance.node.node import Node
from semblance.store import followings, jobs
from semblance.terms.ids import SubmissionFileId, SubmissionId
from semblance.terms.job import Job
from semblance.terms.permission import Action, Actor
from semblance.terms.tracks import Track
from semblance.workflows.following.note_viewing import note_viewing
from semblance.workflows.permission import Permitted
from semblance.workflows.submissions.receive import ask_for_file

FACES: Final = 6
"""Pictures of a track that are shown at most."""


@dataclass(frozen=True, slots=True)
class Following:
    """A video of a submission, the job that follows its faces, and what it found so far.

    ``job`` and ``followed`` are None where nobody asked for it yet, ``followed`` also until the first face was looked
    for. ``faces`` are by the number of their track, the best first.
    """

    submission: Submission
    case: Case
    file: SubmittedFile
    job: Job | None
    followed: Followed | None
    faces: Mapping[int, tuple[TrackFace, ...]]


def read_following(node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId) -> Following:
    """Return what was found in a video so far, and note that it is looked at; raises NotFound."""
    held, case, permit, file = ask_for_file(node, actor, Action.SUBMISSION_READ, submission_id, file_id)
    note_viewing(node, permit, held, case, file)
    with node.store.reading() as tx:
        job_id = followings.find_job(tx, file.id)
        job = None if job_id is None else jobs.find_job(tx, job_id)
        followed = followings.find_followed(tx, file.id)
        pictures = followings.list_faces(tx, file.id)
    tracks = () if followed is None else followed.tracks
    return Following(held, case, file, job, followed, _choose_faces(tracks, pictures))


def read_face(node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId, face_id: str) -> bytes:
    """Return a small picture of a face that was followed, a JPEG; raises NotFound."""
    *_rest, file = ask_for_file(node, actor, Action.SUBMISSION_READ, submission_id, file_id)
    with node.store.reading() as tx:
        picture = followings.read_face(tx, file.id, face_id)
    if picture is None:
        raise NotFound("following.no-face", "There is no picture {number} of this video.", number=face_id)
    return picture


def ask_for_followed(
    node: Node, actor: Actor, action: Action, submission_id: SubmissionId, file_id: SubmissionFileId
) -> tuple[Submission, Case, Permitted, SubmittedFile, Followed]:
    """Return a video with its tracks, and the permit to do the action; raises NotFound, Conflict while there are none.

    Tracks change while the video is followed: there are none to act on until the job has ended.
    """
    held, case, permit, file = ask_for_file(node, actor, action, submission_id, file_id)
    with node.store.reading() as tx:
        job_id = followings.find_job(tx, file.id)
        job = None if job_id is None else jobs.find_job(tx, job_id)
        followed = followings.find_followed(tx, file.id)
    if followed is None or (job is not None and job.is_open):
        raise Conflict(
            "following.not-yet",
            "The faces of {name} have not been followed to an end; have them followed first, or wait for it.",
            name=file.name,
        )
    return held, case, permit, file, followed


def require_track(followed: Followed, number: int) -> Track:
    """Return the track of that number; raises NotFound where there is none."""
    for track in followed.tracks:
        if track.number == number:
            return track
    raise NotFound("following.no-track", "There is no track {number} in this video.", number=number)


def _choose_faces(tracks: Sequence[Track], pictures: Sequence[TrackFace]) -> dict[int, tuple[TrackFace, ...]]:
    """Return of each track the best pictures and those that differ most from one another."""
    shown = {(picture.frame, picture.box): picture for picture in pictures}
    found = {}
    for track in tracks:
        pictured = tuple(seen for seen in track.sightings if (seen.frame, seen.box) in shown)
        if pictured:
            chosen = choose_frames(Track(track.number, pictured), FACES)
            found[track.number] = tuple(shown[seen.frame, seen.box] for seen in chosen)
    return found
