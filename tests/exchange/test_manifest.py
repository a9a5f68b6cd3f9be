"""Manifests, good and bad; a bad one is refused as a whole with every problem in it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semblance.errors import ManifestError, UnreadableFile
from semblance.exchange.manifest import read_manifest

Write = Callable[[str | bytes], Path]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("A/1.jpg", "A/2.jpg", "B/1.jpg", "ü/ö.jpg"):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(name.encode())
    (tmp_path / "outside.jpg").write_bytes(b"outside")
    return tmp_path / "set"


@pytest.fixture
def write(photos: Path) -> Write:
    def write_manifest(content: str | bytes) -> Path:
        data = content.encode() if isinstance(content, str) else content
        path = photos / ("manifest.json" if data.lstrip()[:1] in (b"[", b"{") else "manifest.csv")
        path.write_bytes(data)
        return path

    return write_manifest


def problems_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(ManifestError) as caught:
        read_manifest(path)
    assert path.name in str(caught.value)
    assert caught.value.problems
    return tuple(map(str, caught.value.problems))


def test_all_columns(write: Write) -> None:
    intake = read_manifest(
        write("subject,path,captured,face,source,role\nA,A/1.jpg,2014-05,1,Passport office,reference\nB,B/1.jpg,,,,\n")
    )
    first, second = intake.items
    assert (first.subject_key, first.name, first.captured, first.face) == ("A", "A/1.jpg", "2014-05", 1)
    assert first.source == "Passport office"
    assert first.load() == b"A/1.jpg"
    assert (second.captured, second.face, second.source) == (None, None, None)


def test_json_is_the_same(write: Write) -> None:
    rows = [{"subject": "A", "path": "A/1.jpg", "captured": 2014, "face": 1}, {"subject": "B", "path": "B/1.jpg"}]
    plain = read_manifest(write(json.dumps(rows)))
    wrapped = read_manifest(write(json.dumps({"photos": rows})))
    assert [(item.subject_key, item.name, item.captured, item.face) for item in plain.items] == [
        ("A", "A/1.jpg", "2014", 1),
        ("B", "B/1.jpg", None, None),
    ]
    assert [item.name for item in wrapped.items] == ["A/1.jpg", "B/1.jpg"]


@pytest.mark.parametrize(
    "content", ["\ufeffSubject, Path\r\nü,ü/ö.jpg\r\n\r\n", "subject;path\nü;ü/ö.jpg", "subject\tpath\nü\tü\\ö.jpg\n"]
)
def test_what_spreadsheets_write(write: Write, content: str) -> None:
    (item,) = read_manifest(write(content)).items
    assert (item.subject_key, item.name, item.load()) == ("ü", "ü/ö.jpg", "ü/ö.jpg".encode())


def test_probes_and_labels_are_left_out_and_that_is_said(write: Write) -> None:
    intake = read_manifest(
        write(
            "subject,path,role,captured,age,gender\nA,A/1.jpg,reference,2014,38,female\nA,A/2.jpg,probe,2024,48,female\n"
        )
    )
    assert [item.name for item in intake.items] == ["A/1.jpg"]
    assert len(intake.notes) == 2
    assert "1 rows are probes" in str(intake.notes[0])
    assert "age, gender" in str(intake.notes[1])


def test_every_problem_is_named_at_once(write: Write) -> None:
    found = problems_of(
        write(
            "subject,path,captured,face,role,weight\n"
            "A,A/1.jpg,17.May 2014,,,\n"
            "A,A/3.jpg,,,,\n"
            ",A/2.jpg,,,,\n"
            "B,B/1.jpg,,-1,,\n"
            "B,B/1.jpg,,,,\n"
            "B,../outside.jpg,,,,\n"
            "B,,,,boss,\n"
            "A,A/1.jpg,2999,,,\n"
        )
    )
    text = "\n".join(found)
    for words in (
        "the column 'weight' is unknown",
        "line 2: captured '17.May 2014' is no date",
        "line 3: there is no file A/3.jpg",
        "line 4: the subject has no name",
        "line 5: face '-1' is not the number of a face",
        "line 6: B/1.jpg stands under 'B' in line 5 already",
        "line 7: the path ../outside.jpg leaves the manifest's folder",
        "line 8: the role 'boss'",
        "line 8: the path is missing",
        "line 9: captured '2999'",
        "line 9: A/1.jpg stands under 'A' in line 2 already",
    ):
        assert words in text, words
    assert len(found) == 11


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../outside.jpg", "A/../../outside.jpg", "C:\\x.jpg", "A/link.jpg", "..\\outside.jpg"]
)
def test_paths_never_leave_the_folder(write: Write, photos: Path, name: str) -> None:
    (photos / "A" / "link.jpg").symlink_to(photos.parent / "outside.jpg")
    (problem,) = problems_of(write(f"subject,path\nA,{name}\n"))
    assert "leaves the manifest's folder" in problem


def test_a_column_that_is_nearly_right_is_recognised(write: Write) -> None:
    found = problems_of(write("subjct,path\nA,A/1.jpg\n"))
    assert "the column 'subject' is missing" in found
    assert any("is it 'subject'?" in problem for problem in found)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("subject,path\n\u0418\u0432\u0430\u043d,A/1.jpg\n".encode("cp1251"), "line 2: byte 0xc8 is neither UTF-8"),
        (b"subject,path\nA\x81,A/1.jpg\n", "line 2: byte 0x81 is neither UTF-8 nor western"),
        ("subject,path\nA,A/1.jpg\n".encode("utf-16")[:-1], "line 2: it says it is UTF-16, and is damaged here"),
        (b"subject,path\nA,A/1\0.jpg\n", "line 2: a NUL character"),
        (b"", "no photos"),
        (b"subject,path\n", "no photos"),
        (b"subject,path\nA\n", "line 2: the path is missing"),
        (b"subject,path\nA,A/1.jpg,more\n", "line 2: 3 values"),
        (b'subject,path\nA,"A/1.jpg\n', "line 2"),
        (b"subject,subject,path\nA,B,A/1.jpg\n", "the column 'subject' appears twice"),
        (b"[1, 2]", "line 1: it is no object"),
        (b'{"people": []}', "no list of photos"),
        (b'[{"subject": "A", "path": "A/1.jpg"', "delimiter"),
        (b'[{"subject": ["A"], "path": true}]', "neither text nor a whole number"),
        (b"[]", "no photos"),
        (b"[" * 100_000, "recursion"),
    ],
)
def test_bad_files(write: Write, content: bytes, words: str) -> None:
    assert words in "\n".join(problems_of(write(content)))


def test_the_sentence_shows_some_and_counts_the_rest(write: Write) -> None:
    path = write("subject,path\n" + "".join(f"A,missing{n}.jpg\n" for n in range(20)))
    with pytest.raises(ManifestError, match="and 15 more") as caught:
        read_manifest(path)
    assert len(caught.value.problems) == 20


def test_a_missing_manifest(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_manifest(tmp_path / "manifest.csv")


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_cause_anything_but_a_manifest_error(photos: Path, data: bytes) -> None:
    for name in ("any.csv", "any.json"):
        (photos / name).write_bytes(data)
        with pytest.raises(ManifestError):
            read_manifest(photos / name)


def test_the_manifests_of_real_sets_are_taken(test_data: Path) -> None:
    intake = read_manifest(test_data / "congress" / "manifest.csv")
    assert len(intake.items) == 412
    assert tuple(map(str, intake.notes)) == (
        "214 rows are probes: they are for searching and were not taken into the gallery",
    )
