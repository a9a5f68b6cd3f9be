"""Evaluations of small sets of made-up photos, with a small extractor whose answers can be foreseen."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from semblance.errors import ConfigurationError, ManifestError
from semblance.evaluation.report import EvaluationReport
from semblance.exchange.template_cache import TemplateCache
from semblance.faces.decode import decode_photo
from semblance.faces.degrade import LADDER
from semblance.faces.extractor import FaceChoice
from semblance.faces.photo import Photo
from semblance.terms.ids import PackDigest, digest_bytes
from semblance.terms.samples import (
    Box,
    Extraction,
    FaceSample,
    Landmarks,
    Metric,
    Point,
    QualityAssessment,
    QualityMeasure,
    QualityScore,
    QuarterTurn,
    Template,
)
from semblance.workflows.evaluation.evaluate import evaluate_set, write_evaluation

SIDE = 96


class PixelExtractor:
    """Takes a photo as one face unless it is black; the template is its colours in a grid."""

    def __init__(self, name: str, *, grid: int = 8, metric: Metric = Metric.COSINE) -> None:
        self.name = name
        self.metric = metric
        self.dimension = grid * grid * 3
        self.digest = PackDigest(digest_bytes(f"{name} {grid} {metric}".encode()))
        self.seen: list[str] = []
        self._grid = grid
        self._lock = threading.Lock()

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        return self.extract_photo(decode_photo(data, name=name), choose=choose, turned=turned)

    def locate(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        return replace(self.extract(data, name=name, choose=choose), template=None)

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        assert choose == "largest"
        with self._lock:
            self.seen.append(photo.facts.sha256)
        if int(photo.pixels.max()) < 8:
            return Extraction(photo.facts, ())
        width, height = float(photo.facts.width), float(photo.facts.height)
        eye = Point(width * 0.1, height * 0.4)
        other = Point(width * 0.9, height * 0.4)
        sharp = float(cv2.Laplacian(photo.pixels, cv2.CV_64F).std())
        face = FaceSample(
            0,
            Box(0, 0, width, height),
            Landmarks(eye, other, eye, eye, other),
            0.9,
            QualityAssessment(
                (
                    QualityScore(QualityMeasure.UNIFIED, int(min(100, sharp))),
                    QualityScore(QualityMeasure.SHARPNESS, int(min(100, sharp / 2))),
                )
            ),
        )
        small = cv2.resize(photo.pixels, (self._grid, self._grid), interpolation=cv2.INTER_AREA).astype(np.float32)
        row = (small - small.mean()).ravel()
        row /= float(np.linalg.norm(row)) or 1.0
        template = Template(self.digest, self.metric, self.dimension, row.astype("<f4").tobytes())
        return Extraction(photo.facts, (face,), 0, template)


def picture(person: int, take: int, *, noise: float = 12.0) -> NDArray[np.uint8]:
    """Return a smooth pattern that is the person's own, with noise that is the take's own."""
    own = np.random.default_rng(person).uniform(20, 235, (5, 5, 3)).astype(np.float32)
    large = cv2.resize(own, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng([person, take]).normal(0, noise, large.shape)
    pixels: NDArray[np.uint8] = np.clip(large + grain, 0, 255).astype(np.uint8)
    return pixels


def save(folder: Path, path: str, pixels: NDArray[np.uint8]) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    done, data = cv2.imencode(".png", pixels)
    assert done
    (folder / path).write_bytes(data.tobytes())


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a set of 12 subjects, 12 mated probes, 40 non-mated ones, one black reference, one damaged probe."""
    home = tmp_path_factory.mktemp("made-up set")
    rows = ["subject,path,role,sex,yaw"]
    for person in range(12):
        save(home, f"s{person}/1.png", picture(person, 1) if person != 11 else np.zeros((SIDE, SIDE, 3), np.uint8))
        save(home, f"s{person}/2.png", picture(person, 2))
        rows.append(f"s{person},s{person}/1.png,reference,{'FM'[person % 2]},0")
        rows.append(f"s{person},s{person}/2.png,probe,{'FM'[person % 2]},{person * 8 - 40}")
    for person in range(100, 140):
        save(home, f"x{person}/1.png", picture(person, 1))
        rows.append(f"x{person},x{person}/1.png,probe,{'FM'[person % 2]},")
    (home / "s10/2.png").write_bytes((home / "s10/2.png").read_bytes()[:400])
    (home / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return home


def strip(report: EvaluationReport) -> dict[str, object]:
    content = json.loads(report.to_json())
    assert isinstance(content, dict)
    return {key: value for key, value in content.items() if key != "created"}


def test_a_whole_evaluation_counts_what_it_should(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    report = evaluate_set(
        folder, [PixelExtractor("fine")], labels=["sex"], on_progress=lambda done, total: told.append((done, total))
    )
    (pack,) = report.packs
    assert (report.set.subjects, report.set.mated, report.set.non_mated) == (12, 12, 40)
    assert (pack.gallery_subjects, pack.failures.references.count, pack.failures.subjects.count) == (11, 1, 1)
    assert pack.failures.probes.count == 1
    assert {(file.path, file.role, file.rung) for file in pack.failures.files} == {
        ("s11/1.png", "reference", None),
        ("s10/2.png", "probe", None),
    }
    assert "s10/2.png" in next(file.reason for file in pack.failures.files if file.role == "probe")
    # The damaged probe and the subject without a template are misses; everybody else is found.
    assert (pack.rank_misses[0].miss.count, pack.rank_misses[0].miss.of) == (2, 12)
    assert report.supported_targets == (0.1, 0.05)
    assert [point.fnir.count for point in pack.operating_points] == [2, 2]
    assert [point.fpir.count for point in pack.operating_points] == [4, 2]
    assert [group.group for group in pack.groups[0].groups] == ["F", "M"]
    assert told[-1] == (64, 64)
    assert [done for done, _ in told] == list(range(1, 65))


def test_a_second_run_reads_the_cache_and_says_the_same(folder: Path, tmp_path: Path) -> None:
    first, second = PixelExtractor("fine"), PixelExtractor("fine")
    once = evaluate_set(folder, [first], cache=TemplateCache(tmp_path), workers=2)
    again = evaluate_set(folder, [second], cache=TemplateCache(tmp_path), workers=1)
    assert len(first.seen) == 63
    assert second.seen == []
    assert strip(once) == strip(again)


def test_damaged_cache_entries_are_made_again(folder: Path, tmp_path: Path) -> None:
    evaluate_set(folder, [PixelExtractor("fine")], cache=TemplateCache(tmp_path))
    files = sorted(path for path in tmp_path.rglob("*.json"))
    for file in files[:5]:
        file.write_bytes(file.read_bytes()[:-3])
    again = PixelExtractor("fine")
    evaluate_set(folder, [again], cache=TemplateCache(tmp_path))
    assert 4 <= len(again.seen) <= 5


def test_an_interrupted_run_goes_on_where_it_stopped(folder: Path, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    first, second = PixelExtractor("fine"), PixelExtractor("fine")
    with pytest.raises(KeyboardInterrupt):
        evaluate_set(folder, [first], cache=TemplateCache(tmp_path), workers=2, on_progress=stop)
    evaluate_set(folder, [second], cache=TemplateCache(tmp_path))
    assert len(second.seen) <= 63 - 18
    assert set(first.seen) | set(second.seen) >= set(second.seen)


def test_all_packs_see_the_same_degraded_pixels_whoever_measured_the_eyes(folder: Path, tmp_path: Path) -> None:
    fine, coarse = PixelExtractor("fine"), PixelExtractor("coarse", grid=2, metric=Metric.EUCLIDEAN)
    report = evaluate_set(folder, [fine, coarse], cache=TemplateCache(tmp_path), degrade=True, seed=4)
    assert sorted(fine.seen) == sorted(coarse.seen)
    names = list(dict.fromkeys(rung.rung.name for rung in report.rungs))
    assert names[0] == "as they are"
    assert names[1:4] == ["yaw under 15°", "yaw 15° to 45°", "yaw over 45°"]
    assert names[4:] == [rung.name for rung in LADDER]
    assert len(report.rungs) == 2 * len(names)
    assert len(report.verdicts) == len(names)
    of = {(rung.rung.name, rung.pack): rung for rung in report.rungs}
    assert of["as they are", "fine"].rank_one_miss.of == of["eyes-12px", "fine"].rank_one_miss.of == 12
    assert sum(of[name, "fine"].rank_one_miss.of for name in names[1:4]) == 12
    assert any("only those that gave a template" in curve.scope for curve in report.packs[0].discard)
    again = PixelExtractor("fine")
    repeat = evaluate_set(folder, [again, coarse], cache=TemplateCache(tmp_path), degrade=True, seed=4)
    assert again.seen == []
    assert strip(repeat) == strip(report)
    other = PixelExtractor("fine")
    evaluate_set(folder, [other, coarse], cache=TemplateCache(tmp_path), degrade=True, seed=5)
    assert 0 < len(other.seen) <= 51 * len(LADDER)


def test_workers_and_packs_beside_it_change_no_number(folder: Path) -> None:
    alone = evaluate_set(folder, [PixelExtractor("fine")], workers=1)
    beside = evaluate_set(folder, [PixelExtractor("fine"), PixelExtractor("coarse", grid=2)], workers=4)
    assert alone.packs[0] == beside.packs[0]


def test_the_same_file_as_reference_and_probe_is_told(tmp_path: Path) -> None:
    save(tmp_path, "a.png", picture(1, 1))
    save(tmp_path, "b.png", picture(1, 1))
    (tmp_path / "manifest.csv").write_text("subject,path,role\na,a.png,reference\na,b.png,probe\n", encoding="utf-8")
    report = evaluate_set(tmp_path, [PixelExtractor("fine")])
    assert any("same file as a reference" in note for note in report.notes)
    assert report.supported_targets == ()
    assert report.target is None


def test_wrong_asks_are_refused_with_what_to_do(folder: Path) -> None:
    pack = PixelExtractor("fine")
    with pytest.raises(ManifestError, match="its labels are: sex, yaw"):
        evaluate_set(folder, [pack], labels=["age"])
    with pytest.raises(ConfigurationError, match="at least one pack"):
        evaluate_set(folder, [])
    with pytest.raises(ConfigurationError, match="only once"):
        evaluate_set(folder, [pack, pack])
    with pytest.raises(ConfigurationError, match="between 0 and 1"):
        evaluate_set(folder, [pack], fpir_targets=[5.0])
    assert pack.seen == []


def test_the_report_is_written_whole(folder: Path, tmp_path: Path) -> None:
    report = evaluate_set(folder, [PixelExtractor("fine")], labels=["sex"])
    page, text = write_evaluation(report, tmp_path / "out")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads(text.read_text(encoding="utf-8"))["schema"] == "semblance.evaluation/1"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.html", "report.json"]
