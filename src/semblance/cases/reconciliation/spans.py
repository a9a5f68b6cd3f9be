"""Spans of numbers and of days that somebody may be within; what is not known is open at that end."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_YEAR: Final = 365.2425


@dataclass(frozen=True, slots=True)
class Span:
    """From ``low`` to ``high``, both included; infinite where it is open."""

    low: float = -math.inf
    high: float = math.inf

    @property
    def is_open(self) -> bool:
        """Return whether nothing is known."""
        return math.isinf(self.low) and math.isinf(self.high)

    def find_gap(self, other: "Span") -> float:
        """Return how far both lie apart; 0 where they touch or overlap."""
        return max(0.0, self.low - other.high, other.low - self.high)

    def say(self) -> str:
        """Return the span in figures: ``20-25``, ``20-`` or ``-25``."""
        low, high = ("" if math.isinf(end) else f"{end:.0f}" for end in (self.low, self.high))
        return low if low == high else f"{low}-{high}"


ANYTHING: Final = Span()


def make_span(low: int | None, high: int | None) -> Span:
    """Return the span between two numbers of which either may be unknown."""
    return Span(-math.inf if low is None else low, math.inf if high is None else high)


def read_days(text: str | None) -> Span:
    """Return the days that a date, which may be partial, can mean, as ordinals of the calendar; open where it is none.

    ``text`` is ISO 8601: ``1970-05-17``, ``1970-05`` or ``1970``.
    """
    try:
        year, month, day = ([int(part) for part in (text or "").split("-")] + [0, 0])[:3]
        first = date(year, month or 1, day or 1)
        if day:
            return Span(first.toordinal(), first.toordinal())
        after = date(year + 1, 1, 1) if not month else (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        return Span(first.toordinal(), after.toordinal() - 1)
    except (ValueError, OverflowError):
        return ANYTHING


def cover(spans: Iterable[Span]) -> Span:
    """Return the span from the lowest to the highest of these; open where there is none."""
    known = tuple(spans)
    return Span(min(span.low for span in known), max(span.high for span in known)) if known else ANYTHING


def count_years(days: float) -> float:
    """Return a number of days in years of the Gregorian calendar."""
    return days / _YEAR
