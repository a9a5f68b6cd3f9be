"""Folders of photos as people keep them."""

import os
from pathlib import Path

import pytest

from semblance.errors import ImageTooLarge, IntakeError, UnreadableFile
from semblance.exchange import files
from semblance.exchange.folder import read_folder, read_intake, read_single_photo


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())


def test_each_folder_is_a_subject_and_the_order_is_that_of_the_paths(tmp_path: Path) -> None:
    write(tmp_path, "B/2.jpg", "A/2.JPG", "A/1.png", "A/older/0.jpg", "C/no ending")
    intake = read_folder(tmp_path)
    assert [(item.subject_key, item.name) for item in intake.items] == [
        ("A", "A/1.png"),
        ("A", "A/2.JPG"),
        ("A", "A/older/0.jpg"),
        ("B", "B/2.jpg"),
        ("C", "C/no ending"),
    ]
    assert intake.items[0].load() == b"A/1.png"
    assert intake.notes == ()


def test_what_is_not_taken_is_said(tmp_path: Path) -> None:
    write(tmp_path, "A/1.jpg", "A/notes.txt", "loose.jpg", ".DS_Store", "A/.hidden.jpg", "bad\nname/1.jpg")
    intake = read_folder(tmp_path)
    assert [item.name for item in intake.items] == ["A/1.jpg"]
    assert len(intake.notes) == 4
    assert "A/notes.txt is no photo and was passed over" in map(str, intake.notes)
    assert any("cannot be printed" in note for note in map(str, intake.notes))
    assert any("1 files lie in the folder itself" in note for note in map(str, intake.notes))


def test_links_are_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "photos/A/1.jpg", "elsewhere/2.jpg")
    (tmp_path / "photos" / "A" / "link.jpg").symlink_to(tmp_path / "elsewhere" / "2.jpg")
    (tmp_path / "photos" / "B").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "photos" / "A" / "loop").symlink_to(tmp_path / "photos")
    intake = read_folder(tmp_path / "photos")
    assert [item.name for item in intake.items] == ["A/1.jpg"]
    assert len(intake.notes) == 3


def test_a_name_that_is_no_text_is_shown_with_escapes(tmp_path: Path) -> None:
    write(tmp_path, "A/x")
    (tmp_path / "A" / "x").rename(os.fsdecode(os.fsencode(tmp_path / "A") + b"/caf\xe9.jpg"))
    (item,) = read_folder(tmp_path).items
    assert item.name == "A/caf\\udce9.jpg"
    assert item.load() == b"A/x"


def test_a_folder_without_photos_says_how_one_looks(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=r"subject/photo\.jpg"):
        read_folder(tmp_path)
    write(tmp_path, "1.jpg")
    with pytest.raises(IntakeError, match="lie in the folder itself"):
        read_folder(tmp_path)
    (item,) = read_folder(tmp_path, subject="A").items
    assert (item.subject_key, item.name) == ("A", "1.jpg")
    with pytest.raises(UnreadableFile):
        read_folder(tmp_path / "missing")


def test_a_single_photo(tmp_path: Path) -> None:
    write(tmp_path, "alice.jpg")
    (item,) = read_single_photo(tmp_path / "alice.jpg").items
    assert (item.subject_key, item.name) == ("alice", "alice.jpg")
    (named,) = read_intake(tmp_path / "alice.jpg", subject="Alice").items
    assert named.subject_key == "Alice"
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_intake(tmp_path / "bob.jpg")


def test_reading_fails_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "A/1.jpg", "A/2.jpg")
    first, second = read_folder(tmp_path).items
    (tmp_path / "A" / "1.jpg").unlink()
    with pytest.raises(UnreadableFile, match=r"A/1\.jpg cannot be read"):
        first.load()
    monkeypatch.setattr(files, "BYTES_CAP", 3)
    with pytest.raises(ImageTooLarge, match=r"A/2\.jpg"):
        second.load()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFile, match="not a file"):
        files.read_photo_file(tmp_path / "pipe", "pipe")


def test_a_manifest_in_the_folder_decides(tmp_path: Path) -> None:
    write(tmp_path, "A/1.jpg", "A/2.jpg")
    (tmp_path / "manifest.csv").write_text("subject,path\nA,A/1.jpg\n")
    assert [item.name for item in read_intake(tmp_path).items] == ["A/1.jpg"]
    assert [item.name for item in read_intake(tmp_path, subject="B").items] == ["A/1.jpg", "A/2.jpg"]
    with pytest.raises(IntakeError, match="names its subjects itself"):
        read_intake(tmp_path / "manifest.csv", subject="B")
