"""Pictures: upright previews and crops of faces, made anew from the bytes held, without their metadata."""

from fastapi import APIRouter
from starlette.responses import Response

from semblance.edge.acting import CurrentActor
from semblance.errors import NotFound
from semblance.faces.pictures import render_face, render_preview
from semblance.terms.ids import PhotoId, ProbeId
from semblance.terms.samples import FaceSample
from semblance.web.page.site import CurrentSite
from semblance.workflows.cases.probes import find_probe, read_probe
from semblance.workflows.records.read_record import PhotoBytes, describe_photo, read_photo

FACE_SIDE = 320
FACE_MARGIN = 0.25
"""How large a face is shown in lists, in pixels, and how much is shown around it, as a share of its box."""


routes = APIRouter()


@routes.get("/probes/{probe}/picture")
def show_probe(site: CurrentSite, actor: CurrentActor, probe: str) -> Response:
    return _answer_preview(read_probe(site.node, actor, ProbeId(probe)))


@routes.get("/probes/{probe}/faces/{ordinal}")
def show_probe_face(site: CurrentSite, actor: CurrentActor, probe: str, ordinal: int) -> Response:
    stored, _ = find_probe(site.node, actor, ProbeId(probe))
    return _answer_face(read_probe(site.node, actor, stored.id), stored.faces, ordinal)


@routes.get("/photos/{photo}/picture")
def show_photo(site: CurrentSite, actor: CurrentActor, photo: str) -> Response:
    return _answer_preview(read_photo(site.node, actor, PhotoId(photo)))


@routes.get("/photos/{photo}/faces/chosen")
def show_reference(site: CurrentSite, actor: CurrentActor, photo: str) -> Response:
    detail = describe_photo(site.node, actor, PhotoId(photo))
    if detail.chosen is None:
        raise NotFound("pages.no-face-photo-reference", "No face of this photo is a reference.")
    return _answer_face(read_photo(site.node, actor, detail.id), detail.faces, detail.chosen)


@routes.get("/photos/{photo}/faces/{ordinal}")
def show_photo_face(site: CurrentSite, actor: CurrentActor, photo: str, ordinal: int) -> Response:
    detail = describe_photo(site.node, actor, PhotoId(photo))
    return _answer_face(read_photo(site.node, actor, detail.id), detail.faces, ordinal)


def _answer_preview(photo: PhotoBytes) -> Response:
    return Response(render_preview(photo.data, name=photo.name, turned=photo.turned), media_type="image/jpeg")


def _answer_face(photo: PhotoBytes, faces: tuple[FaceSample, ...], ordinal: int) -> Response:
    for face in faces:
        if face.ordinal == ordinal:
            name, turned = photo.name, photo.turned
            picture = render_face(
                photo.data, name=name, box=face.box, turned=turned, side=FACE_SIDE, margin=FACE_MARGIN
            )
            return Response(picture, media_type="image/jpeg")
    raise NotFound("pages.photo-no-face", "The photo has no face {number}.", number=ordinal)
