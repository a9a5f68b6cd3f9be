"""Sealing and unsealing within transactions, and keys that go when their transaction is committed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from semblance.errors import ConfigurationError, KeyDestroyed, StoreError, VerificationError
from semblance.store import subjects, vault
from semblance.store.engine import Store, open_store
from semblance.store.keyring.keyring import KeyId, Keyring
from semblance.terms.ids import AuthorityCode

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
DE = AuthorityCode("DE")


def make(store: Store) -> tuple[KeyId, bytes]:
    with store.writing() as tx:
        key = vault.make_key(tx, "subject")
        return key, vault.seal(tx, key, "photo/1", b"a face")


def unseal(store: Store, key: KeyId, sealed: bytes, place: str = "photo/1") -> bytes:
    with store.reading() as tx:
        return vault.unseal(tx, key, place, sealed)


def test_what_is_sealed_comes_back_and_only_in_its_place(store: Store) -> None:
    key, sealed = make(store)
    other, _ = make(store)
    assert b"face" not in sealed
    assert unseal(store, key, sealed) == b"a face"
    for wrong in (
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
        bytes([sealed[0] ^ 1]) + sealed[1:],
        sealed[:20],
        sealed + b"x",
    ):
        with pytest.raises(VerificationError, match="changed or moved"):
            unseal(store, key, wrong)
    with pytest.raises(VerificationError, match="photo"):
        unseal(store, key, sealed, "photo/2")
    with pytest.raises(VerificationError):
        unseal(store, other, sealed)


def test_the_same_is_never_sealed_the_same(store: Store) -> None:
    with store.writing() as tx:
        key = vault.make_key(tx, "subject")
        assert len({vault.seal(tx, key, "p", b"word") for _ in range(100)}) == 100


@pytest.mark.parametrize("text", ["", "Zoë 北京", "a\0b", "half a pair \ud800"])
def test_any_text_comes_back(store: Store, text: str) -> None:
    with store.writing() as tx:
        key = vault.make_key(tx, "subject")
        sealed = vault.seal_text(tx, key, "name", text)
        assert vault.unseal_text(tx, key, "name", sealed) == text


def test_a_blind_tells_equal_from_unequal_and_nothing_else(store: Store, tmp_path: Path) -> None:
    with store.reading() as tx:
        assert vault.blind(tx, "a", "bc") == vault.blind(tx, "a", "bc") != vault.blind(tx, "ab", "c")
        mine = vault.blind(tx, "Jane")
        other = Keyring(f"sqlite:///{tmp_path / 'other.db'}", b"n" * 32)
        assert other.digest(b"Jane") != mine
        other.close()


def test_a_key_of_a_transaction_that_failed_is_not_kept(store: Store, keyring: Keyring) -> None:
    made: list[KeyId] = []

    def fail() -> None:
        with store.writing() as tx:
            made.append(vault.make_key(tx, "subject"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not keyring.holds(made[0])


def test_a_key_is_kept_before_the_rows_that_need_it(store: Store, keyring: Keyring) -> None:
    found: list[bool] = []
    with store.writing() as tx:
        key = vault.make_key(tx, "subject")
        tx.before_commit["looking"] = lambda: found.append(keyring.holds(key))
    assert found == [True]


def test_a_doomed_key_goes_after_the_commit_and_not_before(store: Store) -> None:
    key, sealed = make(store)

    def fail() -> None:
        with store.writing() as tx:
            vault.destroy_key(tx, key)
            assert vault.unseal(tx, key, "photo/1", sealed)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert unseal(store, key, sealed) == b"a face"
    with store.writing() as tx:
        vault.destroy_key(tx, key)
        vault.destroy_key(tx, key)
    with pytest.raises(KeyDestroyed):
        unseal(store, key, sealed)


def test_what_a_killed_program_doomed_is_destroyed_later(store: Store, keyring: Keyring) -> None:
    key, sealed = make(store)
    with store.writing() as tx:
        vault.destroy_key(tx, key)
        tx.after_commit.clear()
    assert unseal(store, key, sealed) == b"a face"
    with store.reading() as tx:
        assert vault.finish_destruction(tx) == 1
        assert vault.finish_destruction(tx) == 0
    with pytest.raises(KeyDestroyed):
        unseal(store, key, sealed)
    assert keyring.list_destroyed() == {key}


def test_a_keyring_that_cannot_be_written_is_said_and_tried_again(
    store: Store, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, sealed = make(store)
    done: list[str] = []

    def fail(_names: object) -> None:
        raise StoreError("test.full", "The disk is full.")

    def erase() -> None:
        with store.writing() as tx:
            vault.destroy_key(tx, key)
            tx.after_commit["later"] = lambda: done.append("later")

    with monkeypatch.context() as patch:
        patch.setattr(keyring, "destroy", fail)
        with pytest.raises(StoreError, match="destroyed at the next start"):
            erase()
    # what else was to be done after the commit was done
    assert done == ["later"]
    with store.reading() as tx:
        assert vault.finish_destruction(tx) == 1
    with pytest.raises(KeyDestroyed):
        unseal(store, key, sealed)


def test_nobody_dooms_a_key_by_writing_into_the_database(store: Store) -> None:
    key, sealed = make(store)
    other, _ = make(store)
    with store.writing() as tx:
        vault.destroy_key(tx, other)
        proof = tx.connection.scalar(sa.text("SELECT proof FROM doomed_key"))
        tx.connection.execute(
            sa.text("INSERT INTO doomed_key (id, proof) VALUES (:key, :proof)"), {"key": key, "proof": proof}
        )
    with store.reading() as tx, pytest.raises(VerificationError, match="changed by hand"):
        vault.finish_destruction(tx)
    assert unseal(store, key, sealed) == b"a face"


def test_only_keys_that_nothing_names_for_a_day_are_swept(store: Store, keyring: Keyring) -> None:
    with store.writing() as tx:
        subjects.add_subject(tx, DE, "A", at=AT, person="emil")
    orphan = KeyId("subject-orphan")
    keyring.add({orphan: b"o" * 32})
    now = datetime.now(UTC)
    with store.reading() as tx:
        assert vault.list_unnamed(tx, made_before=now - timedelta(days=1)) == ()
        assert vault.list_unnamed(tx, made_before=now + timedelta(days=1)) == (orphan,)


def test_a_keyring_older_than_the_store_is_not_taken(store: Store, store_url: str, tmp_path: Path) -> None:
    with store.reading() as tx:
        vault.require_keyring_of(tx)
    with store.writing() as tx:
        subjects.add_subject(tx, DE, "A", at=AT, person="emil")
    older = Keyring(f"sqlite:///{tmp_path / 'older.db'}", b"n" * 32)
    with store.reading() as tx:
        vault.require_keyring_of(tx)
    other = open_store(store_url, keyring=older)
    with other.reading() as tx, pytest.raises(ConfigurationError, match="older than the store"):
        vault.require_keyring_of(tx)
    other.close()


def test_a_store_without_its_keyring_reads_and_writes_nothing_sealed(store_url: str) -> None:
    bare = open_store(store_url)
    for use in (
        lambda tx: vault.make_key(tx, "subject"),
        lambda tx: vault.seal(tx, KeyId("x"), "p", b""),
        lambda tx: vault.blind(tx, "a"),
    ):
        with bare.writing() as tx, pytest.raises(ConfigurationError, match="without its keyring"):
            use(tx)
    bare.close()
