"""Documents about pictures that leave with everyone but the chosen face covered."""

import base64

from pydantic import Field

from semblance.edge.document import Document
from semblance.faces.redaction.still import StillFormat
from semblance.terms.samples import Box
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
