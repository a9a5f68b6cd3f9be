"""The seam between a search and whatever holds the gallery's templates for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from semblance.terms.ids import ReferenceId, SubjectId
from semblance.terms.samples import Template


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One reference of a gallery; ``sequence`` orders references by their enrolment and is unique."""

    reference: ReferenceId
    subject: SubjectId
    sequence: int
    template: Template


@dataclass(frozen=True, slots=True)
class Scored:
    """A subject with its reference most like the probe; ``score`` is a float32 number, higher is more alike."""

    subject: SubjectId
    reference: ReferenceId
    sequence: int
    score: float


class TemplateIndex(Protocol):
    """Holds templates and finds the subjects most like a probe.

    The answer is that of comparing the probe with every reference (``compare.score_matrix``), taking each subject's
    best one, and ordering by falling score; equal scores are ordered by lower ``sequence``. Not thread-safe.
    """

    def add(self, rows: Iterable[IndexRow]) -> None:
        """Hold these references, too; one that is held already is left as it is.

        Raises PackConflict where a template is of another pack than those held.
        """
        ...

    def remove(self, references: Collection[ReferenceId]) -> None:
        """Forget these references and overwrite their templates; unknown ones are passed over."""
        ...

    def search(self, probe: Template, *, limit: int) -> tuple[Scored, ...]:
        """Return the best subjects, at most ``limit`` and never more than CANDIDATE_CAP."""
        ...

    @property
    def size(self) -> int:
        """Return the number of references held."""
        ...

    @property
    def subjects(self) -> int:
        """Return the number of subjects that have at least one reference here."""
        ...
