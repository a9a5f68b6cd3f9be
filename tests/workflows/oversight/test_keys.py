"""Keys that a transaction left behind, and what becomes of them."""

from datetime import UTC, datetime, timedelta

from tests.workflows.searching import open_case

from semblance.node.node import Node
from semblance.store.keyring.keyring import KeyId, Keyring
from semblance.workflows.oversight.keys import sweep_keys
from semblance.workflows.scheduled.worker import run_round


def test_keys_that_nothing_names_are_swept_once_a_day(node: Node, keyring: Keyring, clock: object) -> None:
    orphan = KeyId("subject-orphan")
    keyring.add({orphan: b"o" * 32})
    open_case(node)
    held = keyring.describe().keys
    # the keyring is younger than a day by the node's clock
    assert sweep_keys(node) == 0
    clock.now = datetime.now(UTC) + timedelta(days=2)  # type: ignore[attr-defined]
    assert sweep_keys(node) == 1
    assert not keyring.holds(orphan)
    assert keyring.describe().keys == held - 1
    keyring.add({orphan: b"o" * 32})
    assert sweep_keys(node) == 0
    clock.now += timedelta(days=1, minutes=1)  # type: ignore[attr-defined]
    outcomes = {outcome.job: outcome.count for outcome in run_round(node).outcomes}
    assert outcomes["sweep-keys"] == 1
    open_case(node)
