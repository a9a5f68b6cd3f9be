"""Everything that can be wrong with what is handed in, and with where it goes: a sentence, and nothing half-written."""

import contextlib
import io
import json
import os
import resource
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.cli import processes
from tests.cli.conftest import ASKED, TERMS

run_process = processes.run_process


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _make_photos(astronaut: Path, hopper: Path) -> dict[str, bytes]:
    portrait, data = Image.open(astronaut).convert("RGB"), hopper.read_bytes()
    frames = {"save_all": True, "append_images": [portrait.rotate(5), portrait.rotate(9)]}
    head, crowd = portrait.crop((130, 0, 330, 240)), Image.new("RGB", (1000, 960))
    for place in range(20):
        crowd.paste(head, (place % 5 * 200, place // 5 * 240))
    return {
        "Animated/film.gif": _encode(portrait, "GIF", **frames),
        "Animated/film.webp": _encode(portrait, "WEBP", quality=90, **frames),
        "Bomb/bomb.png": _png(60_000, 60_000, bytes(5_000_000)),
        "Cat/cat.png": (astronaut.parent / "chelsea.png").read_bytes(),
        "Crowd/twenty.jpg": _encode(crowd, "JPEG", quality=90),
        "Empty/empty.jpg": b"",
        "Exif/broken.jpg": _encode(portrait, "JPEG", quality=92, exif=b"Exif\0\0MM\0*\xff\xff\xff\xffgarbage"),
        "Far/tiny.png": _encode(portrait.resize((150, 150)), "PNG"),
        "Hundred/large.png": _png(10_000, 10_000, bytes(100_000)),
        "Letter/letter.jpg": b"Dear Sir or Madam,",
        "Renamed/renamed.png": data,
        "Truncated/half.jpg": data[: len(data) // 2],
        "Zero/zero.png": _png(0, 0, b""),
        "Name/\x1b[2Jname.jpg": data,
    }


EXPECTED = {
    "Animated/film.gif": ("enrolled", ""),
    "Animated/film.webp": ("enrolled", ""),
    "Bomb/bomb.png": ("unreadable", "60000 x 60000 pixels"),
    "Cat/cat.png": ("no_face", "larger"),
    "Crowd/twenty.jpg": ("several_faces", "20 faces"),
    "Empty/empty.jpg": ("unreadable", "empty"),
    "Exif/broken.jpg": ("enrolled", ""),
    "Far/tiny.png": ("unsuitable", "40 are needed"),
    "Hundred/large.png": ("unreadable", "10000 x 10000 pixels"),
    "Letter/letter.jpg": ("unreadable", "not a photo"),
    "Renamed/renamed.png": ("enrolled", ""),
    "Truncated/half.jpg": ("unsuitable", "not all pixels of the face"),
    "Zero/zero.png": ("unreadable", "states no size"),
    r"Name/\x1b[2Jname.jpg": ("enrolled", ""),
}


@pytest.fixture
def bad(tmp_path: Path, astronaut_path: Path, hopper_path: Path) -> Path:
    folder = tmp_path / "bad"
    for name, data in _make_photos(astronaut_path, hopper_path).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "Renamed" / "outside.jpg").symlink_to(hopper_path)
    (folder / "Renamed" / "elsewhere").symlink_to(hopper_path.parent)
    return folder


@pytest.fixture
def closed() -> Iterator[Any]:
    """Return what closes a file or folder; it is opened again at the end."""
    shut: list[tuple[Path, int]] = []

    def close(path: Path, mode: int) -> Path:
        shut.append((path, path.stat().st_mode))
        path.chmod(mode)
        return path

    yield close
    for path, mode in reversed(shut):
        path.chmod(mode)


def _read_counts(home: Path) -> tuple[int, int]:
    with contextlib.closing(sqlite3.connect(home / "semblance.sqlite")) as connection:
        (photos,) = connection.execute("SELECT count(*) FROM photo").fetchone()
        (references,) = connection.execute("SELECT count(*) FROM reference").fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return photos, references


def test_every_bad_photo_is_named_with_what_to_do(home: Path, bad: Path) -> None:
    done = run_process("enrol", bad, *TERMS, "--report", home / "report.json")
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout
    assert "Renamed/outside.jpg is a link that leads out of the folder" in done.stdout
    assert "Renamed/elsewhere is a link" in done.stdout
    assert "2 unsuitable: eyes too close together (1)" in done.stdout
    rows = json.loads((home / "report.json").read_text(encoding="utf-8"))["photos"]
    assert {row["name"]: row["status"] for row in rows} == {name: status for name, (status, _) in EXPECTED.items()}
    for row in rows:
        said = " ".join(reason["text"] for reason in row["reasons"])
        assert EXPECTED[row["name"]][1] in said
        assert row["status"] != "unreadable" or row["name"] in said
    # five enrolled, and the crowd that waits for a choice
    assert _read_counts(home) == (6, 5)


@pytest.mark.parametrize(
    ("name", "code", "said"), [("Bomb/bomb.png", 20, "bomb.png"), ("nowhere.jpg", 20, "nowhere.jpg")]
)
def test_a_bad_probe_is_named(case: str, bad: Path, name: str, code: int, said: str) -> None:
    done = run_process("search", bad / name, *ASKED)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "subject,path,captured,colour\nA,a.jpg,2014-13-45,x\nB,gone.jpg,,\nC,../secret.jpg,,\nD,a.jpg,,\nD,a.jpg,,\n",
            ("2014-13-45", "gone.jpg", "secret.jpg leaves", "'colour' is unknown", "line 6"),
        ),
        (
            "subject,path\n\u0418\u0432\u0430\u043d,a.jpg\n".encode("cp1251"),
            ("line 2: byte 0xc8", "save it as CSV UTF-8"),
        ),
        ("subject,path\nA,a.jpg\n".encode("utf-16")[:-1], ("UTF-16", "is damaged here")),
    ],
    ids=["faults", "cyrillic", "cut utf-16"],
)
def test_a_bad_manifest_enrols_nothing(
    home: Path, tmp_path: Path, hopper_path: Path, text: str | bytes, said: tuple[str, ...]
) -> None:
    folder = tmp_path / "list"
    folder.mkdir()
    shutil.copy(hopper_path, folder / "a.jpg")
    manifest = folder / "manifest.csv"
    manifest.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = run_process("enrol", folder, *TERMS)
    assert (done.returncode, done.stdout) == (21, "")
    assert str(manifest) in done.stderr
    assert all(word in done.stderr for word in said), done.stderr
    assert _read_counts(home) == (0, 0)


