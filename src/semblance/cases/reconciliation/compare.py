"""What else must agree where a missing person and somebody who was found look alike, field by field.

Each field agrees, excludes or says nothing, and says why. There is no sum of them and no conclusion: what excludes by
these rules may rest on a slip of the pen, and a person looks. What is not known never excludes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from semblance.cases.reconciliation.compare_body import (
    compare_age,
    compare_eyes,
    compare_hair,
    compare_height,
    compare_marks,
    compare_sex,
    compare_teeth,
)
from semblance.cases.reconciliation.compare_event import compare_dates, compare_place
from semblance.cases.reconciliation.compare_things import (
    compare_clothing,
    compare_dna,
    compare_fingerprints,
    compare_jewellery,
)
from semblance.cases.reconciliation.side import Answer, Side, Verdict
from semblance.messages.message import Message


class ComparedField(StrEnum):
    """What is compared, in the order in which it is shown."""

    DATES = "dates"
    PLACE = "place"
    SEX = "sex"
    AGE = "age"
    HEIGHT = "height"
    HAIR = "hair"
    EYES = "eyes"
    MARKS = "marks"
    CLOTHING = "clothing"
    JEWELLERY = "jewellery"
    TEETH = "teeth"
    FINGERPRINTS = "fingerprints"
    DNA = "dna"


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One field of both sides: whether it agrees, excludes or says nothing, and why."""

    field: ComparedField
    verdict: Verdict
    why: Message


_RULES: Final[Mapping[ComparedField, Callable[[Side, Side], Answer]]] = MappingProxyType(
    {
        ComparedField.DATES: compare_dates,
        ComparedField.PLACE: compare_place,
        ComparedField.SEX: compare_sex,
        ComparedField.AGE: compare_age,
        ComparedField.HEIGHT: compare_height,
        ComparedField.HAIR: compare_hair,
        ComparedField.EYES: compare_eyes,
        ComparedField.MARKS: compare_marks,
        ComparedField.CLOTHING: compare_clothing,
        ComparedField.JEWELLERY: compare_jewellery,
        ComparedField.TEETH: compare_teeth,
        ComparedField.FINGERPRINTS: compare_fingerprints,
        ComparedField.DNA: compare_dna,
    }
)


def compare(missing: Side, found: Side) -> tuple[FieldComparison, ...]:
    """Return every field of a missing person compared with that of somebody who was found."""
    return tuple(FieldComparison(field, *rule(missing, found)) for field, rule in _RULES.items())
