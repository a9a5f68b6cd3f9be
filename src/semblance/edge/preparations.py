"""What prepared versions of a probe look like to programs."""

import json
from datetime import datetime
from typing import Any

from pydantic import Field

from semblance.edge.document import Document
from semblance.edge.photos import FaceDocument, describe_face
from semblance.gallery.suitability import SuitabilityLine
from semblance.store.preparations import StoredPreparation
from semblance.terms.preparation import write_steps


class PreparationDocument(Document):
    """A prepared version of a probe: for searching only, never for comparison."""

    preparation: str
    probe: str
    number: int = Field(description="Counts the prepared versions of the probe from 1.")
    steps: tuple[dict[str, Any], ...]
    width: int
    height: int
    faces: tuple[FaceDocument, ...] = Field(description="In the prepared photo's pixels.")
    made_at: datetime
    made_by: str


class PreparationListDocument(Document):
    """The prepared versions of a probe, oldest first."""

    preparations: tuple[PreparationDocument, ...]


def describe_preparation(stored: StoredPreparation, line: SuitabilityLine) -> PreparationDocument:
    """Return the document of a prepared version."""
    return PreparationDocument.from_value(
        stored,
        preparation=stored.id,
        steps=json.loads(write_steps(stored.steps)),
        faces=tuple(describe_face(face, line) for face in stored.faces),
    )
