"""Make a covered clip of a followed video as a job: every frame covered, then encoded by a process apart."""

import hashlib
import json
from dataclasses import asdict, astuple, replace
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.errors import Conflict, IntakeError, NotFound
from semblance.faces.redaction.clip import HOLD, Covering, cover_frames
from semblance.faces.redaction.missed import StillSeen
from semblance.faces.redaction.outlines import ManualBox
from semblance.faces.redaction.still import look_with
from semblance.faces.sandbox.clips import EncodedClip, encode_clip
from semblance.faces.sandbox.videos import iterate_frames, read_sound
from semblance.gallery.following import Followed
from semblance.gallery.submission import SubmittedFile
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import clips
from semblance.store.clips import BOXES_CAP, ClipDraft, MadeClip, StoredClip
from semblance.store.submission_chunks import SealedSource
from semblance.terms.ids import ClipId, JobId, Sha256, SubmissionFileId, SubmissionId, make_id
from semblance.terms.permission import Action, Actor
from semblance.terms.samples import Box
from semblance.terms.tracks import Track
from semblance.workflows.following.read_following import ask_for_followed, require_track
from semblance.workflows.jobs.jobs import begin_job
from semblance.workflows.jobs.kind import JobKind, JobRun
from semblance.workflows.permission import log_act
from semblance.workflows.redaction.export_still import require_open
from semblance.workflows.redaction.reference_number import make_reference
from semblance.workflows.submissions.receive import require_file
from semblance.workflows.submissions.submissions import require_still_open, touch

MOST_SECONDS: Final = 300.0
"""Of a clip. Somebody has to watch all of it before it leaves, and nobody looks closely for longer."""
AROUND: Final = 2.0
"""Seconds before the chosen face is first seen and after it is last seen, unless other times are named."""


def choose_span(track: Track) -> tuple[float, float]:
    """Return from when to when a clip of that track goes unless other times are named, in seconds of the video."""
    first, last = track.sightings[0].seconds, track.sightings[-1].seconds
    start = max(min(0.0, first), first - AROUND)
    return start, min(last + AROUND, start + MOST_SECONDS)


def begin_clip(
    node: Node,
    actor: Actor,
    submission_id: SubmissionId,
    file_id: SubmissionFileId,
    track: int,
    *,
    start: float | None = None,
    end: float | None = None,
    boxes: tuple[ManualBox, ...] = (),
    sound: bool = False,
) -> StoredClip:
    """Have a worker make a clip of a followed video with everybody but that track covered; nothing leaves by it.

    Raises NotFound where there is no such video or track, Conflict where its faces were not followed that far or the
    case is not open, IntakeError where a time or box cannot be meant.
    """
    held, case, permit, file, followed = ask_for_followed(node, actor, Action.REDACTION_EXPORT, submission_id, file_id)
    require_open(case)
    chosen = require_track(followed, track)
    first, last = choose_span(chosen)
    draft = ClipDraft(track, first if start is None else start, last if end is None else end, boxes, sound)
    _require_span(followed, chosen, draft, file.name)
    _require_boxes(draft, followed.longest)
    now, clip_id = node.clock(), ClipId(make_id())
    reference = make_reference([clip_id, actor.person, file.id, asdict(draft)])
    arguments = {"submission": held.id, "file": file.id, "clip": clip_id, "followed": followed.job}
    with node.store.writing() as tx:
        require_still_open(tx, case)
        require_file(tx, file)
        job = begin_job(tx, permit, COVER_CLIP, json.dumps(arguments).encode(), at=now, case=case)
        clip = StoredClip(clip_id, file.id, job.id, now, actor.name, draft, reference)
        clips.add_clip(tx, clip)
        said = Message(
            "redaction.clip-asked-for",
            "a clip is made, {reference}: {start:.2f} s to {end:.2f} s, track {number} shown, boxes: {boxes}, {sound}",
            reference=reference,
            start=draft.start,
            end=draft.end,
            number=track,
            boxes=len(boxes),
            sound=say_sound(draft),
        )
        touched = Touched("clip", clip.id), Touched("submission-file", file.id), *touch(held)
        log_act(tx, permit, Verb.CONSULTATION, *touched, at=now, action="redaction.clip", case=case, reason=said)
    return clip


def say_sound(draft: ClipDraft) -> Message:
    """Return whether what is heard goes along, in words."""
    if draft.sound:
        return Message("redaction.with-sound", "with sound")
    return Message("redaction.without-sound", "without sound")


def cover_clip(node: Node, run: JobRun) -> Message | None:
    """Make the clip from its beginning, and keep it only when it is whole; None where it was stopped."""
    asked = json.loads(run.arguments)
    *_rest, case, _permit, file, followed = ask_for_followed(
        node, run.actor, Action.REDACTION_EXPORT, SubmissionId(asked["submission"]), SubmissionFileId(asked["file"])
    )
    require_open(case)
    with node.store.reading() as tx:
        found = clips.find_clip(tx, ClipId(asked["clip"]))
    if found is None:
        raise NotFound("redaction.clip-gone", "The clip was thrown away while it was made.")
    if found[0].made is not None:
        return _conclude(found[0].made)
    if followed.job != JobId(asked["followed"]):
        raise Conflict(
            "redaction.followed-anew",
            "The faces of {name} were followed anew meanwhile, and tracks have other numbers now; ask for the clip "
            "again.",
            name=file.name,
        )
    try:
        return _conclude(_make(node, run, found[0], file, followed))
    except _Stopped:
        return None
    except StillSeen:
        raise Conflict(
            "redaction.clip-still-seen",
            "In one frame another face is seen beside the chosen one however much is covered; cover more by boxes, or "
            "choose another part.",
        ) from None


