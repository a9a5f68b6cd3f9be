"""Components of framing: how large the face is, how many there are, and how much room is around it."""

import math
from typing import Final

from semblance.faces.detection.detector import Detection
from semblance.faces.photo import Photo
from semblance.faces.quality.mapping import clamp, rise
from semblance.terms.samples import QualityMeasure, QualityScore

_BEST_HEAD: Final = 0.45
_HEAD_OF_BOX: Final = 1.35
"""A head from crown to chin is about this much higher than a detector's box, which ends above the brows."""


def measure_inter_eye_distance(face: Detection, *, yaw: float) -> QualityScore:
    """InterEyeDistance: pixels between the eye centres, as they would be with the head turned to the front.

    50 at 45 pixels, 90 at 90. Beyond 60 degrees of yaw the correction is held, since the far eye is guessed there.
    """
    distance = face.landmarks.inter_eye_distance / math.cos(math.radians(min(abs(yaw), 60.0)))
    return QualityScore(QualityMeasure.INTER_EYE_DISTANCE, rise(distance, middle=45.0, width=20.0), distance)


def measure_head_size(photo: Photo, face: Detection) -> QualityScore:
    """HeadSize: the head's height as a share of the photo's; best at 0.45, 0 at 0 and at 0.95."""
    share = min(1.0, _HEAD_OF_BOX * face.box.height / photo.facts.height)
    room = _BEST_HEAD if share < _BEST_HEAD else 0.95 - _BEST_HEAD
    return QualityScore(QualityMeasure.HEAD_SIZE, clamp(100 * (1 - abs(share - _BEST_HEAD) / room)), share)


def measure_single_face(second_face_share: float) -> QualityScore:
    """SingleFacePresent: area of the second largest face over the largest one's, 0 when there is no second."""
    return QualityScore(QualityMeasure.SINGLE_FACE_PRESENT, clamp(100 * (1 - second_face_share)), second_face_share)


def measure_crops(photo: Photo, face: Detection) -> tuple[QualityScore, ...]:
    """Leftward-, Rightward-, Upward- and DownwardCropOfTheFaceImage: room around the eyes, in eye distances.

    Measured from the point between the eyes to each edge. A whole head needs about 1.2 to the sides and above, and
    1.8 below; 50 there.
    """
    marks = face.landmarks
    unit = max(1.0, marks.inter_eye_distance, face.box.height / 3)
    x = (marks.left_eye.x + marks.right_eye.x) / 2
    y = (marks.left_eye.y + marks.right_eye.y) / 2
    spans = (
        (QualityMeasure.LEFTWARD_CROP, x / unit, 1.2),
        (QualityMeasure.RIGHTWARD_CROP, (photo.facts.width - x) / unit, 1.2),
        (QualityMeasure.UPWARD_CROP, y / unit, 1.2),
        (QualityMeasure.DOWNWARD_CROP, (photo.facts.height - y) / unit, 1.8),
    )
    return tuple(QualityScore(measure, rise(span, middle=needed, width=0.1), span) for measure, span, needed in spans)