def test_what_may_not_be_read_is_said_and_the_rest_enrolled(
    home: Path, tmp_path: Path, hopper_path: Path, closed: Any
) -> None:
    folder = tmp_path / "half open"
    for subject in ("Shut", "File", "Open"):
        (folder / subject).mkdir(parents=True)
        shutil.copy(hopper_path, folder / subject / "photo.jpg")
    closed(folder / "Shut", 0)
    closed(folder / "File" / "photo.jpg", 0)
    who = processes.as_somebody()
    done = run_process("enrol", folder, *TERMS, "--json", before=who)
    assert done.returncode == 4, done.stderr
    rows = {
        row["name"]: (row["status"], " ".join(reason["text"] for reason in row["reasons"]))
        for row in json.loads(done.stdout)["photos"]
    }
    assert rows["Open/photo.jpg"][0] == "enrolled"
    assert rows["Shut"] == (
        "unreadable",
        "Shut cannot be read (Permission denied); check that it is there and may be read.",
    )
    assert rows["File/photo.jpg"][0] == "unreadable"
    closed(folder, 0)
    done = run_process("enrol", folder, *TERMS, before=who)
    assert done.returncode == 20
    assert done.stderr == f"{folder} cannot be read (Permission denied); check that it is there and may be read.\n"


def test_a_report_that_cannot_be_written_is_said_before_anything_is_done(
    home: Path, tmp_path: Path, hopper_path: Path, closed: Any
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    closed(folder, 0o555)
    report = folder / "report.json"
    done = run_process("enrol", hopper_path, *TERMS, "--report", report, before=processes.as_somebody())
    assert done.returncode == 20
    assert str(report) in done.stderr
    assert _read_counts(home) == (0, 0)


def test_a_home_that_may_not_be_written_is_said(home: Path, tmp_path: Path, closed: Any) -> None:
    who = processes.as_somebody()
    held = sorted(path.name for path in home.iterdir())
    closed(home / "semblance.sqlite", 0o400)
    closed(home, 0o500)
    done = run_process("show", "node", before=who)
    assert (done.returncode, done.stdout) == (60, "")
    assert str(home / "semblance.sqlite") in done.stderr
    assert "written" in done.stderr
    done = run_process("init", "--home", home / "inside", before=who)
    assert done.returncode == 10
    assert "Name another folder" in done.stderr
    assert sorted(path.name for path in home.iterdir()) == held


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))


