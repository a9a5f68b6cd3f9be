"""The method that Semblance is measured against: the package ``face_recognition`` (HOG detector and dlib's encoder)."""

import hashlib
import threading
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from importlib import import_module, metadata
from multiprocessing import get_context
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from semblance.errors import DependencyMissing
from semblance.faces.detection.detector import Detection
from semblance.faces.extractor import FaceChoice, pick_face
from semblance.faces.photo import Photo, turn_photo
from semblance.faces.quality.assessment import assess_face
from semblance.faces.sandbox.photos import lend_photo
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Box, Extraction, FaceSample, Landmarks, Metric, Point, QuarterTurn, Template

BASELINE_NAME: Final = "face_recognition"


Place = tuple[int, int, int, int]
"""A box as ``face_recognition`` writes it: top, right, bottom, left."""

Marks = Mapping[str, Sequence[tuple[int, int]]]


class FaceRecognitionExtractor:
    """Runs ``face_recognition`` the way its documentation shows: HOG, one upsampling, the small landmark model.

    Raises DependencyMissing where the package is not installed.

    For comparison in evaluations and benchmarks only; no gallery is filled with it. Its templates compare by Euclidean
    distance, as ``face_recognition.face_distance`` does. ``processes``: dlib's networks may not be shared between
    threads, so callers' threads are served by so many processes; 0 keeps the work in the calling one.
    """

    name = BASELINE_NAME
    metric = Metric.EUCLIDEAN
    dimension = 128

    def __init__(self, *, processes: int = 0) -> None:
        _load_library()
        version = metadata.version("face_recognition")
        self.digest = PackDigest(hashlib.sha256(f"face_recognition {version} hog small".encode()).hexdigest())
        self._pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn")) if processes else None
        self._lock = threading.Lock()

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        """Decode the bytes as Semblance does and extract; raises a kind of IntakeError where they are no photo."""
        with lend_photo(data, name=name) as photo:
            return self.extract_photo(photo, choose=choose, turned=turned)

    def locate(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        """Extract, and leave the template out: the package finds and encodes in one go."""
        return replace(self.extract(data, name=name, choose=choose, turned=turned), template=None)

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        """Extract from a decoded photo; faces are ordered by area, the largest first. It turns none by itself."""
        photo = turn_photo(photo, turned or 0)
        pixels = np.ascontiguousarray(photo.pixels)
        if self._pool is not None:
            faces, chosen, features = self._pool.submit(_find, pixels, choose).result()
        else:
            with self._lock:
                faces, chosen, features = _find(pixels, choose)
        samples = []
        for ordinal, (place, marks) in enumerate(faces):
            top, right, bottom, left = (float(value) for value in place)
            face = Detection(Box(left, top, right, bottom), _landmarks(marks), 1.0)
            samples.append(FaceSample(ordinal, face.box, face.landmarks, face.score, assess_face(photo, face)))
        if features is None:
            return Extraction(photo.facts, tuple(samples))
        values = np.asarray(features, dtype="<f4").tobytes()
        return Extraction(
            photo.facts, tuple(samples), chosen, Template(self.digest, self.metric, self.dimension, values)
        )


def _find(
    pixels: NDArray[np.uint8], choose: FaceChoice
) -> tuple[list[tuple[Place, Marks]], int | None, NDArray[np.float64] | None]:
    """Return the faces, the largest first, which of them is chosen, and its features."""
    library = _load_library()
    places = library.face_locations(pixels, number_of_times_to_upsample=1, model="hog")
    places.sort(key=lambda place: -(place[2] - place[0]) * (place[1] - place[3]))
    marks = library.face_landmarks(pixels, places, model="small") if places else []
    chosen = pick_face(len(places), choose)
    features = None
    if chosen is not None:
        features = library.face_encodings(pixels, [places[chosen]], num_jitters=1, model="small")[0]
    return list(zip(places, marks, strict=True)), chosen, features


@cache
def _load_library() -> Any:
    try:
        with warnings.catch_warnings():
            # Its models' package announces, at every import, the end of something in setuptools that it uses.
            warnings.simplefilter("ignore")
            library = import_module("face_recognition")
        # Importing it makes Pillow pass off truncated photos as whole ones, in the entire process.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    except (ImportError, SystemExit) as error:
        raise DependencyMissing(
            "operator.models.no-face-recognition",
            "The comparison needs the package face_recognition. Install the extra `semblance-faces[baseline]`.",
        ) from error
    return library


def _landmarks(marks: Marks) -> Landmarks:
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
