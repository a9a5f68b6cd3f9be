"""The whole result of an evaluation, as values and as JSON (docs/commands/evaluate.md describes the schema)."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any, Final

from semblance.evaluation.discard import DiscardCurve
from semblance.evaluation.groups import GroupComparison
from semblance.evaluation.identification import CurvePoint, NonMatedSource, OperatingPoint
from semblance.evaluation.intervals import Rate
from semblance.evaluation.ladder import RungResult, RungVerdict
from semblance.evaluation.measures import MeasureWeight

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
