import numpy as np
import pytest

from semblance.evaluation.groups import LEAST_SEARCHES, GroupComparison, bin_values, compare_groups
from semblance.evaluation.identification import NonMatedSource
from semblance.evaluation.intervals import measure_rate
from semblance.evaluation.outcomes import UNRANKED, SearchOutcomes


def compare(rows: list[tuple[str, int, int, int, int]], *, threshold: float | None = 0.5) -> GroupComparison:
    """Each row: group, mated, missed, non-mated, falsely shown."""
    groups: list[str] = []
    mated: list[bool] = []
    bad: list[bool] = []
    for group, m, missed, n, shown in rows:
        groups += [group] * (m + n)
        mated += [True] * m + [False] * n
        bad += [i < missed for i in range(m)] + [i < shown for i in range(n)]
    is_mated, is_bad = np.asarray(mated), np.asarray(bad)
    found = SearchOutcomes(
        tuple(f"s{i}" for i in range(len(groups))),
        is_mated,
        np.ones(len(groups), dtype=np.bool_),
        np.where(is_mated & ~is_bad, 0.9, 0.1).astype(np.float32),
        np.where(is_mated & ~is_bad, 1, UNRANKED).astype(np.int64),
        np.where(~is_mated & is_bad, 0.6, 0.2).astype(np.float32),
    )
    return compare_groups(found, groups, label="sex", threshold=threshold, target=0.05, source=NonMatedSource.PROBES)


def test_the_ratio_of_worst_to_best_is_worked_by_hand() -> None:
    found = compare([("F", 100, 8, 100, 2), ("M", 100, 2, 100, 6)])
    assert [(g.group, g.fnir.count, g.fpir.count, g.small) for g in found.groups] == [
        ("F", 8, 2, False),
        ("M", 2, 6, False),
    ]
    assert (found.fnir_ratio.worst, found.fnir_ratio.best) == ("F", "M")
    assert found.fnir_ratio.value == pytest.approx(4)
    assert (found.fpir_ratio.worst, found.fpir_ratio.best) == ("M", "F")
    # Walter: ln(8.5/100.5) - ln(2.5/100.5) = 1.2238; variance 1/8.5 - 1/100.5 + 1/2.5 - 1/100.5 = 0.49775.
    assert found.fnir_ratio.lower == pytest.approx(np.exp(1.2238 - 1.95996 * np.sqrt(0.49775)), rel=1e-3)
    assert any("could be chance" in sentence for sentence in found.sentences)


def test_a_difference_beyond_chance_is_said() -> None:
    found = compare([("F", 400, 80, 0, 0), ("M", 400, 8, 0, 0)])
    assert any("“F” fares worse than “M”" in sentence for sentence in found.sentences)


def test_small_groups_are_said_to_be_small() -> None:
    found = compare([("F", 100, 8, 100, 2), ("M", 20, 0, 100, 6)])
    assert [group.small for group in found.groups] == [False, True]
    assert found.sentences[0].startswith("“M” of sex is too small to judge")
    assert measure_rate(0, LEAST_SEARCHES).upper <= 0.1 < measure_rate(0, LEAST_SEARCHES - 1).upper


def test_no_error_in_the_best_group_gives_no_ratio() -> None:
    found = compare([("F", 50, 3, 50, 0), ("M", 50, 0, 50, 0)])
    assert found.fnir_ratio.value is None
    assert any("no ratio can be formed" in sentence for sentence in found.sentences)
    assert any(sentence.startswith("FPIR: no group shows an error") for sentence in found.sentences)


def test_without_a_threshold_fpir_is_not_measured() -> None:
    found = compare([("F", 50, 3, 50, 5), ("M", 50, 1, 50, 0)], threshold=None)
    assert all(group.fpir.of == 0 for group in found.groups)
    assert any("FPIR by group is not measured" in sentence for sentence in found.sentences)


def test_many_numbers_become_tens_and_blanks_are_named() -> None:
    assert bin_values(["F", "", "M"]) == ("F", "not stated", "M")
    ages = [str(age) for age in range(19, 41)]
    assert set(bin_values(ages)) == {"10 to 19", "20 to 29", "30 to 39", "40 to 49"}
    assert bin_values([*map(str, range(-5, 5)), ""])[0] == "-10 to -1"
    assert bin_values(["1", "2"]) == ("1", "2")
    assert bin_values([*ages, "NA"])[-1] == "not stated"
    assert bin_values(["NA", "DE"]) == ("NA", "DE")
