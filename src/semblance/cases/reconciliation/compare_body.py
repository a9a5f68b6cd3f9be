"""The body itself: sex, age, height, hair, eyes, marks and teeth.

Hair, eyes and marks never exclude: dye, lenses, healing and decay change them, and nobody writes all of them down.
"""

import math
from typing import Final

from semblance.cases.reconciliation.side import Answer, Side, Verdict, say_nothing
from semblance.cases.reconciliation.spans import ANYTHING, Span, count_years
from semblance.messages.message import Message
from semblance.terms.description import Tooth, ToothState
from semblance.terms.record import Sex

AGE_MARGIN: Final = 5.0
"""Years by which an estimated age may be wrong beyond its own span."""
HEIGHT_MARGIN: Final = 10.0
"""Centimetres by which written heights differ of one person: told, measured lying, or reckoned from bones."""
FULL_GROWN: Final = 21.0
"""Years from which nobody grows; before, or at an unknown age, who was found taller may have grown."""

_DRAWN: Final = frozenset({ToothState.MISSING})
_NATURAL: Final = frozenset({ToothState.PRESENT, ToothState.FILLED, ToothState.ROOT_FILLED})
_TELLING: Final = frozenset(ToothState) - {ToothState.PRESENT, ToothState.UNERUPTED, ToothState.LOST_AFTER_DEATH}


def compare_sex(missing: Side, found: Side) -> Answer:
    """Exclude where two authorities recorded different sexes."""
    recorded = missing.sex, found.sex
    if None in recorded or Sex.NOT_KNOWN in recorded:
        return say_nothing()
    if missing.sex is found.sex:
        return Answer(Verdict.AGREES, Message("reconciliation.same-sex", "both recorded as {sex}", sex=missing.sex))
    differ = Message("reconciliation.other-sex", "recorded as different sexes")
    return Answer(Verdict.EXCLUDES, differ)


def compare_age(missing: Side, found: Side) -> Answer:
    """Exclude where no age between last being seen and being found lies near the estimated span.

    A body's age is that at death, which lies between the two; a living person's is that when found.
    """
    lived, estimated = _find_lived(missing, found), _find_estimated(found)
    if lived.is_open or estimated.is_open:
        return say_nothing()
    spans = {"missing": lived.say(), "found": estimated.say()}
    gap = lived.find_gap(estimated)
    if gap == 0:
        return Answer(
            Verdict.AGREES,
            Message("reconciliation.ages-meet", "{missing} years old meanwhile, estimated as {found}", **spans),
        )
    if gap > AGE_MARGIN:
        return Answer(
            Verdict.EXCLUDES,
            Message(
                "reconciliation.ages-apart",
                "{missing} years old meanwhile, estimated as {found}: more than {margin} years apart",
                margin=round(AGE_MARGIN),
                **spans,
            ),
        )
    return Answer(
        Verdict.NOTHING,
        Message(
            "reconciliation.ages-near",
            "{missing} years old meanwhile, estimated as {found}: apart, and within {margin} years",
            margin=round(AGE_MARGIN),
            **spans,
        ),
    )


def find_age_when_seen(missing: Side) -> Span:
    """Return the ages that the missing person may have had when last seen, in whole years."""
    seen, born = missing.event, missing.birth
    if born.is_open or seen.is_open:
        return missing.ages
    return Span(_count_age(seen.low - born.high), _count_age(seen.high - born.low))


def _find_lived(missing: Side, found: Side) -> Span:
    """Return the ages from last being seen to being found; open where the birth is not known or the finding is not."""
    when_seen, finding, born = find_age_when_seen(missing), found.event, missing.birth
    if not born.is_open:
        low = when_seen.low if not missing.event.is_open else -math.inf
        high = math.inf if finding.is_open else _count_age(finding.high - born.low)
    elif when_seen.is_open:
        return ANYTHING
    else:
        waited = finding.high - missing.event.low
        low, high = (
            when_seen.low,
            math.inf if math.isinf(waited) else when_seen.high + 1 + max(0.0, count_years(waited)),
        )
    return Span(low, max(low, high))


def _find_estimated(found: Side) -> Span:
    return found.ages if found.birth.is_open or found.event.is_open else find_age_when_seen(found)


