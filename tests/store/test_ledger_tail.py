"""What a transaction appends is written many rows at once, and is there for whoever reads the ledger within it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import Act, Touched, Verb
from semblance.store import engine, ledger, subjects, touched, vault
from semblance.store.engine import Store, open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_witness import LedgerSeat
from semblance.store.rows import read_key
from semblance.store.schema.gallery import subject as subject_table
from semblance.terms.ids import AuthorityCode, SubjectId

KEY = SigningKey("semblance.example/fr", bytes(range(32)))
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def act(subject: str = "s1", reason: str = "The order was lifted") -> Act:
    return Act(Verb.ERASURE, "subject.delete", "emil", "DE", reason=reason, touched=(Touched("subject", subject),))


@pytest.fixture
def signed(store_url: str, tmp_path: Path, keyring: Keyring) -> Iterator[Store]:
    opened = open_store(store_url, LedgerSeat(KEY, tmp_path / "witness"), keyring)
    yield opened
    opened.close()


def count_statements(store: Store, entries: int) -> int:
    engine: Any = store._engine
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with store.writing() as tx:
            for _ in range(entries):
                ledger.append(tx, act(), at=AT)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sum("ledger_" in statement for statement in seen)


def test_many_entries_take_as_many_statements_as_few(signed: Store) -> None:
    count_statements(signed, 3)
    assert count_statements(signed, 200) < 40


def test_what_was_appended_is_read_in_the_same_transaction(signed: Store) -> None:
    with signed.writing() as tx:
        numbers = [ledger.append(tx, act(f"s{number}"), at=AT) for number in range(7)]
        assert numbers == list(range(7))
        assert ledger.read_size(tx) == 7
        assert [number for number, _ in ledger.iterate_entries(tx)] == numbers
        assert [number for number, _ in ledger.iterate_backwards(tx, before=3)] == [2, 1, 0]
        assert touched.find_touching(tx, SubjectId("s4")) == (4,)
        root = ledger.read_root(tx, 7)
        assert ledger.read_data(tx, 6) is not None
        assert ledger.append(tx, act("s9"), at=AT) == 7
        assert {opening.text for opening in ledger.read_openings(tx, 7)} >= {"The order was lifted"}
    with signed.reading() as tx:
        assert ledger.read_root(tx, 7) == root
        found = ledger.verify_ledger(tx, KEY.public)
        assert found is not None
        assert found.entries == 8


def test_what_is_rolled_back_was_never_appended(signed: Store) -> None:
    def fail() -> None:
        with signed.writing() as tx:
            ledger.append(tx, act(), at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with signed.writing() as tx:
        assert ledger.append(tx, act(), at=AT) == 0


def test_more_than_is_kept_waiting_is_whole(signed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_UNWRITTEN_AT_MOST", 11)
    monkeypatch.setattr(engine, "_REMEMBERED_AT_MOST", 13)
    for entries in (1, 50, 3):
        with signed.writing() as tx:
            for _ in range(entries):
                ledger.append(tx, act(), at=AT)
    with signed.reading() as tx:
        found = ledger.verify_ledger(tx, KEY.public)
        assert found is not None
        assert found.entries == 54


def test_a_key_destroyed_in_the_same_transaction_takes_its_openings_along(signed: Store) -> None:
    with signed.writing() as tx:
        subject = subjects.add_subject(tx, AuthorityCode("DE"), "A-1", at=AT, person="emil")
        first = ledger.append(tx, act(subject.id, "Taken in"), at=AT)
        key = read_key(tx, subject_table, subject.id)
        vault.destroy_key(tx, key)
        last = ledger.append(tx, act(subject.id, "Erased again"), at=AT)
    with signed.reading() as tx:
        assert ledger.read_openings(tx, first) == ()
        assert {opening.text for opening in ledger.read_openings(tx, last)} >= {"Erased again"}
