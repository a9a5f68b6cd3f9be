"""Follow every face of a submitted video as a job: tracks come out, and nothing is compared with any record."""

import json
import time
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.errors import Conflict, DamagedVideo, DecoderFailed, IntakeError
from semblance.faces.sandbox.videos import iterate_frames
from semblance.faces.tracking.portraits import PortraitKeeper
from semblance.faces.tracking.tracker import FaceTracker
from semblance.faces.video.frame import VideoFrame
from semblance.gallery.following import Followed, TrackFace
from semblance.gallery.submission import FileKind, FileState, SubmittedFile
from semblance.messages.message import Message
from semblance.node.extraction_cache import find_reader
from semblance.node.node import Node
from semblance.store import followings, jobs
from semblance.store.engine import Transaction
from semblance.store.submission_chunks import SealedSource
from semblance.terms.ids import SubmissionFileId, SubmissionId
from semblance.terms.job import Job
from semblance.terms.permission import Action, Actor
from semblance.terms.tracks import Track
from semblance.workflows.jobs.jobs import begin_job
from semblance.workflows.jobs.kind import JobKind, JobRun
from semblance.workflows.permission import log_act
from semblance.workflows.submissions.receive import ask_for_file, require_file
from semblance.workflows.submissions.submissions import require_open, require_still_open, touch

LONGEST: Final = 1280
"""Frames that are larger are made smaller: a face that could be recognised is large enough in them."""
_BACK: Final = 0.0005
"""Seconds; times are rounded when they are written."""
_SOON: Final = 2.0
_SHARE: Final = 20
"""What was found is written so many seconds after the last time, or this many times as long as that took."""


def begin_following(node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId) -> Job:
    """Have a worker follow the faces of a video; what an earlier job found in it is forgotten.

    Raises NotFound, IntakeError where it is no video that is held, Conflict where the case is not open, or its faces
    are being followed.
    """
    held, case, permit, file = ask_for_file(node, actor, Action.VIDEO_FOLLOW, submission_id, file_id)
    require_open(case)
    if file.state is not FileState.COMPLETE or file.kind is not FileKind.VIDEO:
        raise IntakeError("following.no-video", "{name} is no video that is held here.", name=file.name)
    now = node.clock()
    with node.store.writing() as tx:
        require_still_open(tx, case)
        current = require_file(tx, file)
        before = followings.find_job(tx, file.id)
        earlier = None if before is None else jobs.find_job(tx, before)
        if earlier is not None and earlier.is_open:
            raise Conflict(
                "following.goes-on", "The faces of {name} are being followed already; wait for it.", name=file.name
            )
        arguments = json.dumps({"submission": held.id, "file": current.id}).encode()
        job = begin_job(tx, permit, FOLLOW_VIDEO, arguments, at=now, case=case)
        followings.begin_followed(tx, current.id, job.id)
        action = "video.follow"
        touched = Touched("submission-file", current.id), *touch(held)
        log_act(tx, permit, Verb.CONSULTATION, *touched, at=now, action=action, case=case)
    return job


def follow_video(node: Node, run: JobRun) -> Message | None:
    """Follow the faces, and write the tracks so far every few seconds; None where it was stopped.

    Templates stay in memory, and in what the job saves for going on, whose key is destroyed when it ends.
    """
    asked = json.loads(run.arguments)
    *_rest, file = ask_for_file(
        node, run.actor, Action.VIDEO_FOLLOW, SubmissionId(asked["submission"]), SubmissionFileId(asked["file"])
    )
    total = None if file.facts is None or file.facts.seconds is None else round(file.facts.seconds)
    work = _Following(node, run, file)

    def watch(_seconds: float) -> None:
        if run.stopped():
            raise _Stopped

    try:
        source = SealedSource(node.store, file)
        with iterate_frames(
            source, name=file.name, longest=LONGEST, start=work.start, watch=watch, wanted=lambda: work.due
        ) as frames:
            for frame in frames:
                watch(frame.seconds)
                work.look(frame)
                reached = max(0, round(frame.seconds))
                run.report(reached, None if total is None else max(total, reached))
            return work.finish(frames.notes)
    except _Stopped:
        work.save()
        return None
    except (DamagedVideo, DecoderFailed) as error:
        if not work.begun:
            raise
        return work.finish((error.message,))


FOLLOW_VIDEO: Final = JobKind(
    name="follow-video",
    title=Message("jobs.follow-video", "following the faces of a video"),
    unit=Message("jobs.seconds", "seconds"),
    verb=Verb.CONSULTATION,
    actions=frozenset({Action.VIDEO_FOLLOW}),
    run=follow_video,
)


class _Stopped(Exception):
    """The job was cancelled, or its worker is to end."""


class _Following:
    """The tracker at work on a file, from where the job had got to, and what it writes."""

    def __init__(self, node: Node, run: JobRun, file: SubmittedFile) -> None:
        self._node, self._run, self._file = node, run, file
        reader = find_reader(node.extractor)
        self._pack = reader.digest
        self._notes: tuple[Message, ...] = ()
        try:
            self._tracker = FaceTracker(reader, state=run.saved)
        except Conflict:
            # another pack is in use since
            self._tracker = FaceTracker(reader)
        self.begun = self._tracker.begun
        with node.store.writing() as tx:
            if not self.begun:
                followings.begin_followed(tx, file.id, run.job.id)
            known = followings.list_faces(tx, file.id)
        self._keeper = PortraitKeeper({face.id: face.quality for face in known})
        self._due = time.monotonic() + _SOON

    @property
    def start(self) -> float | None:
        """Where to go on in the video."""
        return self._tracker.seconds - _BACK if self.begun else None

    @property
    def due(self) -> float | None:
        """From when on a frame is looked at next."""
        return self._tracker.due

    def look(self, frame: VideoFrame) -> None:
        """Look at the frame; write what was found where that is due."""
        self.begun = True
        self._tracker.take(frame)
        self._keeper.look(frame, self._tracker.latest)
        if time.monotonic() >= self._due:
            self.save()

    def save(self) -> None:
        """Write the tracks so far and where to go on, in one transaction."""
        begun = time.monotonic()
        with self._node.store.writing() as tx:
            self._keep(tx, self._tracker.find_tracks(), done=False)
            self._run.save(self._tracker.state, tx)
        now = time.monotonic()
        self._due = now + max(_SOON, _SHARE * (now - begun))

    def finish(self, notes: tuple[Message, ...]) -> Message:
        """Write all tracks, and return what it came to."""
        self._notes = notes
        tracks = self._tracker.finish()
        with self._node.store.writing() as tx:
            self._keep(tx, tracks, done=True)
            self._run.save(b"", tx)
        return Message("following.done", "faces followed in {n} tracks", n=len(tracks))

    def _keep(self, tx: Transaction, tracks: tuple[Track, ...], *, done: bool) -> None:
        file, reached = require_file(tx, self._file), self._tracker.seconds
        found = Followed(file.id, self._run.job.id, self._pack, LONGEST, reached, done, self._notes, tracks)
        faces = {
            TrackFace(face.id, face.sighting.frame, face.sighting.seconds, face.sighting.box, face.sighting.quality): (
                face.picture
            )
            for face in self._keeper.take()
        }
        followings.keep_followed(tx, found, faces)
