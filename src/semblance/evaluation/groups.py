"""Unequal error after ISO/IEC 19795-10: each labelled group at the one global threshold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from semblance.evaluation.identification import NonMatedSource, find_false_positives, find_misses, non_mated_rows
from semblance.evaluation.intervals import Rate, Z, measure_rate
from semblance.evaluation.ladder import join_words
from semblance.evaluation.outcomes import SearchOutcomes

LEAST_SEARCHES: Final = 35
"""Below this, a group without any error could still have an error rate of over 10 % (Wilson's upper bound)."""

BINNED_ABOVE: Final = 8
UNLABELLED: Final = "not stated"
_NO_NUMBER: Final = frozenset({"NA", "N/A", "NAN", "?", "-"})


@dataclass(frozen=True, slots=True)
class GroupRates:
    """One group; ``small`` where either count of searches is below LEAST_SEARCHES."""

    group: str
    subjects: int
    fnir: Rate
    fpir: Rate
    small: bool


@dataclass(frozen=True, slots=True)
class WorstToBest:
    """The highest rate of all groups divided by the lowest.

    ``value`` is None where the best group shows no error or only one group could be measured. The interval (Walter's
    logarithmic one, half an error added on either side) ignores that the two groups were picked after looking.
    """

    worst: str | None
    best: str | None
    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """One label column. ``threshold`` is the global one; None goes by rank 1 alone and measures no FPIR."""

    label: str
    threshold: float | None
    target: float | None
    groups: tuple[GroupRates, ...]
    fnir_ratio: WorstToBest
    fpir_ratio: WorstToBest
    sentences: tuple[str, ...]


def bin_values(values: Sequence[str]) -> tuple[str, ...]:
    """Return the groups that a label's values stand for: themselves, or tens where they are many different numbers."""
    named = [value.strip() or UNLABELLED for value in values]
    # Among numbers "NA" can only mean that there is none; elsewhere it may be Namibia.
    numbers = {value for value in named if value != UNLABELLED and value.upper() not in _NO_NUMBER}
    if len(numbers) <= BINNED_ABOVE or not all(_is_number(value) for value in numbers):
        return tuple(named)
    return tuple(_name_ten(float(value)) if value in numbers else UNLABELLED for value in named)


def compare_groups(
    outcomes: SearchOutcomes,
    values: Sequence[str],
    *,
    label: str,
    threshold: float | None,
    target: float | None,
    source: NonMatedSource,
) -> GroupComparison:
    """Return FNIR and FPIR of each group of probes; ``values``: the label of each search, empty where not stated."""
    named = np.asarray(bin_values(values), dtype=np.str_)
    cut = -math.inf if threshold is None else threshold
    missed = find_misses(outcomes, threshold=cut)
    shown = find_false_positives(outcomes, threshold=cut)
    others = non_mated_rows(outcomes, source if threshold is not None else NonMatedSource.NONE)
    groups = []
    for group in sorted({str(name) for name in named}, key=_sort_key):
        own = named == group
        mated, non_mated = own & outcomes.mated, own & others
        fnir = measure_rate(int((missed & mated).sum()), int(mated.sum()))
        fpir = measure_rate(int((shown & non_mated).sum()), int(non_mated.sum()))
        subjects = len({outcomes.subjects[row] for row in np.flatnonzero(own)})
        small = fnir.of < LEAST_SEARCHES or (bool(others.any()) and fpir.of < LEAST_SEARCHES)
        groups.append(GroupRates(group, subjects, fnir, fpir, small))
    fnir_ratio = _divide([(group.group, group.fnir) for group in groups])
    fpir_ratio = _divide([(group.group, group.fpir) for group in groups])
    sentences = _say(label, groups, fnir_ratio, fpir_ratio, measured_fpir=bool(others.any()))
    return GroupComparison(label, threshold, target, tuple(groups), fnir_ratio, fpir_ratio, sentences)


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def _name_ten(value: float) -> str:
    low = math.floor(value / 10) * 10
    return f"{low} to {low + 9}"


def _sort_key(group: str) -> tuple[int, float, str]:
    first = group.split(" to ")[0]
    if group == UNLABELLED:
        return 2, 0.0, group
    return (0, float(first), group) if _is_number(first) else (1, 0.0, group)


def _divide(rates: Sequence[tuple[str, Rate]]) -> WorstToBest:
    measured = [(group, rate) for group, rate in rates if rate.of and group != UNLABELLED]
    if len(measured) < 2:
        return WorstToBest(None, None, None, None, None)
    worst_name, worst = max(measured, key=lambda pair: (pair[1].value or 0.0, pair[0]))
    best_name, best = min(measured, key=lambda pair: (pair[1].value or 0.0, pair[0]))
    if worst_name == best_name or worst.count == 0:
        return WorstToBest(None, None, None, None, None)
    value = (worst.value or 0.0) / best.value if best.value else None
    smoothed = math.log((worst.count + 0.5) / (worst.of + 0.5)) - math.log((best.count + 0.5) / (best.of + 0.5))
    spread = Z * math.sqrt(
        max(0.0, 1 / (worst.count + 0.5) - 1 / (worst.of + 0.5) + 1 / (best.count + 0.5) - 1 / (best.of + 0.5))
    )
    lower, upper = math.exp(smoothed - spread), math.exp(smoothed + spread)
    if value is not None:
        lower, upper = min(lower, value), max(upper, value)
    return WorstToBest(worst_name, best_name, value, lower, upper)


def _say(
    label: str, groups: Sequence[GroupRates], fnir: WorstToBest, fpir: WorstToBest, *, measured_fpir: bool
) -> tuple[str, ...]:
    sentences = []
    small = [group.group for group in groups if group.small]
    if small:
        whole = "Every group" if len(small) == len(groups) else join_words([f"“{name}”" for name in small])
        sentences.append(
            f"{whole} of {label} {'is' if len(small) == 1 or len(small) == len(groups) else 'are'} too small to judge: "
            f"with fewer than {LEAST_SEARCHES} searches, even a group without a single error could have an error rate "
            "above 10 %. Read the intervals, not the rates."
        )
    for name, ratio, rates in (
        ("FNIR", fnir, [group.fnir for group in groups]),
        ("FPIR", fpir, [group.fpir for group in groups]),
    ):
        if name == "FPIR" and not measured_fpir:
            sentences.append("FPIR by group is not measured: the sample supports no threshold.")
            continue
        if ratio.worst is None:
            if not any(rate.count for rate in rates):
                sentences.append(f"{name}: no group shows an error, which is not to say that there is no difference.")
            continue
        no_ratio = "" if ratio.value is not None else f"“{ratio.best}” shows no error, so that no ratio can be formed; "
        if ratio.lower is not None and ratio.lower <= 1:
            sentences.append(
                f"{name}: {no_ratio}the difference between “{ratio.worst}” and “{ratio.best}” could be chance in a "
                "sample of this size."
            )
        elif ratio.lower is not None:
            sentences.append(
                f"{name}: {no_ratio}“{ratio.worst}” fares worse than “{ratio.best}” by more than chance explains here, "
                f"at least {ratio.lower:.1f} times, leaving aside that these two were picked after looking."
            )
    if sum(not group.small for group in groups) == 1 and len(groups) > 1:
        sentences.append("Only one group is large enough, so that no two can be compared.")
    return tuple(sentences)
