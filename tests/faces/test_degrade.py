"""The ladder makes photos worse: by as much as it says, in the same way each time, and never better."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.decode import decode_photo
from semblance.faces.degrade import LADDER, Family, Rung, apply_rung, make_changed_copy
from semblance.faces.light import blur_light, make_grain, shrink, to_light, to_pixels
from semblance.faces.photo import Photo

EYES = 43.0
"""Pixels between the eye centres in the packaged photo, by dlib's five points."""


@pytest.fixture(scope="module")
def photo(astronaut_path: Path) -> Photo:
    return decode_photo(astronaut_path.read_bytes(), name="astronaut.png")


def _flat(level: int, side: int = 256) -> Photo:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), (level, level, level)).save(buffer, "PNG")
    return decode_photo(buffer.getvalue(), name="flat.png")


def _detail(pixels: NDArray[np.uint8]) -> float:
    grey = pixels.astype(float).mean(axis=2)
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean())


def _family(family: Family) -> list[Rung]:
    return [rung for rung in LADDER if rung.family is family]


def test_the_ladder_holds_what_it_must() -> None:
    assert [rung.strength for rung in _family(Family.EYE_DISTANCE)] == [48, 32, 24, 16, 12]
    assert [rung.strength for rung in _family(Family.JPEG)] == [50, 20, 10]
    for family in (Family.BLUR, Family.NOISE, Family.DARKNESS):
        assert len(_family(family)) == 3
    assert len(_family(Family.FAR_AWAY)) == 2
    assert len({rung.name for rung in LADDER}) == len(LADDER)


@pytest.mark.parametrize("rung", LADDER, ids=lambda rung: rung.name)
def test_a_rung_gives_the_same_photo_each_time_and_leaves_its_source(rung: Rung, photo: Photo) -> None:
    before = photo.pixels.copy()
    once = apply_rung(photo, rung, inter_eye_distance=EYES, seed=11)
    again = apply_rung(photo, rung, inter_eye_distance=EYES, seed=11)
    assert np.array_equal(once.pixels, again.pixels)
    assert once.facts == again.facts
    assert np.array_equal(photo.pixels, before)
    assert once.pixels.dtype == np.uint8
    assert not once.pixels.flags.writeable
    assert once.pixels.flags.c_contiguous
    height, width = once.pixels.shape[:2]
    assert (once.facts.width, once.facts.height) == (width, height)
    assert once.facts.size == width * height * 3
    assert once.facts.sha256 == hashlib.sha256(f"{width} {height}\n".encode() + once.pixels.tobytes()).hexdigest()
    assert rung.name in str(once.facts.notes[-1])
    assert once.facts.notes[:-1] == photo.facts.notes


@pytest.mark.parametrize("family", [Family.NOISE, Family.DARKNESS, Family.FAR_AWAY])
def test_noise_differs_by_seed_and_by_photo(family: Family, photo: Photo) -> None:
    rung = _family(family)[0]
    one = apply_rung(photo, rung, inter_eye_distance=EYES, seed=1)
    other = apply_rung(photo, rung, inter_eye_distance=EYES, seed=2)
    assert not np.array_equal(one.pixels, other.pixels)
    assert one.facts.sha256 != other.facts.sha256
    grey, almost = _flat(100), _flat(101)
    noise = Rung("n", Family.NOISE, 20)
    first = apply_rung(grey, noise, inter_eye_distance=EYES, seed=1).pixels.astype(int) - 100
    second = apply_rung(almost, noise, inter_eye_distance=EYES, seed=1).pixels.astype(int) - 101
    assert abs(float(np.corrcoef(first.ravel(), second.ravel())[0, 1])) < 0.02


@pytest.mark.parametrize("strength", [48, 32, 24, 16, 12])
def test_the_eyes_end_up_as_far_apart_as_the_rung_says(strength: float, photo: Photo) -> None:
    rung = Rung("eyes", Family.EYE_DISTANCE, strength)
    for now in (60.0, 97.3, 200.0):
        small = apply_rung(photo, rung, inter_eye_distance=now, seed=0)
        assert now * small.facts.width / photo.facts.width == pytest.approx(strength, abs=0.5 * now / 512 + 0.1)
        light, light_before = float(to_light(small.pixels).mean()), float(to_light(photo.pixels).mean())
        assert light == pytest.approx(light_before, rel=0.03)


@pytest.mark.parametrize("now", [5.0, 23.9, 24.0])
def test_nothing_is_enlarged(now: float, photo: Photo) -> None:
    left = apply_rung(photo, Rung("eyes-24px", Family.EYE_DISTANCE, 24), inter_eye_distance=now, seed=0)
    assert np.array_equal(left.pixels, photo.pixels)
    assert str(left.facts.notes[-1]) == f"left as it is by eyes-24px: the eyes are {now:.0f} pixels apart"
    far = apply_rung(photo, Rung("far", Family.FAR_AWAY, 24), inter_eye_distance=now, seed=0)
    assert far.pixels.shape == photo.pixels.shape


