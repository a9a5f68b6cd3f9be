from pathlib import Path

import pytest

from semblance.errors import ManifestError, UnreadableFile
from semblance.exchange.evaluation_set import read_evaluation_set

HEADER = "subject,path,role,age"


def write_set(folder: Path, text: str, *names: str, encoding: str = "utf-8") -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"a photo")
    (folder / "manifest.csv").write_bytes(text.encode(encoding))
    return folder


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ManifestError) as caught:
        read_evaluation_set(folder)
    assert str(folder / "manifest.csv") in str(caught.value)
    return tuple(map(str, caught.value.problems))


def test_rows_become_references_and_probes_with_labels(tmp_path: Path) -> None:
    text = f"{HEADER}\na,a/1.jpg,reference,30\n\na,a/2.jpg,probe,40\nb,b/1.jpg, probe ,\n"
    found = read_evaluation_set(write_set(tmp_path, text, "a/1.jpg", "a/2.jpg", "b/1.jpg"))
    assert [(p.subject, p.path) for p in found.references] == [("a", "a/1.jpg")]
    assert [(p.subject, p.path, dict(p.labels)) for p in found.probes] == [
        ("a", "a/2.jpg", {"age": "40"}),
        ("b", "b/1.jpg", {"age": ""}),
    ]
    assert found.labels == ("age",)
    assert found.load(found.probes[0]) == b"a photo"
    assert len(found.manifest_sha256) == 64


def test_columns_may_stand_in_any_order_and_a_byte_order_mark_is_no_name(tmp_path: Path) -> None:
    text = "\ufeffrole,sex,path,subject\r\nreference,F,a.jpg,a\r\nprobe,F,b.jpg,a\r\n"
    found = read_evaluation_set(write_set(tmp_path, text, "a.jpg", "b.jpg"))
    assert found.references[0].subject == "a"
    assert found.labels == ("sex",)


def test_every_problem_is_named_with_its_line(tmp_path: Path) -> None:
    text = "\n".join(
        [
            HEADER,
            "a,a.jpg,reference,1",
            "a,gone.jpg,probe,1",
            "b,../out.jpg,probe,1",
            "b,/etc/hostname,probe,1",
            "c,b.jpg,searched,1",
            "d,a.jpg,probe,1",
            ",c.jpg,probe,1",
            "e,d.jpg,probe,1,2",
            "f,,probe,1",
        ]
    )
    assert problems_of(write_set(tmp_path, text, "a.jpg", "b.jpg", "c.jpg", "d.jpg")) == (
        "line 9: 5 values stand under 4 columns",
    )
    text = text.replace("probe,1,2", "probe,1")
    assert problems_of(write_set(tmp_path, text)) == (
        "line 3: there is no file gone.jpg in the manifest's folder",
        "line 4: the path ../out.jpg leaves the manifest's folder; photos must lie inside it",
        "line 5: the path /etc/hostname leaves the manifest's folder; photos must lie inside it",
        "line 6: the role is 'searched'; it must be reference or probe",
        "line 7: a.jpg already stands on line 2; a photo is one row",
        "line 8: the subject is empty",
        "line 10: the path is missing",
    )


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.jpg").write_bytes(b"x")
    inside = tmp_path / "set"
    inside.mkdir()
    (inside / "link.jpg").symlink_to(tmp_path / "outside.jpg")
    assert problems_of(write_set(inside, f"{HEADER}\na,link.jpg,probe,1\n")) == (
        "line 2: the path link.jpg leaves the manifest's folder; photos must lie inside it",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{HEADER}\na,a.jpg,probe,1\n", "there is no reference"),
        (f"{HEADER}\na,a.jpg,reference,1\n", "there is no probe"),
        ("subject,path\na,a.jpg\n", "line 1: the column 'role' is missing"),
        ("", "line 1: the column 'subject' is missing"),
        ("subject,path,role,age,age\n", "line 1: the column 'age' appears twice"),
        ("subject,path,role,,age\na,a.jpg,reference,1,2\n", "line 2: a value stands in a column without a name"),
        (f'{HEADER}\na,"a.jpg,probe,1\n', "line 2: this is no CSV (unexpected end of data)"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_why(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in problems_of(write_set(tmp_path, text, "a.jpg"))


def test_what_a_spreadsheet_saves_is_read_as_a_manifest_of_photos_is(tmp_path: Path) -> None:
    text = f"sep=;\n{HEADER.replace(',', ';')};;\nJosé;A.JPG;reference;1;;\nJosé;@eaDir/a.jpg;probe\nJosé;b.jpg;probe\n"
    found = read_evaluation_set(write_set(tmp_path, text, "a.jpg", "b.jpg", encoding="cp1252"))
    assert [(photo.subject, photo.path, dict(photo.labels)) for photo in (*found.references, *found.probes)] == [
        ("José", "a.jpg", {"age": "1"}),
        ("José", "b.jpg", {"age": ""}),
    ]
    assert [note.identifier for note in found.notes] == ["operator.manifest.western", "strewn.passed-over"]


def test_a_folder_without_a_manifest_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"manifest\.csv"):
        read_evaluation_set(tmp_path)


def test_a_photo_that_vanished_is_said_by_its_path(tmp_path: Path) -> None:
    text = f"{HEADER}\na,a.jpg,reference,1\na,b.jpg,probe,1\n"
    found = read_evaluation_set(write_set(tmp_path, text, "a.jpg", "b.jpg"))
    (tmp_path / "b.jpg").unlink()
    with pytest.raises(UnreadableFile, match=r"^b\.jpg cannot be read"):
        found.load(found.probes[0])


def test_real_sets_are_read(test_data: Path) -> None:
    found = read_evaluation_set(test_data / "meds2")
    assert len(found.references) == 27
    assert len(found.probes) == 47
    assert "yaw" in found.labels
