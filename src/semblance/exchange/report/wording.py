"""The values of a report's document as words for people; what is not known here is said as it stands."""

from datetime import UTC, datetime
from typing import Final

_OUTCOMES: Final = {
    "lead": "A lead: two people, independently, took a candidate for a potential one",
    "no-lead": "No candidate: two people, independently, found none",
    "inconclusive": "Inconclusive: nothing can be said on these photos",
    "lapsed": "Lapsed: the probe's time was over before people had concluded",
}
_TERMS: Final = {
    "potential": "Potential candidate",
    "outline": "Outline of face and head",
    "composition": "Composition of the face",
    "hairline": "Hairline and baldness",
    "chin": "Chin and jawline",
    "lines": "Facial lines",
    "marks": "Facial marks",
    "waiting": "Waits for the owner's check",
    "unanswered": "The owner has not answered in time",
    "refuted": "Refuted: a false positive",
    "erased": "The record was erased before its owner answered",
    "id": "Number of the search",
    "by": "Made by",
}


def say_outcome(outcome: str) -> str:
    """Return what the examination came to."""
    return _OUTCOMES.get(outcome, say_term(outcome))


def say_term(value: str) -> str:
    """Return a term in words: facial-hair becomes "Facial hair"."""
    plain = value.replace("-", " ").replace("_", " ")
    return _TERMS.get(value, f"{plain[:1].upper()}{plain[1:]}")


def say_name(name: str) -> str:
    """Return what a fact is called, which is words already."""
    return _TERMS.get(name, f"{name[:1].upper()}{name[1:]}")


def say_time(text: str) -> str:
    """Return an ISO 8601 time in UTC to the second; a text that is none, or holds more, as it is."""
    moment, space, rest = text.partition(" ")
    try:
        return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC{space}{rest}"
    except ValueError:
        return text
