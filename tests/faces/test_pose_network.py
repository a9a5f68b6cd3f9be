"""A pack may bring a network for the head's pose: it tells the quality, and changes no template."""

import csv
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semblance.errors import PackMissing
from semblance.faces.decode import decode_photo
from semblance.faces.extraction import PackExtractor
from semblance.faces.packs.manifest import PackManifest, find_pack
from semblance.faces.packs.opening import open_pack
from semblance.faces.photo import Photo
from semblance.terms.samples import QualityMeasure

NETWORKS = ("fsanet-1x1-iter-688590.onnx", "fsanet-var-iter-688590.onnx")


@pytest.fixture(scope="module")
def manifest(filled_models: Path, model_files: Path) -> PackManifest:
    """Return the pack `open` with two networks for the pose beside it."""
    said = find_pack("open", filled_models).model_dump(mode="json", exclude_none=True)
    for name in NETWORKS:
        if not (model_files / name).is_file():
            pytest.skip(f"{model_files} has no {name}")
        shutil.copyfile(model_files / name, filled_models / "open" / name)
        digest = hashlib.sha256((model_files / name).read_bytes()).hexdigest()
        said["file"].append({"name": name, "sha256": digest, "licence": "MIT", "training_data": "300W-LP"})
    said["pose"] = {"kind": "fsanet", "files": list(NETWORKS)}
    return PackManifest.model_validate(said)


@pytest.fixture(scope="module")
def posed(manifest: PackManifest, filled_models: Path) -> PackExtractor:
    return open_pack(manifest, models=filled_models)


def _pose(extractor: PackExtractor, photo: Photo) -> tuple[float, float, float]:
    quality = extractor.extract_photo(photo, choose="largest").faces[0].quality
    found = []
    for measure in (QualityMeasure.HEAD_POSE_YAW, QualityMeasure.HEAD_POSE_PITCH, QualityMeasure.HEAD_POSE_ROLL):
        native = quality.find(measure).native
        assert native is not None
        found.append(native)
    return found[0], found[1], found[2]


def test_the_template_and_the_packs_digest_stay_the_same(
    posed: PackExtractor, published: PackExtractor, astronaut: Photo
) -> None:
    assert posed.digest == published.digest
    assert posed.extract_photo(astronaut).template == published.extract_photo(astronaut).template
    assert _pose(posed, astronaut) != _pose(published, astronaut)


def test_yaw_and_roll_turn_with_the_photo(posed: PackExtractor, hopper: Photo) -> None:
    straight = _pose(posed, hopper)
    mirrored = Photo(np.ascontiguousarray(hopper.pixels[:, ::-1]), hopper.facts)
    turned = Image.fromarray(hopper.pixels).rotate(-15, resample=Image.Resampling.BICUBIC)
    assert _pose(posed, mirrored)[0] == pytest.approx(-straight[0], abs=6)
    assert _pose(posed, Photo(np.asarray(turned), hopper.facts))[2] - straight[2] == pytest.approx(15, abs=6)


def test_labelled_poses_are_met_within_six_degrees_on_the_mean(posed: PackExtractor, test_data: Path) -> None:
    with (test_data / "meds2" / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if abs(float(row["yaw"] or 90)) <= 45]
    errors = []
    for row in rows[:60]:
        photo = decode_photo((test_data / "meds2" / row["path"]).read_bytes(), name=row["path"])
        if not posed.find(photo):
            continue
        yaw, _, roll = _pose(posed, photo)
        # The set's roll is positive anticlockwise, ours clockwise.
        errors.append([abs(yaw - float(row["yaw"])), abs(roll + float(row["roll"]))])
    assert len(errors) > 20
    assert (np.mean(errors, axis=0) < 6).all()


def test_a_missing_network_is_named(manifest: PackManifest, filled_models: Path, tmp_path: Path) -> None:
    shutil.copytree(filled_models / "open", tmp_path / "open")
    (tmp_path / "open" / NETWORKS[1]).unlink()
    with pytest.raises(PackMissing, match=NETWORKS[1]):
        open_pack(manifest, models=tmp_path)
