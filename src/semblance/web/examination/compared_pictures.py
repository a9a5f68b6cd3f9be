"""The two photos of a comparison as pages show them: where they are, and what is sent of them."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from semblance.faces.cutting import find_region
from semblance.faces.pictures import render_face, render_region, render_whole
from semblance.web.page.pictures import FACE_MARGIN, FACE_SIDE
from semblance.web.wording.say_message import say_message
from semblance.workflows.examination.comparison import ComparedFace, ComparedPhoto

_NEAR_MARGIN: Final = 0.6
_NEAR_LONGEST: Final = 2000
_FAR_LONGEST: Final = 1200


@dataclass(frozen=True, slots=True)
class ComparedImage:
    """One of two photos that are compared; all places are pixels of the upright photo as it was handed in.

    ``near`` is a picture of the part of the photo around the face, in as many pixels as the photo has there (up to a
    cap), and ``region`` is that part: left, top, width, height. ``far`` is the whole photo, made smaller.
    """

    label: str
    alt: str
    width: int
    height: int
    near: str
    region: tuple[float, float, float, float]
    far: str
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]
    notes: tuple[str, ...]


def view_side(label: str, alt: str, address: str, compared: ComparedFace) -> ComparedImage:
    """Return one of two photos as the comparison page shows it; its pictures are under ``address``."""
    facts, marks = compared.facts, compared.face.landmarks
    return ComparedImage(
        label=label,
        alt=alt,
        width=facts.width,
        height=facts.height,
        near=f"{address}/near",
        region=find_region(facts.width, facts.height, compared.face.box, _NEAR_MARGIN),
        far=f"{address}/far",
        left_eye=(marks.left_eye.x, marks.left_eye.y),
        right_eye=(marks.right_eye.x, marks.right_eye.y),
        notes=tuple(map(say_message, facts.notes)),
    )


def answer_picture(compared: ComparedPhoto, size: str) -> Response:
    """Return one of two photos: ``near`` around the face, ``far`` the whole, else the face as in a list."""
    data, name, box, turned = compared.data, "the photo", compared.face.box, compared.facts.turned
    if size == "near":
        picture = render_region(data, name=name, box=box, turned=turned, margin=_NEAR_MARGIN, longest=_NEAR_LONGEST)
    elif size == "far":
        picture = render_whole(data, name=name, turned=turned, longest=_FAR_LONGEST)
    else:
        picture = render_face(data, name=name, box=box, turned=turned, side=FACE_SIDE, margin=FACE_MARGIN)
    return Response(picture, media_type="image/jpeg")
