"""What is covered of a head: the whole of it, wherever it may be between and around the frames it was seen in."""

import math
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from semblance.faces.redaction.cover import GRID, cover_pixels, make_mask, measure_hidden
from semblance.faces.redaction.outlines import (
    ManualBox,
    find_outlines,
    outline_box,
    outline_head,
    outline_track,
    place_face,
)
from semblance.terms.frames import FrameName
from semblance.terms.ids import Sha256
from semblance.terms.samples import Box
from semblance.terms.tracks import Sighting, Track

SIZE = (300, 600)


def see(number: int, *sightings: tuple[float, float, float]) -> Track:
    """Return a track of faces of 40 x 50 pixels: seconds, and the corner of each."""
    name = FrameName(0, 0, Fraction(1, 25), Sha256("0" * 64))
    boxes = [(seconds, Box(x, y, x + 40, y + 50)) for seconds, x, y in sightings]
    return Track(number, tuple(Sighting(name, seconds, box, None, 0.9, 50) for seconds, box in boxes))


def hides(track: Track, seconds: float, face: Box) -> float:
    """Return which share of the face is covered at that time."""
    outline = outline_track(track, seconds, hold=2.0)
    return measure_hidden(make_mask(SIZE, [] if outline is None else [outline]), face)


def test_the_whole_head_is_covered_not_the_face_alone() -> None:
    face = Box(300, 100, 340, 150)
    mask = make_mask(SIZE, [outline_head(face)])
    assert measure_hidden(mask, face) == 1
    # hair above, chin below, ears beside; and whichever way up the head is
    for part in (Box(310, 70, 330, 100), Box(310, 150, 330, 175), Box(282, 110, 300, 140), Box(340, 110, 358, 140)):
        assert measure_hidden(mask, part) == 1
    assert mask.mean() < 0.08


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_a_head_is_covered_between_two_sightings_wherever_its_way_bends(share: float) -> None:
    track = see(2, (1.0, 100, 50), (2.0, 300, 200))
    for bend in (-40, 0, 40):
        x = 100 + 200 * share - 0.6 * bend * math.sin(math.pi * share)
        y = 50 + 150 * share + 0.8 * bend * math.sin(math.pi * share)
        assert hides(track, 1 + share, Box(x, y, x + 40, y + 50)) == 1


def test_the_mask_is_wider_where_the_face_moves() -> None:
    still = outline_track(see(2, (1.0, 100, 50), (2.0, 100, 50)), 1.5, hold=2)
    moving = outline_track(see(2, (1.0, 100, 50), (2.0, 200, 50)), 1.5, hold=2)
    assert still is not None
    assert moving is not None
    assert np.ptp(moving[:, 1]) > np.ptp(still[:, 1]) + 20
    assert np.ptp(moving[:, 0]) > np.ptp(still[:, 0]) + 100


@pytest.mark.parametrize("seconds", [0.2, 4.9])
def test_a_head_is_held_where_it_was_and_where_its_speed_brings_it(seconds: float) -> None:
    track = see(2, (2.0, 200, 100), (3.0, 230, 100))
    last = 200 if seconds < 2 else 230
    carried = 200 + 30 * (seconds - 2)
    for x in (last, carried):
        assert hides(track, seconds, Box(x, 100, x + 40, 150)) == 1


def test_nothing_is_held_longer_than_it_is_said() -> None:
    track = see(2, (2.0, 200, 100), (3.0, 230, 100))
    assert outline_track(track, 5.01, hold=2) is None
    assert outline_track(track, -0.01, hold=2) is None
    assert outline_track(Track(2, ()), 0, hold=2) is None


def test_a_track_of_one_sighting_is_held_as_well() -> None:
    assert hides(see(2, (2.0, 200, 100)), 3.9, Box(200, 100, 240, 150)) == 1


def test_sightings_out_of_order_are_put_in_order() -> None:
    assert hides(see(2, (3.0, 300, 100), (1.0, 100, 100)), 2.0, Box(200, 100, 240, 150)) == 1


def test_everybody_but_the_chosen_track_is_covered_and_a_box_in_its_time_only() -> None:
    tracks = [see(1, (0, 10, 10)), see(2, (0, 200, 100)), see(3, (0, 400, 100))]
    boxes = [ManualBox(Box(500, 200, 550, 250), first=1.0, last=2.0)]
    assert len(find_outlines(tracks, 1, boxes, 0.0, hold=2)) == 2
    assert len(find_outlines(tracks, None, boxes, 0.0, hold=2)) == 3
    assert [len(find_outlines(tracks, 1, boxes, at, hold=0.5)) for at in (0.9, 1.0, 2.0, 2.1)] == [0, 1, 1, 0]


def test_the_chosen_face_is_placed_between_its_sightings_and_nowhere_else() -> None:
    track = see(1, (1.0, 100, 50), (2.0, 200, 50))
    assert place_face(track, 1.5) == Box(150, 50, 190, 100)
    assert place_face(track, 2.0) == Box(200, 50, 240, 100)
    assert place_face(track, 2.5) is None
    assert place_face(track, 0.5) is None


@pytest.mark.parametrize("edge", [math.nan, math.inf, 90.0])
def test_a_box_that_is_no_place_is_refused_not_left_out(edge: float) -> None:
    for outline in (outline_box, outline_head):
        with pytest.raises(ValueError, match="no place"):
            outline(Box(100, 100, edge, 200))


def test_a_box_far_outside_covers_nothing_and_breaks_nothing() -> None:
    assert not make_mask(SIZE, [outline_head(Box(1e9, 1e9, 1e9 + 500, 1e9 + 500))]).any()
    assert make_mask(SIZE, [outline_box(Box(-1e9, -1e9, 1e9, 1e9))]).all()


def test_the_mask_lies_on_the_grid_of_the_colours(grey: NDArray[np.uint8]) -> None:
    mask = make_mask(grey.shape, [outline_box(Box(31.4, 11.6, 60.2, 121.0))])
    assert mask.shape == (121, 161)
    inner = mask[:120, :160].reshape(60, GRID, 80, GRID)
    assert (inner.any(axis=(1, 3)) == inner.all(axis=(1, 3))).all()
    assert mask[11, 31]
    assert mask[120, 60]


def test_what_is_covered_stays_covered_over_the_chosen_face(grey: NDArray[np.uint8]) -> None:
    chosen, bystander = Box(60, 40, 100, 90), Box(90, 40, 130, 90)
    mask = make_mask(grey.shape, [outline_head(bystander)])
    covered = cover_pixels(grey, mask)
    assert (covered[mask] == 0).all()
    assert (covered[~mask] == 128).all()
    assert 0.1 < measure_hidden(mask, chosen) < 1
    assert measure_hidden(mask, Box(-50, -50, -10, -10)) == 1
