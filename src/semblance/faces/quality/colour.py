"""NaturalColour."""

from typing import Final

import cv2
import numpy as np

from semblance.faces.quality.mapping import clamp
from semblance.faces.quality.region import FaceRegion
from semblance.terms.samples import NOT_ASSESSABLE, QualityMeasure, QualityScore

_GREY: Final = 2.0


def measure_natural_colour(region: FaceRegion) -> QualityScore:
    """NaturalColour: distance in CIELAB of the face's mean colour from the span of skin of all people in white light.

    The span (a* 3 to 25, b* 3 to 35) says whether the light or the camera tinted the photo; it does not tell one skin
    from another. A grey photo is not assessable.
    """
    lab = cv2.cvtColor(region.rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    centre = lab[32:112, 24:104].reshape(-1, 3)
    a, b = float(centre[:, 1].mean()), float(centre[:, 2].mean())
    if float(np.abs(centre[:, 1:]).mean()) < _GREY:
        return QualityScore(QualityMeasure.NATURAL_COLOUR, NOT_ASSESSABLE)
    distance = float(np.hypot(max(0.0, 3 - a, a - 25), max(0.0, 3 - b, b - 35)))
    return QualityScore(QualityMeasure.NATURAL_COLOUR, clamp(100 - 5 * distance), distance)
