"""Frames of a submitted video for a person to look at, some at a time, with the boxes of everybody who was followed."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from semblance.errors import IntakeError
from semblance.faces.pictures import render_frame
from semblance.faces.sandbox.videos import iterate_frames
from semblance.gallery.submission import FileKind, FileState
from semblance.node.node import Node
from semblance.store import followings
from semblance.store.submission_chunks import SealedSource
from semblance.terms.frames import FrameName
from semblance.terms.ids import SubmissionFileId, SubmissionId
from semblance.terms.permission import Action, Actor
from semblance.workflows.following.note_viewing import note_viewing
from semblance.workflows.following.place_boxes import BoxFinder, PlacedBox
from semblance.workflows.submissions.receive import ask_for_file

FRAMES_CAP: Final = 60
"""No more frames are shown at a time."""
_LONGEST: Final = 1280


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A frame as a JPEG; ``boxes`` are in its pixels, ``width`` and ``height`` those of the picture."""

    name: FrameName
    seconds: float
    width: int
    height: int
    picture: bytes
    boxes: tuple[PlacedBox, ...]


def read_frames(
    node: Node,
    actor: Actor,
    submission_id: SubmissionId,
    file_id: SubmissionFileId,
    *,
    start: float | None = None,
    until: float | None = None,
    count: int = FRAMES_CAP,
) -> tuple[ShownFrame, ...]:
    """Return the frames from one time to another, in seconds, the first of them where there are more than ``count``.

    They come in the size in which faces were followed. That somebody looks at the video is noted once in a while, not
    for each batch. Raises NotFound, IntakeError where it is no video that is held, and what ``iterate_frames`` raises.
    """
    held, case, permit, file = ask_for_file(node, actor, Action.SUBMISSION_READ, submission_id, file_id)
    if file.state is not FileState.COMPLETE or file.kind is not FileKind.VIDEO:
        raise IntakeError("submission.no-video", "{name} is no video that is held here.", name=file.name)
    note_viewing(node, permit, held, case, file)
    with node.store.reading() as tx:
        followed = followings.find_followed(tx, file.id)
    finder = BoxFinder(() if followed is None else followed.tracks)
    source, longest = SealedSource(node.store, file), _LONGEST if followed is None else followed.longest
    with iterate_frames(source, name=file.name, start=start, until=until, longest=longest) as frames:
        return tuple(
            ShownFrame(
                frame.name,
                frame.seconds,
                frame.pixels.shape[1],
                frame.pixels.shape[0],
                render_frame(frame),
                finder.find(frame.seconds),
            )
            for frame in islice(frames, max(0, min(count, FRAMES_CAP)))
        )
