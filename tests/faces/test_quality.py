"""Each component moves the way its name says when a photo is made worse in that way, and never leaves its scale."""

import csv
import io
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.decode import decode_photo
from semblance.faces.degrade import LADDER, Family, Rung, apply_rung
from semblance.faces.detection.detector import Detection
from semblance.faces.encoding.encoder import Features
from semblance.faces.extraction import PackExtractor
from semblance.faces.photo import Photo
from semblance.faces.quality.assessment import assess_face
from semblance.faces.quality.pose import estimate_pose
from semblance.faces.quality.unified import NO_RANGES, WEIGHTS, PackRanges, unify
from semblance.terms.samples import NOT_ASSESSABLE, Box, Landmarks, Point, QualityMeasure, QualityScore

AsPhoto = Callable[[NDArray[np.uint8]], Photo]
Scores = Mapping[QualityMeasure, QualityScore]
Q = QualityMeasure


def _assess(photo: Photo, face: Detection, **options: Any) -> Scores:
    return {score.measure: score for score in assess_face(photo, face, **options)}


@pytest.fixture(scope="module")
def face(embedded: PackExtractor, hopper: Photo) -> Detection:
    return embedded.find(hopper)[0]


@pytest.fixture(scope="module")
def clean(hopper: Photo, face: Detection) -> Scores:
    return _assess(hopper, face)


@pytest.fixture(scope="module")
def worsen(hopper: Photo, face: Detection) -> Callable[[Family, float], Scores]:
    """Return what assesses the same face in a copy of the photo that was made worse without being resized."""

    def make(family: Family, strength: float) -> Scores:
        rung = Rung("test", family, strength)
        copy = apply_rung(hopper, rung, inter_eye_distance=face.landmarks.inter_eye_distance, seed=1)
        return _assess(copy, face)

    return make


def _shift(face: Detection, x: float, y: float) -> Detection:
    def move(point: Point) -> Point:
        return Point(point.x + x, point.y + y)

    marks, box = face.landmarks, face.box
    return Detection(
        Box(box.left + x, box.top + y, box.right + x, box.bottom + y),
        Landmarks(*(move(point) for point in marks.points)),
        face.score,
    )


def test_every_component_is_there_once_under_the_standards_name(clean: Scores, hopper: Photo, face: Detection) -> None:
    measured = [score.measure for score in assess_face(hopper, face)]
    assert sorted(measured) == sorted(QualityMeasure)
    assert measured[0] is Q.UNIFIED
    assert all(0 <= score.scalar <= 100 for score in clean.values())
    assert all(score.native is not None for measure, score in clean.items() if measure is not Q.UNIFIED)


def test_nothing_is_changed_and_all_is_repeatable(hopper: Photo, face: Detection, clean: Scores) -> None:
    before = hopper.pixels.copy()
    assert _assess(hopper, face) == clean
    np.testing.assert_array_equal(hopper.pixels, before)


def test_blur_lowers_sharpness_step_by_step(clean: Scores, worsen: Callable[[Family, float], Scores]) -> None:
    steps = [clean[Q.SHARPNESS].scalar] + [
        worsen(Family.BLUR, share)[Q.SHARPNESS].scalar for share in (0.03, 0.06, 0.10)
    ]
    assert steps == sorted(steps, reverse=True)
    assert steps[0] > 80
    assert steps[-1] < 10


def test_darkness_lowers_the_mean_and_raises_underexposure(
    clean: Scores, worsen: Callable[[Family, float], Scores]
) -> None:
    ladder = [clean, *(worsen(Family.DARKNESS, stops) for stops in (2, 4, 6))]
    for measure in (Q.LUMINANCE_MEAN, Q.UNDER_EXPOSURE_PREVENTION, Q.DYNAMIC_RANGE):
        scalars = [scores[measure].scalar for scores in ladder]
        assert scalars == sorted(scalars, reverse=True), measure
        assert scalars[-1] < scalars[0] - 25, measure
    assert all(scores[Q.OVER_EXPOSURE_PREVENTION].scalar > 95 for scores in ladder)


def test_burnt_out_light_is_seen(clean: Scores, hopper: Photo, face: Detection, as_photo: AsPhoto) -> None:
    bright = np.clip(hopper.pixels.astype(np.int32) * 3, 0, 255).astype(np.uint8)
    scores = _assess(as_photo(bright), face)
    assert clean[Q.OVER_EXPOSURE_PREVENTION].scalar > 95
    assert scores[Q.OVER_EXPOSURE_PREVENTION].scalar < 20
    assert scores[Q.LUMINANCE_MEAN].scalar < clean[Q.LUMINANCE_MEAN].scalar


