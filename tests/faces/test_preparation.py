"""Preparing a photo: laws of the steps, and that nothing is ever changed in place."""

import io
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from semblance.errors import StepsInvalid
from semblance.faces.photo import Photo
from semblance.faces.preparation.apply import apply_steps
from semblance.faces.preparation.picture import render_prepared, render_prepared_face
from semblance.faces.preparation.placing import place_all, trace_box
from semblance.messages.message import quote_text
from semblance.terms.ids import Sha256
from semblance.terms.preparation import (
    Contrast,
    Crop,
    Deinterlace,
    Expose,
    Lines,
    Mirror,
    Rotate,
    Sharpen,
    Step,
    Straighten,
    describe_step,
    read_steps,
    write_steps,
)
from semblance.terms.samples import Box, PhotoFacts, Point

sides = st.integers(16, 48)
photos = st.tuples(sides, sides).flatmap(lambda size: arrays.arrays(np.uint8, (*size, 3)))
plain_steps = st.one_of(
    st.builds(Rotate, st.floats(-180, 180)),
    st.just(Mirror()),
    st.builds(Expose, st.floats(-4, 4)),
    st.builds(Contrast, st.floats(0.25, 4)),
    st.builds(Sharpen, st.floats(0, 3), st.floats(0.3, 10)),
    st.builds(Deinterlace, st.sampled_from(Lines)),
    st.builds(Straighten, st.floats(0, 10), st.floats(0, 10), st.floats(12, 30), st.floats(0, 30)),
)
step_lists = st.lists(plain_steps, max_size=3)


def make_photo(pixels: np.ndarray) -> Photo:
    held = pixels.copy()
    held.flags.writeable = False
    return Photo(
        held, PhotoFacts(Sha256("a" * 64), "image/png", held.shape[1], held.shape[0], 999, (quote_text("was turned"),))
    )


@given(photos)
def test_mirroring_twice_and_four_quarter_turns_give_the_original(pixels: np.ndarray) -> None:
    photo = make_photo(pixels)
    assert np.array_equal(apply_steps(photo, [Mirror(), Mirror()]).pixels, pixels)
    for four in ([Rotate(90)] * 4, [Rotate(-90)] * 4):
        assert np.array_equal(apply_steps(photo, four).pixels, pixels)
    assert np.array_equal(apply_steps(photo, [Rotate(180.0), Rotate(-180.0)]).pixels, pixels)
    assert np.array_equal(apply_steps(photo, [Rotate(90.0)]).pixels, np.rot90(pixels, -1))


@given(photos)
def test_steps_that_change_nothing_give_the_original(pixels: np.ndarray) -> None:
    height, width = pixels.shape[:2]
    nothing: list[Step] = [Expose(0), Contrast(1), Rotate(0), Sharpen(0, 2), Crop(0, 0, width, height)]
    assert np.array_equal(apply_steps(make_photo(pixels), nothing).pixels, pixels)


@given(photos, step_lists)
@settings(deadline=None)
def test_the_original_is_never_changed_and_the_same_steps_give_the_same(pixels: np.ndarray, steps: list[Step]) -> None:
    photo = make_photo(pixels)
    once, twice = apply_steps(photo, steps), apply_steps(photo, steps)
    assert np.array_equal(photo.pixels, pixels)
    assert np.array_equal(once.pixels, twice.pixels)
    assert once.facts == twice.facts
    assert not once.pixels.flags.writeable
    assert once.pixels.dtype == np.uint8
    assert once.facts.sha256 == photo.facts.sha256
    assert tuple(map(str, once.facts.notes)) == ("was turned", *(f"prepared: {describe_step(step)}" for step in steps))


@given(photos, step_lists)
@settings(deadline=None)
def test_the_size_is_foretold_and_every_point_is_found_again(pixels: np.ndarray, steps: list[Step]) -> None:
    photo = make_photo(pixels)
    placing = place_all(steps, photo.facts.width, photo.facts.height)
    found = apply_steps(photo, steps)
    assert (placing.width, placing.height) == (found.facts.width, found.facts.height)
    for point in (Point(0, 0), Point(photo.facts.width, photo.facts.height), Point(3.5, 7.25)):
        back = placing.trace(placing.place(point))
        assert math.dist((point.x, point.y), (back.x, back.y)) < 1e-6
        there = placing.place(point)
        assert -1e-3 <= there.x <= placing.width + 1e-3
        assert -1e-3 <= there.y <= placing.height + 1e-3


