"""What a search is narrowed to, and what it answers: a capped list of subjects that look alike, leads to look at."""

import re
from dataclasses import dataclass
from typing import Final

from semblance.errors import IntakeError
from semblance.messages.message import Message
from semblance.terms.ids import PackDigest, ReferenceId, SubjectId
from semblance.terms.record import RecordKind, Sex

OLDEST: Final = 130
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A filter of a search; None, and no kind, narrow nothing.

    Ages are in whole years on the day of the search, both ends included. ``nationality`` is ISO 3166-1 alpha-2. Making
    one that cannot be meant raises IntakeError.
    """

    kinds: frozenset[RecordKind] = frozenset()
    youngest: int | None = None
    oldest: int | None = None
    sex: Sex | None = None
    nationality: str | None = None

    def __post_init__(self) -> None:
        for age in (self.youngest, self.oldest):
            if age is not None and not 0 <= age <= OLDEST:
                raise IntakeError(
                    "narrowing.age",
                    "An age of {age} years cannot be meant; give 0 to {most}, or leave it open.",
                    age=age,
                    most=OLDEST,
                )
        if self.youngest is not None and self.oldest is not None and self.youngest > self.oldest:
            raise IntakeError(
                "narrowing.ages-swapped",
                "Nobody is at least {least} and at most {most} years old; swap the ages.",
                least=self.youngest,
                most=self.oldest,
            )
        if self.sex is Sex.NOT_KNOWN:
            raise IntakeError(
                "narrowing.sex",
                "Records whose sex is not known are always searched; choose female or male, or neither.",
            )
        if self.nationality is not None and not _COUNTRY.fullmatch(self.nationality):
            raise IntakeError(
                "narrowing.country",
                "'{country}' is no country code; write two capital letters (ISO 3166-1), such as FR.",
                country=self.nationality,
            )

    @property
    def is_personal(self) -> bool:
        """Return whether what is written about people must be read to tell which records remain."""
        return any(value is not None for value in (self.youngest, self.oldest, self.sex, self.nationality))

    @property
    def filters(self) -> tuple[Message, ...]:
        """Return what is narrowed, each filter by itself; empty where nothing is."""
        found = []
        if self.kinds:
            found.append(Message("narrowing.kinds", "kind of record: {kinds:or}", kinds=sorted(self.kinds)))
        if self.youngest is not None and self.oldest is not None:
            ages = {"youngest": self.youngest, "oldest": self.oldest}
            found.append(Message("narrowing.between", "age in years: {youngest} to {oldest}", **ages))
        elif self.youngest is not None:
            found.append(Message("narrowing.from", "age in years: {youngest} or more", youngest=self.youngest))
        elif self.oldest is not None:
            found.append(Message("narrowing.to", "age in years: up to {oldest}", oldest=self.oldest))
        if self.sex is not None:
            found.append(Message("narrowing.sex-recorded", "sex as recorded: {sex}", sex=self.sex))
        if self.nationality is not None:
            found.append(Message("narrowing.nationality", "nationality: {country}", country=self.nationality))
        return tuple(found)


EVERYBODY: Final = Narrowing()
"""Everything that the policy opens to the purpose."""


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
    counter at that moment, so that the same search can be asked of the same gallery again. ``left_out`` counts subjects
    that were not searched, or not shown, because their record was changed in the database by hand.
    """

    pack: PackDigest
    gallery_subjects: int
    gallery_references: int
    gallery_version: int
    candidates: tuple[Candidate, ...]
    left_out: int = 0
