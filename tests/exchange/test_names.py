"""One name, written in every way that systems write it: in archives, folders and manifests it finds the same file."""

import json
import os
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest
from tests.exchange.interpol_notices.test_notices import open_, read, write
from tests.notices import make_notice

from semblance.errors import ArchiveUnsafe, ManifestError
from semblance.exchange.archive import Archive
from semblance.exchange.interpol_notices.notices import FaultyNotice, Notice
from semblance.exchange.manifest import read_manifest

NAME = "Müller É"
DECOMPOSED = unicodedata.normalize("NFD", NAME)


def pack(path: Path, *entries: tuple[bytes, bytes], flag: bool = False, extra: bytes = b"") -> Path:
    """Write a zip file whose names are these bytes, as tools do that think of no other system."""
    with zipfile.ZipFile(path, "w") as made:
        for number, (name, data) in enumerate(entries):
            # of the same length, and put in its place afterwards
            info = zipfile.ZipInfo(placeholder(number, name))
            info.extra = extra
            made.writestr(info, data)
    written = bytearray(path.read_bytes())
    for number, (name, _) in enumerate(entries):
        old, start = placeholder(number, name).encode(), 0
        while (place := written.find(old, start)) >= 0:
            written[place : place + len(name)] = name
            start = place + len(name)
    if flag:
        for mark, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
            start = 0
            while (place := written.find(mark, start)) >= 0:
                written[place + at] |= 8
                start = place + 4
    path.write_bytes(written)
    return path


def placeholder(number: int, name: bytes) -> str:
    return chr(ord("p") + number) * len(name)


def notices_of(path: Path, folder: bytes, picture: bytes, *, flag: bool) -> Path:
    notice = json.dumps(make_notice(1, pictures=[NAME])).encode()
    return pack(path, (folder + b"notice.json", notice), (folder + picture, b"jpeg"), flag=flag)


WRITTEN = {
    "macOS, decomposed and without a flag": (b"red/", f"{DECOMPOSED}.jpg".encode(), False),
    "macOS, with the flag": (b"red/", f"{DECOMPOSED}.jpg".encode(), True),
    "UTF-8 without a flag": (b"red/", f"{NAME}.jpg".encode(), False),
    "Windows, backslashes": (b"red\\", f"{NAME}.jpg".encode("cp437"), False),
    "Windows, western code page": (b"red/", f"{NAME}.jpg".encode("cp1252"), False),
    "Windows, multilingual code page": (b"red/", f"{NAME}.jpg".encode("cp850"), False),
    "other capitals": (b"red/", f"{NAME.upper()}.JPG".encode(), True),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_an_image_is_found_however_the_archive_writes_its_name(tmp_path: Path, how: str) -> None:
    folder, picture, flag = WRITTEN[how]
    with open_(notices_of(tmp_path / "n.zip", folder, picture, flag=flag)) as notices:
        (found,) = notices
        assert isinstance(found, Notice), found
        assert [image.load() for image in found.images] == [b"jpeg"]


def test_backslashes_are_folders(tmp_path: Path) -> None:
    notice = json.dumps(make_notice(1, pictures=["100"])).encode()
    path = pack(tmp_path / "n.zip", (b"red\\1.json", notice), (b"images\\", b""), (b"images\\100.jpg", b"jpeg"))
    with Archive(path) as archive:
        assert [entry.name for entry in archive.entries] == ["images/100.jpg", "red/1.json"]
        assert archive.read("images/100.jpg") == b"jpeg"
    (found,) = read(path)
    assert isinstance(found, Notice)
    twice = pack(tmp_path / "twice.zip", (b"red\\1.json", b"{}"), (b"red/1.json", b"{}"))
    with pytest.raises(ArchiveUnsafe, match="stands in it 2 times"):
        Archive(twice)


def test_the_unicode_path_of_an_entry_is_its_name_where_it_is_of_that_name(tmp_path: Path) -> None:
    raw, real = b"M_ller.jpg", "Müller.jpg".encode()
    field = struct.pack("<BL", 1, zlib.crc32(raw)) + real
    for checksum, name in ((True, "Müller.jpg"), (False, "M_ller.jpg")):
        extra = struct.pack("<HH", 0x7075, len(field)) + (field if checksum else b"\x01\0\0\0\0" + real)
        with Archive(pack(tmp_path / f"{checksum}.zip", (raw, b"x"), extra=extra)) as archive:
            assert [entry.name for entry in archive.entries] == [name]
    outside = struct.pack("<BL", 1, zlib.crc32(raw)) + b"../out.jpg"
    extra = struct.pack("<HH", 0x7075, len(outside)) + outside
    with pytest.raises(ArchiveUnsafe, match="leads out of the folder"):
        Archive(pack(tmp_path / "out.zip", (raw, b"x"), extra=extra))


def test_of_names_that_differ_in_capitals_the_exact_one_is_meant_and_else_none(tmp_path: Path) -> None:
    for name in ("a1.jpg", "A1.jpg"):
        write(tmp_path, name, name.encode())
    write(tmp_path, "n.json", make_notice(1, pictures=["A1"]))
    (exact,) = read(tmp_path)
    assert isinstance(exact, Notice)
    assert exact.images[0].name == "A1.jpg"
    write(tmp_path, "B1.jpg", b"x")
    write(tmp_path, "b1.JPG", b"x")
    write(tmp_path, "n.json", make_notice(1, pictures=["B1.JPG"]))
    (unclear,) = read(tmp_path)
    assert isinstance(unclear, FaultyNotice)
    assert "may be any of B1.jpg, b1.JPG" in str(unclear.problems[0])


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("A/Müller.jpg", unicodedata.normalize("NFD", "A/Müller.jpg").encode()),
        (unicodedata.normalize("NFD", "A/Müller.jpg"), "A/Müller.jpg".encode()),
        ("a\\MÜLLER.JPG", "A/Müller.jpg".encode()),
        ("A/Müller.jpg", "A/Müller.jpg".encode("cp1252")),
        ("A/Müller.jpg", "A/Müller.jpg".encode("cp437")),
        ("./A//Müller.jpg", "A/Müller.jpg".encode()),
    ],
)
def test_a_manifest_names_files_as_people_see_them(tmp_path: Path, path: str, file: bytes) -> None:
    place = os.fsencode(tmp_path) + b"/" + file
    os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120 - a name that is no text
    Path(os.fsdecode(place)).write_bytes(b"jpeg")
    (tmp_path / "manifest.csv").write_text(f"subject,path\nA,{path}\n", encoding="utf-8")
    (item,) = read_manifest(tmp_path / "manifest.csv").items
    assert item.load() == b"jpeg"


def test_a_manifest_that_may_mean_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("x.JPG", "X.jpg"):
        write(tmp_path, f"A/{name}", b"x")
    (tmp_path / "manifest.csv").write_text("subject,path\nA,A/x.jpg\n")
    with pytest.raises(ManifestError, match=r"may be any of A/X\.jpg, A/x\.JPG"):
        read_manifest(tmp_path / "manifest.csv")
