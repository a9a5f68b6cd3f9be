"""What a search answers: an ordered, capped list of subjects that look alike. A lead to look at, not an identity."""

from dataclasses import dataclass
from typing import Final

from semblance.terms.ids import PackDigest, ReferenceId, SubjectId

CANDIDATE_CAP: Final = 50
"""No search shows more candidates than this, whatever is asked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject and the reference of it that is most like the probe; rank 1 is the most alike."""

    rank: int
    subject: SubjectId
    reference: ReferenceId
    score: float


@dataclass(frozen=True, slots=True)
class CandidateList:
    """The answer of one search; empty is an answer like any other.

    ``gallery_subjects`` and ``gallery_references`` count what was searched; ``gallery_version`` is the store's
    counter at that moment, so that the same search can be asked of the same gallery again.
    """

    pack: PackDigest
    gallery_subjects: int
    gallery_references: int
    gallery_version: int
    candidates: tuple[Candidate, ...]