def test_each_family_gets_worse_rung_by_rung(photo: Photo) -> None:
    def run(family: Family) -> list[NDArray[np.uint8]]:
        return [apply_rung(photo, rung, inter_eye_distance=EYES, seed=3).pixels for rung in _family(family)]

    blur = [_detail(pixels) for pixels in run(Family.BLUR)]
    assert _detail(photo.pixels) > blur[0] > blur[1] > blur[2] > 0
    noise = [np.abs(pixels.astype(int) - photo.pixels).mean() for pixels in run(Family.NOISE)]
    assert 5 < noise[0] < noise[1] < noise[2] < 50
    dark = [float(pixels.mean()) for pixels in run(Family.DARKNESS)]
    assert photo.pixels.mean() > dark[0] > dark[1] > dark[2] > 1
    jpeg = [np.abs(pixels.astype(int) - photo.pixels).mean() for pixels in run(Family.JPEG)]
    assert 0 < jpeg[0] < jpeg[1] < jpeg[2]


def test_noise_is_as_strong_as_it_says_at_every_grain() -> None:
    grey = _flat(128)
    for eyes in (20.0, 64.0, 256.0):
        noisy = apply_rung(grey, Rung("n", Family.NOISE, 25), inter_eye_distance=eyes, seed=5).pixels.astype(float)
        assert noisy.std() == pytest.approx(25, rel=0.03)
        assert noisy.mean() == pytest.approx(128, abs=2.5)
        neighbours = np.corrcoef(noisy[:, :-1, 0].ravel(), noisy[:, 1:, 0].ravel())[0, 1]
        assert (neighbours > 0.5) == (eyes > 64)


def test_darkness_halves_the_light_per_stop() -> None:
    grey = _flat(200)
    light = float(to_light(grey.pixels).mean())
    for stops in (1, 2, 4):
        dark = apply_rung(grey, Rung("d", Family.DARKNESS, stops), inter_eye_distance=EYES, seed=5)
        assert float(to_light(dark.pixels).mean()) == pytest.approx(light / 2**stops, rel=0.03)


def test_shrinking_averages_light_and_not_numbers() -> None:
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    pixels = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    shrunk = to_pixels(shrink(to_light(pixels), 0.5))
    # Half the light of white is sRGB 188; the mean of the numbers would be 128.
    assert shrunk.shape == (32, 32, 3)
    assert set(np.unique(shrunk)) == {188}


def test_blur_keeps_the_light_and_has_its_width() -> None:
    dot = np.zeros((101, 101, 3), dtype=np.float32)
    dot[50, 50] = 1
    spread = blur_light(dot, 5.0)[..., 0].astype(float)
    assert spread.sum() == pytest.approx(1, abs=1e-3)
    x = np.arange(101) - 50.0
    assert float(np.sqrt((spread.sum(axis=0) * x**2).sum())) == pytest.approx(5.0, rel=0.05)


def test_light_and_back_loses_nothing() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    assert np.array_equal(to_pixels(to_light(levels)), levels)


def test_grain_is_of_unit_strength() -> None:
    for grain in (0.5, 1.0, 2.5, 8.0):
        field = make_grain((200, 300, 3), grain, np.random.default_rng(1))
        assert field.shape == (200, 300, 3)
        assert float(field.std()) == pytest.approx(1, abs=0.02)
        assert abs(float(field.mean())) < 0.1


@pytest.mark.parametrize("distance", [0.0, -3.0, float("nan"), float("inf")])
def test_a_senseless_distance_is_a_mistake(distance: float, photo: Photo) -> None:
    with pytest.raises(ValueError, match="distance between the eyes"):
        apply_rung(photo, LADDER[0], inter_eye_distance=distance, seed=0)


def test_one_pixel_survives_every_rung() -> None:
    for rung in LADDER:
        left = apply_rung(_flat(90, side=1), rung, inter_eye_distance=500, seed=0)
        assert left.pixels.shape == (1, 1, 3)


def test_the_changed_copy_is_smaller_darker_and_another_file(astronaut_path: Path, hopper_path: Path) -> None:
    for path in (astronaut_path, hopper_path):
        data = path.read_bytes()
        copy = make_changed_copy(data, name=path.name)
        assert copy == make_changed_copy(data, name=path.name)
        assert copy.startswith(b"\xff\xd8\xff")
        before, after = decode_photo(data, name=path.name), decode_photo(copy, name="copy.jpg")
        assert after.facts.width == before.facts.width // 2
        assert after.facts.height == before.facts.height // 2
        light = to_light(after.pixels).mean() / to_light(before.pixels).mean()
        assert float(light) == pytest.approx(0.5, abs=0.03)
        assert len(copy) < len(data)


def test_the_changed_copy_of_a_small_photo_stays_large_enough(portrait: Image.Image) -> None:
    buffer = io.BytesIO()
    portrait.save(buffer, "PNG")
    after = decode_photo(make_changed_copy(buffer.getvalue(), name="x"), name="x")
    assert (after.facts.width, after.facts.height) == (160, 200)
