"""Whether what a record says of a person lets it stay in a narrowed search."""

from datetime import date

from semblance.gallery.record import Personal
from semblance.terms.narrowing import Narrowing
from semblance.terms.record import Sex


def fits(personal: Personal, narrowing: Narrowing, today: date) -> bool:
    """Return whether somebody described so may be whom the narrowing means; what is not known always may."""
    if narrowing.sex is not None and personal.sex not in (None, Sex.NOT_KNOWN, narrowing.sex):
        return False
    if (
        narrowing.nationality is not None
        and personal.nationalities
        and narrowing.nationality not in personal.nationalities
    ):
        return False
    if narrowing.youngest is None and narrowing.oldest is None:
        return True
    ages = [ages for ages in (find_ages(born, today) for born in personal.birth_dates) if ages is not None]
    youngest, oldest = narrowing.youngest, narrowing.oldest
    return not ages or any(
        (oldest is None or least <= oldest) and (youngest is None or most >= youngest) for least, most in ages
    )


def find_ages(born: str, today: date) -> tuple[int, int] | None:
    """Return the least and the greatest age that a date of birth, which may be partial, allows today.

    None where the text is no date.
    """
    parts = born.split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isdecimal() and part.isascii() for part in parts):
        return None
    year, *rest = map(int, parts)
    # the first and the last day that it may mean, as (month, day); what is beyond the month's end does no harm
    first = (rest[0] if rest else 1, rest[1] if len(rest) > 1 else 1)
    last = (rest[0] if rest else 12, rest[1] if len(rest) > 1 else 31)
    ages = [today.year - year - ((today.month, today.day) < birthday) for birthday in (last, first)]
    return ages[0], ages[1]
