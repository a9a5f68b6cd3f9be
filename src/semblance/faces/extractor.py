"""The seam between the product and whatever computes templates."""

from typing import Literal, Protocol

from semblance.errors import NotFound
from semblance.faces.photo import Photo
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Extraction, Metric

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

    def extract(self, data: bytes, *, name: str, choose: FaceChoice = "only") -> Extraction:
        """Decode the bytes and extract; ``name`` is what errors call the photo.

        Raises a kind of IntakeError where the bytes are no readable photo, NotFound where the chosen ordinal is not
        among the faces.
        """
        ...

    def locate(self, data: bytes, *, name: str, choose: FaceChoice = "only") -> Extraction:
        """Do what ``extract`` does, but make no template, since the caller has one; a face is still chosen."""
        ...

    def extract_photo(self, photo: Photo, *, choose: FaceChoice = "only") -> Extraction:
        """Extract from a photo that is already decoded."""
        ...
