"""Photos held: their pictures, and the choice of a face."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from semblance.api.answers import list_answers
from semblance.edge.acting import make_acting
from semblance.edge.photos import EnrolRowDocument, PhotoDocument, describe_photo_detail, describe_row
from semblance.edge.statuses import accept
from semblance.faces.preview import render_preview
from semblance.node.node import Node
from semblance.terms.actor import Actor
from semblance.terms.ids import PhotoId
from semblance.workflows.enrolment.choose_face import choose_face
from semblance.workflows.records.read_record import describe_photo, read_photo


class FaceChoiceRequest(BaseModel):
    """The face of a photo that is the subject's."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"face": 0}]})

    face: int = Field(ge=0, description="Ordinal of the face.")


def make_photo_routes(node: Node) -> APIRouter:
    """Return the routes about photos."""
    routes = APIRouter(prefix="/photos", tags=["records"])
    acting = make_acting(node)

    @routes.get("/{photo}", summary="A photo without its picture", responses=list_answers(401, 403, 404))
    def read(actor: Annotated[Actor, Depends(acting)], photo: str) -> PhotoDocument:
        """Return a photo's outcome, faces and quality."""
        return describe_photo_detail(accept(describe_photo(node, actor, PhotoId(photo))), node.suitability)

    @routes.get(
        "/{photo}/picture",
        summary="A photo's picture",
        response_class=Response,
        responses={
            200: {"content": {"image/jpeg": {}}, "description": "A JPEG, upright."},
            **list_answers(401, 403, 404),
        },
    )
    def read_picture(
        actor: Annotated[Actor, Depends(acting)],
        photo: str,
        longest_side: Annotated[int, Query(ge=64, le=4000)] = 1200,
    ) -> Response:
        """Return the photo as an upright JPEG in sRGB without metadata; not the bytes that were handed in."""
        held = accept(read_photo(node, actor, PhotoId(photo)))
        return Response(render_preview(held.data, name=held.name, longest_side=longest_side), media_type="image/jpeg")

    @routes.post("/{photo}/choice", summary="Choose a face", responses=list_answers(401, 403, 404, 409))
    def choose(actor: Annotated[Actor, Depends(acting)], photo: str, choice: FaceChoiceRequest) -> EnrolRowDocument:
        """Enrol one face of a photo that shows several; the others never become templates."""
        return describe_row(accept(choose_face(node, actor, PhotoId(photo), choice.face)))

    return routes
