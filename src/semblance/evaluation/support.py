"""What a sample cannot show, in sentences that stand on every report."""

import math
from collections.abc import Sequence

from semblance.evaluation.identification import LEAST_FALSE_POSITIVES, NonMatedSource
from semblance.evaluation.intervals import measure_rate
from semblance.evaluation.report import SetFacts


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