COVER_CLIP: Final = JobKind(
    name="cover-clip",
    title=Message("jobs.cover-clip", "making a covered clip"),
    unit=Message("jobs.seconds", "seconds"),
    verb=Verb.CONSULTATION,
    actions=frozenset({Action.REDACTION_EXPORT}),
    run=cover_clip,
)


class _Stopped(Exception):
    """The job was cancelled, or its worker is to end."""


def _make(node: Node, run: JobRun, clip: StoredClip, file: SubmittedFile, followed: Followed) -> MadeClip:
    draft, source, begins = clip.draft, SealedSource(node.store, file), None

    def watch(_seconds: float) -> None:
        if run.stopped():
            raise _Stopped

    total = max(1, round(draft.end - draft.start))
    run.report(0, total)
    sound = None
    if draft.sound:
        sound = read_sound(source, name=file.name, start=draft.start, until=draft.end, watch=watch)
    covering = Covering(followed.tracks, draft.track, draft.boxes, find=look_with(node.extractor))
    with encode_clip(clip.reference, sound) as encoder:
        with iterate_frames(
            source, name=file.name, start=draft.start, until=draft.end, longest=followed.longest, watch=watch
        ) as frames:
            for frame in cover_frames(frames, covering):
                watch(frame.seconds)
                encoder.add(frame)
                begins = frame.seconds if begins is None else begins
                run.report(max(0, min(total, round(frame.seconds - draft.start))), total)
        if begins is None:
            raise Conflict("redaction.no-frame", "{name} has no frame in that part that can be read.", name=file.name)
        return _keep(node, run, clip, encoder.finish(), begins)


def _keep(node: Node, run: JobRun, clip: StoredClip, encoded: EncodedClip, begins: float) -> MadeClip:
    """Write the whole clip in one transaction: none that is killed, or runs out of room, leaves a part of it."""
    digest = hashlib.sha256()
    with node.store.writing() as tx:
        if clips.find_clip(tx, clip.id) is None:
            raise NotFound("redaction.clip-gone", "The clip was thrown away while it was made.")
        for number, piece in enumerate(encoded.pieces):
            digest.update(piece)
            clips.add_piece(tx, clip.id, number, piece)
        sha256 = Sha256(digest.hexdigest())
        made = MadeClip(sha256, encoded.size, encoded.frames, begins, encoded.seconds, encoded.missed)
        clips.keep_clip(tx, replace(clip, made=made))
        run.save(b"", tx)
    return made


def _conclude(made: MadeClip) -> Message:
    return Message("redaction.clip-made", "{n} frames, which somebody has to watch before they leave", n=made.frames)


def _require_span(followed: Followed, chosen: Track, draft: ClipDraft, name: str) -> None:
    if not 0 < draft.end - draft.start <= MOST_SECONDS:
        raise IntakeError(
            "redaction.bad-span", "A clip is longer than 0 and at most {most:g} seconds long.", most=MOST_SECONDS
        )
    if not any(draft.start <= seen.seconds <= draft.end for seen in chosen.sightings):
        raise IntakeError(
            "redaction.not-in-span",
            "Track {number} is not seen in that part of {name}; it is seen from {first:.2f} s to {last:.2f} s.",
            number=chosen.number,
            name=name,
            first=chosen.sightings[0].seconds,
            last=chosen.sightings[-1].seconds,
        )
    # who is first seen just behind the end is covered before
    if not followed.done and draft.end + HOLD > followed.reached:
        raise Conflict(
            "redaction.not-followed-so-far",
            "The faces of {name} were followed up to {reached:.2f} s only; nobody behind it would be covered. Have "
            "them followed to the end.",
            name=name,
            reached=followed.reached,
        )


def _require_boxes(draft: ClipDraft, longest: int) -> None:
    if len(draft.boxes) > BOXES_CAP:
        raise IntakeError(
            "redaction.too-many-boxes", "{n} boxes are too many; {cap} are taken.", n=len(draft.boxes), cap=BOXES_CAP
        )
    whole = Box(0, 0, longest, longest)
    for number, manual in enumerate(draft.boxes, start=1):
        box, first, last = manual.box, manual.first, manual.last
        # a comparison with what is no number is never true
        if not (box.area > 0 and box.touches(whole) and all(abs(edge) < float("inf") for edge in astuple(box))):
            raise IntakeError(
                "redaction.clip-box-nowhere", "Box {number} covers nothing of the picture.", number=number
            )
        begins = draft.start if first is None else first
        if not (begins <= (draft.end if last is None else last) and begins <= draft.end):
            raise IntakeError("redaction.box-never", "Box {number} covers nothing in that part.", number=number)
