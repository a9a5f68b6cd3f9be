"""The ledger in both databases: nothing changes it, and whatever changes it all the same is found."""

import errno
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from semblance.audit.bundle import verify_bundle, write_bundle
from semblance.audit.checkpoint import SigningKey, is_signed
from semblance.audit.entry import Act, Touched, Verb, opens, read_entry
from semblance.audit.merkle import check_consistency, check_inclusion, hash_leaf
from semblance.errors import ConfigurationError, StoreError, VerificationError
from semblance.store import ledger, subjects, vault
from semblance.store.engine import Store, open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_witness import LedgerSeat, read_witness
from semblance.terms.ids import AuthorityCode

KEY = SigningKey("semblance.example/fr", bytes(range(32)))
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
ACT = Act(
    Verb.ERASURE, "subject.delete", "emil", "DE", reason="The order was lifted", touched=(Touched("subject", "s1"),)
)
POSTGRES_TRIGGERS = (
    "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid WHERE NOT tgisinternal"
)


@pytest.fixture
def signed(store_url: str, tmp_path: Path, keyring: Keyring) -> Iterator[Store]:
    opened = open_store(store_url, LedgerSeat(KEY, tmp_path / "witness"), keyring)
    yield opened
    opened.close()


def fill(store: Store, transactions: int, each: int = 3) -> None:
    for _ in range(transactions):
        with store.writing() as tx:
            for _ in range(each):
                ledger.append(tx, ACT, at=AT)


def verify(store: Store) -> int:
    with store.reading() as tx:
        found = ledger.verify_ledger(tx, KEY.public)
        return 0 if found is None else found.entries


def change(store: Store, *statements: str) -> None:
    """Change rows as somebody with the database's own password can: without the triggers."""
    with store.writing() as tx:
        if store.kind == "SQLite":
            for name in tx.connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                tx.connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for name, table in tx.connection.execute(sa.text(POSTGRES_TRIGGERS)).all():
                tx.connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")
        for statement in statements:
            tx.connection.execute(sa.text(statement))


def test_an_empty_ledger_has_nothing_to_verify(signed: Store) -> None:
    assert verify(signed) == 0


def test_each_transaction_signs_one_checkpoint(signed: Store, tmp_path: Path) -> None:
    fill(signed, 4)
    assert verify(signed) == 12
    with signed.reading() as tx:
        checkpoint = ledger.read_checkpoint_note(tx)
        assert checkpoint is not None
        assert is_signed(checkpoint, KEY.public)
        assert checkpoint.size == 12
        assert tx.connection.scalar(sa.text("SELECT count(*) FROM ledger_checkpoint")) == 4
    assert read_witness(tmp_path / "witness") == checkpoint


