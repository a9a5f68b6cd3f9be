"""Faces found where there are any, landmarks where they belong, and nothing where there is nothing."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.alignment.similarity import points_of
from semblance.faces.decode import decode_photo
from semblance.faces.degrade import LADDER, Family, Rung, apply_rung
from semblance.faces.detection.detector import Detection, lay_canvas, select_detections
from semblance.faces.detection.networks import RowsDetector
from semblance.faces.extraction import PackExtractor
from semblance.faces.photo import Photo
from semblance.faces.runtime import Tensor

AsPhoto = Callable[[NDArray[np.uint8]], Photo]

# Where the eyes are, by eye, in pixels: left then right as they appear.
EYES = {"astronaut": ((205, 99), (248, 99)), "hopper": ((226, 194), (310, 194))}


def _find_one(extractor: PackExtractor, photo: Photo) -> Detection:
    found = extractor.find(photo)
    assert len(found) == 1
    return extractor.refine(photo, found[0])


@pytest.mark.parametrize("name", ["astronaut", "hopper"])
def test_a_portrait_has_one_face_with_its_parts_in_place(
    extractor: PackExtractor, request: pytest.FixtureRequest, name: str
) -> None:
    photo: Photo = request.getfixturevalue(name)
    before = photo.pixels.copy()
    face = _find_one(extractor, photo)
    np.testing.assert_array_equal(photo.pixels, before)
    marks, box = face.landmarks, face.box
    for mark, (x, y) in zip((marks.left_eye, marks.right_eye), EYES[name], strict=True):
        assert np.hypot(mark.x - x, mark.y - y) < 0.2 * marks.inter_eye_distance
    assert marks.left_eye.x < marks.nose.x < marks.right_eye.x
    assert marks.mouth_left.x < marks.mouth_right.x
    assert max(marks.left_eye.y, marks.right_eye.y) < marks.nose.y < min(marks.mouth_left.y, marks.mouth_right.y)
    points = points_of(marks)
    assert (points > [box.left, box.top]).all()
    assert (points < [box.right, box.bottom]).all()
    assert 0.6 < face.score <= 1


@pytest.mark.parametrize("name", ["chelsea.png", "brick.png", "gravel.png", "coins.png", "page.png", "coffee.png"])
def test_no_face_in_a_photo_of_something_else(
    extractor: PackExtractor, request: pytest.FixtureRequest, name: str
) -> None:
    path = request.getfixturevalue("astronaut_path").parent / name
    if not path.is_file():
        pytest.skip(f"scikit-image brings no {name}")
    assert extractor.find(decode_photo(path.read_bytes(), name=name)) == ()


@pytest.mark.parametrize("level", [0, 127, 255])
def test_no_face_in_a_plain_photo(extractor: PackExtractor, as_photo: AsPhoto, level: int) -> None:
    assert extractor.find(as_photo(np.full((400, 600, 3), level, dtype=np.uint8))) == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_no_face_in_noise(extractor: PackExtractor, as_photo: AsPhoto, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (400, 600, 3)).astype(np.uint8)
    assert extractor.find(as_photo(noise)) == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (31, 33), (3, 900)])
def test_photos_of_odd_shapes_hold_no_face_and_raise_nothing(
    extractor: PackExtractor, as_photo: AsPhoto, size: tuple[int, int]
) -> None:
    assert extractor.find(as_photo(np.full((*size, 3), 140, dtype=np.uint8))) == ()


def test_twenty_faces_are_found_and_none_is_taken_for_the_only_one(extractor: PackExtractor, sheet: Photo) -> None:
    extraction = extractor.extract_photo(sheet, choose="only")
    assert len(extraction.faces) == 20
    assert extraction.chosen is None
    assert extraction.template is None
    cells = {(int(face.box.centre.x // 200), int(face.box.centre.y // 240)) for face in extraction.faces}
    assert len(cells) == 20
    areas = [face.box.area for face in extraction.faces]
    assert areas == sorted(areas, reverse=True)
    assert [face.ordinal for face in extraction.faces] == list(range(20))


@pytest.mark.parametrize("width", [4, 8, 12, 16])
def test_a_tiny_face_in_a_large_photo_is_found_or_is_no_face(
    extractor: PackExtractor, astronaut: Photo, as_photo: AsPhoto, width: int
) -> None:
    head = Image.fromarray(astronaut.pixels).crop((170, 50, 285, 195))
    canvas = Image.new("RGB", (1600, 1200), (120, 130, 140))
    canvas.paste(head.resize((width, round(width * 1.26)), Image.Resampling.LANCZOS), (700, 500))
    extraction = extractor.extract_photo(as_photo(np.asarray(canvas)), choose="largest")
    assert len(extraction.faces) <= 1
    for face in extraction.faces:
        assert abs(face.box.centre.x - 700 - width / 2) < 2 * width
        assert extraction.template is not None


def test_a_small_face_in_a_large_photo_is_found(extractor: PackExtractor, astronaut: Photo, as_photo: AsPhoto) -> None:
    head = Image.fromarray(astronaut.pixels).crop((170, 50, 285, 195))
    canvas = Image.new("RGB", (2400, 1800), (120, 130, 140))
    canvas.paste(head.resize((80, 101), Image.Resampling.LANCZOS), (1900, 300))
    face = _find_one(extractor, as_photo(np.asarray(canvas)))
    assert abs(face.box.centre.x - 1940) < 15
    assert abs(face.box.centre.y - 350) < 20


@pytest.mark.parametrize("angle", [-20, -10, 10, 20])
def test_the_landmarks_turn_with_the_photo(
    extractor: PackExtractor, hopper: Photo, as_photo: AsPhoto, angle: int
) -> None:
    straight = points_of(_find_one(extractor, hopper).landmarks)
    turned = Image.fromarray(hopper.pixels).rotate(-angle, resample=Image.Resampling.BICUBIC)
    face = _find_one(extractor, as_photo(np.asarray(turned)))
    radians = np.radians(angle)
    rotation = np.array([[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]])
    middle = np.array([hopper.facts.width / 2, hopper.facts.height / 2])
    expected = (straight - middle) @ rotation.T + middle
    off = np.linalg.norm(points_of(face.landmarks) - expected, axis=1)
    assert off.max() < 0.25 * face.landmarks.inter_eye_distance


@pytest.mark.parametrize("name", ["astronaut", "hopper"])
def test_the_landmarks_are_mirrored_with_the_photo(
    extractor: PackExtractor, request: pytest.FixtureRequest, as_photo: AsPhoto, name: str
) -> None:
    photo: Photo = request.getfixturevalue(name)
    straight = points_of(_find_one(extractor, photo).landmarks)
    face = _find_one(extractor, as_photo(photo.pixels[:, ::-1]))
    back = points_of(face.landmarks)[[1, 0, 2, 4, 3]] * [-1, 1] + [photo.facts.width - 1, 0]
    assert np.linalg.norm(back - straight, axis=1).max() < 0.2 * face.landmarks.inter_eye_distance


@pytest.mark.parametrize(
    "rung",
    [rung for rung in LADDER if rung.family in (Family.DARKNESS, Family.NOISE, Family.FAR_AWAY)],
    ids=lambda rung: rung.name,
)
def test_dark_and_noisy_copies_are_still_found(extractor: PackExtractor, hopper: Photo, rung: Rung) -> None:
    clean = _find_one(extractor, hopper)
    distance = clean.landmarks.inter_eye_distance
    copy = apply_rung(hopper, rung, inter_eye_distance=distance, seed=3)
    face = _find_one(extractor, copy)
    scale = copy.facts.width / hopper.facts.width
    off = points_of(face.landmarks) - points_of(clean.landmarks) * scale
    assert np.linalg.norm(off, axis=1).max() < 0.3 * distance * scale


def test_a_canvas_keeps_the_photo_in_its_corner() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 70, 3)).astype(np.uint8)
    canvas = lay_canvas(pixels, longest=640)
    assert canvas.scale == 1.0
    assert canvas.pixels.shape == (64, 96, 3)
    np.testing.assert_array_equal(canvas.pixels[:50, :70], pixels)
    assert not canvas.pixels[50:].any()
    assert not canvas.pixels[:, 70:].any()
    reduced = lay_canvas(np.zeros((100, 2000, 3), dtype=np.uint8), longest=500)
    assert reduced.scale == 0.25
    assert reduced.pixels.shape == (32, 512, 3)


def test_overlapping_boxes_are_one_face_and_the_surest_stands() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [50, 50, 90, 90], [5, 5, 5.2, 5.2]], dtype=np.float32)
    points = np.zeros((4, 5, 2), dtype=np.float32)
    scores = np.array([0.7, 0.9, 1.2, 0.8], dtype=np.float32)
    found = select_detections(boxes, points, scores, scale=0.5, overlap=0.3)
    assert [(face.box.left, face.box.right) for face in found] == [(100, 180), (2, 22)]
    assert found[0].score == 1.0
    assert select_detections(boxes[:0], points[:0], scores[:0], scale=1.0, overlap=0.3) == ()


class _Rows:
    """A session that answers given rows."""

    input_names: tuple[str, ...] = ("image",)
    output_names: tuple[str, ...] = ("rows",)

    def __init__(self, rows: Tensor) -> None:
        self._rows = rows
        self.seen: list[tuple[int, ...]] = []

    def run(self, inputs: object) -> list[Tensor]:
        assert isinstance(inputs, dict)
        self.seen.append(inputs["image"].shape)
        return [self._rows]


@pytest.mark.parametrize("batched", [False, True])
def test_rows_of_a_detector_that_decodes_itself(batched: bool) -> None:
    row = [10, 20, 50, 70, 0.9, 20, 40, 40, 40, 30, 50, 22, 60, 38, 60]
    unsure = [100, 100, 120, 120, 0.2, *([110] * 10)]
    rows = np.array([row, unsure], dtype=np.float32)
    session = _Rows(rows[None] if batched else rows)
    found = RowsDetector(session, threshold=0.5, overlap=0.3).detect(np.zeros((90, 70, 3), np.uint8), longest=640)
    assert session.seen == [(1, 3, 96, 96)]
    assert len(found) == 1
    assert (found[0].box.left, found[0].box.bottom) == (10, 70)
    assert (found[0].landmarks.right_eye.x, found[0].landmarks.mouth_right.y) == (40, 60)


@pytest.mark.parametrize("shape", [(0, 15), (1, 0, 15)])
def test_no_rows_are_no_faces(shape: tuple[int, ...]) -> None:
    detector = RowsDetector(_Rows(np.zeros(shape, np.float32)), threshold=0.5, overlap=0.3)
    assert detector.detect(np.zeros((90, 70, 3), np.uint8), longest=640) == ()
