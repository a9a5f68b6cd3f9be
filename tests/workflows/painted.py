"""An extractor that sees painted squares in real pixels, for tests in which photos are prepared.

A face is a patch of pure colour on grey, and the colour is the person.
"""

import hashlib
import io
from typing import Final

import numpy as np
from PIL import Image
from tests.workflows.stand_in import DIMENSION, StandInExtractor

from semblance.faces.decode import decode_photo
from semblance.faces.extractor import FaceChoice, pick_face
from semblance.faces.photo import Photo, turn_photo
from semblance.terms.samples import (
    Box,
    Extraction,
    FaceSample,
    Landmarks,
    Metric,
    Point,
    QualityAssessment,
    QualityMeasure,
    QualityScore,
    QuarterTurn,
    Template,
)

PEOPLE: Final = {
    "red": (220, 30, 30),
    "green": (30, 220, 30),
    "blue": (30, 30, 220),
    "yellow": (220, 220, 30),
    "violet": (220, 30, 220),
}
SIZE: Final = 400, 300


def paint(*people: str, take: int = 0, dark: bool = False, side: int = 90) -> bytes:
    """Return a PNG of these people from the left to the right; ``dark``: too dark for anybody to be seen."""
    canvas = np.full((SIZE[1], SIZE[0], 3), 40 + take, np.uint8)
    for place, person in enumerate(people):
        left = 20 + 120 * place
        canvas[60 : 60 + side, left : left + side] = PEOPLE[person]
    if dark:
        canvas //= 16
    buffer = io.BytesIO()
    Image.fromarray(canvas).save(buffer, "PNG")
    return buffer.getvalue()


class PaintedExtractor(StandInExtractor):
    """Finds patches of colour, the leftmost first."""

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        return self.extract_photo(decode_photo(data, name=name), choose=choose, turned=turned)

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        photo = turn_photo(photo, turned or 0)
        pixels = photo.pixels.astype(int)
        coloured = pixels.max(axis=2) - pixels.min(axis=2) > 60
        columns = np.flatnonzero(np.diff(np.concatenate([[0], coloured.any(axis=0).astype(int), [0]])))
        faces, people = [], []
        for ordinal, (left, right) in enumerate(zip(columns[::2], columns[1::2], strict=True)):
            rows = np.flatnonzero(coloured[:, left:right].any(axis=1))
            faces.append(_make_face(ordinal, Box(left, rows[0], right, rows[-1] + 1)))
            middle = pixels[(rows[0] + rows[-1]) // 2, (left + right) // 2]
            people.append("".join("x" if value > middle.mean() else "-" for value in middle))
        chosen = pick_face(len(faces), choose)
        template = None if chosen is None else self._describe(people[chosen], photo)
        return Extraction(photo.facts, tuple(faces), chosen, template)

    def _describe(self, person: str, photo: Photo) -> Template:
        own = np.random.default_rng(list(person.encode())).normal(size=DIMENSION)
        noise = np.random.default_rng(list(hashlib.sha256(photo.pixels.tobytes()).digest())).normal(size=DIMENSION)
        row = own / np.linalg.norm(own) + 0.2 * noise / np.linalg.norm(noise)
        return Template(self.digest, Metric.COSINE, DIMENSION, (row / np.linalg.norm(row)).astype("<f4").tobytes())


def _make_face(ordinal: int, box: Box) -> FaceSample:
    across, down = box.width / 4, box.height / 4
    return FaceSample(
        ordinal,
        box,
        Landmarks(
            Point(box.left + across, box.top + down),
            Point(box.right - across, box.top + down),
            box.centre,
            Point(box.left + across, box.bottom - down),
            Point(box.right - across, box.bottom - down),
        ),
        0.9,
        QualityAssessment(
            (
                QualityScore(QualityMeasure.INTER_EYE_DISTANCE, 50, box.width / 2),
                QualityScore(QualityMeasure.UNIFIED, 70),
                QualityScore(QualityMeasure.SHARPNESS, -1),
            )
        ),
    )