def test_a_transaction_that_fails_leaves_no_entry_and_no_witness(signed: Store, tmp_path: Path) -> None:
    def fail() -> None:
        with signed.writing() as tx:
            ledger.append(tx, ACT, at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert verify(signed) == 0
    assert read_witness(tmp_path / "witness") is None


def test_many_threads_leave_a_whole_witness_and_a_whole_ledger(signed: Store, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(fill, signed, 5, 1) for _ in range(8)]:
            done.result()
    assert verify(signed) == 40
    seen = read_witness(tmp_path / "witness")
    assert seen is not None
    with signed.reading() as tx:
        assert ledger.read_root(tx, seen.size) == seen.root
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []


def test_a_witness_that_cannot_be_written_keeps_no_act_from_being_done(
    signed: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    fill(signed, 1)
    monkeypatch.setattr(os, "fsync", fail)
    fill(signed, 2)
    assert verify(signed) == 9
    seen = read_witness(tmp_path / "witness")
    assert seen is not None
    assert seen.size == 3
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []


def test_proofs_from_the_store_hold(signed: Store) -> None:
    fill(signed, 7)
    with signed.reading() as tx:
        root = ledger.read_root(tx, 21)
        for number in range(21):
            data = ledger.read_data(tx, number)
            assert data is not None
            assert check_inclusion(hash_leaf(data), number, 21, ledger.prove_entry(tx, number, 21), root)
        for older in range(1, 22):
            proof = ledger.prove_growth(tx, older, 21)
            assert check_consistency(older, 21, ledger.read_root(tx, older), root, proof)


def test_an_exported_bundle_verifies_without_the_store(signed: Store) -> None:
    fill(signed, 5)
    with signed.reading() as tx:
        checkpoint = ledger.read_checkpoint_note(tx)
        assert checkpoint is not None
        lines = list(write_bundle((data for _, data in ledger.iterate_entries(tx)), checkpoint, KEY.public))
    assert verify_bundle(lines, trusted=KEY.public).entries == 15


FIXED = {
    "ledger_entry": ("number", "data"),
    "ledger_node": ("level", "position", "hash"),
    "ledger_checkpoint": ("size", "note"),
    "ledger_opening": ("number", "label", "key_id", "sealed"),
    "doomed_key": ("id", "proof"),
}


@pytest.mark.parametrize("table", list(FIXED))
def test_the_database_itself_refuses_changes(signed: Store, table: str) -> None:
    fill(signed, 2)
    with signed.writing() as tx:
        vault.destroy_key(tx, vault.make_key(tx, "subject"))
    columns = FIXED[table]
    names = ", ".join(columns)
    rows = f"SELECT {names} FROM {table}"
    keys = ", ".join(columns[: 2 if table in {"ledger_node", "ledger_opening"} else 1])
    forbidden = [
        f"UPDATE {table} SET {columns[0]} = {columns[0]}",
        f"UPDATE {table} SET {columns[-1]} = {columns[-1]}",
        f"DELETE FROM {table}",
        f"INSERT INTO {table} ({names}) {rows} WHERE true ON CONFLICT ({keys}) "
        f"DO UPDATE SET {columns[-1]} = excluded.{columns[-1]}",
    ]
    if signed.kind == "PostgreSQL":
        forbidden.append(f"TRUNCATE {table}")
    else:
        forbidden += [
            f"INSERT OR REPLACE INTO {table} ({names}) {rows}",
            f"REPLACE INTO {table} ({names}) {rows}",
            f"UPDATE OR REPLACE {table} SET {columns[-1]} = {columns[-1]}",
        ]
    with signed.reading() as tx:
        before = tx.connection.execute(sa.text(rows)).all()
    assert before
    for statement in forbidden:
        with pytest.raises(StoreError, match="append-only"), signed.writing() as tx:
            tx.connection.execute(sa.text(statement))
    with signed.reading() as tx:
        assert tx.connection.execute(sa.text(rows)).all() == before
    assert verify(signed) == 6


def test_entries_and_checkpoints_come_in_order_only(signed: Store) -> None:
    fill(signed, 2)
    for statement in (
        "INSERT INTO ledger_entry (number, data) SELECT -1, data FROM ledger_entry WHERE number = 0",
        "INSERT INTO ledger_checkpoint (size, note) SELECT 4, note FROM ledger_checkpoint WHERE size = 6",
    ):
        with pytest.raises(StoreError, match="append-only"), signed.writing() as tx:
            tx.connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    "statements",
    [
        ("DELETE FROM ledger_entry WHERE number = 4",),
        ("DELETE FROM ledger_entry WHERE number = 11",),
        ("DELETE FROM ledger_entry WHERE number >= 9", "DELETE FROM ledger_checkpoint WHERE size > 9"),
        ("UPDATE ledger_entry SET data = (SELECT e.data FROM ledger_entry e WHERE e.number = 5) WHERE number = 4",),
        ("UPDATE ledger_entry SET number = 12 WHERE number = 0",),
        (
            "UPDATE ledger_entry SET number = 100 WHERE number = 3",
            "UPDATE ledger_entry SET number = 3 WHERE number = 4",
            "UPDATE ledger_entry SET number = 4 WHERE number = 100",
        ),
        ("INSERT INTO ledger_entry (number, data) SELECT 12, data FROM ledger_entry WHERE number = 11",),
        ("UPDATE ledger_node SET hash = (SELECT n.hash FROM ledger_node n WHERE n.level = 0 AND n.position = 1) "
         "WHERE level = 1 AND position = 0",),
        ("DELETE FROM ledger_node WHERE level = 2 AND position = 0",),
        ("INSERT INTO ledger_node (level, position, hash) SELECT 9, 9, hash FROM ledger_node WHERE level = 3",),
        ("DELETE FROM ledger_checkpoint WHERE size = 12",),
        ("DELETE FROM ledger_checkpoint",),
        ("UPDATE ledger_checkpoint SET size = 5 WHERE size = 6",),
        ("UPDATE ledger_checkpoint SET note = (SELECT c.note FROM ledger_checkpoint c WHERE c.size = 9) "
         "WHERE size = 6",),
        ("DELETE FROM ledger_entry",),
    ],
)  # fmt: skip
def test_rows_changed_removed_reordered_or_appended_by_hand_are_found(
    signed: Store, statements: tuple[str, ...]
) -> None:
    fill(signed, 4)
    assert verify(signed) == 12
    change(signed, *statements)
    with pytest.raises(VerificationError):
        verify(signed)


def test_every_bit_of_an_entry_in_the_database_matters(signed: Store) -> None:
    fill(signed, 3)
    with signed.reading() as tx:
        data = ledger.read_data(tx, 4)
    assert data is not None
    change(signed)
    update = sa.text("UPDATE ledger_entry SET data = :data WHERE number = 4")
    for bit in range(0, 8 * len(data), 97):
        changed = bytearray(data)
        changed[bit >> 3] ^= 1 << (bit & 7)
        with signed.writing() as tx:
            tx.connection.execute(update, {"data": bytes(changed)})
        with pytest.raises(VerificationError):
            verify(signed)
    with signed.writing() as tx:
        tx.connection.execute(update, {"data": data})
    assert verify(signed) == 9


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET data = data || ' ' WHERE number = 4",
        "UPDATE ledger_entry SET data = 7 WHERE number = 4",
        "UPDATE ledger_entry SET number = 'x' WHERE number = 8",
        "UPDATE ledger_node SET hash = 'x' WHERE level = 0 AND position = 1",
        "UPDATE ledger_node SET position = 'x' WHERE level = 0 AND position = 1",
        "UPDATE ledger_checkpoint SET note = CAST(note AS BLOB) WHERE size = 9",
        "UPDATE ledger_checkpoint SET note = 7 WHERE size = 9",
        "UPDATE ledger_checkpoint SET size = 'x' WHERE size = 3",
    ],
)
def test_another_type_put_in_by_hand_is_found_too(signed: Store, statement: str) -> None:
    fill(signed, 3)
    change(signed, statement)
    with pytest.raises(VerificationError):
        verify(signed)