def test_a_flat_face_has_little_variance_and_range(
    clean: Scores, hopper: Photo, face: Detection, as_photo: AsPhoto
) -> None:
    flat = (128 + (hopper.pixels.astype(np.float64) - 128) * 0.15).astype(np.uint8)
    scores = _assess(as_photo(flat), face)
    for measure in (Q.LUMINANCE_VARIANCE, Q.DYNAMIC_RANGE):
        assert scores[measure].scalar < clean[measure].scalar - 20


def test_jpeg_leaves_its_grid(clean: Scores, worsen: Callable[[Family, float], Scores]) -> None:
    scalars = [clean[Q.COMPRESSION_ARTIFACTS].scalar] + [
        worsen(Family.JPEG, quality)[Q.COMPRESSION_ARTIFACTS].scalar for quality in (50, 20, 10)
    ]
    assert scalars == sorted(scalars, reverse=True)
    assert scalars[0] > 85
    assert scalars[-1] < 10


@pytest.mark.parametrize("corner", [(0, 0), (3, 5), (7, 2)])
def test_the_grid_is_looked_for_on_the_photos_own_pixels(
    hopper: Photo, face: Detection, as_photo: AsPhoto, corner: tuple[int, int]
) -> None:
    x, y = corner
    cut = np.ascontiguousarray(hopper.pixels[y:, x:])
    buffer = io.BytesIO()
    Image.fromarray(cut).save(buffer, "JPEG", quality=10)
    photo = decode_photo(buffer.getvalue(), name="cut.jpg")
    assert _assess(photo, _shift(face, -x, -y))[Q.COMPRESSION_ARTIFACTS].scalar < 10


@pytest.mark.parametrize(
    ("measure", "cut"),
    [
        (Q.LEFTWARD_CROP, (190, 0, 512, 600)),
        (Q.RIGHTWARD_CROP, (0, 0, 345, 600)),
        (Q.UPWARD_CROP, (0, 150, 512, 600)),
        (Q.DOWNWARD_CROP, (0, 0, 512, 290)),
    ],
)
def test_a_crop_is_seen_on_its_side_alone(
    hopper: Photo,
    face: Detection,
    clean: Scores,
    as_photo: AsPhoto,
    measure: QualityMeasure,
    cut: tuple[int, int, int, int],
) -> None:
    left, top, right, bottom = cut
    scores = _assess(as_photo(hopper.pixels[top:bottom, left:right]), _shift(face, -left, -top))
    sides = (Q.LEFTWARD_CROP, Q.RIGHTWARD_CROP, Q.UPWARD_CROP, Q.DOWNWARD_CROP)
    assert scores[measure].scalar < 50
    for side in sides:
        assert clean[side].scalar > 95
        if side is not measure:
            assert scores[side].scalar > 95


def test_green_light_is_not_natural_and_skin_of_every_tone_is(
    hopper: Photo, as_photo: AsPhoto, face: Detection
) -> None:
    scalars = []
    for share in (1.0, 0.8, 0.6, 0.4):
        green = (hopper.pixels * np.array([share, 1.0, share])).astype(np.uint8)
        scalars.append(_assess(as_photo(green), face)[Q.NATURAL_COLOUR].scalar)
    assert min(scalars[:2]) > 80
    assert scalars[2] < 50
    assert scalars[3] < 10
    # Skin in daylight, light to dark, in sRGB.
    for tone in ((241, 194, 167), (224, 172, 135), (198, 134, 96), (141, 85, 54), (90, 56, 40), (60, 38, 28)):
        plain = as_photo(np.full((600, 512, 3), tone, dtype=np.uint8))
        assert _assess(plain, face)[Q.NATURAL_COLOUR].scalar == 100, tone


def test_colour_of_a_grey_photo_is_not_assessable(hopper: Photo, face: Detection, as_photo: AsPhoto) -> None:
    grey = cv2.cvtColor(hopper.pixels, cv2.COLOR_RGB2GRAY)
    scores = _assess(as_photo(np.repeat(np.asarray(grey, dtype=np.uint8)[:, :, None], 3, axis=2)), face)
    assert not scores[Q.NATURAL_COLOUR].assessable
    assert scores[Q.UNIFIED].assessable
    assert scores[Q.SHARPNESS].scalar > 80


@pytest.mark.parametrize("lit", ["left", "right"])
def test_light_from_one_side_is_uneven(
    hopper: Photo, face: Detection, clean: Scores, as_photo: AsPhoto, lit: str
) -> None:
    middle = face.landmarks.nose.x
    fall = 1 / (1 + np.exp((np.arange(hopper.facts.width) - middle) / 25))
    share = 0.12 + 0.88 * (fall if lit == "left" else fall[::-1] if abs(middle - 256) < 1 else 1 - fall)
    scores = _assess(as_photo((hopper.pixels * share[None, :, None]).astype(np.uint8)), face)
    assert scores[Q.ILLUMINATION_UNIFORMITY].scalar < clean[Q.ILLUMINATION_UNIFORMITY].scalar - 25


