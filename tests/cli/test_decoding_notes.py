"""A photo that is not whole: what is missing is said where it is taken in, listed, searched and shown."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from PIL import Image
from tests.cli.conftest import ASKED, TERMS, read
from tests.notices import make_notice

from semblance.faces.decode import decode_photo
from semblance.terms.samples import Box

Run = Callable[..., Result]
END = "the file lacks its end marker"


@pytest.fixture
def broken(tmp_path: Path, hopper_path: Path) -> Path:
    """Return a folder with a portrait that lacks its end, one that lacks its foot, and one that lacks half the face."""
    with Image.open(hopper_path) as image:
        portrait = image.convert("RGB")
    tall = Image.new("RGB", (portrait.width, portrait.height * 2))
    tall.paste(portrait, (0, 0))
    tall.paste(Image.effect_noise(portrait.size, 30), (0, portrait.height))
    data, upper = encode(tall), len(encode(portrait))
    for name, end in {"End": -2, "Foot": (len(data) + upper) // 2, "Face": int(upper * 0.4)}.items():
        (tmp_path / "broken" / name).mkdir(parents=True)
        (tmp_path / "broken" / name / "1.jpg").write_bytes(data[:end])
    return tmp_path / "broken"


def encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def undecoded(path: Path) -> Box:
    box = decode_photo(path.read_bytes(), name="x").facts.undecoded
    assert box is not None
    return box


def test_a_reference_without_its_end_is_taken_and_one_that_lacks_its_face_is_refused(
    run: Run, home: Path, broken: Path, tmp_path: Path
) -> None:
    done = run("enrol", broken, *TERMS, "--report", tmp_path / "report.json")
    assert END in done.output
    report = read(run("enrol", broken, *TERMS, "--json"))
    rows: dict[str, Any] = {row["subject"]: row for row in report["photos"]}
    assert (rows["End"]["status"], rows["Face"]["status"]) == ("enrolled", "unsuitable")
    assert "photo.face-undecoded" in {reason["id"] for reason in rows["Face"]["reasons"]}
    assert rows["Foot"]["status"] == "enrolled"
    assert undecoded(broken / "Foot" / "1.jpg").top > undecoded(broken / "Face" / "1.jpg").top
    assert END in (tmp_path / "report.json").read_text()
    assert END in run("record", "show", "End").output
    photo = read(run("record", "show", "End", "--json"))["photos"][0]["photo"]
    assert END in run("show", "photo", photo).output
    foot = read(run("record", "show", "Foot", "--json"))["photos"][0]
    assert foot["facts"]["undecoded"]["top"] == foot["facts"]["notes"][0]["values"]["row"]


def test_an_import_says_it_too(run: Run, home: Path, broken: Path, tmp_path: Path) -> None:
    folder = tmp_path / "notices"
    folder.mkdir()
    (folder / "1.json").write_text(json.dumps(make_notice(1, "red", ["100"])))
    (folder / "100.jpg").write_bytes((broken / "End" / "1.jpg").read_bytes())
    done = run("import", folder, *TERMS[4:], "--report", tmp_path / "report.jsonl")
    assert done.exit_code == 0, done.output
    assert END in done.output
    (row,) = map(json.loads, (tmp_path / "report.jsonl").read_text().splitlines())
    assert [note["id"] for note in row["photos"][0]["notes"]] == ["photo.end-missing"]


def test_a_probe_that_is_not_whole_is_taken_with_a_note(run: Run, filled: Path, case: str, broken: Path) -> None:
    found = run("search", broken / "Foot" / "1.jpg", *ASKED)
    assert found.exit_code == 0, found.output
    assert "probe: the picture is incomplete: from row" in found.output
    assert "the picture is incomplete: from row" in run("case", "show", case).output
    answer = read(run("search", broken / "End" / "1.jpg", *ASKED, "--json"))
    assert [note["id"] for note in answer["notes"]] == ["photo.end-missing"]
    assert END in run("show", "search", answer["search"]).output
