"""The seam between the product and whatever computes templates, and which face of a photo becomes one."""

from typing import Final, Literal, Protocol

from semblance.errors import Conflict, NotFound
from semblance.faces.photo import Photo
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Box, Extraction, FaceSample, Metric, QuarterTurn

FaceChoice = int | Literal["only", "largest"]
"""Which face becomes a template: the one with that ordinal, the only one there is, or the largest.

``"only"`` computes no template where there are several faces. ``"largest"`` is for evaluation, where nobody can be
asked; no gallery is filled with it.
"""


def pick_face(count: int, choose: FaceChoice) -> int | None:
    """Return which of ``count`` faces, the largest first, becomes a template, or None for none of them.

    Raises NotFound where the chosen ordinal is not among them.
    """
    if isinstance(choose, int):
        if 0 <= choose < count:
            return choose
        if count == 0:
            raise NotFound(
                "photo.no-face-at-all", "The photo has no face {number}: no face was found in it.", number=choose
            )
        raise NotFound(
            "photo.face-not-there",
            "The photo has no face {number}; its faces are numbered 0 to {last}.",
            number=choose,
            last=count - 1,
        )
    if count == 0 or (choose == "only" and count > 1):
        return None
    return 0


class Extractor(Protocol):
    """Finds the faces of a photo, assesses them, and makes the template of at most one.

    Thread-safe; each call keeps to one thread, so that callers decide how many photos are worked on at once.
    """

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> PackDigest: ...

    @property
    def metric(self) -> Metric: ...

    @property
    def dimension(self) -> int: ...

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        """Decode the bytes, turn the photo so that the face is upright, and extract.

        ``name`` is what errors call the photo; ``turned`` is by how much it is turned, None where that is to be found
        out. Raises a kind of IntakeError where the bytes are no readable photo, NotFound where the chosen ordinal is
        not among the faces.
        """
        ...

    def locate(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        """Do what ``extract`` does, but make no template, since the caller has one; a face is still chosen."""
        ...

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        """Extract from a photo that is already decoded, and prepared where ``turned`` is 0."""
        ...


_SAME_FACE: Final = 0.5
"""Least overlap (intersection over union) at which two boxes are taken for the same face."""


def extract_face(
    extractor: Extractor, photo: bytes | Photo, *, name: str, face: FaceSample, turned: QuarterTurn = 0
) -> Extraction:
    """Return the extraction in which that face was chosen, wherever this pack counts it.

    Another pack than the one that found the face may number the faces of a photo differently; they are told by their
    place. ``photo``: its bytes, or decoded and prepared already; ``turned``: by how much it is turned yet. Raises
    Conflict where this pack finds no face there.
    """

    def look(choose: FaceChoice) -> Extraction:
        if isinstance(photo, Photo):
            return extractor.extract_photo(photo, choose=choose, turned=turned)
        return extractor.extract(photo, name=name, choose=choose, turned=turned)

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
