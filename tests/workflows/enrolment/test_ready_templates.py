"""Photos that bring their templates: nothing is encoded, and a template that is another photo's is noticed."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.workflows import stand_in
from tests.workflows.record_acts import enrol
from tests.workflows.searching import search

from semblance.errors import ManifestError, PackConflict
from semblance.exchange.intake import Intake, IntakeItem
from semblance.exchange.manifest import read_manifest
from semblance.gallery.outcome import IntakeStatus
from semblance.node.node import Node
from semblance.search.embedded.saving import read_frame
from semblance.search.template_file import open_template_file
from semblance.store import templates
from semblance.workflows.enrolment import attach_templates as attaching
from semblance.workflows.enrolment.attach_templates import attach_templates

Draw = Callable[..., bytes]
NAMES = [f"S{n}" for n in range(12)]
PACK = stand_in.StandInExtractor()


class Counting(stand_in.StandInExtractor):
    """Counts what it encodes."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded = 0

    def locate(self, data: bytes, **named: Any) -> Any:
        found = super().locate(data, **named)
        self.encoded -= found.chosen is not None
        return found

    def _encode(self, person: str, data: bytes) -> Any:
        self.encoded += 1
        return super()._encode(person, data)


@pytest.fixture
def node(make_node: Callable[..., Node]) -> Node:
    return make_node(Counting())


def make_values(draw: Draw, names: list[str]) -> np.ndarray:
    rows = [PACK.extract(draw(name), name=name).template for name in names]
    return np.stack([np.frombuffer(row.values, dtype="<f4") for row in rows if row is not None])


def write_manifest(folder: Path, **said: Any) -> Path:
    path = folder / "templates.json"
    path.write_text(json.dumps({"pack": PACK.digest, "metric": "cosine", "file": "t.npy", **said}))
    return path


def write_numpy(folder: Path, values: np.ndarray, **said: Any) -> Path:
    np.save(folder / "t.npy", values)
    return write_manifest(folder, **said)


def hand_in(draw: Draw, rows: list[int | None] | None = None) -> Intake:
    def load(name: str) -> Callable[[], bytes]:
        return lambda: draw(name)

    places = rows or [None] * len(NAMES)
    return Intake(
        tuple(IntakeItem(name, f"{name}.jpg", load(name), row=row) for name, row in zip(NAMES, places, strict=True))
    )


def read_stored(node: Node) -> list[bytes]:
    with node.store.reading() as tx:
        return [row.template.values for rows in templates.iterate_references(tx, after=0) for row in rows]


DAMAGED = {
    "a header that is no Python": b"{'descr': (",
    "an open bracket": b"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4",
    "a text that does not end": b"{'descr': '<f4",
    "indented": b"  x\n y",
    "nested": b"(" * 3000,
    "no dictionary": b"7",
    "a huge shape": b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }",
    "a negative shape": b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4), }",
    "objects": b"{'descr': '|O', 'fortran_order': False, 'shape': (3, 4), }",
}


