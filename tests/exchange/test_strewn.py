"""What network storage, operating systems and photo programs leave between photos becomes nobody's photo, anywhere."""

import json
import zipfile
from pathlib import Path

import pytest
from tests.exchange.interpol_notices.test_notices import open_
from tests.notices import make_notice

from semblance.exchange.folder import read_folder
from semblance.exchange.manifest import read_manifest
from semblance.exchange.strewn import is_strewn

FOLDERS = (
    "@eaDir",
    "#recycle",
    "@Recycle",
    ".@__thumb",
    "$RECYCLE.BIN",
    "RECYCLER",
    "lost+found",
    "System Volume Information",
    ".Trashes",
    ".Trash-1000",
    "__MACOSX",
    ".thumbnails",
    "#snapshot",
    ".AppleDouble",
)
FILES = ("Thumbs.db", "desktop.ini", ".DS_Store", "._1.jpg", "1.xmp", "1.jpg.xmp", "IMG_1.AAE", "MVI_1.THM", "1.pp3")


@pytest.mark.parametrize("name", [*FOLDERS, *FILES])
def test_it_is_known_by_its_name(name: str) -> None:
    assert is_strewn(name)


@pytest.mark.parametrize("name", ["1.jpg", "2009-2344", "A#1", "recycle", "eaDir", "xmp", "thumbs", "1.db.jpg"])
def test_what_people_call_so_is_not_strewn(name: str) -> None:
    assert not is_strewn(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two people's photos on such a device: in it and in each of theirs."""
    for place in ("", "A/", "B/"):
        for name in (*(f"{strewn}/thumb.jpg" for strewn in FOLDERS), *FILES):
            path = tmp_path / "photos" / place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"a thumbnail")
    for name in ("A/1.jpg", "B/1.jpg"):
        (tmp_path / "photos" / name).write_bytes(b"a photo")
    return tmp_path / "photos"


def test_in_a_folder_it_is_passed_over_with_a_count(folder: Path) -> None:
    intake = read_folder(folder)
    assert [item.name for item in intake.items] == ["A/1.jpg", "B/1.jpg"]
    (note,) = intake.notes
    assert note.values["n"] == 3 * (len(FOLDERS) + len(FILES))
    assert "files and folders that devices and programs leave behind were passed over: .xmp" in str(note)


def test_in_a_manifest_too(folder: Path) -> None:
    rows = [f"{path.relative_to(folder)}" for path in sorted(folder.rglob("*")) if path.is_file()]
    text = "".join(f"A,{row}\n" for row in rows if row.startswith(("A", "@")))
    (folder / "manifest.csv").write_text(f"subject,path\n{text}A,@eaDir\\1.jpg\\SYNOPHOTO_THUMB_M.jpg\n")
    intake = read_manifest(folder / "manifest.csv")
    assert [item.name for item in intake.items] == ["A/1.jpg"]
    # the two below the folder's own @eaDir are one thing passed over
    assert intake.notes[-1].values["n"] == len(FOLDERS) + len(FILES) + 2


def test_in_a_zip_and_beside_notices_too(tmp_path: Path) -> None:
    inside = {"red/1.json": json.dumps(make_notice(1, pictures=["100"])), "red/100.jpg": "a photo"}
    for name in (*(f"red/{strewn}/100.jpg" for strewn in FOLDERS), *(f"red/{name}" for name in FILES)):
        inside[name] = "a thumbnail"
    inside["red/@eaDir/1.json"] = "{}"
    path = tmp_path / "notices.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, content in inside.items():
            made.writestr(name, content)
    folder = tmp_path / "folder"
    for name, content in inside.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    for place in (path, folder):
        with open_(place) as notices:
            assert len(list(notices)) == notices.total == 1
            (note,) = notices.notes
            assert note.values["n"] == len(FOLDERS) + len(FILES)
