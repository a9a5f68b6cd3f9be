"""From a photo to at most one template: which face, always the same bytes, and nothing of the faces not chosen."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from semblance.errors import IntakeError, NotFound
from semblance.faces.decode import decode_photo
from semblance.faces.detection.detector import Detection
from semblance.faces.encoding.encoder import Encoder, Features
from semblance.faces.extraction import STAGES, Aligner, PackExtractor, time_stages
from semblance.faces.extractor import Extractor, FaceChoice
from semblance.faces.packs.opening import open_extractor
from semblance.faces.photo import Photo
from semblance.faces.runtime import Tensor
from semblance.terms.samples import Extraction, Metric, QualityMeasure, Template

PEOPLE = 12


def _values(template: Template | None) -> Tensor:
    assert template is not None
    return np.frombuffer(template.values, dtype="<f4")


class _Watching:
    """Stands before an aligner and an encoder and notes whose face reaches them."""

    def __init__(self, aligner: Aligner, encoder: Encoder) -> None:
        self._aligner, self._encoder = aligner, encoder
        self.aligned: list[Detection] = []
        self.encoded = 0

    def align(self, pixels: NDArray[np.uint8], face: Detection) -> NDArray[np.uint8]:
        self.aligned.append(face)
        return self._aligner.align(pixels, face)

    def encode(self, chip: NDArray[np.uint8]) -> Features:
        self.encoded += 1
        return self._encoder.encode(chip)


@pytest.fixture
def watching(extractor: PackExtractor, monkeypatch: pytest.MonkeyPatch) -> _Watching:
    watching = _Watching(extractor.aligner, extractor.encoder)
    monkeypatch.setattr(extractor, "aligner", watching)
    monkeypatch.setattr(extractor, "encoder", watching)
    return watching


def test_a_pack_is_an_extractor(extractor: PackExtractor) -> None:
    held: Extractor = extractor
    assert held.name in ("embedded", "open")
    assert held.metric is Metric.COSINE
    assert held.dimension in (128, 256)
    assert len(held.digest) == 64


@pytest.mark.parametrize("choose", ["only", "largest", 0])
def test_the_one_face_is_taken_however_it_is_chosen(
    extractor: PackExtractor, astronaut: Photo, choose: FaceChoice
) -> None:
    extraction = extractor.extract_photo(astronaut, choose=choose)
    assert extraction.chosen == 0
    assert extraction.facts == astronaut.facts
    template = extraction.template
    assert template is not None
    assert (template.pack, template.metric, template.dimension) == (
        extractor.digest,
        extractor.metric,
        extractor.dimension,
    )
    assert len(template.values) == 4 * extractor.dimension
    assert np.linalg.norm(_values(template).astype(np.float64)) == pytest.approx(1, abs=1e-5)
    assert extraction == extractor.extract_photo(astronaut, choose="only")


def test_a_chosen_face_is_the_only_one_that_reaches_the_encoder(
    extractor: PackExtractor, watching: _Watching, sheet: Photo
) -> None:
    nothing = extractor.extract_photo(sheet, choose="only")
    assert (len(nothing.faces), nothing.chosen, nothing.template) == (20, None, None)
    assert (watching.aligned, watching.encoded) == ([], 0)
    extraction = extractor.extract_photo(sheet, choose=7)
    assert extraction.chosen == 7
    assert [face.box for face in watching.aligned] == [nothing.faces[7].box]
    assert watching.encoded == 1
    largest = extractor.extract_photo(sheet, choose="largest")
    assert largest.chosen == 0
    assert watching.encoded == 2


@pytest.mark.parametrize("ordinal", [-1, 20, 1000])
def test_an_ordinal_beyond_the_faces_is_not_found(
    extractor: PackExtractor, watching: _Watching, sheet: Photo, ordinal: int
) -> None:
    with pytest.raises(NotFound, match=rf"no face {ordinal}.*0 to 19"):
        extractor.extract_photo(sheet, choose=ordinal)
    assert watching.encoded == 0


def test_a_photo_without_a_face_is_a_value(extractor: PackExtractor, watching: _Watching, astronaut_path: Path) -> None:
    data = (astronaut_path.parent / "chelsea.png").read_bytes()
    choices: tuple[FaceChoice, ...] = ("only", "largest")
    for choose in choices:
        extraction = extractor.extract(data, name="cat.png", choose=choose)
        assert (extraction.faces, extraction.chosen, extraction.template) == ((), None, None)
    assert watching.encoded == 0
    with pytest.raises(NotFound, match="no face 0: no face was found"):
        extractor.extract(data, name="cat.png", choose=0)


@pytest.mark.parametrize("data", [b"", b"Dear Sir or Madam,", b"\xff\xd8\xff\xe0" + bytes(64)])
def test_bytes_that_are_no_photo_name_it(embedded: PackExtractor, data: bytes) -> None:
    with pytest.raises(IntakeError, match=r"scan\.jpg"):
        embedded.extract(data, name="scan.jpg")


def test_the_same_photo_gives_the_same_bytes_on_every_thread(
    extractor: PackExtractor, astronaut_path: Path, hopper_path: Path
) -> None:
    files = [astronaut_path.read_bytes(), hopper_path.read_bytes()]
    alone = [extractor.extract(data, name="photo") for data in files]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda place: extractor.extract(files[place % 2], name="photo"), range(12)))
    assert together == [alone[place % 2] for place in range(12)]


def test_a_pack_opened_again_gives_the_same_bytes(embedded: PackExtractor, models: Path, astronaut: Photo) -> None:
    again = open_extractor("embedded", models=models)
    assert again.digest == embedded.digest
    assert again.extract_photo(astronaut).template == embedded.extract_photo(astronaut).template


def test_the_features_count_for_the_chosen_face_alone(extractor: PackExtractor, sheet: Photo) -> None:
    none, some = extractor.extract_photo(sheet), extractor.extract_photo(sheet, choose=3)
    for before, after in zip(none.faces, some.faces, strict=True):
        assert before.box == after.box
        if before.ordinal != 3:
            assert before == after
    assert all(face.quality.find(QualityMeasure.SINGLE_FACE_PRESENT).scalar < 100 for face in none.faces)


def test_two_photos_of_a_person_are_more_alike_than_two_people(extractor: PackExtractor, test_data: Path) -> None:
    folder = test_data / "congress"
    with (folder / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    references = {row["subject"]: row["path"] for row in rows if row["role"] == "reference"}
    mated = [row for row in rows if row["role"] == "probe" and row["subject"] in references][:PEOPLE]

    def extract(path: str) -> Tensor:
        extraction: Extraction = extractor.extract((folder / path).read_bytes(), name=path, choose="largest")
        return _values(extraction.template)

    probes = np.array([extract(row["path"]) for row in mated])
    held = np.array([extract(references[row["subject"]]) for row in mated])
    scores = probes @ held.T
    assert (scores.argmax(axis=1) == np.arange(PEOPLE)).all()
    others = scores[~np.eye(PEOPLE, dtype=bool)]
    assert np.median(np.diag(scores)) > others.max()


def test_expressions_of_one_person_are_alike(extractor: PackExtractor, test_data: Path, astronaut: Photo) -> None:
    paths = sorted((test_data / "fixtures").glob("lisa_*.jpg"))
    assert len(paths) > 1
    faces = [
        _values(extractor.extract_photo(decode_photo(path.read_bytes(), name=path.name)).template) for path in paths
    ]
    stranger = _values(extractor.extract_photo(astronaut).template)
    for place, face in enumerate(faces):
        rest = [other for number, other in enumerate(faces) if number != place]
        assert min(float(face @ other) for other in rest) > float(face @ stranger)


def test_the_time_of_every_stage_is_told(extractor: PackExtractor, astronaut_path: Path) -> None:
    spent = time_stages(extractor, astronaut_path.read_bytes(), name="astronaut.png")
    assert tuple(spent) == STAGES
    assert all(seconds >= 0 for seconds in spent.values())
    cat = time_stages(extractor, (astronaut_path.parent / "chelsea.png").read_bytes(), name="chelsea.png")
    assert tuple(cat) == ("decode", "detect")


class _Sum:
    """A network whose features are the mean of each channel and that of the left half."""

    input_names: tuple[str, ...] = ("x",)
    output_names: tuple[str, ...] = ("y",)

    def __init__(self) -> None:
        self.seen: list[Tensor] = []

    def run(self, inputs: object) -> list[Tensor]:
        assert isinstance(inputs, dict)
        tensor: Tensor = inputs["x"]
        self.seen.append(tensor)
        half = tensor[0, :, :, : tensor.shape[3] // 2]
        return [np.concatenate([tensor[0].mean(axis=(1, 2)), [half.mean()]]).astype(np.float32)[None]]


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("channels", ["rgb", "bgr"])
def test_an_encoder_adds_the_mirror_image(metric: Metric, channels: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    pixels.flags.writeable = False
    session = _Sum()
    means, scales = (1.0, 2.0, 3.0), (0.5, 0.25, 0.125)
    encoder = Encoder(session, channels=channels, mean=means, scale=scales, dimension=4, metric=metric)
    features = encoder.encode(pixels)
    ordered = pixels if channels == "rgb" else pixels[:, :, ::-1]
    expected = (ordered.astype(np.float32) - [1, 2, 3]) * [0.5, 0.25, 0.125]
    np.testing.assert_allclose(session.seen[0][0].transpose(1, 2, 0), expected, rtol=1e-6)
    np.testing.assert_array_equal(session.seen[1], session.seen[0][:, :, :, ::-1])
    mean = (session.run({"x": session.seen[0]})[0][0] + session.run({"x": session.seen[1]})[0][0]) / 2
    assert features.norm == pytest.approx(float(np.linalg.norm(mean)), rel=1e-6)
    wanted = mean if metric is Metric.EUCLIDEAN else mean / np.linalg.norm(mean)
    np.testing.assert_allclose(features.values, wanted, rtol=1e-6)
    assert 0 < features.agreement <= 1