def test_another_key_is_not_believed(signed: Store) -> None:
    fill(signed, 1)
    with signed.reading() as tx, pytest.raises(VerificationError, match="not signed"):
        ledger.verify_ledger(tx, SigningKey(KEY.name, b"m" * 32).public)


def test_openings_open_what_the_entry_committed_to(signed: Store) -> None:
    fill(signed, 1, each=1)
    assert read_opened(signed, 0) == {"reason": ACT.reason, "touched/0": "s1"}


def read_opened(store: Store, number: int) -> dict[str, str]:
    with store.reading() as tx:
        data = ledger.read_data(tx, number)
        assert data is not None
        found = ledger.read_openings(tx, number)
        assert all(opens(read_entry(data), opening) for opening in found)
    return {opening.label: opening.text for opening in found}


@pytest.mark.parametrize("reason", ["", "\0 and half a pair \ud800", "Ж" * 3000])
def test_any_reason_is_committed_to_and_opened_as_it_was(signed: Store, reason: str) -> None:
    with signed.writing() as tx:
        ledger.append(tx, replace(ACT, reason=reason, case="\udcff"), at=AT)
    assert read_opened(signed, 0)["reason"] == reason
    assert verify(signed) == 1


def test_what_opens_an_entry_goes_with_the_key_that_seals_it(signed: Store) -> None:
    with signed.writing() as tx:
        key = vault.make_key(tx, "case")
        ledger.append(tx, ACT, at=AT, sealed_under=key)
        ledger.append(tx, ACT, at=AT)
    assert read_opened(signed, 0)["reason"] == ACT.reason
    with signed.writing() as tx:
        vault.destroy_key(tx, key)
        ledger.append(tx, replace(ACT, reason="Its time was over"), at=AT)
    assert read_opened(signed, 0) == {}
    assert read_opened(signed, 1)["reason"] == ACT.reason
    assert read_opened(signed, 2)["reason"] == "Its time was over"
    with signed.reading() as tx:
        left = sa.text("SELECT count(*) FROM ledger_opening WHERE number = 0")
        assert tx.connection.scalar(left) == 0
    assert verify(signed) == 3


def test_openings_are_sealed_and_bound_to_their_place(signed: Store) -> None:
    fill(signed, 1, each=2)
    with signed.reading() as tx:
        sealed = tx.connection.scalars(sa.text("SELECT sealed FROM ledger_opening")).all()
    assert all(str(ACT.reason).encode() not in bytes(data) for data in sealed)
    change(
        signed,
        "UPDATE ledger_opening SET sealed = (SELECT o.sealed FROM ledger_opening o WHERE o.number = 1 AND "
        "o.label = 'reason') WHERE number = 0 AND label = 'reason'",
    )
    with signed.reading() as tx, pytest.raises(VerificationError, match="changed or moved"):
        ledger.read_openings(tx, 0)


def test_each_subject_keeps_its_own_id_and_the_first_one_the_reason(signed: Store) -> None:
    with signed.writing() as tx:
        made = [subjects.add_subject(tx, AuthorityCode("DE"), name, at=AT, person="emil").id for name in "AB"]
        touched = tuple(Touched("subject", one) for one in made)
        ledger.append(tx, replace(ACT, touched=touched), at=AT)
    with signed.writing() as tx:
        subjects.erase_subject(tx, made[0])
        ledger.append(tx, replace(ACT, touched=touched[:1]), at=AT)
    # the ids stand in the order of their salted commitments, by chance
    assert list(read_opened(signed, 0).values()) == [made[1]]
    assert read_opened(signed, 1) == {"reason": ACT.reason, "touched/0": made[0]}


def test_without_the_keyring_nothing_is_appended(store_url: str, tmp_path: Path) -> None:
    opened = open_store(store_url, LedgerSeat(KEY, tmp_path / "witness"))
    with pytest.raises(ConfigurationError, match="keyring"):
        fill(opened, 1)
    assert verify(opened) == 0
    opened.close()
