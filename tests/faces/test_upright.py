"""A photo on its side or head is turned by the face in it; an upright one is looked at once, and left as it is."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from semblance.faces.decode import decode_photo
from semblance.faces.detection.detector import Detection
from semblance.faces.encoding.encoder import Features
from semblance.faces.extraction import PackExtractor
from semblance.faces.photo import Photo, turn_facts, turn_photo
from semblance.faces.quality.unified import NO_RANGES, PackRanges
from semblance.faces.upright import WHICH_WAY_UP, Look, choose_upright, compare_shape, find_turn, is_clear
from semblance.terms.samples import QUARTER_TURNS, Box, Extraction, Landmarks, PhotoFacts, Point, QuarterTurn, Template

AsPhoto = Callable[[NDArray[np.uint8]], Photo]
TURNED = QUARTER_TURNS[1:]
SHAPE = (-0.35 - 0.376j, 0.366 - 0.376j, 0.045j, -0.321 + 0.353j, 0.307 + 0.353j)
RANGES = PackRanges(norm=(10.0, 20.0), detection=(0.5, 0.9))


def lay(photo: Photo, degrees: QuarterTurn) -> Photo:
    """Return the photo as a camera held wrongly would have stored it: turned, and nothing said of it."""
    return replace(turn_photo(photo, degrees), facts=replace(turn_facts(photo.facts, degrees), notes=(), turned=0))


def marks(degrees: float = 0.0, squeeze: float = 1.0) -> Landmarks:
    turn = 40 * np.exp(1j * np.radians(degrees))
    places = (100 + 100j + turn * complex(point.real * squeeze, point.imag) for point in SHAPE)
    return Landmarks(*(Point(place.real, place.imag) for place in places))


def look(score: float, norm: float | None, degrees: float = 0.0, *, faces: int = 1) -> Look:
    pixels: NDArray[np.uint8] = np.zeros((4, 4, 3), np.uint8)
    photo = Photo(pixels, PhotoFacts("0" * 64, "image/png", 4, 4, 48))  # type: ignore[arg-type]
    face = Detection(Box(50, 50, 150, 150), marks(degrees), score)
    features = None if norm is None else Features(np.zeros(2, np.float32), norm, 1.0)
    return Look(photo, (face,) * faces, features)


def choose(first: Look, *others: Look) -> tuple[int | None, list[Look]]:
    """Return which look is taken, None where doubt stays, and the looks that were encoded."""
    encoded: list[Look] = []

    def encode(one: Look) -> Look:
        encoded.append(one)
        return one

    looks = dict(zip(QUARTER_TURNS, (first, *others), strict=True))
    upright = choose_upright(first, looks.__getitem__, encode, RANGES)
    places = [place for place, one in enumerate(looks.values()) if one is upright.look]
    return (None if upright.doubtful else places[0]), encoded


@given(st.floats(-180, 180), st.floats(5, 500), st.floats(-1000, 1000))
def test_a_turned_shape_is_measured_whatever_its_size_and_place(degrees: float, size: float, shift: float) -> None:
    turned = marks(degrees)
    placed = Landmarks(*(Point(point.x * size + shift, point.y * size - shift) for point in turned.points))
    misshapen, tilt = compare_shape(placed)
    assert misshapen == pytest.approx(0, abs=5e-3)
    assert (tilt - degrees + 180) % 360 - 180 == pytest.approx(0, abs=0.1)
    quarter = find_turn(placed)
    assert abs((quarter + degrees + 180) % 360 - 180) <= 45.1


def test_what_no_face_looks_like_is_misshapen() -> None:
    assert compare_shape(marks(squeeze=0.2))[0] > 0.3
    assert compare_shape(Landmarks(*(Point(3, 3),) * 5)) == (1.0, 0.0)


def test_a_clear_face_needs_no_other_look_and_a_pack_that_states_nothing_never_does() -> None:
    assert is_clear(look(0.9, 19.0), RANGES)
    assert not is_clear(look(0.6, 11.0), RANGES)
    assert not is_clear(look(0.9, 19.0, 170), RANGES)
    assert not is_clear(replace(look(0.9, 19.0), found=()), RANGES)
    assert is_clear(look(0.6, 11.0), NO_RANGES)
    # no encoder sees several faces before one is chosen
    assert is_clear(look(0.9, None, faces=3), RANGES)
    assert not is_clear(look(0.7, None, faces=3), RANGES)


def test_the_turn_with_the_most_evidence_is_taken() -> None:
    weak, strong = look(0.7, 10.0), look(0.9, 19.0)
    assert choose(weak, weak, strong, weak)[0] == 2
    assert choose(look(0.8, 14.0), weak, weak, weak)[0] == 0


def test_doubt_stays_where_two_turns_are_alike_or_none_says_enough() -> None:
    weak, strong = look(0.7, 10.0), look(0.9, 19.0)
    assert choose(weak, strong, strong, weak)[0] is None
    assert choose(look(0.55, 8.0), look(0.7, 13.0), look(0.55, 8.0), look(0.55, 8.0))[0] is None
    none = replace(weak, found=(), features=None)
    assert choose(none, none, none, none)[0] == 0
    assert choose(none, none, none, strong)[0] == 3
    # what may be a face in one turn only is not taken for a face that lay on its side
    assert choose(none, none, none, weak)[0] == 0


def test_a_hopeless_turn_is_never_encoded() -> None:
    first, poor, as_good = look(0.85, 14.0), look(0.6, 12.0), look(0.85, 10.0)
    chosen, encoded = choose(first, poor, as_good, poor)
    assert chosen == 0
    assert encoded == [as_good, first]
    assert choose(first, poor, poor, poor) == (0, [])


@pytest.mark.parametrize("name", ["astronaut", "hopper"])
def test_a_photo_in_any_turn_gives_the_template_of_the_upright_one(
    extractor: PackExtractor, name: str, request: pytest.FixtureRequest
) -> None:
    photo: Photo = request.getfixturevalue(name)
    upright = extractor.extract_photo(photo)
    assert (upright.facts, upright.doubtful) == (photo.facts, False)
    assert upright == extractor.extract_photo(photo, turned=0)
    for degrees in TURNED:
        found = extractor.extract_photo(lay(photo, degrees))
        back = QUARTER_TURNS[-degrees // 90 % 4]
        assert (found.facts.turned, found.facts.width, found.facts.height) == (
            back,
            photo.facts.width,
            photo.facts.height,
        )
        assert [str(note) for note in found.facts.notes] == [
            f"turned by {back}° clockwise, so that the face is upright"
        ]
        assert (found.faces, found.template, found.doubtful) == (upright.faces, upright.template, False)
        assert extractor.extract_photo(lay(photo, degrees), turned=back) == found
        # whoever says that it lies as it should is believed
        assert extractor.extract_photo(lay(photo, degrees), turned=0).facts.turned == 0


def test_an_upright_photo_costs_one_look_and_one_face_encoded(
    extractor: PackExtractor, hopper: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Photo] = []
    chips: list[NDArray[np.uint8]] = []
    find, encode = extractor.find, extractor.encoder.encode

    def find_noted(photo: Photo) -> tuple[Detection, ...]:
        looks.append(photo)
        return find(photo)

    def encode_noted(chip: NDArray[np.uint8]) -> Features:
        chips.append(chip)
        return encode(chip)

    monkeypatch.setattr(extractor, "find", find_noted)
    monkeypatch.setattr(extractor.encoder, "encode", encode_noted)
    extractor.extract_photo(hopper)
    assert (looks, len(chips)) == ([hopper], 1)


def test_a_group_is_turned_as_a_whole_and_nobody_in_it_encoded(
    extractor: PackExtractor, sheet: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractor.encoder, "encode", None)
    for degrees in QUARTER_TURNS[:3]:
        found = extractor.extract_photo(lay(sheet, degrees))
        assert (found.facts.turned, len(found.faces), found.doubtful) == (-degrees % 360, 20, False)


def test_a_face_on_its_head_among_upright_ones_is_in_doubt_when_it_is_chosen(
    extractor: PackExtractor, astronaut: Photo, hopper: Photo, as_photo: AsPhoto
) -> None:
    heads = [np.asarray(photo.pixels[:440, 60:452]) for photo in (astronaut, hopper)]
    photo = as_photo(np.concatenate([heads[0], heads[1], heads[0][::-1, ::-1]], axis=1))
    faces = extractor.extract_photo(photo, turned=0).faces
    for face in faces:
        found = extractor.extract_photo(photo, choose=face.ordinal, turned=0)
        assert found.doubtful is (face.box.centre.x > 2 * 392)
        assert (WHICH_WAY_UP in found.facts.notes) is found.doubtful


def test_where_a_template_is_known_nothing_is_encoded_of_an_upright_photo(
    extractor: PackExtractor, astronaut_path: Path, hopper_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractor.encoder, "encode", None)
    for path in (astronaut_path, hopper_path):
        located = extractor.locate(path.read_bytes(), name=path.name)
        assert (located.facts.turned, located.chosen, located.template) == (0, 0, None)


def _read(template: Template | None) -> NDArray[Any]:
    assert template is not None
    return np.frombuffer(template.values, dtype="<f4")


@pytest.mark.parametrize("folder", ["congress", "london", "meds2"])
def test_turned_photos_are_found_as_upright_ones_are(extractor: PackExtractor, test_data: Path, folder: str) -> None:
    with (test_data / folder / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("pose", "Frontal") == "Frontal"]
    pairs: dict[str, dict[str, str]] = {}
    for row in rows:
        pairs.setdefault(row["subject"], {}).setdefault(row["role"], row["path"])
    mated = [pair for pair in pairs.values() if len(pair) == 2][:4]

    def extract(path: str, degrees: QuarterTurn) -> Extraction:
        photo = decode_photo((test_data / folder / path).read_bytes(), name=path)
        return extractor.extract_photo(lay(photo, degrees), choose="largest")

    upright = np.stack([_read(extract(pair["reference"], 0).template) for pair in mated])
    for place, pair in enumerate(mated):
        found = extract(pair["probe"], TURNED[place % 3])
        assert found.facts.turned == 360 - TURNED[place % 3]
        assert int(np.argmax(upright @ _read(found.template))) == place
        lying = extract(pair["reference"], TURNED[(place + 1) % 3])
        assert np.abs(_read(lying.template) - upright[place]).max() < 1e-5
