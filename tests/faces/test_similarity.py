"""Alignment by a similarity transform, held against scikit-image's, and the warp that carries it out."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.transform import SimilarityTransform

from semblance.faces.alignment.similarity import SimilarityAligner, estimate_similarity, points_of, warp
from semblance.faces.detection.detector import Detection
from semblance.faces.photo import Photo
from semblance.terms.samples import Box, Landmarks, Point

TEMPLATE = ((0.31557, 0.46157), (0.68262, 0.46157), (0.50026, 0.64051), (0.34947, 0.82469), (0.65344, 0.82469))

coordinates = st.floats(-2000, 2000, allow_nan=False, width=32)
five_points = st.lists(st.tuples(coordinates, coordinates), min_size=5, max_size=5).map(np.array)


def _spread(points: NDArray[np.float64]) -> float:
    centred = points - points.mean(axis=0)
    return float(np.linalg.svd(centred, compute_uv=False)[-1])


@given(five_points, five_points)
def test_agrees_with_scikit_image(source: NDArray[np.float64], target: NDArray[np.float64]) -> None:
    assume(_spread(source) > 5)
    assume(_spread(target) > 5)
    expected = SimilarityTransform.from_estimate(source, target)
    got = estimate_similarity(source, target)
    placed = source @ got[:, :2].T + got[:, 2]
    values = np.linalg.svd((target - target.mean(0)).T @ (source - source.mean(0)), compute_uv=False)
    # Where both directions weigh alike, the best rotation is not unique once a mirror image fits better.
    assume(values[0] - values[1] > 1e-3 * values[0])
    np.testing.assert_allclose(placed, source @ expected.params[:2, :2].T + expected.params[:2, 2], atol=1e-3)


@given(five_points, st.floats(0.01, 50), st.floats(-math.pi, math.pi), st.tuples(coordinates, coordinates))
def test_finds_the_transform_that_was_applied(
    source: NDArray[np.float64], scale: float, angle: float, shift: tuple[float, float]
) -> None:
    assume(_spread(source) > 5)
    rotation = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    expected = np.concatenate([scale * rotation, np.array(shift)[:, None]], axis=1)
    before = source.copy()
    got = estimate_similarity(source, source @ (scale * rotation).T + shift)
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-4 * max(1.0, scale))
    np.testing.assert_array_equal(source, before)


@given(five_points, five_points)
def test_never_mirrors_a_face(source: NDArray[np.float64], target: NDArray[np.float64]) -> None:
    assume(_spread(source) > 1e-3)
    assert np.linalg.det(estimate_similarity(source, target)[:, :2]) >= -1e-9


def test_a_mirrored_template_is_not_reached_by_mirroring() -> None:
    source = np.array(TEMPLATE) * 100
    mirrored = source * [-1, 1] + [100, 0]
    matrix = estimate_similarity(source, mirrored)
    assert np.linalg.det(matrix[:, :2]) > 0
    assert np.abs(source @ matrix[:, :2].T + matrix[:, 2] - mirrored).max() > 10


def test_points_that_coincide_are_only_shifted() -> None:
    source = np.full((5, 2), 7.0)
    matrix = estimate_similarity(source, np.array(TEMPLATE) * 128)
    assert np.isfinite(matrix).all()
    np.testing.assert_allclose(matrix @ [7, 7, 1], (np.array(TEMPLATE) * 128).mean(axis=0))


def test_landmarks_keep_their_order() -> None:
    marks = Landmarks(*(Point(float(place), float(place * 10)) for place in range(5)))
    np.testing.assert_array_equal(points_of(marks), [[place, place * 10] for place in range(5)])


def test_the_identity_returns_the_photo(astronaut: Photo) -> None:
    identity = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    np.testing.assert_array_equal(warp(astronaut.pixels, identity, 512), astronaut.pixels)


def test_beyond_the_edge_the_outermost_pixels_are_repeated() -> None:
    photo = np.full((10, 10, 3), 90, dtype=np.uint8)
    square = warp(photo, np.array([[1.0, 0, 30], [0, 1.0, 30]]), 64)
    assert (square == 90).all()


@pytest.mark.parametrize("shrink", [2.5, 5, 11, 24])
def test_a_much_larger_photo_is_averaged_and_not_sampled(shrink: float) -> None:
    side = int(128 * shrink)
    # Fine stripes, black and white, one pixel each: grey from afar, a moire where four pixels are sampled.
    stripes = np.zeros((side, side, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    square = warp(stripes, np.array([[1 / shrink, 0, 0], [0, 1 / shrink, 0]]), 128)[4:-4, 4:-4].astype(float)
    assert abs(square.mean() - 127.5) < 2
    assert square.std() < 40 if shrink < 4 else square.std() < 5


def test_reducing_first_does_not_move_the_picture() -> None:
    side = 1024
    across = np.linspace(0, 255, side)
    ramp = np.broadcast_to(across[None, :, None], (side, side, 3)).astype(np.uint8)
    matrix = np.array([[0.1, 0, 3.0], [0, 0.1, 5.0]])
    square = warp(np.ascontiguousarray(ramp), matrix, 100)
    columns = np.arange(10, 90)
    expected = ((columns - 3.0) / 0.1) * 255 / (side - 1)
    np.testing.assert_allclose(square[50, columns, 0], expected, atol=1.5)


def test_the_aligner_brings_the_landmarks_onto_the_template(astronaut: Photo) -> None:
    pixels = astronaut.pixels.copy()
    marks = Landmarks(Point(206, 112), Point(249, 112), Point(230, 140), Point(208, 158), Point(247, 158))
    for name, mark in (("left_eye", marks.left_eye), ("right_eye", marks.right_eye)):
        x, y = int(mark.x), int(mark.y)
        pixels[y - 2 : y + 3, x - 2 : x + 3] = (255, 0, 0) if name == "left_eye" else (0, 255, 0)
    before = pixels.copy()
    chip = SimilarityAligner(TEMPLATE, 128).align(pixels, Detection(Box(190, 70, 265, 180), marks, 0.9))
    np.testing.assert_array_equal(pixels, before)
    assert chip.shape == (128, 128, 3)
    assert not chip.flags.writeable
    for place, channel in ((0, 0), (1, 1)):
        colour = chip.astype(int)
        marked = (colour[:, :, channel] - colour.sum(axis=2) / 2) > 60
        rows, columns = np.nonzero(marked)
        assert abs(columns.mean() - TEMPLATE[place][0] * 128) < 4
        assert abs(rows.mean() - TEMPLATE[place][1] * 128) < 4
