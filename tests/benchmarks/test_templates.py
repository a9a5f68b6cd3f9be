"""The benchmark, on the photos of installed packages: figures that make sense, and nothing that stops it half-way."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from semblance.benchmarks.templates import Contender, check_encoder, list_photos, run_benchmark
from semblance.errors import PackMissing
from semblance.faces.extraction import STAGES
from semblance.faces.packs.opening import open_extractor


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    open_extractor("embedded", models=folder)
    return folder


@pytest.fixture
def photos(astronaut_path: Path, hopper_path: Path, tmp_path: Path) -> Path:
    """Return a folder of two portraits, a cat, and a file that only passes for a photo."""
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    shutil.copyfile(astronaut_path, folder / "astronaut.png")
    shutil.copyfile(hopper_path, folder / "deeper" / "HOPPER.JPG")
    shutil.copyfile(astronaut_path.parent / "chelsea.png", folder / "cat.png")
    (folder / "letter.jpg").write_bytes(b"Dear Sir or Madam,")
    (folder / "notes.txt").write_text("no photo")
    return folder


def test_photos_are_listed_below_the_folder_by_their_endings(photos: Path, tmp_path: Path) -> None:
    listed = [path.relative_to(photos).as_posix() for path in list_photos(photos)]
    assert listed == ["astronaut.png", "cat.png", "deeper/HOPPER.JPG", "letter.jpg"]
    assert list_photos(photos / "cat.png") == (photos / "cat.png",)
    assert list_photos(tmp_path / "nowhere") == ()


def test_an_evaluation_set_is_measured_on_its_references(test_data: Path) -> None:
    listed = list_photos(test_data / "congress")
    assert len(listed) == 412
    assert all(path.is_file() for path in listed)


def test_a_round_gives_sane_figures_and_tells_how_far_it_is(models: Path, photos: Path) -> None:
    told: list[tuple[str, int, int]] = []
    way = partial(open_extractor, "embedded", models=models)
    contenders = (Contender("threads", way, "threads"), Contender("processes", way, "processes"))
    results = run_benchmark(
        contenders, list_photos(photos), rounds=1, workers=1, on_progress=lambda *now: told.append(now)
    )
    assert told == [("threads", 1, 1), ("processes", 1, 1)]
    assert [result.name for result in results] == ["threads", "processes"]
    for result in results:
        # The cat has no face, and the letter is no photo: both are looked at and neither stops the round.
        assert (result.photos, result.templates) == (4, 2)
        assert len(result.rates) == 1
        assert result.rate == result.rates[0] > 0
        assert 10_000_000 < result.peak_bytes < 20_000_000_000
        assert result.start_seconds > 0
    assert [stage for stage, _ in results[0].stages] == list(STAGES)
    assert all(milliseconds > 0 for stage, milliseconds in results[0].stages if stage != "refine")
    assert results[1].stages == ()


def test_what_a_contender_raises_at_its_start_is_raised_here(models: Path, astronaut_path: Path) -> None:
    contender = Contender("closed", partial(open_extractor, "closed", models=models), "threads")
    with pytest.raises(PackMissing, match="'closed'"):
        run_benchmark([contender], [astronaut_path], rounds=1, workers=1, on_progress=lambda *_: None)


def test_the_rebuilt_encoder_is_held_against_dlib(models: Path, photos: Path) -> None:
    comparison = check_encoder(models, list_photos(photos), limit=4)
    assert comparison is not None
    assert comparison.chips == 2
    assert comparison.largest_difference <= 1e-5
    assert comparison.rebuilt_seconds > 0


def test_without_a_face_there_is_nothing_to_hold_against_dlib(models: Path, photos: Path) -> None:
    assert check_encoder(models, [photos / "cat.png", photos / "letter.jpg"], limit=4) is None
