"""Pictures that leave with everyone but the chosen face covered: looked at first, then confirmed by their digest."""

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import Response

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document
from semblance.edge.redaction import StillPreviewDocument, answer_headers, describe_preview
from semblance.faces.redaction.still import StillFormat
from semblance.terms.ids import ProbeId, Sha256
from semblance.terms.samples import Box
from semblance.workflows.redaction.export_still import BOXES_CAP, StillDraft, export_still, preview_still


class StillRequest(Document):
    """What is to leave: one face of a probe, and boxes over whoever the detector missed."""

    face: int = Field(ge=0, description="The one that is shown; all others are covered.")
    boxes: tuple[Box, ...] = Field(default=(), max_length=BOXES_CAP, description="Pixels of the upright photo.")
    still_format: StillFormat = "png"

    @property
    def draft(self) -> StillDraft:
        return StillDraft(self.face, self.boxes, self.still_format)


class StillExportRequest(StillRequest):
    """The still that was seen: all that was asked for in the preview, its serial and its digest, and why it leaves."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "face": 0,
                    "serial": "6f1f0f0c3b0d4c5f8e6a1b2c3d4e5f60",
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "reason": "For the station in Lyon, which looks for him.",
                }
            ]
        }
    )

    serial: str = Field(max_length=64)
    sha256: Sha256
    reason: str = Field(min_length=1, description="Why the picture leaves, and to whom it goes.")


routes = APIRouter(tags=["cases"], responses=list_answers(401, 403))


@routes.post("/probes/{probe}/stills/preview", summary="Preview a covered still", responses=list_answers(404, 409))
def preview(node: CurrentNode, actor: CurrentActor, probe: ProbeId, request: StillRequest) -> StillPreviewDocument:
    """Return the still as it would leave; nothing leaves before somebody who saw it confirms it."""
    return describe_preview(preview_still(node, actor, probe, request.draft))


@routes.post(
    "/probes/{probe}/stills",
    summary="Export a covered still",
    responses={
        200: {"content": {"image/png": {}, "image/jpeg": {}}, "description": "The still that was seen."},
        **list_answers(404, 409),
    },
    response_class=Response,
)
def export(node: CurrentNode, actor: CurrentActor, probe: ProbeId, request: StillExportRequest) -> Response:
    """Hand out the still that was seen in a preview, by its serial and digest; a disclosure, with its reason."""
    made = export_still(
        node, actor, probe, request.draft, serial=request.serial, seen=request.sha256, reason=request.reason
    )
    return Response(made.still.data, media_type=made.media_type, headers=answer_headers(made))
