"""The seam between a search and whatever holds the gallery's templates for it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from semblance.terms.ids import PackDigest, ReferenceId, SubjectId
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Template


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One reference of a gallery; ``sequence`` orders references by their enrolment and is unique.

    ``facts`` are those of the subject's record; all references of one subject have the same.
    """

    reference: ReferenceId
    subject: SubjectId
    sequence: int
    template: Template
    facts: RecordFacts


Allowed = Callable[[RecordFacts], bool]
"""The policy's answer for one search: whether a record with these facts may be a candidate."""


@dataclass(frozen=True, slots=True)
class Question:
    """One search: the probe, how many candidates it may have, and among whom.

    ``among``: only these subjects count, besides being allowed; None means all. They may include some that are not
    held. Raises ValueError where the limit is below 1.
    """

    probe: Template
    limit: int
    allowed: Allowed
    among: Collection[SubjectId] | None = None

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise ValueError(f"a candidate list needs room for at least one candidate, not {self.limit}")


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of one search, and how many subjects and references it may have had as candidates.

    What was not allowed is in no figure: the answer is that of an index which never held it.
    """

    scored: tuple["Scored", ...]
    subjects: int
    references: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A subject with its reference most like the probe; ``score`` is a float32 number, higher is more alike."""

    subject: SubjectId
    reference: ReferenceId
    sequence: int
    score: float


class TemplateIndex(Protocol):
    """Holds templates and finds the subjects most like a probe.

    The answer is that of comparing the probe with every allowed reference (``templates.score_matrix``), taking each
    subject's best one, and ordering by falling score; equal scores are ordered by lower ``sequence``. ``allowed`` is
    applied while scanning, never after; every row is scanned all the same, so that the time tells nothing of what was
    not allowed. Not thread-safe.
    """

    def add(self, rows: Iterable[IndexRow]) -> None:
        """Add these references; those already present stay unchanged.

        Raises PackConflict where a template is of another pack than those held.
        """
        ...

    def remove(self, references: Collection[ReferenceId]) -> None:
        """Forget these references and overwrite their templates; unknown ones are passed over."""
        ...

    def alter(self, facts: Mapping[ReferenceId, RecordFacts]) -> None:
        """Take in what the records of these references are now; unknown references are passed over."""
        ...

    def search(self, questions: Sequence[Question]) -> tuple[Found, ...]:
        """Return for each probe the best allowed subjects, at most ``limit`` and never more than CANDIDATE_CAP.

        Each is searched by itself, in one pass with the others. Raises PackConflict where a probe is of another pack
        than the references held, ModelError where it is none.
        """
        ...

    @property
    def size(self) -> int:
        """Return the number of references held."""
        ...

    durable: bool
    """Whether what is held outlives this process. Every act can be repeated then, to no effect."""

    @property
    def pack(self) -> PackDigest | None:
        """Return which pack made the templates held; None where nothing is."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def estimate(self, references: int, dimension: int) -> int:
        """Return about how many bytes of this process's memory so many references need, of so many numbers each."""
        ...

    checkpoint: int
    """The version of the gallery in the store that this index was brought to; 0 is none. Whoever changes it sets it."""

    @property
    def subjects(self) -> int:
        """Return the number of subjects that have at least one reference here."""
        ...
