"""One side of a comparison, and the answer that a field gives."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from semblance.cases.reconciliation.spans import Span, cover, make_span, read_days
from semblance.messages.message import Message
from semblance.terms.description import UNDESCRIBED, Description
from semblance.terms.nature import Country, PartialDate
from semblance.terms.record import Sex


class Verdict(StrEnum):
    """What a field says of a pair; none of them says who anybody is."""

    AGREES = "agrees"
    EXCLUDES = "excludes"
    NOTHING = "says-nothing"


class Answer(NamedTuple):
    """A verdict, and why."""

    verdict: Verdict
    why: Message


@dataclass(frozen=True, slots=True)
class Side:
    """What a record says of a missing person, or of somebody who was found.

    ``event_date`` is when the one was last seen or the other was found. ``height`` is in centimetres.
    """

    event_date: PartialDate | None = None
    event_place: str | None = None
    event_country: Country | None = None
    sex: Sex | None = None
    birth_dates: tuple[PartialDate, ...] = ()
    height: int | None = None
    description: Description = UNDESCRIBED

    @property
    def event(self) -> Span:
        """Return the days that the event may have been on."""
        return read_days(self.event_date)

    @property
    def birth(self) -> Span:
        """Return the days on which the person may have been born."""
        return cover(map(read_days, self.birth_dates))

    @property
    def ages(self) -> Span:
        """Return the ages at the event as they were written down."""
        return make_span(self.description.youngest, self.description.oldest)

    @property
    def heights(self) -> Span:
        """Return the heights as they were written down: the span, or else the one height."""
        span = make_span(self.description.shortest, self.description.tallest)
        return make_span(self.height, self.height) if span.is_open else span


def say_nothing() -> Answer:
    """Return the answer of a field that at least one side does not fill in."""
    return Answer(Verdict.NOTHING, Message("reconciliation.not-known", "not known on both sides"))
