"""Delete a subject, and everything that was made of it."""

from dataclasses import dataclass
from datetime import datetime

from semblance.terms.ids import SubjectId
from semblance.workflows.node import Node


@dataclass(frozen=True, slots=True)
class DeletionReceipt:
    """What was deleted.

    ``subject`` is None where only intake outcomes of refused photos were held under the key. ``files_cleared`` is False
    where another program was reading the store, so that old pages of it go only when that has ended.
    """

    subject_key: str
    subject: SubjectId | None
    person: str
    reason: str
    when: datetime
    photos: int
    faces: int
    references: int
    outcomes: int
    files_cleared: bool


def delete_subject(node: Node, subject_key: str, *, person: str, reason: str) -> DeletionReceipt:
    """Delete a subject's photos, faces, templates, matrix rows and intake outcomes at once.

    Search records keep the ids of what they had found, nothing else. Raises NotFound where nothing is held under the
    key.
    """
    raise NotImplementedError