def test_an_even_background_scores_higher_than_a_busy_one(
    hopper: Photo, face: Detection, as_photo: AsPhoto, clean: Scores
) -> None:
    outside = np.ones(hopper.pixels.shape[:2], dtype=np.uint8)
    centre = (round(face.box.centre.x), round(face.box.centre.y - 0.1 * face.box.height))
    cv2.ellipse(outside, centre, (115, 145), 0, 0, 360, 0, thickness=-1)
    even = hopper.pixels.copy()
    even[outside > 0] = 180
    busy = hopper.pixels.copy()
    busy[outside > 0] = np.random.default_rng(0).integers(0, 256, (int(outside.sum()), 3))
    calm, noisy = (_assess(as_photo(pixels), face)[Q.BACKGROUND_UNIFORMITY].scalar for pixels in (even, busy))
    assert calm > 60
    assert noisy <= clean[Q.BACKGROUND_UNIFORMITY].scalar <= calm
    close = face.box
    crop = as_photo(hopper.pixels[int(close.top) : int(close.bottom), int(close.left) : int(close.right)])
    tight = _assess(crop, _shift(face, -int(close.left), -int(close.top)))
    assert not tight[Q.BACKGROUND_UNIFORMITY].assessable


def test_a_smaller_photo_has_fewer_pixels_between_the_eyes(
    hopper: Photo, face: Detection, clean: Scores, as_photo: AsPhoto, embedded: PackExtractor
) -> None:
    small = as_photo(np.asarray(Image.fromarray(hopper.pixels).resize((256, 300), Image.Resampling.LANCZOS)))
    scores = _assess(small, embedded.find(small)[0])
    native, half = clean[Q.INTER_EYE_DISTANCE].native, scores[Q.INTER_EYE_DISTANCE].native
    assert native is not None
    assert half is not None
    assert half == pytest.approx(native / 2, rel=0.1)
    assert scores[Q.INTER_EYE_DISTANCE].scalar < clean[Q.INTER_EYE_DISTANCE].scalar
    assert scores[Q.HEAD_SIZE].native == pytest.approx(clean[Q.HEAD_SIZE].native, rel=0.15)


def test_a_second_face_lowers_single_face_present(hopper: Photo, face: Detection) -> None:
    scalars = [
        _assess(hopper, face, second_face_share=share)[Q.SINGLE_FACE_PRESENT].scalar for share in (0, 0.2, 0.7, 1)
    ]
    assert scalars == [100, 80, 30, 0]


@pytest.mark.parametrize("angle", [-20, -10, 10, 20])
def test_roll_is_positive_clockwise(extractor: PackExtractor, hopper: Photo, as_photo: AsPhoto, angle: int) -> None:
    def roll(photo: Photo) -> float:
        native = extractor.extract_photo(photo).faces[0].quality.find(Q.HEAD_POSE_ROLL).native
        assert native is not None
        return native

    turned = as_photo(np.asarray(Image.fromarray(hopper.pixels).rotate(-angle, resample=Image.Resampling.BICUBIC)))
    assert roll(turned) - roll(hopper) == pytest.approx(angle, abs=6)


@given(st.floats(-60, 60), st.floats(-50, 50), st.floats(-80, 80), st.floats(5, 400))
def test_the_pose_of_a_drawn_head_is_found(yaw: float, pitch: float, roll: float, size: float) -> None:
    # Sideways: the eyes' distance shrinks by cos(yaw), the nose moves by depth x sin(yaw); up and down likewise.
    y, p, r = np.radians([yaw, pitch, roll])
    half, drop, depth, level = 0.5 * np.cos(y), 1.05 * np.cos(p), 0.62, 0.56
    nose = (depth * np.sin(y), level * drop - depth * np.sin(p) * 1.05)
    points = [(-half, 0), (half, 0), nose, (-0.8 * half, drop), (0.8 * half, drop)]
    turn = np.array([[np.cos(r), -np.sin(r)], [np.sin(r), np.cos(r)]])
    marks = Landmarks(*(Point(*(float(value) for value in size * turn @ point + 500)) for point in points))
    pose = estimate_pose(marks)
    assert pose.yaw == pytest.approx(yaw, abs=1e-3)
    assert pose.roll == pytest.approx(roll, abs=1e-3)
    assert pose.pitch == pytest.approx(pitch, abs=1e-3)


