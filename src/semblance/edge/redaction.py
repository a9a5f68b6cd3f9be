"""Documents about pictures that leave with everyone but the chosen face covered."""

import base64
from datetime import datetime
from functools import partial

from pydantic import Field
from starlette.responses import StreamingResponse

from semblance.edge.document import Document
from semblance.edge.jobs import JobDocument, describe_job
from semblance.edge.ranges import answer_part
from semblance.errors import IntakeError
from semblance.faces.redaction.outlines import ManualBox
from semblance.faces.redaction.still import StillFormat
from semblance.messages.message import quote_text
from semblance.node.node import Node
from semblance.terms.samples import Box
from semblance.workflows.redaction.export_clip import ClipDetail, read_part, require_made
from semblance.workflows.redaction.export_still import StillPreview


class StillPreviewDocument(Document):
    """A still as it would leave, byte for byte; send ``serial`` and ``sha256`` back to confirm that it was seen."""

    serial: str
    reference: str = Field(description="Burnt in below the picture.", examples=["R-4F2A-91C0-77AB"])
    sha256: str
    face: int = Field(description="The one that is shown.")
    boxes: tuple[Box, ...]
    still_format: StillFormat
    width: int = Field(description="In pixels, without the band below.")
    height: int
    others: int = Field(description="How many other faces were found when the photo was handed in; all are covered.")
    missed: tuple[Box, ...] = Field(description="Faces that were still seen then; they are covered, too.")
    covered: float = Field(description="The covered share of the picture, 0 to 1.")
    hidden: float = Field(description="The covered share of the chosen face, 0 to 1: covering wins.")
    picture: str = Field(description="The still in base64.")


def describe_preview(preview: StillPreview) -> StillPreviewDocument:
    """Return the document of a preview."""
    draft, still = preview.draft, preview.still
    return StillPreviewDocument(
        serial=preview.serial,
        reference=preview.reference,
        sha256=preview.sha256,
        face=draft.face,
        boxes=draft.boxes,
        still_format=draft.still_format,
        width=still.width,
        height=still.height,
        others=preview.others,
        missed=preview.missed,
        covered=still.covered,
        hidden=still.hidden,
        picture=base64.b64encode(still.data).decode("ascii"),
    )


def answer_headers(preview: StillPreview) -> dict[str, str]:
    """Return the headers with which a still is handed out as a file."""
    return {"content-disposition": f'attachment; filename="{preview.file_name}"', "cache-control": "no-store"}


class ClipDocument(Document):
    """A covered clip of a video; what is null is told when it is whole."""

    id: str
    submission: str
    file: str
    track: int = Field(description="The one that is shown.")
    start: float = Field(description="Seconds of the video.")
    end: float
    boxes: tuple[ManualBox, ...] = Field(description="Covered as well, in pixels and seconds of the video.")
    sound: bool
    reference: str = Field(description="Burnt in below the picture.", examples=["R-4F2A-91C0-77AB"])
    made_at: datetime
    made_by: str
    over_at: datetime = Field(description="When it is deleted, whether it was handed out or not.")
    sha256: str | None = Field(description="Send it back to confirm that the clip was watched.")
    size: int | None = Field(description="In bytes.")
    frames: int | None
    seconds: float | None = Field(description="From its first frame to its last.")
    missed: int | None = Field(description="Faces that only the last look found, over all frames; covered, too.")
    job: JobDocument | None


class ClipListDocument(Document):
    """The clips of a video that are held, the newest first."""

    clips: tuple[ClipDocument, ...]


def describe_clip(found: ClipDetail, now: datetime) -> ClipDocument:
    """Return the document of a clip as it stands at that moment."""
    clip, made = found.clip, found.clip.made
    return ClipDocument(
        id=clip.id,
        submission=found.submission.id,
        file=clip.file,
        track=clip.draft.track,
        start=clip.draft.start,
        end=clip.draft.end,
        boxes=clip.draft.boxes,
        sound=clip.draft.sound,
        reference=clip.reference,
        made_at=clip.made_at,
        made_by=clip.made_by,
        over_at=found.over_at,
        sha256=None if made is None else made.sha256,
        size=None if made is None else made.size,
        frames=None if made is None else made.frames,
        seconds=None if made is None else made.seconds,
        missed=None if made is None else made.missed,
        job=None if found.job is None else describe_job(found.job, now),
    )


def read_timed_box(text: str) -> ManualBox:
    """Return the box that a text names, as 120,40,180,110@3.5..6 in pixels and seconds; raises IntakeError.

    Behind the @ either time may be left out, and so may both with it.
    """
    edges, _, times = text.partition("@")
    first, _, last = times.partition("..")
    try:
        left, top, right, bottom = map(float, edges.split(","))
        return ManualBox(Box(left, top, right, bottom), float(first) if first else None, float(last) if last else None)
    except ValueError:
        raise IntakeError(
            "redaction.no-timed-box",
            "{text} is no box; write it as 120,40,180,110@3.5..6, in pixels and seconds.",
            text=quote_text(text[:60]),
        ) from None


def write_timed_box(manual: ManualBox) -> str:
    """Return the text that names a box and when it covers."""
    box = manual.box
    edges = ",".join(f"{edge:g}" for edge in (box.left, box.top, box.right, box.bottom))
    if manual.first is None and manual.last is None:
        return edges
    first, last = ("" if time is None else f"{time:.3f}" for time in (manual.first, manual.last))
    return f"{edges}@{first}..{last}"


def answer_player(node: Node, found: ClipDetail, asked: str | None) -> StreamingResponse:
    """Answer with the part of a clip that the header ``Range`` asks for."""
    size = require_made(found.clip).size
    return answer_part(asked, size, partial(read_part, node, found), media_type="video/mp4")


def answer_download(node: Node, found: ClipDetail) -> StreamingResponse:
    """Answer with a clip as a file."""
    headers = {
        "content-disposition": f'attachment; filename="{found.clip.reference}.mp4"',
        "content-length": str(require_made(found.clip).size),
        "cache-control": "no-store",
    }
    return StreamingResponse(read_part(node, found), headers=headers, media_type="video/mp4")
