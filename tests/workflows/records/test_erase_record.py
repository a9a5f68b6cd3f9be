"""Erasing: everything at once, nowhere left in the files, and unreadable in every copy made before."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.cast import ALICE, DORA, EMIL, FR
from tests.workflows.record_acts import TERMS, catch_refusal, enrol, erase, find_id, list_photos, look

from semblance.audit.entry import opens, read_entry
from semblance.errors import Conflict, KeyDestroyed, NotFound, PolicyError, VerificationError
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import ImageSource, Personal, RecordDraft
from semblance.node.node import Node
from semblance.store import ledger, photos, records, templates
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.terms.record import RecordKind
from semblance.workflows.records.erase_record import erase_intake, erase_record
from semblance.workflows.records.read_record import find_record_id, read_photo

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]


def read_values(node: Node) -> list[bytes]:
    with node.store.reading() as tx:
        return [row.template.values for rows in templates.iterate_references(tx, after=0) for row in rows]


def test_the_receipt_counts_what_went(node: Node, draw: Draw, item: MakeItem) -> None:
    items = [
        item("A", "A/1.jpg", draw("A")),
        item("A", "A/2.jpg", draw("A", take=2)),
        item("A", "A/group.jpg", draw("A", "X", "Y")),
        item("A", "A/none.jpg", draw()),
        item("B", "B/1.jpg", draw("B")),
    ]
    report = enrol(node, items)
    subject = find_id(node, "A")
    receipt = erase(node, "A")
    assert (receipt.photos, receipt.faces, receipt.references, receipt.outcomes) == (3, 5, 2, 4)
    assert receipt.versions == 1
    assert receipt.files_cleared
    assert (receipt.person, receipt.reason, receipt.number) == ("emil", "Erasure was asked for", "A")
    with pytest.raises(NotFound):
        find_record_id(node, EMIL, "A")
    with pytest.raises(NotFound):
        erase_record(node, EMIL, subject, reason="again")
    assert report.rows[0].photo is not None
    with pytest.raises(NotFound):
        read_photo(node, EMIL, report.rows[0].photo)
    summary = look(node)
    assert (summary.records, summary.photos, summary.references) == (1, 1, 1)
    # nothing is remembered: enrolling again starts from nothing
    again = enrol(node, items)
    assert again.resumed == 1
    assert find_id(node, "A") != subject


def test_the_ledger_proves_the_erasure(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("A", "A/1.jpg", draw("A"))])
    subject = find_id(node, "A")
    receipt = erase(node, "A")
    with node.store.reading() as tx:
        data = ledger.read_data(tx, receipt.ledger_entry)
        assert data is not None
        openings = ledger.read_openings(tx, receipt.ledger_entry)
    entry = read_entry(data)
    assert (entry["verb"], entry["action"], entry["person"], entry["authority"]) == (
        "erasure",
        "record.erase",
        "emil",
        "DE",
    )
    assert subject in {opening.text for opening in openings}
    assert all(opens(entry, opening) for opening in openings)


def test_only_the_owner_erases(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("A", "A/1.jpg", draw("A"))])
    for actor, rule in ((ALICE, "policy.role"), (DORA, "policy.owner")):
        erase_it = partial(erase_record, node, actor, find_id(node, "A"), reason="Erasure was asked for")
        assert catch_refusal(erase_it).rule == rule
    with pytest.raises(PolicyError):
        erase_record(node, EMIL, find_id(node, "A"), reason=" ")
    assert look(node).references == 1


def test_the_matrix_loses_it_at_once(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("A", "A/1.jpg", draw("A")), item("B", "B/1.jpg", draw("B"))])
    probe = node.extractor.extract(draw("A", take=9), name="p").template
    assert probe is not None
    found = node.index.search(probe, limit=5, pack_name=node.extractor.name, allowed=lambda _: True)
    assert len(found.candidates) == 2
    erase(node, "A")
    assert node.index.size == 1


def test_what_is_only_remembered_of_refused_photos_is_erased_too(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("A", "A/none.jpg", draw()), item("B", "B.jpg", draw("B"))])
    catch_refusal(lambda: erase_intake(node, ALICE, "A", reason="Erasure was asked for"))
    erased = erase_intake(node, EMIL, " A ", reason="Erasure was asked for")
    assert (erased.number, erased.outcomes, erased.files_cleared) == ("A", 1, True)
    with pytest.raises(NotFound, match="Nothing is held"):
        erase_intake(node, EMIL, "A", reason="Erasure was asked for")
    with pytest.raises(Conflict, match="holds a record"):
        erase_intake(node, EMIL, "B", reason="Erasure was asked for")
    fritz = replace(EMIL, authority=FR, name="fritz")
    with pytest.raises(NotFound):
        erase_intake(node, fritz, "B", reason="it is not theirs")


MARKS = (
    b"MARK-OF-THE-PHOTO",
    b"Secret-Number",
    b"secret-name",
    b"SECRET-FAMILY",
    b"1970-05-17",
    b"secret-authority",
    b"secret-way",
    b"PASSPORT-12",
    b"secret-law",
    b'"people"',
)


def enrol_secret(node: Node, draw: Draw, item: MakeItem) -> bytes:
    """Enrol one record among thirty that could be told anywhere, and return its template."""
    secret = draw("A", take=77, padding=30_000) + b"MARK-OF-THE-PHOTO" * 200
    draft = RecordDraft(
        RecordKind.YELLOW,
        "Secret-Number",
        "secret-law",
        TERMS.retain_until,
        personal=Personal(family_name="SECRET-FAMILY", birth_dates=("1970-05-17",), marks="PASSPORT-12"),
    )
    one = replace(
        item("Secret-Number", "secret-name.jpg", secret),
        draft=draft,
        origin=ImageSource("secret-authority", "secret-way", TERMS.source.on),
    )
    others = [item(f"S{n}", f"S{n}.jpg", draw(f"S{n}", padding=9000)) for n in range(30)]
    enrol(node, [*others[:15], one, *others[15:]])
    return read_values(node)[15]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_nothing_of_a_record_is_readable_in_the_files(node: Node, tmp_path: Path, draw: Draw, item: MakeItem) -> None:
    template = enrol_secret(node, draw, item)
    (photo,) = list_photos(node, "Secret-Number")
    assert photo.source.obtained == "secret-way"
    digest = photo.facts.sha256.encode()
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for mark in (*MARKS, template, template[:32], digest, bytes.fromhex(photo.facts.sha256)):
        assert mark not in held, mark


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_no_byte_of_an_erased_record_is_left_and_a_copy_made_before_stays_sealed(
    node: Node, tmp_path: Path, draw: Draw, item: MakeItem, keyring: Keyring
) -> None:
    enrol_secret(node, draw, item)
    subject = find_id(node, "Secret-Number")
    (photo,) = list_photos(node, "Secret-Number")
    file = sqlite3.connect(tmp_path / "store.db")
    sealed = [
        file.execute("SELECT sealed FROM record WHERE subject_id = ?", (subject,)).fetchone()[0],
        file.execute("SELECT heading FROM record WHERE subject_id = ?", (subject,)).fetchone()[0],
        file.execute("SELECT sealed FROM photo WHERE id = ?", (photo.id,)).fetchone()[0],
        file.execute("SELECT data FROM photo_bytes WHERE photo_id = ?", (photo.id,)).fetchone()[0][-2000:],
        file.execute("SELECT template FROM reference WHERE subject_id = ?", (subject,)).fetchone()[0],
        file.execute("SELECT sealed FROM record_version WHERE subject_id = ?", (subject,)).fetchone()[0],
    ]
    (key,) = file.execute("SELECT key_id FROM subject WHERE id = ?", (subject,)).fetchone()
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()
    backup = tmp_path / "backup"
    backup.mkdir()
    shutil.copy(tmp_path / "store.db", backup / "store.db")
    ring = sqlite3.connect(tmp_path / "keyring.db")
    (wrapped,) = ring.execute("SELECT wrapped FROM key WHERE id = ?", (key,)).fetchone()
    ring.close()
    receipt = erase(node, "Secret-Number")
    assert receipt.files_cleared
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert [mark for mark in (*sealed, *MARKS, wrapped) if mark in held] == []
    check = sqlite3.connect(tmp_path / "store.db")
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()
    copy = open_store(f"sqlite:///{backup / 'store.db'}", keyring=keyring)
    with copy.reading() as tx:
        assert subject not in {row.subject for rows in templates.iterate_references(tx, after=0) for row in rows}
        # the copy's seal is older than the one that the keyring knows of
        with pytest.raises(VerificationError):
            records.find_record(tx, subject)
        for read in (
            lambda: records.list_versions(tx, subject),
            lambda: photos.find_photo(tx, photo.id),
            lambda: photos.read_photo_bytes(tx, photo.id),
        ):
            with pytest.raises(KeyDestroyed):
                read()
