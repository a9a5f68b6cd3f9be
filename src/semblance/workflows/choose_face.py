"""Choose the one face of a photo that shows several; only that face becomes a template."""

from semblance.terms.ids import PhotoId
from semblance.workflows.enrolment_report import EnrolRow
from semblance.workflows.node import Node


def choose_face(node: Node, photo: PhotoId, ordinal: int, *, person: str) -> EnrolRow:
    """Enrol the face with that ordinal of a photo that awaits a choice.

    The row's status is enrolled, or kept_unsuitable with the reasons where the face stays below the suitability line.
    Raises NotFound where there is no such photo or face, Conflict where the photo does not await a choice,
    PackConflict where the gallery was filled by another pack.
    """
    raise NotImplementedError
