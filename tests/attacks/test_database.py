"""Somebody writes to the database alone: no key, no file of the node, not the keyring."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.attacks import forging
from tests.signed_ledger import KEY, OpenProcess, act

from semblance.audit.checkpoint import SigningKey
from semblance.errors import LedgerBroken, VerificationError
from semblance.store import ledger
from semblance.store.engine import Store
from semblance.store.ledger_growth import require_unbroken

MALLORY = SigningKey("mallory", b"m" * 32)

FORGERIES: dict[str, Callable[[str], None]] = {
    "an entry changed, its hashes made anew, every checkpoint deleted": lambda url: forging.rewrite(
        url, forging.change_one(4), sign=forging.sign_nothing
    ),
    "the same, the checkpoints over it deleted": lambda url: forging.rewrite(
        url, forging.change_one(4), sign=forging.keep_notes(3)
    ),
    "the same, every checkpoint left": lambda url: forging.rewrite(url, forging.change_one(4)),
    "the same, with a checkpoint that bears the old signature": lambda url: forging.rewrite(
        url, forging.change_one(4), sign=forging.sign_by_copy
    ),
    "the same, signed with another key": lambda url: forging.rewrite(
        url, forging.change_one(4), sign=forging.sign_as(MALLORY)
    ),
    "an entry added": lambda url: forging.rewrite(url, forging.append_forged),
    "the newest entries cut off with their checkpoint": lambda url: forging.rewrite(
        url, forging.cut(9), sign=forging.keep_notes(9)
    ),
    "the newest entries cut off": lambda url: forging.rewrite(url, forging.cut(9)),
    "everything cut off": lambda url: forging.rewrite(url, forging.cut(0), sign=forging.sign_nothing),
    "the newest checkpoint deleted": lambda url: forging.execute(url, "DELETE FROM ledger_checkpoint WHERE size = 12"),
    "every checkpoint deleted": lambda url: forging.execute(url, "DELETE FROM ledger_checkpoint"),
    "an older checkpoint in the place of the newest": lambda url: forging.execute(
        url, "DELETE FROM ledger_checkpoint WHERE size = 12", "UPDATE ledger_checkpoint SET size = 12 WHERE size = 9"
    ),
    "the newest entry changed, its hash left": lambda url: forging.execute(
        url, "UPDATE ledger_entry SET data = (SELECT e.data FROM ledger_entry e WHERE e.number = 3) WHERE number = 11"
    ),
    "a hash changed that the head is made of": lambda url: forging.execute(
        url,
        "UPDATE ledger_node SET hash = (SELECT n.hash FROM ledger_node n WHERE n.level = 0 AND n.position = 1) "
        "WHERE level = 3",
    ),
    "a hash deleted that the head is made of": lambda url: forging.execute(
        url, "DELETE FROM ledger_node WHERE level = 3"
    ),
}


def read_notes(store: Store) -> list[str]:
    with store.reading() as tx:
        return list(tx.connection.scalars(sa.text("SELECT note FROM ledger_checkpoint ORDER BY size")))


@pytest.mark.parametrize("forgery", FORGERIES)
def test_nothing_is_signed_over_a_ledger_that_was_forged(
    running: Store, open_process: OpenProcess, store_url: str, tmp_path: Path, forgery: str
) -> None:
    FORGERIES[forgery](store_url)
    notes, witness = read_notes(running), (tmp_path / "witness").read_bytes()
    for store in (running, open_process()):
        for _ in range(2):
            with pytest.raises(LedgerBroken):
                act(store)
        with pytest.raises(LedgerBroken):
            require_unbroken(store)
    assert read_notes(running) == notes
    assert (tmp_path / "witness").read_bytes() == witness


def test_the_process_that_runs_needs_no_witness_to_notice(running: Store, store_url: str, tmp_path: Path) -> None:
    (tmp_path / "witness").unlink()
    (tmp_path / "keyring.db").rename(tmp_path / "away")
    forging.rewrite(store_url, forging.cut(9), sign=forging.keep_notes(9))
    with pytest.raises(LedgerBroken):
        act(running)


def test_what_was_put_right_is_gone_on_with(running: Store, store_url: str) -> None:
    with forging.writing(store_url) as connection:
        entries = forging.read_entries(connection)
    forging.rewrite(store_url, forging.change_one(4))
    with pytest.raises(LedgerBroken):
        act(running)
    forging.rewrite(store_url, lambda _changed: entries)
    act(running)
    with running.reading() as tx:
        verified = ledger.verify_ledger(tx, KEY.public)
    assert verified is not None
    assert verified.entries == 15


def test_an_old_entry_changed_under_its_hash_is_found_by_the_verification_only(running: Store, store_url: str) -> None:
    """No act reads old entries again; the worker does once a day, and the signed hashes stay the right ones."""
    same = "UPDATE ledger_entry SET data = (SELECT e.data FROM ledger_entry e WHERE e.number = 3) WHERE number = 4"
    forging.execute(store_url, same)
    act(running)
    with running.reading() as tx, pytest.raises(VerificationError, match="Entry 4"):
        ledger.verify_ledger(tx, KEY.public)
