"""Pictures: upright previews and crops of faces, made anew from the bytes held, without their metadata."""

from fastapi import APIRouter
from starlette.responses import Response

from semblance.errors import NotFound
from semblance.faces.preview import render_face, render_preview
from semblance.terms.ids import PhotoId, ProbeId
from semblance.terms.samples import FaceSample
from semblance.web.site import Site
from semblance.workflows.show import PhotoBytes, describe_photo, describe_probe, read_photo, read_probe

_FACE_SIDE = 320
_MARGIN = 0.25


def make_picture_routes(site: Site) -> APIRouter:
    """Return the routes of pictures of probes and of photos held."""
    routes = APIRouter()

    @routes.get("/probes/{probe}/picture")
    def show_probe(probe: str) -> Response:
        return _answer_preview(read_probe(site.node, ProbeId(probe)))

    @routes.get("/probes/{probe}/faces/{ordinal}")
    def show_probe_face(probe: str, ordinal: int) -> Response:
        detail = describe_probe(site.node, ProbeId(probe))
        return _answer_face(read_probe(site.node, detail.probe), detail.faces, ordinal)

    @routes.get("/photos/{photo}/picture")
    def show_photo(photo: str) -> Response:
        return _answer_preview(read_photo(site.node, PhotoId(photo)))

    @routes.get("/photos/{photo}/faces/chosen")
    def show_reference(photo: str) -> Response:
        detail = describe_photo(site.node, PhotoId(photo))
        if detail.chosen is None:
            raise NotFound("No face of this photo is a reference.")
        return _answer_face(read_photo(site.node, detail.photo), detail.faces, detail.chosen)

    @routes.get("/photos/{photo}/faces/{ordinal}")
    def show_photo_face(photo: str, ordinal: int) -> Response:
        detail = describe_photo(site.node, PhotoId(photo))
        return _answer_face(read_photo(site.node, detail.photo), detail.faces, ordinal)

    return routes


def _answer_preview(photo: PhotoBytes) -> Response:
    return Response(render_preview(photo.data, name=photo.name), media_type="image/jpeg")


def _answer_face(photo: PhotoBytes, faces: tuple[FaceSample, ...], ordinal: int) -> Response:
    for face in faces:
        if face.ordinal == ordinal:
            picture = render_face(photo.data, name=photo.name, box=face.box, side=_FACE_SIDE, margin=_MARGIN)
            return Response(picture, media_type="image/jpeg")
    raise NotFound(f"The photo has no face {ordinal}.")
