"""HeadPoseYaw, HeadPosePitch and HeadPoseRoll: from the five landmarks, or from a network that the pack brings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.alignment.similarity import warp
from semblance.faces.detection.detector import Detection
from semblance.faces.quality.region import clamp
from semblance.faces.runtime import Session
from semblance.terms.samples import Landmarks, QualityMeasure, QualityScore

_NOSE_DEPTH: Final = 0.62
"""How far the tip of the nose stands before the plane of the eyes and mouth corners, in eye distances."""
_NOSE_LEVEL: Final = 0.56
"""Where the nose tip lies between the eyes (0) and the mouth (1) when the head is level."""


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Degrees. Yaw: positive when the face looks to the photo's right. Pitch: positive up. Roll: positive clockwise."""

    yaw: float
    pitch: float
    roll: float


def estimate_pose(landmarks: Landmarks) -> HeadPose:
    """Estimate the pose by where the tip of the nose falls against the plane of the eyes and the mouth.

    A turn by yaw moves the nose sideways by depth x sin(yaw) while the distance between the eyes shrinks by cos(yaw),
    so that their ratio is depth x tan(yaw); pitch likewise, up and down. The accuracy on labelled photos stands in
    docs/quality.md: enough to see that a face is turned, not to measure by how many degrees.
    """
    left, right = landmarks.left_eye, landmarks.right_eye
    roll = math.atan2(right.y - left.y, right.x - left.x)
    cosine, sine = math.cos(-roll), math.sin(-roll)

    def upright(x: float, y: float) -> tuple[float, float]:
        return (x - left.x) * cosine - (y - left.y) * sine, (x - left.x) * sine + (y - left.y) * cosine

    eye_span = max(1e-6, math.dist((left.x, left.y), (right.x, right.y)))
    nose_x, nose_y = upright(landmarks.nose.x, landmarks.nose.y)
    mouth_left = upright(landmarks.mouth_left.x, landmarks.mouth_left.y)
    mouth_right = upright(landmarks.mouth_right.x, landmarks.mouth_right.y)
    mouth_x, mouth_y = (mouth_left[0] + mouth_right[0]) / 2, (mouth_left[1] + mouth_right[1]) / 2
    drop = max(1e-6, mouth_y)
    level = nose_y / drop
    axis_x = eye_span / 2 + (mouth_x - eye_span / 2) * min(1.0, max(0.0, level))
    yaw = math.atan((nose_x - axis_x) / (eye_span * _NOSE_DEPTH))
    pitch = math.atan((_NOSE_LEVEL - level) * drop / (drop * _NOSE_DEPTH))
    return HeadPose(math.degrees(yaw), math.degrees(pitch), math.degrees(roll))


def measure_pose(pose: HeadPose) -> tuple[QualityScore, ...]:
    """HeadPoseYaw, -Pitch and -Roll: 100 x the squared cosine of the angle; natively in degrees."""
    angles = (
        (QualityMeasure.HEAD_POSE_YAW, pose.yaw),
        (QualityMeasure.HEAD_POSE_PITCH, pose.pitch),
        (QualityMeasure.HEAD_POSE_ROLL, pose.roll),
    )
    return tuple(
        QualityScore(measure, clamp(100 * max(0.0, math.cos(math.radians(angle))) ** 2), angle)
        for measure, angle in angles
    )


_SIZE: Final = 64
_MARGIN: Final = 1.2
"""Side of the square that the network sees, as a multiple of the face's box; measured on labelled photos."""


class FsaNet:
    """Averages one or more FSA-Net variants; thread-safe.

    Each network: float32 (1, 3, 64, 64), BGR, (value - 127.5) / 128, to float32 (1, 3): yaw, pitch, roll in degrees.
    """

    def __init__(self, sessions: Sequence[Session]) -> None:
        self._sessions = tuple(sessions)

    def estimate(self, pixels: NDArray[np.uint8], face: Detection) -> HeadPose:
        """Estimate the pose of a face; the network's yaw has the opposite sign of HeadPose's."""
        scale = _SIZE / (max(face.box.width, face.box.height, 1.0) * _MARGIN)
        centre, half = face.box.centre, _SIZE / 2
        matrix = np.array([[scale, 0, half - scale * centre.x], [0, scale, half - scale * centre.y]])
        bgr = warp(pixels, matrix, _SIZE)[:, :, ::-1].astype(np.float32)
        tensor = np.ascontiguousarray(((bgr - np.float32(127.5)) / np.float32(128)).transpose(2, 0, 1)[None])
        answers = [session.run({session.input_names[0]: tensor})[0].reshape(3) for session in self._sessions]
        yaw, pitch, roll = np.stack(answers).astype(np.float64).mean(axis=0).tolist()
        return HeadPose(-yaw, pitch, roll)
