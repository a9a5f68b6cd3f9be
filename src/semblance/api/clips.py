"""Covered clips of followed videos: made by a job, watched, and handed out to who confirms the digest."""

from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import Field
from starlette.responses import Response

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document
from semblance.edge.redaction import ClipDocument, ClipListDocument, answer_download, answer_player, describe_clip
from semblance.faces.redaction.outlines import ManualBox
from semblance.store.clips import BOXES_CAP
from semblance.terms.ids import ClipId, Sha256, SubmissionFileId, SubmissionId
from semblance.workflows.redaction.cover_clip import MOST_SECONDS, begin_clip
from semblance.workflows.redaction.export_clip import discard_clip, export_clip, list_clips, open_clip, read_clip


class ClipRequest(Document):
    """What is to leave of a video: one track shown, by its number, everybody else covered."""

    track: int = Field(ge=0)
    start: float | None = Field(
        default=None, allow_inf_nan=False, description="Seconds of the video; else 2 before the track is first seen."
    )
    end: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description=f"Else 2 after it is last seen; {MOST_SECONDS:g} after the start at most.",
    )
    boxes: tuple[ManualBox, ...] = Field(
        default=(), max_length=BOXES_CAP, description="Covered as well, in pixels and seconds of the video."
    )
    sound: bool = Field(default=False, description="Whether what is heard leaves: speech tells who somebody is.")


class ClipExportRequest(Document):
    """The clip that was watched: its digest, and why it leaves."""

    sha256: Sha256
    reason: str = Field(
        min_length=1,
        description="Why the clip leaves, and to whom it goes.",
        examples=["For the station in Lyon, which looks for him."],
    )


routes = APIRouter(tags=["submissions"], responses=list_answers(401, 403, 404))

_VIDEO = {"content": {"video/mp4": {}}, "description": "The clip, or the part that the header Range asks for."}


@routes.get("/submissions/{submission}/files/{file}/clips", summary="List the covered clips of a video")
def list_all(
    node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId
) -> ClipListDocument:
    """Return the clips that are held, the newest first; each is deleted after a day."""
    found = list_clips(node, actor, submission, file)
    return ClipListDocument(clips=tuple(describe_clip(clip, node.clock()) for clip in found))


@routes.post(
    "/submissions/{submission}/files/{file}/clips",
    summary="Have a covered clip made",
    status_code=201,
    responses=list_answers(409, 507),
)
def begin(
    node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId, request: ClipRequest
) -> ClipDocument:
    """Have a worker make a clip of a followed video; nothing leaves before somebody who watched it confirms it."""
    made = begin_clip(
        node,
        actor,
        submission,
        file,
        request.track,
        start=request.start,
        end=request.end,
        boxes=request.boxes,
        sound=request.sound,
    )
    return describe_clip(read_clip(node, actor, made.id), node.clock())


@routes.get("/clips/{clip}", summary="A covered clip")
def read(node: CurrentNode, actor: CurrentActor, clip: ClipId) -> ClipDocument:
    """Return a clip, or how far its job is; reading one that is whole is logged."""
    return describe_clip(read_clip(node, actor, clip), node.clock())


@routes.get(
    "/clips/{clip}/video",
    summary="Watch a covered clip",
    responses={200: _VIDEO, 206: _VIDEO, **list_answers(409)},
    response_class=Response,
)
def watch(
    node: CurrentNode, actor: CurrentActor, clip: ClipId, asked: Annotated[str | None, Header(alias="range")] = None
) -> Response:
    """Return the clip as it would leave, to be watched by whoever is to confirm it."""
    return answer_player(node, open_clip(node, actor, clip), asked)


@routes.post(
    "/clips/{clip}/export",
    summary="Export a covered clip",
    responses={200: _VIDEO, **list_answers(409)},
    response_class=Response,
)
def export(node: CurrentNode, actor: CurrentActor, clip: ClipId, request: ClipExportRequest) -> Response:
    """Hand out the clip that was watched, by its digest; a disclosure, with its reason."""
    return answer_download(node, export_clip(node, actor, clip, seen=request.sha256, reason=request.reason))


@routes.delete("/clips/{clip}", summary="Throw a covered clip away", status_code=204, responses=list_answers(409))
def discard(node: CurrentNode, actor: CurrentActor, clip: ClipId) -> None:
    """Delete a clip, with its key."""
    discard_clip(node, actor, clip)
