"""The same photo gives the same template in onnxruntime and in OpenVINO."""

import hashlib
import importlib.util
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from semblance.errors import DependencyMissing, ModelError, PackMissing
from semblance.faces.extraction import PackExtractor
from semblance.faces.packs.manifest import PackManifest, find_pack
from semblance.faces.packs.opening import open_pack
from semblance.faces.photo import Photo
from semblance.faces.runtime import OnnxSession, OpenVinoSession, open_session
from semblance.terms.samples import Extraction

ENCODER = "face-reidentification-retail-0095"


@pytest.fixture(scope="module")
def converted(filled_models: Path) -> PackManifest:
    """Return the pack `open` with its encoder in OpenVINO's format only, under another name."""
    if importlib.util.find_spec("openvino") is None:
        pytest.skip("openvino is not installed")
    import openvino

    folder = filled_models / "converted"
    folder.mkdir()
    model = openvino.convert_model(filled_models / "open" / f"{ENCODER}.onnx")
    openvino.save_model(model, folder / f"{ENCODER}.xml", compress_to_fp16=False)
    (folder / "yunet_n_dynamic.onnx").write_bytes((filled_models / "open" / "yunet_n_dynamic.onnx").read_bytes())
    said = find_pack("open", filled_models).model_dump(mode="json")
    said["name"] = "converted"
    said["file"] = [file for file in said["file"] if file["name"] != f"{ENCODER}.onnx"]
    said["encoder"]["files"] = [f"{ENCODER}.xml"]
    for file in said["file"]:
        file["sha256"] = hashlib.sha256((folder / file["name"]).read_bytes()).hexdigest()
        file["url"] = None
    return PackManifest.model_validate(said)


@pytest.fixture(scope="module")
def other(converted: PackManifest, filled_models: Path) -> PackExtractor:
    return open_pack(converted, models=filled_models)


def _values(extraction: Extraction) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    assert extraction.template is not None
    return np.frombuffer(extraction.template.values, dtype="<f4")


def test_the_same_photo_gives_the_same_template(
    published: PackExtractor, other: PackExtractor, astronaut: Photo, hopper: Photo
) -> None:
    for photo in (astronaut, hopper):
        onnx, openvino = published.extract_photo(photo), other.extract_photo(photo)
        assert np.abs(_values(onnx) - _values(openvino)).max() <= 1e-5
        assert onnx.faces[0].box == openvino.faces[0].box
    assert published.digest != other.digest


def test_openvino_gives_the_same_bytes_on_every_thread(other: PackExtractor, astronaut: Photo) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: _values(other.extract_photo(astronaut)).tobytes(), range(8)))
    assert len(set(answers)) == 1


def test_openvino_computes_in_float32(converted: PackManifest, filled_models: Path) -> None:
    session = open_session(filled_models / "converted" / f"{ENCODER}.xml")
    assert isinstance(session, OpenVinoSession)
    assert str(session._compiled.get_property("INFERENCE_PRECISION_HINT")).endswith(("float32'>", "f32"))
    assert int(session._compiled.get_property("INFERENCE_NUM_THREADS")) == 1


def test_a_missing_half_of_the_pair_is_named(converted: PackManifest, filled_models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "converted"
    folder.mkdir()
    for name in (f"{ENCODER}.xml", "yunet_n_dynamic.onnx"):
        (folder / name).write_bytes((filled_models / "converted" / name).read_bytes())
    with pytest.raises(PackMissing, match=rf"{ENCODER}\.bin.*semblance models pull"):
        open_pack(converted, models=tmp_path)


def test_without_openvino_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(DependencyMissing, match=r"encoder\.xml is in OpenVINO's format.*semblance-faces\[openvino\]"):
        open_session(tmp_path / "encoder.xml")


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    for data in (b"", b"no model", bytes(1000)):
        path.write_bytes(data)
        with pytest.raises(ModelError, match=r"encoder\.onnx cannot be loaded.*semblance models verify"):
            open_session(path)
    if importlib.util.find_spec("openvino") is None:
        pytest.skip("openvino is not installed")
    broken = tmp_path / "encoder.xml"
    broken.write_text("<net")
    with pytest.raises(ModelError, match=r"encoder\.xml cannot be loaded"):
        open_session(broken)


def test_a_session_knows_its_names(filled_models: Path) -> None:
    session = OnnxSession(filled_models / "open" / "yunet_n_dynamic.onnx")
    assert session.input_names == ("input",)
    assert {f"{part}_{stride}" for part in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)} == set(
        session.output_names
    )
