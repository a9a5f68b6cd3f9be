"""The whole result of an evaluation, as values and as JSON (docs/commands/evaluate.md describes the schema).

What a sample cannot show stands on every report, in sentences.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from semblance.evaluation.discard import DiscardCurve, MeasureWeight
from semblance.evaluation.groups import GroupComparison
from semblance.evaluation.identification import LEAST_FALSE_POSITIVES, CurvePoint, NonMatedSource, OperatingPoint
from semblance.evaluation.intervals import Rate, measure_rate
from semblance.evaluation.ladder import RungResult, RungVerdict

SCHEMA: Final = "semblance.evaluation/1"

LEAD_SENTENCE: Final = "Every match is a lead, not an identity."


@dataclass(frozen=True, slots=True)
class SetFacts:
    """What was measured on; ``mated`` and ``non_mated`` count probes."""

    name: str
    manifest_sha256: str
    subjects: int
    references: int
    probes: int
    mated: int
    non_mated: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A photo that gave no template, and why. ``rung``: the degradation it had suffered, None for none."""

    path: str
    role: str
    rung: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Failures:
    """Failure to enrol (references) and failure to extract (probes), undegraded.

    ``subjects``: those of whom no reference gave a template, so that no search can find them. ``files`` names every
    photo that failed, the degraded ones among them.
    """

    references: Rate
    subjects: Rate
    probes: Rate
    files: tuple[FailedFile, ...]


@dataclass(frozen=True, slots=True)
class RankMiss:
    """FNIR(N, R, T) without a threshold: the mate is not within the rank."""

    rank: int
    miss: Rate


@dataclass(frozen=True, slots=True)
class PackReport:
    """One pack on the undegraded probes; ``discard`` also holds curves over all rungs together where they were made."""

    name: str
    digest: str
    metric: str
    dimension: int
    gallery_subjects: int
    gallery_references: int
    failures: Failures
    rank_misses: tuple[RankMiss, ...]
    cmc: tuple[CurvePoint, ...]
    operating_points: tuple[OperatingPoint, ...]
    det: tuple[CurvePoint, ...]
    discard: tuple[DiscardCurve, ...]
    measures: tuple[MeasureWeight, ...]
    measures_scope: str
    groups: tuple[GroupComparison, ...]


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Everything that one run of ``semblance evaluate`` measured.

    ``target``: the FPIR at which packs, rungs, groups and discards are compared, None where the sample supports none.
    ``not_supported``: in sentences, what this sample cannot show.
    """

    schema: str
    created: str
    version: str
    seed: int
    replicates: int
    set: SetFacts
    fpir_targets: tuple[float, ...]
    supported_targets: tuple[float, ...]
    target: float | None
    non_mated_source: NonMatedSource
    non_mated_searches: int
    packs: tuple[PackReport, ...]
    rungs: tuple[RungResult, ...]
    verdicts: tuple[RungVerdict, ...]
    not_supported: tuple[str, ...]
    notes: tuple[str, ...]

    def to_json(self) -> str:
        """Return the report as JSON text; infinite numbers become null, and nothing is rounded."""
        return json.dumps(_plain(asdict(self)), ensure_ascii=False, indent=1, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def format_percent(share: float) -> str:
    """Return a share as a percentage with as many digits as it needs, at most three after the point."""
    percent = f"{share * 100:.3f}".rstrip("0").rstrip(".")
    return f"{percent} %"


def say_limits(
    facts: SetFacts,
    source: NonMatedSource,
    non_mated: int,
    targets: Sequence[float],
    supported: Sequence[float],
    *,
    repeated: bool,
) -> tuple[str, ...]:
    """Return what the sample does not support; ``repeated``: some subject has several probes."""
    sentences = []
    finer = [target for target in targets if target not in supported]
    if finer:
        needed = math.ceil(round(LEAST_FALSE_POSITIVES / max(finer), 6))
        sentences.append(
            f"FNIR at FPIR {' or '.join(format_percent(target) for target in finer)} is not reported: an FPIR is "
            f"reported only where at least {LEAST_FALSE_POSITIVES} of the non-mated searches may exceed the threshold. "
            f"There are {non_mated}; the coarsest of these would need {needed}."
        )
    if source is NonMatedSource.MATE_REMOVED:
        sentences.append(
            f"The set has {facts.non_mated or 'no'} non-mated probes, too few for any FPIR asked for. FPIR is "
            f"therefore counted over {non_mated} searches: each mated probe was searched once more with its own "
            "subject taken out of the gallery. These searches are not independent of the mated ones."
        )
    if facts.mated:
        bound = measure_rate(0, facts.mated).upper
        sentences.append(
            f"With {facts.mated} mated searches, even none missed would leave an FNIR of up to {bound * 100:.1f} % "
            "possible (95 % interval)."
        )
    else:
        sentences.append("The set has no mated probe, so that no miss rate can be measured.")
    if supported:
        sentences.append(
            "Thresholds are set on the same searches as FPIR is counted on; in use FPIR will be somewhat higher."
        )
    sentences.append(
        f"All rates hold for a gallery of {facts.subjects} subjects and photos like these. FPIR grows with the "
        "gallery: nothing here says what it is in one of another size."
    )
    if repeated:
        sentences.append(
            "Some subjects have several probes. Wilson's intervals take searches as independent and are therefore a "
            "little too narrow; the bands of the curves are not, because whole subjects were resampled."
        )
    return tuple(sentences)
