"""From the searches of several packs on the same photos to the report."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.evaluation.discard import DiscardCurve, measure_discard, weigh_measures
from semblance.evaluation.groups import compare_groups
from semblance.evaluation.identification import (
    CMC_RANKS,
    NonMatedSource,
    OperatingPoint,
    choose_source,
    measure_cmc,
    measure_det,
    measure_fnir,
    measure_operating_points,
    non_mated_rows,
    supports_target,
)
from semblance.evaluation.intervals import REPLICATES, measure_rate
from semblance.evaluation.ladder import (
    UNDEGRADED,
    YAW_LABEL,
    RungName,
    RungResult,
    RungVerdict,
    bin_yaw,
    judge_rung,
    measure_rung,
)
from semblance.evaluation.outcomes import SearchOutcomes
from semblance.evaluation.report import (
    SCHEMA,
    EvaluationReport,
    FailedFile,
    Failures,
    PackReport,
    RankMiss,
    SetFacts,
    say_limits,
)
from semblance.terms.samples import QualityMeasure

PREFERRED_TARGET = 0.05
_RANKS_STATED = (1, 20, 50)


@dataclass(frozen=True, slots=True)
class ProbeLot:
    """One pack's searches with the probes of one rung, in the order of the set's probes.

    ``quality``: one mapping a search from measure to scalar, None where no face was found.
    """

    rung: RungName
    outcomes: SearchOutcomes
    quality: tuple[Mapping[str, int] | None, ...]


@dataclass(frozen=True, slots=True)
class PackSearches:
    """Everything one pack did; ``lots`` begins with the undegraded probes.

    ``references``: how many reference photos the set has; ``reference_failures`` and ``subjects_without_template``:
    how many of them, and of the subjects, gave no template.
    """

    name: str
    digest: str
    metric: str
    dimension: int
    references: int
    reference_failures: int
    subjects_without_template: int
    failed: tuple[FailedFile, ...]
    lots: tuple[ProbeLot, ...]


def assemble_report(
    facts: SetFacts,
    packs: Sequence[PackSearches],
    *,
    paths: Sequence[str],
    probe_labels: Mapping[str, Sequence[str]],
    labels: Sequence[str],
    targets: Sequence[float],
    seed: int,
    created: str,
    version: str,
    notes: Sequence[str] = (),
) -> EvaluationReport:
    """Return the report.

    ``paths``: one a probe. ``probe_labels``: label column to one value a probe. ``labels``: the columns by which
    unequal error is measured. ``targets``: the FPIRs asked for.
    """
    first = packs[0].lots[0].outcomes
    source = choose_source(first, targets)
    non_mated = int(non_mated_rows(first, source).sum())
    supported = tuple(target for target in targets if supports_target(target, non_mated))
    target = PREFERRED_TARGET if PREFERRED_TARGET in supported else min(supported, default=None)
    reports = []
    rungs: dict[str, list[tuple[RungResult, NDArray[np.bool_]]]] = {}
    for pack in packs:
        clean = pack.lots[0].outcomes
        points = measure_operating_points(clean, supported, source)
        shown = (point.threshold for point in points if point.target == target and point.threshold is not None)
        fixed = next(shown, -math.inf)
        reports.append(_report_pack(pack, facts, points, target, fixed, source, paths, probe_labels, labels, seed))
        for lot, own in _split_yaw(pack.lots, probe_labels.get(YAW_LABEL, ())):
            measured = measure_rung(
                lot.rung,
                pack.name,
                lot.outcomes,
                target=target,
                fixed_threshold=fixed,
                source=source,
                own_threshold=own,
            )
            rungs.setdefault(lot.rung.name, []).append(measured)
    repeated = bool(first.mated.any()) and len(set(first.subjects)) < len(first)
    return EvaluationReport(
        schema=SCHEMA,
        created=created,
        version=version,
        seed=seed,
        replicates=REPLICATES,
        set=facts,
        fpir_targets=tuple(targets),
        supported_targets=supported,
        target=target,
        non_mated_source=source,
        non_mated_searches=non_mated,
        packs=tuple(reports),
        rungs=tuple(result for rung in rungs.values() for result, _ in rung),
        verdicts=tuple(_judge(*zip(*rung, strict=True)) for rung in rungs.values()),
        not_supported=say_limits(facts, source, non_mated, targets, supported, repeated=repeated),
        notes=tuple(notes),
    )


def _report_pack(
    pack: PackSearches,
    facts: SetFacts,
    points: tuple[OperatingPoint, ...],
    target: float | None,
    fixed: float,
    source: NonMatedSource,
    paths: Sequence[str],
    probe_labels: Mapping[str, Sequence[str]],
    labels: Sequence[str],
    seed: int,
) -> PackReport:
    clean = pack.lots[0].outcomes
    threshold = fixed if math.isfinite(fixed) else None
    joined = SearchOutcomes.join([lot.outcomes for lot in pack.lots])
    quality = [row for lot in pack.lots for row in lot.quality]
    keys = [f"{path} {lot.rung.name}" for lot in pack.lots for path in paths]
    ranks = min(CMC_RANKS, max(1, facts.subjects))
    return PackReport(
        name=pack.name,
        digest=pack.digest,
        metric=pack.metric,
        dimension=pack.dimension,
        gallery_subjects=facts.subjects - pack.subjects_without_template,
        gallery_references=pack.references - pack.reference_failures,
        failures=Failures(
            measure_rate(pack.reference_failures, pack.references),
            measure_rate(pack.subjects_without_template, facts.subjects),
            measure_rate(int((~clean.extracted).sum()), len(clean)),
            pack.failed,
        ),
        rank_misses=tuple(
            RankMiss(rank, measure_fnir(clean, rank=rank))
            for rank in _RANKS_STATED
            if rank == 1 or rank < facts.subjects
        ),
        cmc=measure_cmc(clean, seed=seed, ranks=ranks),
        operating_points=points,
        det=measure_det(clean, source, seed=seed),
        discard=_measure_discards(pack.lots, joined, quality, keys, threshold, target, seed),
        measures=weigh_measures(joined, quality, keys, threshold=fixed, seed=seed),
        measures_scope=_name_scope(pack.lots),
        groups=tuple(
            compare_groups(clean, probe_labels[label], label=label, threshold=threshold, target=target, source=source)
            for label in labels
        ),
    )


def _name_scope(lots: Sequence[ProbeLot]) -> str:
    return "all probes as they are" if len(lots) == 1 else "clean and degraded probes together"


def _measure_discards(
    lots: Sequence[ProbeLot],
    joined: SearchOutcomes,
    quality: Sequence[Mapping[str, int] | None],
    keys: Sequence[str],
    threshold: float | None,
    target: float | None,
    seed: int,
) -> tuple[DiscardCurve, ...]:
    unified = [(row or {}).get(QualityMeasure.UNIFIED.value, -1) for row in quality]
    clean = len(lots[0].outcomes)
    extracted = np.flatnonzero(joined.extracted)
    scopes: list[tuple[str, NDArray[np.intp]]] = [("all probes as they are", np.arange(clean))]
    if len(lots) > 1:
        scopes.append(("clean and degraded probes together", np.arange(len(joined))))
        scopes.append(("clean and degraded probes together, only those that gave a template", extracted))
    curves = []
    for scope, rows in scopes:
        curve = measure_discard(
            joined.select(rows),
            [unified[row] for row in rows.tolist()],
            [keys[row] for row in rows.tolist()],
            scope=scope,
            threshold=threshold,
            target=target,
            seed=seed,
        )
        if curve is not None:
            curves.append(curve)
    return tuple(curves)


def _split_yaw(lots: Sequence[ProbeLot], yaw: Sequence[str]) -> list[tuple[ProbeLot, bool]]:
    """Return the lots with the yaw rungs behind the undegraded one, each with whether it sets its own threshold."""
    split = [(lots[0], True)]
    for rung, inside in bin_yaw(yaw):
        chosen = tuple(lots[0].quality[row] for row in np.flatnonzero(inside).tolist())
        split.append((ProbeLot(rung, lots[0].outcomes.select(inside), chosen), False))
    return split + [(lot, True) for lot in lots[1:]]


def _judge(results: Sequence[RungResult], missed: Sequence[NDArray[np.bool_]]) -> RungVerdict:
    """Return which pack misses least, from all packs' results on one rung."""
    last = results[-1]
    how = "mate not at rank 1" if last.target is None else f"FNIR at FPIR {last.target:.3g}"
    by_pack = {result.pack: own for result, own in zip(results, missed, strict=True)}
    return judge_rung(last.rung.name, by_pack, last.rank_one_miss.of, how)


UNDEGRADED_RUNG = RungName(UNDEGRADED, "none", None)
