"""The method that Semblance is measured against, run as its documentation shows."""

import importlib
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from semblance.errors import DamagedImage, DependencyMissing, NotFound
from semblance.faces import baseline
from semblance.faces.baseline import FaceRecognitionExtractor
from semblance.faces.decode import decode_photo
from semblance.faces.extractor import FaceChoice
from semblance.faces.photo import Photo
from semblance.terms.samples import Metric, QualityMeasure


@pytest.fixture(scope="module")
def compared() -> FaceRecognitionExtractor:
    if importlib.util.find_spec("face_recognition") is None:
        pytest.skip("face_recognition is not installed")
    return FaceRecognitionExtractor()


def test_it_gives_the_numbers_of_its_package(compared: FaceRecognitionExtractor, hopper: Photo) -> None:
    library = importlib.import_module("face_recognition")
    pixels = np.ascontiguousarray(hopper.pixels)
    expected = library.face_encodings(pixels, num_jitters=1, model="small")[0]
    extraction = compared.extract_photo(hopper)
    assert extraction.chosen == 0
    template = extraction.template
    assert template is not None
    assert (template.metric, template.dimension, template.pack) == (Metric.EUCLIDEAN, 128, compared.digest)
    np.testing.assert_allclose(np.frombuffer(template.values, "<f4"), expected, atol=1e-6)
    (place,) = library.face_locations(pixels)
    box = extraction.faces[0].box
    assert (box.top, box.right, box.bottom, box.left) == place


def test_the_landmarks_are_where_they_belong(compared: FaceRecognitionExtractor, hopper: Photo) -> None:
    (face,) = compared.extract_photo(hopper).faces
    marks = face.landmarks
    assert marks.left_eye.x == pytest.approx(226, abs=15)
    assert marks.right_eye.x == pytest.approx(310, abs=15)
    assert marks.left_eye.y < marks.nose.y < marks.mouth_left.y
    assert {score.measure for score in face.quality} == set(QualityMeasure)


def test_no_face_and_a_wrong_ordinal(compared: FaceRecognitionExtractor, astronaut_path: Path) -> None:
    data = (astronaut_path.parent / "brick.png").read_bytes()
    choices: tuple[FaceChoice, ...] = ("only", "largest")
    for choose in choices:
        extraction = compared.extract(data, name="brick.png", choose=choose)
        assert (extraction.faces, extraction.chosen, extraction.template) == ((), None, None)
    with pytest.raises(NotFound, match="no face 0"):
        compared.extract(data, name="brick.png", choose=0)


def test_of_several_faces_only_the_chosen_one_is_encoded(compared: FaceRecognitionExtractor, sheet: Photo) -> None:
    none = compared.extract_photo(sheet, choose="only")
    assert len(none.faces) > 1
    assert (none.chosen, none.template) == (None, None)
    areas = [face.box.area for face in none.faces]
    assert areas == sorted(areas, reverse=True)
    assert compared.extract_photo(sheet, choose=1).chosen == 1
    with pytest.raises(NotFound):
        compared.extract_photo(sheet, choose=len(none.faces))


def test_a_negative_ordinal_is_no_face(compared: FaceRecognitionExtractor, hopper: Photo) -> None:
    with pytest.raises(NotFound):
        compared.extract_photo(hopper, choose=-1)


def test_processes_of_its_own_give_the_same_template(compared: FaceRecognitionExtractor, hopper: Photo) -> None:
    apart = FaceRecognitionExtractor(processes=1)
    assert apart.digest == compared.digest
    assert apart.extract_photo(hopper) == compared.extract_photo(hopper)


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "face_recognition", None)
    baseline._load_library.cache_clear()
    try:
        with pytest.raises(DependencyMissing, match=r"semblance-faces\[baseline\]"):
            FaceRecognitionExtractor()
    finally:
        baseline._load_library.cache_clear()


def test_a_truncated_photo_stays_damaged_beside_it(compared: FaceRecognitionExtractor, astronaut_path: Path) -> None:
    # a PNG: what there is of a JPEG is shown
    data = astronaut_path.read_bytes()
    with pytest.raises(DamagedImage):
        decode_photo(data[: len(data) // 2], name="half.png")
    with pytest.raises(DamagedImage):
        compared.extract(data[: len(data) // 2], name="half.png")