def test_a_full_disk_loses_nothing_that_was_committed(home: Path, tmp_path: Path, hopper_path: Path) -> None:
    folder = tmp_path / "many"
    for number in range(8):
        (folder / f"S{number}").mkdir(parents=True)
        image = Image.open(hopper_path).convert("RGB").rotate(number / 2)
        image.save(folder / f"S{number}" / "photo.jpg", quality=90)
    done = run_process("enrol", folder, *TERMS, "--workers", "1", prepare=_limit_files)
    assert done.returncode == 61, done.stderr
    assert str(home / "semblance.sqlite") in done.stderr
    assert "Make room" in done.stderr
    photos, references = _read_counts(home)
    assert photos == references < 8
    again = run_process("enrol", folder, *TERMS, "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout)["resumed"] == photos
    assert _read_counts(home) == (8, 8)


def test_another_packs_gallery_is_left_alone(home: Path, case: str, hopper_path: Path) -> None:
    emil = ("env", f"XDG_STATE_HOME={home.parent / 'state' / 'emil'}")
    assert run_process("enrol", hopper_path, *TERMS, before=emil).returncode == 0
    # as if it had been filled by another pack: this one's templates must not meet those
    with contextlib.closing(sqlite3.connect(home / "semblance.sqlite", isolation_level=None)) as connection:
        connection.execute("UPDATE gallery_state SET pack = ?, pack_name = 'older'", ("0" * 64,))
    for arguments, before in (
        (("enrol", hopper_path, "--subject", "B", *TERMS), emil),
        (("search", hopper_path, *ASKED), ()),
    ):
        done = run_process(*arguments, before=before)
        assert (done.returncode, done.stdout) == (50, "")
        assert "semblance models use older" in done.stderr
    assert _read_counts(home) == (1, 1)


@pytest.mark.parametrize("damage", ["garbage", "gone"])
def test_a_damaged_store_is_never_written_over(home: Path, damage: str) -> None:
    store = home / "semblance.sqlite"
    held = sorted(path.name for path in home.iterdir())
    data = os.urandom(50_000) if damage == "garbage" else b""
    store.write_bytes(data)
    done = run_process("show", "node", "--json")
    if damage == "gone":
        # an empty file is a new store, in which nobody has an account; that it was empty is said
        assert done.returncode == 41
        assert "a new one was made" in done.stderr
        return
    assert (done.returncode, done.stdout) == (60, "")
    assert str(store) in done.stderr
    assert "restore it from a copy" in done.stderr
    assert store.read_bytes() == data
    assert sorted(path.name for path in home.iterdir()) == held


@pytest.mark.parametrize("text", [b"name = ", b"\xff\xfen\0"])
def test_damaged_settings_are_named(home: Path, text: bytes) -> None:
    (home / "node.toml").write_bytes(text)
    done = run_process("show", "node")
    assert (done.returncode, done.stdout) == (10, "")
    assert str(home / "node.toml") in done.stderr
    assert done.stderr.count("\n") == 1
