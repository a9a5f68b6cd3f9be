"""Deleting: everything at once, and nowhere left in the files."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from semblance.errors import NotFound, PolicyError
from semblance.exchange.intake import IntakeItem
from semblance.store import gallery
from semblance.workflows.delete import delete_subject
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.node import Node
from semblance.workflows.show import describe_node, describe_subject, read_photo

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]


def templates(node: Node) -> list[bytes]:
    with node.store.reading() as tx:
        return [row.template.values for rows in gallery.iterate_references(tx, after=0) for row in rows]


def test_the_receipt_counts_what_went(node: Node, draw: Draw, item: MakeItem) -> None:
    items = [
        item("A", "A/1.jpg", draw("A")),
        item("A", "A/2.jpg", draw("A", take=2)),
        item("A", "A/group.jpg", draw("A", "X", "Y")),
        item("A", "A/none.jpg", draw()),
        item("B", "B/1.jpg", draw("B")),
    ]
    report = enrol_photos(node, items, person="Emil")
    receipt = delete_subject(node, "A", person="Dora", reason="Erasure was asked for")
    assert (receipt.photos, receipt.faces, receipt.references, receipt.outcomes) == (3, 5, 2, 4)
    assert receipt.files_cleared
    assert (receipt.person, receipt.reason, receipt.subject_key) == ("Dora", "Erasure was asked for", "A")
    with pytest.raises(NotFound):
        describe_subject(node, "A")
    assert report.rows[0].photo is not None
    with pytest.raises(NotFound):
        read_photo(node, report.rows[0].photo)
    summary = describe_node(node)
    assert (summary.subjects, summary.photos, summary.references) == (1, 1, 1)
    # nothing is remembered: enrolling again starts from nothing
    again = enrol_photos(node, items, person="Emil")
    assert again.resumed == 1


def test_what_is_only_remembered_of_refused_photos_is_deleted_too(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol_photos(node, [item("A", "A/none.jpg", draw())], person="Emil")
    receipt = delete_subject(node, "A", person="Dora", reason="Erasure was asked for")
    assert (receipt.subject, receipt.photos, receipt.outcomes) == (None, 0, 1)
    with pytest.raises(NotFound, match="Nothing is held"):
        delete_subject(node, "A", person="Dora", reason="Erasure was asked for")


def test_a_deletion_says_who_and_why(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol_photos(node, [item("A", "A/1.jpg", draw("A"))], person="Emil")
    with pytest.raises(PolicyError):
        delete_subject(node, "A", person="Dora", reason=" ")
    assert describe_node(node).references == 1


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_no_byte_of_a_deleted_subject_is_left_in_the_files(
    node: Node, tmp_path: Path, draw: Draw, item: MakeItem
) -> None:
    secret = draw("A", take=77, padding=30_000) + b"MARK-OF-THE-PHOTO" * 200
    others = [item(f"S{n}", f"S{n}.jpg", draw(f"S{n}", padding=9000)) for n in range(30)]
    enrol_photos(node, [*others[:15], item("Secret-Key", "secret-name.jpg", secret), *others[15:]], person="Emil")
    gone = templates(node)[15]
    marks = [b"MARK-OF-THE-PHOTO", gone, gone[:32], b"Secret-Key", b"secret-name"]

    def held(mark: bytes) -> bool:
        return any(mark in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())

    assert all(held(mark) for mark in marks)
    receipt = delete_subject(node, "Secret-Key", person="Dora", reason="Erasure was asked for")
    assert receipt.files_cleared
    assert [mark for mark in marks if held(mark)] == []
    check = sqlite3.connect(tmp_path / "store.db")
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()
