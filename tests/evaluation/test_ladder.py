import math

import numpy as np

from semblance.evaluation.assembly import UNDEGRADED_RUNG
from semblance.evaluation.identification import NonMatedSource
from semblance.evaluation.ladder import RungName, bin_yaw, judge_rung, measure_rung
from semblance.evaluation.outcomes import tabulate_searches


def missed(count: int, of: int = 50, start: int = 0) -> "np.typing.NDArray[np.bool_]":
    return np.asarray([start <= i < start + count for i in range(of)])


def test_a_clear_winner_is_named_and_chance_is_called_chance() -> None:
    verdict = judge_rung("blur", {"open": missed(2), "embedded": missed(4), "old": missed(30)}, 50, "rank 1")
    assert verdict.best == ("open",)
    assert verdict.not_told_apart == ("embedded",)
    assert verdict.sentence == (
        "blur: open misses least (2 of 50); the difference to embedded (4) could be chance; "
        "old (30) misses more than chance explains."
    )


def test_the_exact_test_uses_only_searches_that_one_of_both_missed() -> None:
    # 5 against 0 discordant: p = 2 / 32 = 0.0625; 6 against 0: p = 2 / 64 = 0.03125.
    assert judge_rung("r", {"a": missed(0), "b": missed(5)}, 50, "x").not_told_apart == ("b",)
    assert judge_rung("r", {"a": missed(0), "b": missed(6)}, 50, "x").not_told_apart == ()
    # The same counts on other searches: 10 and 16 discordant cannot be told apart.
    apart = judge_rung("r", {"a": missed(10), "b": missed(16, start=20)}, 50, "x")
    assert apart.not_told_apart == ("b",)


def test_ties_and_single_packs_are_not_called_best() -> None:
    assert judge_rung("r", {"a": missed(3), "b": missed(3)}, 50, "x").sentence == "r: all miss 3 of 50; none is best."
    assert judge_rung("r", {"a": missed(3)}, 50, "x").sentence == "r: a misses 3 of 50."
    assert "no mated search" in judge_rung("r", {"a": missed(0), "b": missed(0)}, 0, "x").sentence


def test_yaw_is_binned_by_its_size_whatever_its_sign() -> None:
    rungs = bin_yaw(["0", "-14", "15", "-45", "46", "90", "", "left"])
    assert [(rung.name, np.flatnonzero(inside).tolist()) for rung, inside in rungs] == [
        ("yaw under 15°", [0, 1]),
        ("yaw 15° to 45°", [2, 3]),
        ("yaw over 45°", [4, 5]),
    ]
    assert bin_yaw(["", ""]) == ()


def test_a_rung_sets_its_own_threshold_and_also_tells_of_the_kept_one() -> None:
    subjects = [f"s{i}" for i in range(4)]
    probes = [*subjects, *(f"x{i}" for i in range(40))]
    matrix = np.full((44, 4), 0.1, dtype=np.float32)
    matrix[np.arange(4), np.arange(4)] = [0.9, 0.6, 0.4, 0.3]
    matrix[4:, 0] = np.linspace(0.0, 0.78, 40)  # steps of 0.02
    found = tabulate_searches(
        matrix, probe_subjects=probes, extracted=[True] * 44, reference_subjects=subjects, known_subjects=subjects
    )
    result, misses = measure_rung(
        RungName("blur", "blur", 1.0),
        "open",
        found,
        target=0.05,
        fixed_threshold=0.35,
        source=NonMatedSource.PROBES,
        own_threshold=True,
    )
    # 2 of 40 allowed: the threshold lies just above 0.74, and only 0.9 remains.
    assert result.threshold is not None
    assert 0.74 < result.threshold < 0.7401
    assert (result.fnir, misses.sum()) == (result.fnir, 3)
    assert result.fnir is not None
    assert result.fnir.count == 3
    assert result.fixed_fnir is not None
    assert result.fixed_fnir.count == 1
    assert result.fixed_fpir is not None
    assert result.fixed_fpir.count == 22
    kept, _ = measure_rung(
        UNDEGRADED_RUNG,
        "open",
        found,
        target=0.05,
        fixed_threshold=-math.inf,
        source=NonMatedSource.PROBES,
        own_threshold=False,
    )
    assert kept.threshold is None
    none, _ = measure_rung(
        UNDEGRADED_RUNG,
        "open",
        found,
        target=None,
        fixed_threshold=-math.inf,
        source=NonMatedSource.PROBES,
        own_threshold=True,
    )
    assert none.fnir is None
