"""Look at covered clips, hand them out once somebody who watched them confirms it, and throw them away."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case
from semblance.errors import Conflict, NotFound, VerificationError
from semblance.faces.sandbox.clip_limits import PIECE
from semblance.gallery.following import Followed
from semblance.gallery.submission import Submission, SubmittedFile
from semblance.messages.message import Message, quote_text
from semblance.node.node import Node
from semblance.store import cases, clips, jobs, submissions
from semblance.store.clips import MadeClip, StoredClip
from semblance.store.engine import Transaction
from semblance.terms.ids import ClipId, Sha256, SubmissionFileId, SubmissionId
from semblance.terms.job import Job
from semblance.terms.permission import Action, Actor
from semblance.terms.tracks import Track
from semblance.workflows.following.read_following import ask_for_followed, require_track
from semblance.workflows.permission import Permitted, ask, log_act, name_touched, refuse_missing, require_reason
from semblance.workflows.redaction.cover_clip import choose_span, say_sound
from semblance.workflows.redaction.export_still import require_open
from semblance.workflows.submissions.receive import ask_for_file
from semblance.workflows.submissions.submissions import touch
from semblance.workflows.worker_acts import log_due, work_off

CLIP_LIFE: Final = timedelta(days=1)
"""After it was asked for; whether it was handed out or not."""


@dataclass(frozen=True, slots=True)
class ClipDetail:
    """A clip, the video that it is of, and the job that makes it or did."""

    clip: StoredClip
    file: SubmittedFile
    submission: Submission
    case: Case
    job: Job | None

    @property
    def over_at(self) -> datetime:
        return self.clip.made_at + CLIP_LIFE


@dataclass(frozen=True, slots=True)
class ClipChoice:
    """What a clip can be made of: a video and one of its tracks, and from when to when unless other times are named.

    ``clips`` are those of the video that are held, the newest first.
    """

    submission: Submission
    case: Case
    file: SubmittedFile
    followed: Followed
    track: Track
    span: tuple[float, float]
    clips: tuple[ClipDetail, ...]


def prepare_clip(
    node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId, track: int
) -> ClipChoice:
    """Return what a clip of that track can be made of; raises NotFound, Conflict where faces were not followed."""
    held, case, _permit, file, followed = ask_for_followed(node, actor, Action.REDACTION_EXPORT, submission_id, file_id)
    chosen = require_track(followed, track)
    return ClipChoice(
        held, case, file, followed, chosen, choose_span(chosen), list_clips(node, actor, submission_id, file_id)
    )


def list_clips(
    node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId
) -> tuple[ClipDetail, ...]:
    """Return the clips of a video that are held, the newest first; raises NotFound."""
    held, case, _permit, file = ask_for_file(node, actor, Action.REDACTION_EXPORT, submission_id, file_id)
    with node.store.reading() as tx:
        found = clips.list_clips(tx, file.id)
        return tuple(ClipDetail(clip, file, held, case, jobs.find_job(tx, clip.job)) for clip in found)


def read_clip(node: Node, actor: Actor, clip_id: ClipId) -> ClipDetail:
    """Return a clip; one that is whole was looked at then, and that is noted. Raises NotFound."""
    found, permit = _ask_for_clip(node, actor, clip_id)
    if found.clip.made is not None:
        with node.store.writing() as tx:
            now, action = node.clock(), "redaction.watch"
            log_act(tx, permit, Verb.CONSULTATION, *_touch(found), at=now, action=action, case=found.case)
    return found


def open_clip(node: Node, actor: Actor, clip_id: ClipId) -> ClipDetail:
    """Return a whole clip of which a player is given parts, which is not noted each time: nothing leaves by it.

    Raises NotFound, Conflict where it is not whole.
    """
    found, _ = _ask_for_clip(node, actor, clip_id)
    require_made(found.clip)
    return found


def read_part(node: Node, found: ClipDetail, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Give the bytes of a whole clip from one place up to another, in pieces.

    Raises VerificationError where one is missing or was changed.
    """
    made = require_made(found.clip)
    pieces = _read_pieces(node, found.clip.id, made, start // PIECE)
    return _cut(pieces, start % PIECE, (made.size if end is None else end) - start)


def export_clip(node: Node, actor: Actor, clip_id: ClipId, *, seen: Sha256, reason: str) -> ClipDetail:
    """Let a clip leave that somebody watched, and record it; its bytes are those that ``read_part`` gives then.

    ``seen`` is the digest of what was watched. Raises NotFound, and Conflict where it is not whole, is another one, or
    the case is not open.
    """
    require_reason(reason, Message("redaction.clip-unexplained", "Say why the clip leaves, and to whom it goes."))
    found, permit = _ask_for_clip(node, actor, clip_id)
    require_open(found.case)
    clip, made = found.clip, require_made(found.clip)
    digest = hashlib.sha256()
    for piece in _read_pieces(node, clip.id, made):
        digest.update(piece)
    if not seen == made.sha256 == digest.hexdigest():
        raise Conflict(
            "redaction.not-the-clip-seen",
            "What would leave is not the clip that was confirmed. Watch it again, and confirm what you see.",
        )
    now = node.clock()
    with node.store.writing() as tx:
        current = cases.find_case(tx, found.case.id)
        if current is None or clips.find_clip(tx, clip.id) is None:
            raise missing_clip(clip_id)
        require_open(current)
        cases.touch_case(tx, current.id, now)
        said = Message(
            "redaction.clip-exported",
            "{reason} ({reference}: track {number} shown from {start:.2f} s to {end:.2f} s, {sound}; boxes: {boxes}, "
            "faces that only the last look found: {missed}; SHA-256 {digest})",
            reason=quote_text(reason),
            reference=clip.reference,
            number=clip.draft.track,
            start=clip.draft.start,
            end=clip.draft.end,
            sound=say_sound(clip.draft),
            boxes=len(clip.draft.boxes),
            missed=made.missed,
            digest=made.sha256,
        )
        log_act(tx, permit, Verb.DISCLOSURE, *_touch(found), at=now, case=current, reason=said)
    return found


def discard_clip(node: Node, actor: Actor, clip_id: ClipId) -> None:
    """Throw a clip away, with its key; raises NotFound, Conflict while it is made."""
    found, permit = _ask_for_clip(node, actor, clip_id)
    if found.job is not None and found.job.is_open:
        raise Conflict("redaction.clip-in-the-making", "The clip is being made; cancel its job first.")
    with node.store.writing() as tx:
        clips.delete_clips(tx, [clip_id])
        now, action = node.clock(), "redaction.discard"
        log_act(tx, permit, Verb.ERASURE, *_touch(found), at=now, action=action, case=found.case)
    node.store.clear_deleted()


def forget_clips(node: Node) -> Iterator[int]:
    """Delete clips that are a day old, with their keys; give how many each time."""

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[StoredClip, ...]:
        return clips.find_over(tx, before=now - CLIP_LIFE, limit=limit)

    def forget(tx: Transaction, over: Sequence[StoredClip], now: datetime) -> None:
        clips.delete_clips(tx, [clip.id for clip in over])
        reason = Message("redaction.clips-over", "{n} covered clips were a day old", n=len(over))
        log_due(tx, node, Verb.ERASURE, "redaction.discard", reason=reason, at=now)

    for forgotten in work_off(node, find, forget, job="forget-clips"):
        node.store.clear_deleted()
        yield forgotten


def require_made(clip: StoredClip) -> MadeClip:
    """Return what a clip holds; raises Conflict where it is not whole."""
    if clip.made is None:
        raise Conflict(
            "redaction.clip-not-made", "The clip is not whole yet, or its job failed; the page of jobs says which."
        )
    return clip.made


def missing_clip(clip_id: str) -> NotFound:
    """Return the error for a clip that is not held, not any more, or another authority's."""
    return NotFound(
        "redaction.no-clip",
        "There is no clip {number} of your authority, or its day is over; have it made again.",
        number=clip_id,
    )


def _ask_for_clip(node: Node, actor: Actor, clip_id: ClipId) -> tuple[ClipDetail, Permitted]:
    named, action = name_touched("clip", clip_id), Action.REDACTION_EXPORT
    permit = ask(node, actor, action, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        found = clips.find_clip(tx, clip_id, actor.authority)
        if found is not None:
            clip, submission_id = found
            held = submissions.find_submission(tx, submission_id)
            file = submissions.find_file(tx, submission_id, clip.file)
            case = None if held is None else cases.find_case(tx, held.case)
            if held is not None and file is not None and case is not None:
                return ClipDetail(clip, file, held, case, jobs.find_job(tx, clip.job)), permit
    refuse_missing(node, actor, action, named)
    raise missing_clip(clip_id)


def _touch(found: ClipDetail) -> tuple[Touched, ...]:
    return Touched("clip", found.clip.id), Touched("submission-file", found.file.id), *touch(found.submission)


def _read_pieces(node: Node, clip: ClipId, made: MadeClip, first: int = 0) -> Iterator[bytes]:
    for number in range(first, -(-made.size // PIECE)):
        with node.store.reading() as tx:
            piece = clips.read_piece(tx, clip, number)
        if piece is None or len(piece) != min(PIECE, made.size - number * PIECE):
            raise VerificationError("redaction.piece-missing", "A piece of a clip is missing; have it made again.")
        yield piece


def _cut(pieces: Iterator[bytes], skipped: int, length: int) -> Iterator[bytes]:
    for piece in pieces:
        part = piece[skipped : skipped + length]
        skipped, length = 0, length - len(part)
        yield part
        if length <= 0:
            return