def _count_age(days: float) -> float:
    return math.floor(count_years(days) + 1e-3) if math.isfinite(days) else days


def compare_height(missing: Side, found: Side) -> Answer:
    """Exclude where the heights lie further apart than written heights of one person do; children grow."""
    if missing.heights.is_open or found.heights.is_open:
        return say_nothing()
    spans = {"missing": missing.heights.say(), "found": found.heights.say()}
    if missing.heights.find_gap(found.heights) == 0:
        return Answer(
            Verdict.AGREES, Message("reconciliation.heights-meet", "{missing} cm and {found} cm overlap", **spans)
        )
    taller = found.heights.low > missing.heights.high
    if taller and find_age_when_seen(missing).low < FULL_GROWN:
        return Answer(
            Verdict.NOTHING,
            Message("reconciliation.may-have-grown", "{missing} cm when missing, {found} cm: may have grown", **spans),
        )
    if missing.heights.find_gap(found.heights) > HEIGHT_MARGIN:
        return Answer(
            Verdict.EXCLUDES,
            Message(
                "reconciliation.heights-apart",
                "{missing} cm and {found} cm: more than {margin} cm apart",
                margin=round(HEIGHT_MARGIN),
                **spans,
            ),
        )
    return Answer(
        Verdict.NOTHING,
        Message(
            "reconciliation.heights-near",
            "{missing} cm and {found} cm: apart, and within {margin} cm",
            margin=round(HEIGHT_MARGIN),
            **spans,
        ),
    )


def compare_hair(missing: Side, found: Side) -> Answer:
    """Agree where a colour stands on both sides."""
    return _share(missing.description.hair, found.description.hair)


def compare_eyes(missing: Side, found: Side) -> Answer:
    """Agree where a colour stands on both sides."""
    return _share(missing.description.eyes, found.description.eyes)


def _share(missing: tuple[str, ...], found: tuple[str, ...]) -> Answer:
    if not missing or not found:
        return say_nothing()
    if shared := sorted(set(missing) & set(found)):
        return Answer(Verdict.AGREES, Message("reconciliation.colours-shared", "both: {colours}", colours=shared))
    colours = {"colours": sorted(missing), "other_colours": sorted(found)}
    return Answer(
        Verdict.NOTHING,
        Message("reconciliation.colours-differ", "{colours} and {other_colours}: may have changed", **colours),
    )


def compare_marks(missing: Side, found: Side) -> Answer:
    """Agree where a mark of the same kind is at the same place of the body."""
    before, after = ({(mark.place, mark.kind) for mark in side.description.body_marks} for side in (missing, found))
    if not before or not after:
        return say_nothing()
    shared = [
        Message("reconciliation.mark", "{mark_kind} ({body_place})", mark_kind=kind, body_place=place)
        for place, kind in sorted(before & after)
    ]
    if shared:
        return Answer(Verdict.AGREES, Message("reconciliation.marks-shared", "both: {marks:;}", marks=shared))
    return Answer(
        Verdict.NOTHING,
        Message("reconciliation.marks-differ", "no mark of one kind at one place; not every mark is written down"),
    )


def compare_teeth(missing: Side, found: Side) -> Answer:
    """Exclude where a natural tooth is there that was missing in life; the other way round is possible."""
    before, after = _index(missing.description.teeth), _index(found.description.teeth)
    both = sorted(before.keys() & after.keys())
    if not both:
        return say_nothing()
    back = [number for number in both if before[number] in _DRAWN and after[number] in _NATURAL]
    if back:
        return Answer(
            Verdict.EXCLUDES, Message("reconciliation.teeth-back", "there, and missing before: {teeth}", teeth=back)
        )
    alike = [number for number in both if before[number] is after[number] and before[number] in _TELLING]
    if alike:
        return Answer(
            Verdict.AGREES, Message("reconciliation.teeth-alike", "the same was found of: {teeth}", teeth=alike)
        )
    return Answer(
        Verdict.NOTHING,
        Message("reconciliation.teeth-possible", "{n} teeth on both sides: nothing contradicts", n=len(both)),
    )


def _index(teeth: tuple[Tooth, ...]) -> dict[int, ToothState]:
    return {tooth.number: tooth.state for tooth in teeth}
