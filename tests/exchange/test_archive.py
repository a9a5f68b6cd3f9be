"""Zip files that mean harm, each built by hand, and one that does not."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from semblance.errors import ArchiveUnsafe, UnreadableFile
from semblance.exchange.archive import Archive, ArchiveCaps

Build = Callable[[zipfile.ZipFile], None]


def make_zip(path: Path, build: Build) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        build(made)
    return path


def refusal(path: Path, caps: ArchiveCaps | None = None) -> str:
    with pytest.raises(ArchiveUnsafe) as caught:
        (Archive(path, caps) if caps else Archive(path)).close()
    assert "nothing was imported" in str(caught.value)
    return "; ".join(map(str, caught.value.problems))


def test_what_is_in_it_is_read_where_it_stands(tmp_path: Path) -> None:
    def build(made: zipfile.ZipFile) -> None:
        made.mkdir("images")
        made.writestr("images/b.jpg", b"b" * 700_000)
        made.writestr("a.json", b"{}")

    before = set(tmp_path.iterdir())
    path = make_zip(tmp_path / "notices.zip", build)
    with Archive(path) as archive:
        assert [(entry.name, entry.size) for entry in archive.entries] == [("a.json", 2), ("images/b.jpg", 700_000)]
        assert archive.read("images/b.jpg") == b"b" * 700_000
        assert b"".join(archive.iterate_bytes("a.json")) == b"{}"
    assert set(tmp_path.iterdir()) == before | {path}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../outside.json", "leads out of the folder"),
        ("notices/../../outside.json", "leads out of the folder"),
        ("/etc/cron.d/notice.json", "leads out of the folder"),
        ("C:/windows/notice.json", "leads out of the folder"),
        ("c:notice.json", "leads out of the folder"),
        ("..\\outside.json", "leads out of the folder"),
        ("\\\\server\\share\\notice.json", "leads out of the folder"),
        ("more.zip", "archive inside the archive"),
        ("images/more.TAR", "archive inside the archive"),
    ],
)
def test_a_name_that_leads_out_or_in_again_is_refused(tmp_path: Path, name: str, words: str) -> None:
    said = refusal(make_zip(tmp_path / "x.zip", lambda made: made.writestr(zipfile.ZipInfo(name), b"{}")))
    assert words in said


def test_a_name_cut_by_a_nul_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", lambda made: made.writestr("notice.json+.exe", b"{}"))
    path.write_bytes(path.read_bytes().replace(b"notice.json+.exe", b"notice.json\0.exe"))
    assert "name that cannot be one" in refusal(path)


@pytest.mark.parametrize(
    ("kind", "words"), [(stat.S_IFLNK, "is a link"), (stat.S_IFIFO, "neither a file nor a folder")]
)
def test_links_and_pipes_are_refused(tmp_path: Path, kind: int, words: str) -> None:
    def build(made: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("images/1.jpg")
        info.create_system, info.external_attr = 3, (kind | 0o777) << 16
        made.writestr(info, b"/etc/passwd")

    assert words in refusal(make_zip(tmp_path / "x.zip", build))


def test_what_is_encrypted_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", lambda made: made.writestr("a.json", b"{}"))
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refusal(path)


def test_a_way_of_packing_that_unpacks_without_bounds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("a.json", b"{}")
    assert "packed in a way that is not read here" in refusal(path)


def test_an_entry_that_expands_without_end_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", lambda made: made.writestr("a.json", bytes(50_000_000)))
    assert path.stat().st_size < 100_000
    assert "more than 200 times its size" in refusal(path)


def test_each_cap_is_kept(tmp_path: Path) -> None:
    def build(made: zipfile.ZipFile) -> None:
        for number in range(5):
            made.writestr(f"{number}.json", bytes(range(200)) * 5)

    path = make_zip(tmp_path / "x.zip", build)
    assert "it has 5 entries; 4 are allowed" in refusal(path, ArchiveCaps(entries=4))
    assert "unpacks to 1000 bytes; 999 bytes are allowed" in refusal(path, ArchiveCaps(entry_bytes=999))
    assert "unpacks to 5000 bytes; 4999 bytes are allowed" in refusal(path, ArchiveCaps(total_bytes=4999))
    assert "entries" in refusal(path, ArchiveCaps(contents_bytes=20))
    Archive(path, ArchiveCaps(entries=5, entry_bytes=1000, total_bytes=5000)).close()


def lie(path: Path, name: bytes, *, size: int, crc: int | None = None) -> None:
    """Let both headers of the entry say another size, and if wanted another checksum."""
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        place = data.index(mark)
        if crc is not None:
            struct.pack_into("<L", data, place + at, crc)
        struct.pack_into("<L", data, place + at + 8, size)
    assert name in data
    path.write_bytes(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_header_that_says_too_little_is_found_out_while_unpacking(tmp_path: Path, method: int) -> None:
    content = bytes(range(256)) * 40
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("a.json", content)
    # the checksum fits the beginning, so that it alone would not tell
    lie(path, b"a.json", size=100, crc=zlib.crc32(content[:100]))
    with Archive(path) as archive, pytest.raises(ArchiveUnsafe, match=r"unpacks to more than the 100 bytes|damaged"):
        archive.read("a.json")


def test_a_header_that_says_too_much_is_found_out(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", lambda made: made.writestr("a.json", b"{}"))
    lie(path, b"a.json", size=900)
    with Archive(path) as archive, pytest.raises(ArchiveUnsafe, match="says it has 900 bytes and has 2"):
        archive.read("a.json")


def test_bytes_that_were_changed_are_found_out(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.json", b'{"entity_id": "1"}')
    path.write_bytes(path.read_bytes().replace(b'"1"', b'"2"'))
    with Archive(path) as archive, pytest.raises(ArchiveUnsafe, match="damaged"):
        archive.read("a.json")


def test_an_archive_under_another_name_is_refused_when_it_is_read(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as made:
        made.writestr("a.json", b"{}")
    path = make_zip(tmp_path / "x.zip", lambda made: made.writestr("images/1.jpg", inner.getvalue()))
    with Archive(path) as archive, pytest.raises(ArchiveUnsafe, match="archive inside the archive"):
        archive.read("images/1.jpg")


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    def build(made: zipfile.ZipFile) -> None:
        made.writestr("a.json", bytes(range(256)) * 8)
        made.writestr("b.json", bytes(range(256)) * 8)

    path = make_zip(tmp_path / "x.zip", build)
    data = bytearray(path.read_bytes())
    second = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, second + 42, 10)
    path.write_bytes(data)
    assert "lies over another entry" in refusal(path)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    def build(made: zipfile.ZipFile) -> None:
        made.writestr("a.json", b"{}")
        made.writestr("b.json", b"[]")

    path = make_zip(tmp_path / "x.zip", build)
    path.write_bytes(path.read_bytes().replace(b"b.json", b"a.json"))
    assert "stands in it 2 times" in refusal(path)


def test_every_entry_at_fault_is_named(tmp_path: Path) -> None:
    def build(made: zipfile.ZipFile) -> None:
        for name in ("../1.json", "/2.json", "3.zip"):
            made.writestr(zipfile.ZipInfo(name), b"{}")

    with pytest.raises(ArchiveUnsafe) as caught:
        Archive(make_zip(tmp_path / "x.zip", build))
    assert [str(problem).split(" ")[0] for problem in caught.value.problems] == ["../1.json", "/2.json", "3.zip"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all", bytes(200)])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert "damaged or no zip file" in refusal(path)


def test_a_torn_zip_is_refused_at_every_place(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", lambda made: made.writestr("a.json", b'{"entity_id": "1"}'))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ArchiveUnsafe):
            Archive(path).close()


def test_a_table_of_contents_beyond_the_cap_is_not_even_read(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", lambda made: made.writestr("a.json", b"{}"))
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<L", data, end + 12, 2**31)
    path.write_bytes(data)
    assert "entries" in refusal(path)


def test_a_zip_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        Archive(tmp_path / "none.zip")
