"""UnifiedQualityScore: one number for how well a face serves a search."""

from collections.abc import Iterable, Mapping
from typing import Final

from semblance.faces.encoding.encoder import Features
from semblance.faces.quality.mapping import clamp
from semblance.terms.quality import QualityMeasure, QualityScore

WEIGHTS: Final[Mapping[QualityMeasure, float]] = {
    QualityMeasure.SHARPNESS: 0.25,
    QualityMeasure.INTER_EYE_DISTANCE: 0.25,
    QualityMeasure.DYNAMIC_RANGE: 0.10,
    QualityMeasure.HEAD_POSE_YAW: 0.10,
}
"""Share of each component; measured as docs/quality.md tells."""
NORM_WEIGHT: Final = 0.30
"""Share of the encoder's norm, where the pack states its range."""


def unify(
    scores: Iterable[QualityScore], *, features: Features | None, norm_range: tuple[float, float] | None
) -> QualityScore:
    """Weigh the components, and the encoder's norm where there is one.

    What is not assessable is left out and the rest weighed higher. The norm of the features before normalisation tells
    how much the encoder found to hold on to; a face that was not chosen has none, and its score rests on the photo.
    """
    total, weight = 0.0, 0.0
    for score in scores:
        share = WEIGHTS.get(score.measure, 0.0)
        if score.assessable and share > 0:
            total += share * score.scalar
            weight += share
    if features is not None and norm_range is not None:
        total += NORM_WEIGHT * scale_norm(features.norm, norm_range)
        weight += NORM_WEIGHT
    return QualityScore(QualityMeasure.UNIFIED, clamp(total / weight) if weight > 0 else -1)


def scale_norm(norm: float, norm_range: tuple[float, float]) -> float:
    """Bring a norm to 0 to 100 within the pack's range; beyond it, the nearer end."""
    low, high = norm_range
    return 100 * min(1.0, max(0.0, (norm - low) / (high - low)))
