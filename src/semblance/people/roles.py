"""Which of a person's roles are in force on a day."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from semblance.messages.message import Message
from semblance.people.person import Grant, Person
from semblance.terms.role import Role

LONGEST_GRANT: Final = timedelta(days=5 * 366)


def find_roles_in_force(person: Person, today: date, *, training_years: int) -> frozenset[Role]:
    """Return the roles whose last day has not passed; an examiner's only with training that still counts."""
    return frozenset(
        grant.role for grant in person.grants if find_lapse(person, grant, today, training_years=training_years) is None
    )


def find_lapse(person: Person, grant: Grant, today: date, *, training_years: int) -> Message | None:
    """Return why a role that was given is not in force, or None where it is."""
    if grant.until < today:
        return Message("role.ended", "ended on {day}", day=grant.until)
    if grant.role is not Role.EXAMINER:
        return None
    if person.trained_on is None:
        return Message("role.no-training", "no training is recorded")
    if person.trained_on > today:
        return Message("role.training-to-come", "the training is only on {day}", day=person.trained_on)
    if today > find_training_end(person.trained_on, training_years):
        return Message(
            "role.training-old",
            "the training of {day} is older than {n} years",
            day=person.trained_on,
            n=training_years,
        )
    return None


def find_training_end(trained_on: date, years: int) -> date:
    """Return the last day on which a training counts."""
    try:
        return trained_on.replace(year=trained_on.year + years)
    except ValueError:
        # the 29th of February, or a year that no calendar has
        return date.max if trained_on.year + years > date.max.year else date(trained_on.year + years, 2, 28)


def find_grant_fault(until: date, today: date) -> Message | None:
    """Return why a role cannot be given until that day, or None."""
    if until < today:
        return Message(
            "role.day-passed", "{day} has passed; name the last day on which the role shall be in force", day=until
        )
    if until - today > LONGEST_GRANT:
        return Message(
            "role.day-far", "{day} is more than five years away; give the role for five years at most", day=until
        )
    return None


def describe_grants(grants: Iterable[Grant]) -> tuple[Message, ...]:
    """Return each grant in words: ``examiner until 2027-01-31``."""
    return tuple(Message("role.granted", "{role} until {day}", role=grant.role, day=grant.until) for grant in grants)
