"""``semblance submit``: files, folders and zip files on the command line, and the same command again."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from tests.workflows.submissions.conftest import zip_up

Run = Callable[..., Result]

SAID = (
    *("--source", "national-authority", "--authority", "Police judiciaire", "--obtained", "Seized on 2 February"),
    *("--legal-basis", "Article 60-1"),
)
FAR = "2999-01-01"


def find_latest(run: Run, case: str, path: Path) -> str:
    """Return the last day that the policy allows, as the refusal of a later one says it."""
    refused = run("submit", path, "--case", case, *SAID, "--review-on", FAR)
    assert refused.exit_code == 21
    return refused.stderr.partition("until ")[2][:10]


def test_a_folder_and_a_zip_are_submitted_once(run: Run, case: str, photos: Path, tmp_path: Path) -> None:
    photo = photos / "Hopper" / "portrait.jpg"
    card = tmp_path / "card"
    (card / "DCIM").mkdir(parents=True)
    (card / "DCIM" / "IMG_1.jpg").write_bytes(photo.read_bytes())
    (card / "DCIM" / "Thumbs.db").write_bytes(b"x")
    (card / "notes.txt").write_bytes(b"who was there")
    zipped = tmp_path / "phone.zip"
    zipped.write_bytes(zip_up(**{"a.jpg": photo.read_bytes() + b"\0", "b/desktop.ini": b"x"}))
    until = find_latest(run, case, zipped)
    asked = ("submit", card, zipped, "--case", case, *SAID, "--review-on", until)
    first = run(*asked, "--json")
    assert first.exit_code == 4, first.output
    document = json.loads(first.stdout)
    files = {file["name"]: file for file in document["files"]}
    assert {name: file["state"] for name, file in files.items()} == {
        "card/DCIM/IMG_1.jpg": "complete",
        "phone.zip": "unpacked",
        "a.jpg": "complete",
    }
    assert all(len(files[name]["facts"]["faces"]) == 1 for name in ("card/DCIM/IMG_1.jpg", "a.jpg"))
    again = run(*asked)
    assert (again.exit_code, "2 files held until" in again.stdout) == (4, True)
    assert "notes.txt is text" in again.stdout
    assert json.loads(run(*asked, "--json").stdout)["id"] == document["id"]
    assert run("submit", zipped, "--case", case, *SAID, "--review-on", until, by="mallory").exit_code == 3
    none = run("submit", tmp_path / "none.mp4", "--case", case, *SAID, "--review-on", until, by="alice")
    assert (none.exit_code, "none.mp4" in none.stdout) == (4, True)
