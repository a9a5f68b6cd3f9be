"""Somebody writes to the database and the node's files, the ledger's key included; the keyring is out of reach."""

import sqlite3
from pathlib import Path

import pytest
from tests.attacks import forging
from tests.signed_ledger import KEY, OpenProcess, act

from semblance.audit.bundle import goes_on
from semblance.audit.checkpoint import read_checkpoint
from semblance.errors import LedgerBroken
from semblance.store import ledger
from semblance.store.engine import Store
from semblance.store.ledger_growth import require_unbroken


def forge_everything(url: str, witness: Path) -> None:
    """Write another past, sign it with the node's own key, and let the witness say the same."""
    forging.rewrite(url, forging.change_one(4), sign=forging.sign_as(KEY))
    with forging.writing(url) as connection:
        witness.write_text(str(connection.exec_driver_sql("SELECT note FROM ledger_checkpoint").scalar_one()))


def test_another_past_signed_with_the_stolen_key_is_not_what_the_keyring_knows(
    running: Store, open_process: OpenProcess, store_url: str, tmp_path: Path
) -> None:
    forge_everything(store_url, tmp_path / "witness")
    for store in (running, open_process()):
        with pytest.raises(LedgerBroken):
            act(store)
        with pytest.raises(LedgerBroken):
            require_unbroken(store)


def test_an_older_database_with_its_own_witness_is_not_what_the_keyring_knows(
    running: Store, open_process: OpenProcess, store_url: str, tmp_path: Path
) -> None:
    forging.rewrite(store_url, forging.cut(9), sign=forging.keep_notes(9))
    with forging.writing(store_url) as connection:
        newest = connection.exec_driver_sql("SELECT note FROM ledger_checkpoint ORDER BY size DESC").scalars().first()
        (tmp_path / "witness").write_text(str(newest))
    with pytest.raises(LedgerBroken):
        act(open_process())


@pytest.mark.parametrize("left", ["nothing", "no checkpoint", "of another ledger", "another size"])
def test_a_witness_that_was_taken_away_or_exchanged_is_a_failure(
    running: Store, open_process: OpenProcess, tmp_path: Path, left: str
) -> None:
    witness = tmp_path / "witness"
    note = witness.read_text()
    match left:
        case "nothing":
            witness.unlink()
        case "no checkpoint":
            witness.write_text("")
        case "of another ledger":
            witness.write_text(note.replace("example/fr", "example/de"))
        case _:
            witness.write_text(note.replace("\n12\n", "\n11\n"))
    for store in (running, open_process()):
        with pytest.raises(LedgerBroken, match=r"ledger-checkpoint|older copy|witness"):
            act(store)
    witness.write_text(note)
    act(running)


def test_with_the_keyring_as_well_it_is_caught_by_whoever_kept_an_older_checkpoint(
    running: Store, open_process: OpenProcess, store_url: str, tmp_path: Path
) -> None:
    """Database, files, key and keyring in one hand: the node itself goes on, and only somebody outside can tell."""
    kept = read_checkpoint((tmp_path / "witness").read_text())
    forge_everything(store_url, tmp_path / "witness")
    with sqlite3.connect(tmp_path / "keyring.db") as keyring:
        keyring.execute("DELETE FROM anchor")
    store = open_process()
    act(store)
    require_unbroken(store)
    with store.reading() as tx:
        newest = ledger.read_checkpoint_note(tx)
        assert newest is not None
        assert not goes_on(kept, newest, ledger.prove_growth(tx, kept.size, newest.size))
