"""Anchors in the keyring: raised after an act's commit, only upward, and made in keyrings that had none."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from semblance.errors import StoreError
from semblance.store.engine import Store
from semblance.store.keyring.anchors import Anchor
from semblance.store.keyring.keyring import Keyring

NODE_KEY = b"n" * 32


@pytest.fixture
def ring(empty_url: str) -> Iterator[Keyring]:
    opened = Keyring(empty_url, NODE_KEY)
    yield opened
    opened.close()


def test_an_anchor_is_raised_and_never_lowered(ring: Keyring) -> None:
    assert ring.read_anchors(["ledger"]) == {}
    ring.raise_anchors({"ledger": Anchor(7, "seven"), "power/person/alice": Anchor(3)})
    ring.raise_anchors({"ledger": Anchor(5, "five"), "power/person/alice": Anchor(4)})
    ring.raise_anchors({"ledger": Anchor(7, "another seven")})
    asked = ["ledger", "power/person/alice", "power/person/bob"]
    assert ring.read_anchors(asked) == {"ledger": Anchor(7, "seven"), "power/person/alice": Anchor(4)}
    ring.raise_anchors({})
    ring.raise_anchors({f"power/record/{number:04}": Anchor(number) for number in range(1200)})
    assert len(ring.read_anchors(f"power/record/{number:04}" for number in range(1300))) == 1200


def test_the_highest_stays_whoever_raises_last(ring: Keyring) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(ring.raise_anchors, {"ledger": Anchor(number % 37)}) for number in range(100)]:
            done.result()
    assert ring.read_anchors(["ledger"]) == {"ledger": Anchor(36)}


def test_a_person_may_put_lower_ones_in_the_place_of_all(ring: Keyring) -> None:
    ring.raise_anchors({"ledger": Anchor(7, "seven"), "power/person/alice": Anchor(6)})
    ring.replace_anchors({"ledger": Anchor(2, "two")})
    assert ring.read_anchors(["ledger", "power/person/alice"]) == {"ledger": Anchor(2, "two")}


def test_a_keyring_that_was_made_without_anchors_is_given_them(ring: Keyring, empty_url: str) -> None:
    ring.close()
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE anchor")
    engine.dispose()
    with ThreadPoolExecutor(3) as pool:
        opened = list(pool.map(lambda _: Keyring(empty_url, NODE_KEY, make=False), range(3)))
    opened[0].raise_anchors({"ledger": Anchor(1)})
    assert opened[2].read_anchors(["ledger"]) == {"ledger": Anchor(1)}
    for again in opened:
        again.close()


def test_what_a_transaction_raises_is_raised_after_its_commit_only(store: Store, keyring: Keyring) -> None:
    with store.writing() as tx:
        tx.anchors["power/person/alice"] = Anchor(3)
        assert keyring.read_anchors(tx.anchors) == {}
    assert keyring.read_anchors(["power/person/alice"]) == {"power/person/alice": Anchor(3)}

    def fail() -> None:
        with store.writing() as tx:
            tx.anchors["power/person/alice"] = Anchor(4)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert keyring.read_anchors(["power/person/alice"]) == {"power/person/alice": Anchor(3)}


def test_an_anchor_that_cannot_be_raised_undoes_no_act(
    store: Store, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_raised: object) -> None:
        raise StoreError("store.busy", "The keyring is away.")

    monkeypatch.setattr(keyring, "raise_anchors", fail)
    with store.writing() as tx:
        tx.connection.exec_driver_sql("CREATE TABLE proof (id INTEGER)")
        tx.anchors["power/person/alice"] = Anchor(3)
    with store.reading() as tx:
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM proof").scalar() == 0
