"""The rungs down which clean probes are made worse, because clean portraits saturate every measure.

Yaw is not among them: a turned head is another photo, chosen by label, not something that can be computed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Family(StrEnum):
    """What a rung does, and in what unit its strength is."""

    EYE_DISTANCE = "eye-distance"
    """Pixels between the eyes that are left; less is worse."""
    BLUR = "blur"
    """Sigma of a Gaussian as a share of the distance between the eyes."""
    NOISE = "noise"
    """Standard deviation of Gaussian noise, in levels of 255."""
    DARKNESS = "darkness"
    """Stops of exposure missing; each halves the light."""
    JPEG = "jpeg"
    """Quality of libjpeg, 1 to 100; less is worse."""
    FAR_AWAY = "far-away"
    """Pixels between the eyes of a face that is also three stops too dark and kept as JPEG of quality 30."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: ``name`` is unique in the ladder and stands in tables, ``strength`` is in the family's unit."""

    name: str
    family: Family
    strength: float


FAR_AWAY_STOPS: Final = 3.0
FAR_AWAY_QUALITY: Final = 30

LADDER: Final[tuple[Rung, ...]] = (
    Rung("eyes-48px", Family.EYE_DISTANCE, 48),
    Rung("eyes-32px", Family.EYE_DISTANCE, 32),
    Rung("eyes-24px", Family.EYE_DISTANCE, 24),
    Rung("eyes-16px", Family.EYE_DISTANCE, 16),
    Rung("eyes-12px", Family.EYE_DISTANCE, 12),
    Rung("blur-light", Family.BLUR, 0.03),
    Rung("blur-medium", Family.BLUR, 0.06),
    Rung("blur-heavy", Family.BLUR, 0.10),
    Rung("noise-light", Family.NOISE, 12),
    Rung("noise-medium", Family.NOISE, 25),
    Rung("noise-heavy", Family.NOISE, 50),
    Rung("dark-2-stops", Family.DARKNESS, 2),
    Rung("dark-4-stops", Family.DARKNESS, 4),
    Rung("dark-6-stops", Family.DARKNESS, 6),
    Rung("jpeg-50", Family.JPEG, 50),
    Rung("jpeg-20", Family.JPEG, 20),
    Rung("jpeg-10", Family.JPEG, 10),
    Rung("far-away-32px", Family.FAR_AWAY, 32),
    Rung("far-away-20px", Family.FAR_AWAY, 20),
)
