"""The examination of what a search found: who may review the candidates, and what the opinions come to.

A lead is made of two concordant opinions of two different people, and of nothing else: no score has a way here.
"""

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from semblance.cases.opinion import Conclusion, Opinion
from semblance.errors import PolicyError
from semblance.terms.ids import AuthorityCode, CaseId, ExaminationId, ReferenceId, ReviewId, SearchId, SubjectId
from semblance.terms.permission import Refusal


class ExaminationState(StrEnum):
    """What an examination waits for, or what it came to.

    ``third``: two people came to different conclusions. ``lapsed``: the probe's time was over, or the case was closed,
    before people had concluded.
    """

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    LEAD = "lead"
    NO_LEAD = "no-lead"
    INCONCLUSIVE = "inconclusive"
    LAPSED = "lapsed"


OPEN_STATES = frozenset({ExaminationState.FIRST, ExaminationState.SECOND, ExaminationState.THIRD})
"""The states in which people still examine the candidates."""


@dataclass(frozen=True, slots=True)
class Examination:
    """An examination of one search's candidates."""

    id: ExaminationId
    search: SearchId
    case: CaseId
    authority: AuthorityCode
    state: ExaminationState
    opened_at: datetime
    concluded_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_masked(self) -> bool:
        """Return whether names, ranks and scores are hidden from everybody: until people have concluded, if ever."""
        return self.is_open or self.state is ExaminationState.LAPSED


@dataclass(frozen=True, slots=True)
class ExaminedCandidate:
    """A candidate under its pseudonym, which tells nothing of its rank. A known non-mate was put among them."""

    pseudonym: str
    subject: SubjectId
    reference: ReferenceId
    known_non_mate: bool


@dataclass(frozen=True, slots=True)
class Review:
    """One person's pass over the candidates; ``ordering`` is the order in which they are shown to that person."""

    id: ReviewId
    examination: ExaminationId
    number: int
    person: str
    opened_at: datetime
    closed_at: datetime | None
    ordering: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """A candidate that two different people, independently, took for a potential one; for its owner to check.

    Raises PolicyError where it is made of anything else.
    """

    pseudonym: str
    opinions: tuple[Opinion, Opinion]

    def __post_init__(self) -> None:
        agreed = all(
            opinion.conclusion is Conclusion.POTENTIAL and opinion.pseudonym == self.pseudonym
            for opinion in self.opinions
        )
        if not agreed or len({opinion.person for opinion in self.opinions}) != 2:
            raise PolicyError(
                "lead.needs-two-people",
                "A lead needs two concordant opinions of two different people; nothing was concluded.",
            )


@dataclass(frozen=True, slots=True)
class NoLead:
    """A candidate that is none, in two people's opinion."""

    pseudonym: str
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """A candidate on which two people could not conclude, or three people disagree."""

    pseudonym: str
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A candidate on which two people disagree; a third must look."""

    pseudonym: str
    opinions: tuple[Opinion, Opinion]


Result = Lead | NoLead | Inconclusive | Difference


def conclude_candidate(opinions: tuple[Opinion, ...]) -> Result | None:
    """Return what the opinions on one candidate come to, in the order in which they were given; None with fewer than 2.

    Two that agree decide. Of three that all differ none does: the candidate is inconclusive.
    """
    if len(opinions) < 2:
        return None
    pseudonym = opinions[0].pseudonym
    for first, second in itertools.combinations(opinions, 2):
        if first.conclusion is not second.conclusion or first.person == second.person:
            continue
        if first.conclusion is Conclusion.POTENTIAL:
            return Lead(pseudonym, (first, second))
        kind = NoLead if first.conclusion is Conclusion.NO_CANDIDATE else Inconclusive
        return kind(pseudonym, opinions)
    if len(opinions) == 2:
        return Difference(pseudonym, (opinions[0], opinions[1]))
    return Inconclusive(pseudonym, opinions)


def conclude_examination(
    candidates: Iterable[ExaminedCandidate], opinions: Mapping[str, tuple[Opinion, ...]], closed: int
) -> tuple[ExaminationState, tuple[Result, ...]]:
    """Return the state that follows from the closed reviews, and the result of each candidate but known non-mates.

    ``opinions`` are those of closed reviews by pseudonym; ``closed`` counts these reviews. Opinions on known non-mates
    decide nothing.
    """
    if closed < 2:
        return (ExaminationState.FIRST, ExaminationState.SECOND)[closed], ()
    results = tuple(
        result
        for candidate in candidates
        if not candidate.known_non_mate
        and (result := conclude_candidate(opinions.get(candidate.pseudonym, ()))) is not None
    )
    if any(isinstance(result, Difference) for result in results):
        return ExaminationState.THIRD, results
    if any(isinstance(result, Lead) for result in results):
        return ExaminationState.LEAD, results
    if any(isinstance(result, Inconclusive) for result in results):
        return ExaminationState.INCONCLUSIVE, results
    return ExaminationState.NO_LEAD, results


def check_review(examination: Examination, reviews: Collection[Review], person: str) -> Refusal | None:
    """Return why the person may not begin a review, or None: nobody reviews twice, and no more people than needed."""
    return check_turn(examination.state, [review.person for review in reviews], person)


def check_turn(state: ExaminationState, people: Collection[str], person: str) -> Refusal | None:
    """Return why the person may not judge, too, what these people judge, or None."""
    if state not in OPEN_STATES:
        return Refusal(
            "examination.concluded", "the examination is concluded; nothing more is asked of anybody", field="review"
        )
    if person in people:
        return Refusal(
            "examination.same-person",
            "{person} has looked at these candidates already; another person must",
            field="review",
            person=person,
        )
    needed = 3 if state is ExaminationState.THIRD else 2
    if len(people) >= needed:
        return Refusal(
            "examination.taken", "as many people as are needed are looking at these candidates already", field="review"
        )
    return None


def check_closing(candidates: Collection[str], seen: Collection[str], undecided: Collection[str]) -> Refusal | None:
    """Return why a review cannot be closed, or None: every candidate was looked at, and what was begun was decided.

    ``undecided`` are the candidates on which something was written and no conclusion recorded.
    """
    unseen = sorted(set(candidates) - set(seen))
    if unseen:
        return Refusal(
            "examination.unseen",
            "{n} of {all} candidates were not looked at, first: {candidate}; look at every one",
            field="candidates",
            n=len(unseen),
            all=len(candidates),
            candidate=unseen[0],
        )
    if undecided:
        return Refusal(
            "examination.undecided",
            "what was begun on {candidate} has no recorded opinion; record it first",
            field="candidates",
            candidate=min(undecided),
        )
    return None
