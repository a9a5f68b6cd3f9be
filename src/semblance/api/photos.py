"""Photos held: their pictures, and the choice of a face."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.photos import PhotoDocument
from semblance.faces.preview import render_preview
from semblance.terms.ids import PhotoId
from semblance.workflows.enrolment.choose_face import choose_face
from semblance.workflows.enrolment.enrolment_report import EnrolRow
from semblance.workflows.records.read_record import describe_photo, read_photo


class FaceChoiceRequest(BaseModel):
    """The face of a photo that is the subject's."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"face": 0}]})

    face: int = Field(ge=0, description="Ordinal of the face.")


routes = APIRouter(prefix="/photos", tags=["records"])


@routes.get("/{photo}", summary="A photo without its picture", responses=list_answers(401, 403, 404))
def read(node: CurrentNode, actor: CurrentActor, photo: str) -> PhotoDocument:
    """Return a photo's outcome, faces and quality."""
    return PhotoDocument.model_validate(describe_photo(node, actor, PhotoId(photo)), context=node.suitability)


@routes.get(
    "/{photo}/picture",
    summary="A photo's picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "A JPEG, upright."}, **list_answers(401, 403, 404)},
)
def read_picture(
    node: CurrentNode, actor: CurrentActor, photo: str, longest_side: Annotated[int, Query(ge=64, le=4000)] = 1200
) -> Response:
    """Return the photo as an upright JPEG in sRGB without metadata; not the bytes that were handed in."""
    found = read_photo(node, actor, PhotoId(photo))
    return Response(render_preview(found.data, name=found.name, longest_side=longest_side), media_type="image/jpeg")


@routes.post("/{photo}/choice", summary="Choose a face", responses=list_answers(401, 403, 404, 409))
def choose(node: CurrentNode, actor: CurrentActor, photo: str, choice: FaceChoiceRequest) -> EnrolRow:
    """Enrol one face of a photo that shows several; the others never become templates."""
    return choose_face(node, actor, PhotoId(photo), choice.face)
