"""The method that Semblance is measured against: the package ``face_recognition`` (HOG detector and dlib's encoder)."""

import hashlib
import threading
from importlib import import_module, metadata
from typing import Any, Final

import numpy as np

from semblance.errors import DependencyMissing, NotFound
from semblance.faces.decode import decode_photo
from semblance.faces.detection.detector import Detection
from semblance.faces.extractor import FaceChoice
from semblance.faces.photo import Photo
from semblance.faces.quality.assessment import assess_face
from semblance.terms.geometry import Box, Landmarks, Point
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Extraction, FaceSample, Metric, Template

BASELINE_NAME: Final = "face_recognition"


class FaceRecognitionExtractor:
    """Runs ``face_recognition`` the way its documentation shows: HOG, one upsampling, the small landmark model.

    For comparison in evaluations and benchmarks only; no gallery is filled with it. Its templates compare by Euclidean
    distance, as ``face_recognition.face_distance`` does.
    """

    name = BASELINE_NAME
    metric = Metric.EUCLIDEAN
    dimension = 128

    def __init__(self, *, assess: bool = True) -> None:
        try:
            self._library: Any = import_module("face_recognition")
        except (ImportError, SystemExit) as error:
            raise DependencyMissing(
                "The comparison needs the package face_recognition. Install the extra `semblance[baseline]`."
            ) from error
        version = metadata.version("face_recognition")
        self.digest = PackDigest(hashlib.sha256(f"face_recognition {version} hog small".encode()).hexdigest())
        self._assess = assess
        # dlib's networks keep their working memory inside the object: two threads must not share one.
        self._lock = threading.Lock()

    def extract(self, data: bytes, *, name: str, choose: FaceChoice = "only") -> Extraction:
        """Decode the bytes as Semblance does and extract; raises a kind of IntakeError where they are no photo."""
        return self.extract_photo(decode_photo(data, name=name), choose=choose)

    def extract_photo(self, photo: Photo, *, choose: FaceChoice = "only") -> Extraction:
        """Extract from a decoded photo; faces are ordered by area, the largest first."""
        pixels = np.ascontiguousarray(photo.pixels)
        with self._lock:
            places = self._library.face_locations(pixels, number_of_times_to_upsample=1, model="hog")
            places = sorted(places, key=lambda place: -(place[2] - place[0]) * (place[1] - place[3]))
            marks = self._library.face_landmarks(pixels, places, model="small") if self._assess else []
            chosen = _choose(len(places), choose)
            features = None
            if chosen is not None:
                features = self._library.face_encodings(pixels, [places[chosen]], num_jitters=1, model="small")[0]
        found = []
        for ordinal, place in enumerate(places):
            top, right, bottom, left = (float(value) for value in place)
            box = Box(left, top, right, bottom)
            landmarks = _landmarks(marks[ordinal]) if self._assess else _guess(box)
            face = Detection(box, landmarks, 1.0)
            found.append(FaceSample(ordinal, box, landmarks, 1.0, assess_face(photo, face)))
        if features is None:
            return Extraction(photo.facts, tuple(found))
        values = np.asarray(features, dtype="<f4").tobytes()
        template = Template(self.digest, self.metric, self.dimension, values)
        return Extraction(photo.facts, tuple(found), chosen, template)


def open_baseline() -> FaceRecognitionExtractor:
    """Return the comparison; raises DependencyMissing where the package is not installed."""
    return FaceRecognitionExtractor()


def _choose(count: int, choose: FaceChoice) -> int | None:
    if isinstance(choose, int):
        if choose >= count:
            raise NotFound(f"The photo has no face {choose}; {count} were found.")
        return choose
    if count == 0 or (choose == "only" and count > 1):
        return None
    return 0


def _landmarks(marks: Any) -> Landmarks:
    """Turn the five-point model's eye corners and nose into five landmarks; it has no mouth, which is put below."""
    left = np.mean(np.array(marks["right_eye"], dtype=np.float64), axis=0)
    right = np.mean(np.array(marks["left_eye"], dtype=np.float64), axis=0)
    if left[0] > right[0]:
        left, right = right, left
    nose = np.array(marks["nose_tip"], dtype=np.float64)[0]
    down = (nose - (left + right) / 2) * 0.75
    corners = [nose + down + (eye - (left + right) / 2) * 0.8 for eye in (left, right)]
    points = [Point(float(x), float(y)) for x, y in (left, right, nose, *corners)]
    return Landmarks(*points)


def _guess(box: Box) -> Landmarks:
    def at(x: float, y: float) -> Point:
        return Point(box.left + x * box.width, box.top + y * box.height)

    return Landmarks(at(0.3, 0.4), at(0.7, 0.4), at(0.5, 0.6), at(0.35, 0.8), at(0.65, 0.8))
