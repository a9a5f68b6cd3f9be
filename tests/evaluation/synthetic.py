"""Made-up searches with known behaviour: scores drawn from two normal laws that a rung pushes together."""

from collections.abc import Mapping, Sequence

import numpy as np

from semblance.evaluation.assembly import UNDEGRADED_RUNG, PackSearches, ProbeLot, assemble_report
from semblance.evaluation.ladder import RungName
from semblance.evaluation.outcomes import SearchOutcomes, tabulate_searches
from semblance.evaluation.report import EvaluationReport, FailedFile, SetFacts

RUNGS = (
    UNDEGRADED_RUNG,
    RungName("eyes-32px", "eye-distance", 32),
    RungName("eyes-16px", "eye-distance", 16),
    RungName("eyes-12px", "eye-distance", 12),
    RungName("blur-light", "blur", 0.03),
    RungName("blur-heavy", "blur", 0.1),
    RungName("jpeg-50", "jpeg", 50),
    RungName("jpeg-10", "jpeg", 10),
)
LOSS = (0.0, 0.5, 2.0, 3.2, 0.3, 1.6, 0.1, 1.2)


def make_lot(
    rung: RungName, loss: float, separation: float, subjects: Sequence[str], probes: Sequence[str], seed: int
) -> ProbeLot:
    rng = np.random.default_rng(seed)
    hardness = rng.normal(0, 0.8, len(probes)) + loss
    extracted = hardness < 3.3
    scores = rng.normal(0, 1, (len(probes), len(subjects)))
    column = {subject: place for place, subject in enumerate(subjects)}
    for row, probe in enumerate(probes):
        if probe in column:
            scores[row, column[probe]] += separation - hardness[row]
    quality: list[Mapping[str, int] | None] = []
    for row in range(len(probes)):
        base = 75 - 14 * hardness[row] + rng.normal(0, 9)
        quality.append(
            {
                "UnifiedQualityScore": int(np.clip(base, 0, 100)),
                "Sharpness": int(np.clip(base + rng.normal(0, 20), 0, 100)),
                "InterEyeDistance": int(np.clip(base + rng.normal(0, 35), 0, 100)),
                "NaturalColour": int(rng.integers(0, 101)),
                "SingleFacePresent": 100,
                "HeadPoseYaw": -1 if row % 9 else 80,
            }
            if extracted[row]
            else None
        )
    outcomes: SearchOutcomes = tabulate_searches(
        (scores[extracted] / 10).astype(np.float32),
        probe_subjects=probes,
        extracted=[bool(flag) for flag in extracted],
        reference_subjects=subjects,
        known_subjects=subjects,
    )
    return ProbeLot(rung, outcomes, tuple(quality))


def make_pack(
    name: str, separation: float, subjects: Sequence[str], probes: Sequence[str], paths: Sequence[str], *, ladder: bool
) -> PackSearches:
    chosen = list(zip(RUNGS, LOSS, strict=True))[: None if ladder else 1]
    lots = tuple(
        make_lot(rung, loss, separation, subjects, probes, seed=len(name) * 100 + place)
        for place, (rung, loss) in enumerate(chosen)
    )
    failed = tuple(
        FailedFile(path, "probe", None if lot.rung == UNDEGRADED_RUNG else lot.rung.name, "no face was found")
        for lot in lots
        for path, found in zip(paths, lot.outcomes.extracted, strict=True)
        if not found
    )
    return PackSearches(name, "ab" * 32, "cosine", 256, len(subjects), 0, 0, failed, lots)


def make_report(*, mated: int = 74, non_mated: int = 140, ladder: bool = True, gallery: int = 120) -> EvaluationReport:
    subjects = [f"S{place:03}" for place in range(gallery)]
    probes = subjects[:mated] + [f"X{place:03}" for place in range(non_mated)]
    paths = [f"{subject}/probe.jpg" for subject in probes]
    packs = [
        make_pack(name, separation, subjects, probes, paths, ladder=ladder)
        for name, separation in (("open", 6.3), ("embedded", 5.6), ("face_recognition", 4.9))
    ]
    rng = np.random.default_rng(7)
    labels = {
        "sex": ["F" if drawn else "M" for drawn in rng.integers(0, 2, len(probes))],
        "age": [str(age) for age in rng.integers(19, 60, len(probes))],
        "yaw": [str(angle) for angle in rng.integers(-60, 60, len(probes))],
    }
    return assemble_report(
        SetFacts("made-up", "cd" * 32, gallery, gallery, len(probes), mated, non_mated, tuple(labels)),
        packs,
        paths=paths,
        probe_labels=labels,
        labels=("sex", "age"),
        targets=(0.1, 0.05, 0.02, 0.01, 0.003, 0.001),
        seed=11,
        created="2026-01-01T00:00:00+00:00",
        version="0.1.0",
        notes=("3 photos show several faces to open; the largest was taken, which may be somebody else.",),
    )
