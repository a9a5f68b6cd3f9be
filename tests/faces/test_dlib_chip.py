"""dlib's chip of any box, also of those that no face has."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semblance.errors import ModelError
from semblance.faces.alignment.dlib_chip import DlibAligner
from semblance.faces.detection.detector import Detection
from semblance.faces.extraction import PackExtractor
from semblance.faces.photo import Photo
from semblance.terms.samples import Box, Landmarks, Point

NOWHERE = Landmarks(*[Point(1.0, 1.0)] * 5)


@pytest.mark.parametrize(
    "box",
    [
        Box(100, 100, 300, 102),
        Box(0, 0, 480, 1),
        Box(0, 0, 1, 400),
        Box(-500, -500, -490, -490),
        Box(520, 620, 530, 630),
        Box(-300, -300, 900, 900),
        Box(5, 5, 6, 6),
    ],
    ids=str,
)
def test_boxes_that_no_face_has_give_a_chip_and_no_failure(embedded: PackExtractor, hopper: Photo, box: Box) -> None:
    chip = embedded.aligner.align(hopper.pixels, Detection(box, NOWHERE, 0.6))
    assert chip.shape == (150, 150, 3)
    assert chip.dtype == np.uint8
    assert not chip.flags.writeable


def test_the_chip_of_a_larger_photo_shows_the_same(embedded: PackExtractor, hopper: Photo) -> None:
    face = embedded.find(hopper)[0]
    chip = embedded.aligner.align(hopper.pixels, face).astype(np.float64)
    for factor in (0.5, 3):
        size = (round(hopper.facts.width * factor), round(hopper.facts.height * factor))
        other = np.asarray(Image.fromarray(hopper.pixels).resize(size, Image.Resampling.LANCZOS))
        box = Box(*(side * factor for side in (face.box.left, face.box.top, face.box.right, face.box.bottom)))
        again = embedded.aligner.align(other, Detection(box, NOWHERE, 0.9)).astype(np.float64)
        assert np.corrcoef(chip.ravel(), again.ravel())[0, 1] > 0.93


def test_what_is_no_predictor_is_named(tmp_path: Path) -> None:
    path = tmp_path / "predictor.dat"
    path.write_bytes(b"no predictor")
    with pytest.raises(ModelError, match=r"predictor\.dat is not dlib's five-point predictor"):
        DlibAligner(path)
