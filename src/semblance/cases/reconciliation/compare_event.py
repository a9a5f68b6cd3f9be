"""When and where: nobody is found before they were last seen; places never exclude, since people and bodies move."""

import math
from typing import Final

from semblance.cases.reconciliation.side import Answer, Side, Verdict, say_nothing
from semblance.messages.message import Message

NEAR: Final = 50.0
"""Kilometres within which two places are taken for one neighbourhood."""
_EARTH: Final = 6371.0


def compare_dates(missing: Side, found: Side) -> Answer:
    """Exclude where the latest day of the finding lies before the earliest on which the person was last seen."""
    seen, finding = missing.event, found.event
    if seen.is_open or finding.is_open:
        return say_nothing()
    days = {"seen": missing.event_date, "found": found.event_date}
    if finding.high < seen.low:
        return Answer(
            Verdict.EXCLUDES,
            Message("reconciliation.found-before", "found on {found}, before being last seen on {seen}", **days),
        )
    if finding.low >= seen.high:
        after = Message("reconciliation.found-after", "last seen on {seen}, found on {found}", **days)
        return Answer(Verdict.AGREES, after)
    overlapping = Message(
        "reconciliation.dates-overlap", "last seen on {seen}, found on {found}: either may be first", **days
    )
    return Answer(Verdict.NOTHING, overlapping)


def compare_place(missing: Side, found: Side) -> Answer:
    """Agree where both places are near each other on the map, or have the same name in the same country."""
    distance = _find_distance(missing, found)
    if distance is not None:
        verdict = Verdict.AGREES if distance <= NEAR else Verdict.NOTHING
        return Answer(verdict, Message("reconciliation.distance", "{n} km apart", n=round(distance)))
    if not (missing.event_country and found.event_country):
        return say_nothing()
    if missing.event_country != found.event_country:
        countries = {"missing": missing.event_country, "found": found.event_country}
        return Answer(
            Verdict.NOTHING,
            Message("reconciliation.other-country", "missing in {missing}, found in {found}", **countries),
        )
    places = [(side.event_place or "").strip().casefold() for side in (missing, found)]
    if places[0] and places[0] == places[1]:
        return Answer(
            Verdict.AGREES, Message("reconciliation.same-place", "both in {place}", place=missing.event_place)
        )
    return Answer(
        Verdict.NOTHING, Message("reconciliation.same-country", "both in {place}", place=missing.event_country)
    )


def _find_distance(missing: Side, found: Side) -> float | None:
    """Return the kilometres between both places on a sphere; None where one has no coordinates."""
    a, b = missing.description, found.description
    if a.latitude is None or a.longitude is None or b.latitude is None or b.longitude is None:
        return None
    north, south = math.radians(a.latitude), math.radians(b.latitude)
    turn = math.radians(a.longitude - b.longitude)
    haversine = math.sin((north - south) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(turn / 2) ** 2
    return 2 * _EARTH * math.asin(math.sqrt(min(1.0, haversine)))