@given(st.integers(-180, 180), st.booleans(), st.integers(0, 8))
@settings(deadline=None)
def test_what_is_seen_lies_where_the_map_says(degrees: int, mirrored: bool, cut: int) -> None:
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[19:22, 49:52] = 255
    steps: list[Step] = [Crop(cut, cut, 80 - 2 * cut, 60 - 2 * cut), Rotate(degrees), *[Mirror()] * mirrored]
    found = apply_steps(make_photo(pixels), steps).pixels[:, :, 0].astype(float)
    # the corners that open are mid-grey; the spot is lighter
    light = np.where(found > 150, found - 128, 0)
    rows, columns = np.mgrid[: light.shape[0], : light.shape[1]]
    seen = ((columns + 0.5) * light).sum() / light.sum(), ((rows + 0.5) * light).sum() / light.sum()
    foretold = place_all(steps, 80, 60).place(Point(50.5, 20.5))
    assert math.dist(seen, (foretold.x, foretold.y)) < 0.5


def test_the_order_of_the_steps_counts() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    crop, quarter = Crop(0, 0, 30, 20), Rotate(90)
    orders: tuple[list[Step], list[Step]] = ([crop, quarter], [quarter, crop])
    one, other = (apply_steps(make_photo(pixels), steps).pixels for steps in orders)
    assert np.array_equal(one, np.rot90(pixels[:20, :30], -1))
    assert np.array_equal(other, np.rot90(pixels, -1)[:20, :30])
    assert one.shape != other.shape


@given(st.floats(-170, 170))
@settings(deadline=None)
def test_straightened_eyes_are_level_and_the_first_is_left(degrees: float) -> None:
    left = Point(40, 40)
    right = Point(40 + 20 * math.cos(math.radians(degrees)), 40 + 20 * math.sin(math.radians(degrees)))
    placing = place_all([Straighten.between(left, right)], 100, 90)
    first, second = placing.place(left), placing.place(right)
    assert abs(first.y - second.y) < 1e-6
    assert first.x < second.x


def test_light_doubles_with_each_stop() -> None:
    grey = make_photo(np.full((16, 16, 3), 100, np.uint8))
    assert apply_steps(grey, [Expose(1)]).pixels[0, 0, 0] == 138
    assert apply_steps(grey, [Expose(4)]).pixels.max() == 255
    assert apply_steps(grey, [Contrast(2)]).pixels[0, 0, 0] == round((100 - 127.5) * 2 + 127.5)


def test_sharpening_makes_an_edge_steeper() -> None:
    edge = np.zeros((20, 20, 3), np.uint8) + 80
    edge[:, 10:] = 160
    sharper = apply_steps(make_photo(edge), [Sharpen(1, 2)]).pixels[10, :, 0].astype(int)
    assert sharper[9] < 80
    assert sharper[10] > 160
    assert (sharper[0], sharper[-1]) == (80, 160)


@pytest.mark.parametrize("keep", list(Lines))
@pytest.mark.parametrize("height", [16, 17])
def test_de_interlacing_keeps_one_field_and_drops_the_other(keep: Lines, height: int) -> None:
    gradient = np.repeat(np.arange(height, dtype=np.uint8)[:, None], 16, axis=1) * 10
    frame = np.stack([gradient] * 3, axis=2)
    combed = frame.copy()
    other = slice(1, None, 2) if keep is Lines.UPPER else slice(0, None, 2)
    combed[other] = 255
    found = apply_steps(make_photo(combed), [Deinterlace(keep)]).pixels
    assert found.max() < 255
    assert np.array_equal(found[1:-1], frame[1:-1])


def test_a_line_alone_stays() -> None:
    line = make_photo(np.full((1, 16, 3), 7, np.uint8))
    assert np.array_equal(apply_steps(line, [Deinterlace(Lines.LOWER)]).pixels, line.pixels)


