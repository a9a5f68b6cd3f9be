"""Make a template of a face that somebody chose earlier."""

from collections.abc import Callable
from typing import Final

from semblance.errors import Conflict, NotFound
from semblance.faces.extractor import Extractor, FaceChoice
from semblance.faces.photo import Photo
from semblance.terms.samples import Box, Extraction, FaceSample

_SAME_FACE: Final = 0.5
"""Least overlap (intersection over union) at which two boxes are taken for the same face."""


def extract_face(extractor: Extractor, data: bytes, *, name: str, face: FaceSample) -> Extraction:
    """Return the extraction in which that face was chosen, wherever this pack counts it.

    Another pack than the one that found the face may number the faces of a photo differently; they are told by their
    place. Raises Conflict where this pack finds no face there.
    """
    return _extract(lambda choose: extractor.extract(data, name=name, choose=choose), extractor, name, face)


def extract_prepared_face(extractor: Extractor, photo: Photo, *, name: str, face: FaceSample) -> Extraction:
    """Do what extract_face does in a photo that is already decoded and prepared."""
    return _extract(lambda choose: extractor.extract_photo(photo, choose=choose), extractor, name, face)


def _extract(look: Callable[[FaceChoice], Extraction], extractor: Extractor, name: str, face: FaceSample) -> Extraction:
    try:
        extraction = look(face.ordinal)
        if _find_ordinal(extraction, face.box) == face.ordinal:
            return extraction
    except NotFound:
        extraction = look("only")
    ordinal = _find_ordinal(extraction, face.box)
    if ordinal is None:
        raise Conflict(
            "photo.face-not-found-again",
            "The pack '{pack}' finds no face where the chosen one lies in {name}; submit the photo again.",
            pack=extractor.name,
            name=name,
        )
    return look(ordinal)


def _find_ordinal(extraction: Extraction, box: Box) -> int | None:
    overlaps = [(measure_overlap(face.box, box), -face.ordinal) for face in extraction.faces]
    best = max(overlaps, default=(0.0, 0))
    return -best[1] if best[0] >= _SAME_FACE else None


def measure_overlap(box: Box, other: Box) -> float:
    """Return the area that two boxes share over the area that they cover together, 0 to 1."""
    width = min(box.right, other.right) - max(box.left, other.left)
    height = min(box.bottom, other.bottom) - max(box.top, other.top)
    shared = max(0.0, width) * max(0.0, height)
    covered = box.area + other.area - shared
    return shared / covered if covered > 0 else 0.0
