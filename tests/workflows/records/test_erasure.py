"""Erasing one subject of two, on both databases: gone from files, matrix and the backup, and the ledger proves it."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.cast import ALICE, DE, DORA, EMIL, FR
from tests.workflows.record_acts import TERMS, enrol, find_id, list_numbers, list_photos, read_bytes
from tests.workflows.searching import search

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import Touched
from semblance.audit.receipt import read_receipt, verify_receipt, write_receipt
from semblance.errors import KeyDestroyed, LedgerBroken, NotFound, VerificationError
from semblance.exchange.intake import IntakeItem
from semblance.faces.packs.opening import open_extractor
from semblance.gallery.record import Circumstances, IdentityDocument, Personal, RecordDraft
from semblance.gallery.suitability import SuitabilityLine
from semblance.node.node import Node
from semblance.store import cases, photos, records, templates
from semblance.store.engine import Store, open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_growth import require_unbroken
from semblance.store.ledger_witness import HeadMemory, LedgerSeat
from semblance.store.vault import require_nothing_revived
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordKind
from semblance.workflows.oversight.accept_restored import accept_restored
from semblance.workflows.oversight.ledger import make_receipt, recompute_ledger
from semblance.workflows.records.erase_record import erase_record

KEY = SigningKey("semblance.example/fr", bytes(range(32)))
REASON = "She was found, and asked for it"
NAMES = {"Case-Number-Jane-77": "ROEWITHMARK", "Case-Number-John-78": "DOEWITHMARK"}
JANE, JOHN = NAMES
Backup = Callable[[Node], Any]


@pytest.fixture(params=["drawn", "real"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pictures(kind: str, request: pytest.FixtureRequest, draw: Callable[..., bytes]) -> dict[str, bytes]:
    if kind == "drawn":
        return {name: draw(name, take=5, padding=20_000) + b"MARK-OF-" + name.encode() * 40 for name in NAMES}
    paths = [request.getfixturevalue(name) for name in ("astronaut_path", "hopper_path")]
    return {name: path.read_bytes() for name, path in zip(NAMES, paths, strict=True)}


@pytest.fixture
def node(kind: str, make_node: Callable[..., Node], tmp_path: Path) -> Node:
    models = tmp_path / "models"
    extractor = open_extractor("embedded", models=models) if kind == "real" else None
    made = make_node(extractor=extractor, line=SuitabilityLine(inter_eye_distance=40))
    made.store.ledger = LedgerSeat(KEY, tmp_path / "witness")
    return made


@pytest.fixture
def backup(store_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Backup:
    """Return what copies the database as it is, and gives the URL of the copy."""

    @contextmanager
    def copy(node: Node) -> Iterator[str]:
        node.store._engine.dispose()
        if not store_url.startswith("sqlite"):
            with request.getfixturevalue("postgres").copy_of(store_url) as url:
                yield url
            return
        (tmp_path / "backup").mkdir(exist_ok=True)
        with sqlite3.connect(tmp_path / "store.db") as whole:
            whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(tmp_path / "store.db", tmp_path / "backup" / "store.db")
        yield f"sqlite:///{tmp_path / 'backup' / 'store.db'}"

    return copy


@pytest.fixture
def read_everything(store_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], bytes]:
    """Return what reads every byte of the database, its logs, the backup and the keyring."""

    def read() -> bytes:
        files = [path for path in tmp_path.rglob("*") if path.is_file() and "models" not in path.parts]
        if not store_url.startswith("sqlite"):
            files += request.getfixturevalue("postgres").list_files()
        return b"".join(path.read_bytes() for path in files)

    return read


def hold_both(node: Node, pictures: dict[str, bytes], item: Callable[..., IntakeItem]) -> None:
    """Enrol both with all that could tell who they are, and search for the first of them."""
    items = []
    for number, data in pictures.items():
        personal = Personal(
            family_name=NAMES[number],
            birth_dates=("1970-05-17",),
            documents=(IdentityDocument("passport", f"PASSPORT-{number}", "FR"),),
            marks=f"scar of {number}",
        )
        draft = RecordDraft(
            RecordKind.BLUE,
            number,
            f"basis of {number}",
            TERMS.retain_until,
            personal=personal,
            circumstances=Circumstances(asked=f"Who is {number}?"),
        )
        items.append(replace(item(number, f"file-of-{number}.jpg", data), draft=draft))
    report = enrol(node, items)
    assert [row.status.value for row in report.rows] == ["enrolled", "enrolled"], report
    found = search(node, pictures[JANE], ALICE)
    assert len(found.record.candidates) == 2


@dataclass(frozen=True)
class Held:
    """What is known of a subject before it is erased."""

    subject: SubjectId
    marks: tuple[bytes, ...]


def collect_marks(node: Node, number: str, data: bytes) -> Held:
    """Return every piece of a subject by which it could be found in a file."""
    (photo,) = list_photos(node, number)
    with node.store.reading() as tx:
        rows = [row for some in templates.iterate_references(tx, after=0) for row in some]
        (template,) = [row.template.values for row in rows if row.subject == find_id(node, number)]
    middle = len(data) // 2
    digest = photo.facts.sha256
    texts = (number, NAMES[number], f"PASSPORT-{number}", f"file-of-{number}", f"scar of {number}", digest)
    marks = (data[middle : middle + 64], data[-64:], template, template[:32], bytes.fromhex(digest))
    return Held(find_id(node, number), (*marks, *(text.encode() for text in texts)))


def read_wrapped(keyring: Keyring, tmp_path: Path) -> dict[str, bytes]:
    with sqlite3.connect(tmp_path / "keyring.db") as file:
        return dict(file.execute("SELECT id, wrapped FROM key WHERE wrapped IS NOT NULL").fetchall())


def test_an_erased_subject_is_gone_everywhere_and_the_ledger_proves_it(
    node: Node,
    pictures: dict[str, bytes],
    item: Callable[..., IntakeItem],
    backup: Backup,
    read_everything: Callable[[], bytes],
    keyring: Keyring,
    tmp_path: Path,
) -> None:
    hold_both(node, pictures, item)
    jane, john = (collect_marks(node, number, pictures[number]) for number in NAMES)
    (john_photo,) = list_photos(node, JOHN)
    (jane_photo,) = list_photos(node, JANE)
    probe = node.extractor.extract(pictures[JANE], name="p").template
    assert probe is not None
    with node.store.reading() as tx:
        key = tx.connection.exec_driver_sql(f"SELECT key_id FROM subject WHERE id = '{jane.subject}'").scalar()
    wrapped = read_wrapped(keyring, tmp_path)[str(key)]
    assert wrapped in read_everything()
    with backup(node) as copied:
        receipt = erase_record(node, EMIL, jane.subject, reason=REASON)
        # from the database, its logs, the keyring and the backup
        left = read_everything()
        assert [mark for mark in (*jane.marks, *john.marks, wrapped) if mark in left] == []
        # from the matrix
        found = node.index.search(probe, limit=9, pack_name=node.extractor.name, allowed=lambda _: True)
        assert [candidate.subject for candidate in found.candidates] == [john.subject]
        assert list_numbers(node) == [JOHN]
        with pytest.raises(NotFound):
            find_id(node, JANE)
        # the ledger is whole, and proves the erasure to whoever has the receipt alone
        verified = recompute_ledger(node)
        assert verified is not None
        paper = write_receipt(make_receipt(node, receipt.ledger_entry, DE))
        proven = verify_receipt(read_receipt(paper), trusted=KEY.public)
        assert (proven.fields["verb"], proven.fields["action"], str(proven.reason)) == (
            "erasure",
            "record.erase",
            REASON,
        )
        assert proven.things == (Touched("subject", jane.subject),)
        # whoever holds the backup, the keyring and the node key of today reads John and not Jane
        copy = open_store(copied, keyring=Keyring(f"sqlite:///{tmp_path / 'keyring.db'}", b"n" * 32))
        with copy.reading() as tx:
            # the copy's seal is older than the one that the keyring knows of
            with pytest.raises(VerificationError):
                records.find_record(tx, jane.subject)
            for read in (
                lambda: records.list_versions(tx, jane.subject),
                lambda: photos.find_photo(tx, jane_photo.id),
                lambda: photos.read_photo_bytes(tx, jane_photo.id),
            ):
                with pytest.raises(KeyDestroyed):
                    read()
            assert photos.read_photo_bytes(tx, john_photo.id) == pictures[JOHN]
            record = records.find_record(tx, john.subject)
            assert record is not None
            assert record.draft.personal.family_name == NAMES[JOHN]
        copy.close()
    assert read_bytes(node, john_photo.id) == pictures[JOHN]


def refuse_revived(store: Store) -> None:
    with store.reading() as tx:
        require_nothing_revived(tx)


def test_a_restored_backup_is_taken_only_when_said_and_the_subject_is_erased_in_it_again(
    node: Node,
    pictures: dict[str, bytes],
    item: Callable[..., IntakeItem],
    backup: Backup,
    make_node: Callable[..., Node],
    keyring: Keyring,
    tmp_path: Path,
) -> None:
    hold_both(node, pictures, item)
    jane, john = find_id(node, JANE), find_id(node, JOHN)
    (photo,) = list_photos(node, JOHN)
    seat = node.store.ledger
    assert seat is not None
    with backup(node) as copied:
        erase_record(node, EMIL, jane, reason=REASON)
        with node.store.writing() as tx:
            (case,) = cases.list_cases(tx, ALICE.authority, state=None, before=None, limit=9)
            cases.erase_case(tx, case.id)
        store = open_store(copied, replace(seat, memory=HeadMemory()), keyring)
        restored = replace(make_node(extractor=node.extractor), store=store)
        restored = replace(restored, index=type(node.index)(store), policy=type(node.policy)(store))
        for find in (require_unbroken, refuse_revived):
            with pytest.raises(LedgerBroken, match="older copy"):
                find(store)
        store.ledger = replace(seat, witnesses=False, memory=HeadMemory())
        accepted = accept_restored(restored, DORA, reason="The disk broke")
        assert (accepted.subjects, accepted.cases, accepted.requests) == (1, 1, 0)
        require_unbroken(store)
        refuse_revived(store)
        assert list_numbers(restored) == [JOHN]
        assert read_bytes(restored, photo.id) == pictures[JOHN]
        probe = node.extractor.extract(pictures[JANE], name="p").template
        assert probe is not None
        found = restored.index.search(probe, limit=9, pack_name=node.extractor.name, allowed=lambda _: True)
        assert [candidate.subject for candidate in found.candidates] == [john]
        verified = recompute_ledger(restored)
        assert verified is not None
        # after the entry that puts the accounts in doubt
        again = verify_receipt(make_receipt(restored, accepted.entry + 2, FR))
        assert (again.fields["action"], again.things) == ("record.erase", (Touched("subject", jane),))
        # nothing of it is left to be erased, and the same again says so
        once_more = accept_restored(restored, DORA, reason="To be sure")
        assert (once_more.subjects, once_more.cases, once_more.requests) == (0, 0, 0)
        store.close()