def test_a_turned_head_is_measured_within_eight_degrees_on_the_mean(extractor: PackExtractor, test_data: Path) -> None:
    folder = test_data / "meds2"
    if not (folder / "manifest.csv").is_file():
        pytest.skip("there are no labelled poses")
    errors, signs = [], []
    with (folder / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if abs(float(row["yaw"] or 90)) <= 45]
    for row in rows[:60]:
        extraction = extractor.extract((folder / row["path"]).read_bytes(), name=row["path"], choose="largest")
        if not extraction.faces:
            continue
        native = extraction.faces[0].quality.find(Q.HEAD_POSE_YAW).native
        assert native is not None
        errors.append(abs(native - float(row["yaw"])))
        if abs(float(row["yaw"])) >= 12:
            signs.append(native * float(row["yaw"]) > 0)
    assert len(errors) > 20
    assert np.mean(errors) < 8
    assert np.mean(signs) > 0.8


@pytest.mark.parametrize("family", [Family.EYE_DISTANCE, Family.BLUR, Family.DARKNESS, Family.FAR_AWAY])
def test_the_unified_score_falls_down_the_ladder(extractor: PackExtractor, hopper: Photo, family: Family) -> None:
    clean = extractor.extract_photo(hopper)
    distance = clean.faces[0].landmarks.inter_eye_distance
    scores = [clean.faces[0].quality.unified]
    for rung in (rung for rung in LADDER if rung.family is family):
        copy = apply_rung(hopper, rung, inter_eye_distance=distance, seed=1)
        extraction = extractor.extract_photo(copy, choose="largest")
        scores.append(extraction.faces[0].quality.unified)
    assert scores[-1] < scores[0] - 5
    # A step may be lost in the detector's jitter, a point or two; the way is down.
    assert all(after <= before + 2 for before, after in pairwise(scores))


@pytest.mark.parametrize("family", [Family.NOISE, Family.JPEG])
def test_noise_and_jpeg_do_not_raise_the_unified_score_much(
    extractor: PackExtractor, hopper: Photo, family: Family
) -> None:
    clean = extractor.extract_photo(hopper)
    distance = clean.faces[0].landmarks.inter_eye_distance
    for rung in (rung for rung in LADDER if rung.family is family):
        copy = apply_rung(hopper, rung, inter_eye_distance=distance, seed=1)
        extraction = extractor.extract_photo(copy, choose="largest")
        assert extraction.faces[0].quality.unified <= clean.faces[0].quality.unified + 2


def test_what_is_not_assessable_is_left_out_and_the_rest_weighed_higher() -> None:
    scores = [QualityScore(measure, 80) for measure in WEIGHTS]
    plain = unify(scores, detection_score=0.9, features=None, ranges=NO_RANGES)
    assert plain.scalar == 80
    scores[0] = QualityScore(scores[0].measure, NOT_ASSESSABLE)
    assert unify(scores, detection_score=0.9, features=None, ranges=NO_RANGES).scalar == 80
    none = [QualityScore(measure, NOT_ASSESSABLE) for measure in WEIGHTS]
    assert unify(none, detection_score=0.9, features=None, ranges=NO_RANGES).scalar == NOT_ASSESSABLE


def test_what_the_pack_says_counts_where_its_range_is_known() -> None:
    scores = [QualityScore(measure, 50) for measure in WEIGHTS]
    ranges = PackRanges(norm=(1.0, 2.0), agreement=(0.5, 1.0), detection=(0.5, 1.0))
    values = np.zeros(4, dtype=np.float32)
    poor = unify(scores, detection_score=0.1, features=Features(values, 0.2, -1.0), ranges=ranges)
    rich = unify(scores, detection_score=1.0, features=Features(values, 9.0, 1.0), ranges=ranges)
    unasked = unify(scores, detection_score=0.1, features=Features(values, 0.2, -1.0), ranges=NO_RANGES)
    assert poor.scalar < unasked.scalar == 50 < rich.scalar


coordinates = st.floats(-80, 180, width=32)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 90), st.just(3))),
    st.lists(st.tuples(coordinates, coordinates), min_size=5, max_size=5),
    st.tuples(coordinates, coordinates, st.floats(1, 150), st.floats(1, 150)),
    st.floats(0, 1),
)
def test_no_face_however_placed_leaves_the_scale(
    as_photo: AsPhoto,
    pixels: NDArray[np.uint8],
    points: list[tuple[float, float]],
    place: tuple[float, float, float, float],
    share: float,
) -> None:
    left, top, width, height = place
    face = Detection(Box(left, top, left + width, top + height), Landmarks(*(Point(*point) for point in points)), 0.7)
    photo = as_photo(pixels.copy())
    scores = _assess(photo, face, second_face_share=share)
    assert set(scores) == set(QualityMeasure)
    for score in scores.values():
        assert isinstance(score.scalar, int)
        assert NOT_ASSESSABLE <= score.scalar <= 100
        assert score.native is None or np.isfinite(score.native)
    np.testing.assert_array_equal(photo.pixels, pixels)