@given(step_lists)
def test_steps_survive_json(steps: list[Step]) -> None:
    steps = [Crop(1, 2, 30, 40), *steps]
    assert read_steps(write_steps(steps)) == tuple(steps)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5)),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["step", "degrees", "x"]), inner),
    )
)
def test_whatever_is_no_list_of_steps_is_refused_in_words(document: Any) -> None:
    try:
        found = read_steps(json.dumps(document))
    except StepsInvalid:
        return
    assert isinstance(document, list)
    assert len(found) == len(document)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not valid JSON"),
        ("{}", "no list"),
        ('[{"step": "smile"}]', "Step 1 is none"),
        ('[{"step": "mirror"}, {"step": "rotate"}]', "Step 2, rotate, needs degrees"),
        ('[{"step": "mirror", "twice": true}]', "needs no numbers"),
        ('[{"step": "rotate", "degrees": 181}]', "-180 to 180 are allowed"),
        ('[{"step": "rotate", "degrees": NaN}]', "no usable number"),
        ('[{"step": "rotate", "degrees": true}]', "no usable number"),
        ('[{"step": "rotate", "degrees": 1e999}]', "no usable number"),
        ('[{"step": "crop", "left": 0, "top": 0, "width": 15, "height": 20}]', "15 for width"),
        ('[{"step": "crop", "left": 0.5, "top": 0, "width": 20, "height": 20}]', "no usable number for left"),
        ('[{"step": "deinterlace", "keep": "both"}]', "upper or lower"),
        ('[{"step": "deinterlace", "keep": ["upper"]}]', "upper or lower"),
        ('[{"step": "sharpen", "amount": 9, "radius": 1}]', "0 to 3 are allowed"),
        ('[{"step": "straighten", "left_x": 1, "left_y": 1, "right_x": 1, "right_y": 1}]', "one place"),
        ("[" + ",".join(['{"step": "mirror"}'] * 25) + "]", "25 steps"),
        ("[" * 7000, "not valid JSON"),
        (" " * 9000, "too long"),
    ],
)
def test_faulty_steps_say_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(StepsInvalid, match=words):
        read_steps(text)


def test_a_crop_beyond_the_photo_and_a_turn_without_end_name_the_step() -> None:
    photo = make_photo(np.zeros((20, 30, 3), np.uint8))
    with pytest.raises(StepsInvalid, match="Step 2: The crop reaches beyond the photo, which has 20 by 30 pixels"):
        apply_steps(photo, [Rotate(90), Crop(0, 0, 30, 20)])
    with pytest.raises(StepsInvalid, match=r"Step 1: Turned, .* crop it first"):
        place_all([Rotate(45)], 8000, 7000)
    with pytest.raises(StepsInvalid, match="crop it first"):
        place_all([Rotate(1)], 40_000, 100)


def test_a_box_is_traced_back_around_what_it_shows() -> None:
    placing = place_all([Crop(10, 20, 60, 40), Mirror(), Rotate(90)], 100, 100)
    traced = trace_box(placing, Box(0, 0, placing.width, placing.height))
    assert (traced.left, traced.top, traced.right, traced.bottom) == pytest.approx((10, 20, 70, 60))


@pytest.mark.parametrize(
    "steps",
    [
        [Crop(301, 203, 1500, 1200), Rotate(30), Sharpen(1, 2), Straighten(10, 10, 60, 40)],
        [Deinterlace(Lines.UPPER), Expose(1)],
        [Crop(0, 0, 3000, 16)],
        [],
    ],
)
def test_a_picture_is_as_large_as_asked_for_and_looks_like_the_prepared_photo(steps: list[Step]) -> None:
    rows, columns = np.mgrid[:2400, :3000]
    photo = make_photo(np.stack([rows // 16, columns // 16, (rows + columns) // 32], axis=2).astype(np.uint8))
    whole = apply_steps(photo, steps)
    with Image.open(io.BytesIO(render_prepared(photo, steps, longest_side=400))) as picture:
        shown = np.asarray(picture.convert("RGB")).astype(float)
        assert max(picture.size) <= 400
        truth = Image.fromarray(whole.pixels).resize(picture.size, Image.Resampling.LANCZOS)
        assert abs(shown - np.asarray(truth)).mean() < 3


@pytest.mark.parametrize("side", [60, 900])
def test_a_face_of_a_prepared_photo_is_shown_whole_in_the_middle(side: int) -> None:
    pixels = np.full((2400, 3000, 3), 60, np.uint8)
    pixels[700 : 700 + side, 1100 : 1100 + side] = (200, 30, 30)
    steps: list[Step] = [Crop(501, 303, 2000, 1801), Mirror(), Rotate(90), Sharpen(1, 1)]
    placing = place_all(steps, 3000, 2400)
    one, other = placing.place(Point(1100, 700)), placing.place(Point(1100 + side, 700 + side))
    box = Box(min(one.x, other.x), min(one.y, other.y), max(one.x, other.x), max(one.y, other.y))
    with Image.open(io.BytesIO(render_prepared_face(make_photo(pixels), steps, box=box))) as picture:
        shown = np.asarray(picture).astype(int)
    assert shown.shape == (320, 320, 3)
    red = shown[:, :, 0] - shown[:, :, 1] > 85
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    # a quarter of the box is shown around it on each side
    for ends in (rows, columns):
        assert abs(ends[0] - 320 / 6) < 4
        assert abs(ends[-1] - 320 * 5 / 6) < 4