@pytest.mark.parametrize("header", DAMAGED)
def test_a_matrix_with_a_damaged_header_is_refused_in_words(tmp_path: Path, header: str) -> None:
    """The header is Python source, and whatever reading such raises ends in one error."""
    text = DAMAGED[header] + b"\n"
    (tmp_path / "t.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(48))
    with pytest.raises(ManifestError, match=r"t\.npy is no NumPy matrix"):
        open_template_file(write_manifest(tmp_path))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("said.npy", (tmp_path / "t.npy").read_bytes())
    for data in (archive.getvalue(), archive.getvalue()[:60], (tmp_path / "t.npy").read_bytes(), b"PK\x03\x04"):
        with pytest.raises(ValueError, match="index"):
            read_frame(data)
        (tmp_path / "t.npy").write_bytes(data)
        with pytest.raises(ManifestError):
            open_template_file(write_manifest(tmp_path))


@pytest.mark.parametrize("form", ["npy", "parquet"])
def test_templates_are_taken_as_they_came(node: Node, draw: Draw, tmp_path: Path, form: str) -> None:
    values = make_values(draw, NAMES)
    if form == "npy":
        file = write_numpy(tmp_path, values.astype(np.float64))
    else:
        pyarrow = pytest.importorskip(
            "pyarrow", reason="pyarrow is not installed: pip install 'semblance-faces[parquet]'"
        )
        from pyarrow import parquet

        table = pyarrow.table({"id": NAMES, "numbers": [row.tolist() for row in values]})
        parquet.write_table(table, tmp_path / "t.parquet", row_group_size=5)
        file = write_manifest(tmp_path, file="t.parquet", column="numbers")
    report = enrol(node, attach_templates(hand_in(draw), open_template_file(file), node.extractor).items)
    assert report.counts[IntakeStatus.ENROLLED] == 12
    assert read_stored(node) == [row.tobytes() for row in values]
    assert isinstance(node.extractor, Counting)
    assert node.extractor.encoded == 4
    assert search(node, draw("S7", take=3)).candidates[0].number == "S7"
    again = enrol(node, attach_templates(hand_in(draw), open_template_file(file), node.extractor).items)
    assert again.resumed == 12


def test_rows_are_found_by_the_number_that_the_manifest_says(node: Node, draw: Draw, tmp_path: Path) -> None:
    order = [11, 3, 0, 1, 2, 4, 5, 10, 9, 8, 7, 6]
    values = make_values(draw, NAMES)
    mixed = np.empty_like(values)
    mixed[order] = values
    file = open_template_file(write_numpy(tmp_path, mixed))
    enrol(node, attach_templates(hand_in(draw, list(order)), file, node.extractor).items)
    assert read_stored(node) == [row.tobytes() for row in values]


def test_a_manifest_says_rows(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    path = tmp_path / "manifest.csv"
    path.write_text("subject,path,row\nA,a.jpg,17\n")
    assert read_manifest(path).items[0].row == 17
    path.write_text("subject,path,row\nA,a.jpg,-1\n")
    with pytest.raises(ManifestError, match="not the number of a row"):
        read_manifest(path)


def test_rows_in_another_order_end_the_enrolment_before_anything_is_kept(
    node: Node, draw: Draw, tmp_path: Path
) -> None:
    values = make_values(draw, NAMES)[::-1]
    intake = attach_templates(hand_in(draw), open_template_file(write_numpy(tmp_path, values)), node.extractor)
    with pytest.raises(ManifestError, match="another order"):
        enrol(node, intake.items)
    assert read_stored(node) == []


def test_one_strange_row_among_many_is_found_where_it_is_looked_for(
    node: Node, draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attaching, "_CHECKED_EVERY", 5)
    values = make_values(draw, NAMES)
    values[10] = values[11]
    intake = attach_templates(hand_in(draw), open_template_file(write_numpy(tmp_path, values)), node.extractor)
    with pytest.raises(ManifestError, match=r"came with S10\.jpg"):
        enrol(node, intake.items, workers=1)


def test_a_row_that_is_no_template_is_refused_and_the_others_are_taken(node: Node, draw: Draw, tmp_path: Path) -> None:
    values = make_values(draw, NAMES)
    values[5] = np.nan
    values[6] *= 1.5
    intake = attach_templates(hand_in(draw), open_template_file(write_numpy(tmp_path, values)), node.extractor)
    report = enrol(node, intake.items)
    assert report.counts[IntakeStatus.ENROLLED] == 10
    unreadable = [row for row in report.rows if row.status is IntakeStatus.UNREADABLE]
    assert {row.name: tuple(map(str, row.reasons)) for row in unreadable} == {
        "S5.jpg": ("Row 5 of t.npy holds numbers that are not finite.",),
        "S6.jpg": ("Row 6 of t.npy has the length 1.5; a template has 1.",),
    }


@pytest.mark.parametrize(
    ("said", "shape", "error", "words"),
    [
        ({"pack": "0" * 64}, (12, 32), PackConflict, "enrol the photos without --templates"),
        ({}, (12, 16), PackConflict, "16 numbers"),
        ({"metric": "euclidean"}, (12, 32), PackConflict, "euclidean"),
        ({}, (11, 32), ManifestError, "rows beyond the 11"),
        ({}, (12,), ManifestError, "no matrix"),
        ({"file": "other.npy"}, (12, 32), ManifestError, "no such file"),
        ({"file": "../t.npy"}, (12, 32), ManifestError, "no such file"),
        ({"pack": "xyz"}, (12, 32), ManifestError, "64 digits"),
        ({"metric": "angle"}, (12, 32), ManifestError, "cosine or euclidean"),
        ({"rows": 3}, (12, 32), ManifestError, "nothing else"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_before_anything(
    draw: Draw, tmp_path: Path, said: Any, shape: Any, error: type[Exception], words: str
) -> None:
    file = write_numpy(tmp_path, np.full(shape, 0.1, dtype=np.float32), **said)
    with pytest.raises(error, match=words):
        attach_templates(hand_in(draw), open_template_file(file), PACK)


def test_files_that_are_none(tmp_path: Path, draw: Draw) -> None:
    path = write_manifest(tmp_path)
    (tmp_path / "t.npy").write_bytes(b"no matrix")
    with pytest.raises(ManifestError, match="no NumPy matrix"):
        open_template_file(path)
    (tmp_path / "t.txt").write_bytes(b"x")
    with pytest.raises(ManifestError, match="neither"):
        open_template_file(write_manifest(tmp_path, file="t.txt"))
    path.write_text("[]")
    with pytest.raises(ManifestError, match="must say pack"):
        open_template_file(path)
    path.write_text("{")
    with pytest.raises(ManifestError, match="JSON"):
        open_template_file(path)
    file = open_template_file(write_numpy(tmp_path, make_values(draw, NAMES)))
    with pytest.raises(ManifestError, match="same row"):
        attach_templates(hand_in(draw, [3] * 12), file, PACK)


def test_a_parquet_table_that_does_not_fit(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'semblance-faces[parquet]'")
    from pyarrow import parquet

    (tmp_path / "t.parquet").write_bytes(b"no table")
    manifest = write_manifest(tmp_path, file="t.parquet")
    with pytest.raises(ManifestError, match="no Parquet table"):
        open_template_file(manifest)
    for column, words in (("other", "no column 'template'"), ("template", "no Parquet table with rows of numbers")):
        parquet.write_table(pyarrow.table({column: ["a", "b"]}), tmp_path / "t.parquet")
        with pytest.raises(ManifestError, match=words):
            open_template_file(manifest)
