"""Asking the policy: a refusal is in the ledger before it travels, and nobody asks where it could not be written."""

import pytest
from tests.cast import ALICE, EMIL, MALLORY

from semblance.errors import RefusedByPolicy
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.permission import Action, Refusal
from semblance.workflows.permission import ask, record_refusal


def test_a_refusal_is_recorded_and_then_raised(node: Node) -> None:
    with pytest.raises(RefusedByPolicy) as refused:
        ask(node, MALLORY, Action.RECORD_CREATE)
    with node.store.reading() as tx:
        number = ledger.read_size(tx) - 1
        openings = {opening.label: opening.text for opening in ledger.read_openings(tx, number)}
        entry = ledger.read_data(tx, number)
    assert entry is not None
    assert f'"rule":"{refused.value.rule}"'.encode() in entry
    assert refused.value.message.identifier in openings["message"], "identifier and values, not a sentence"
    assert str(refused.value)[0].isupper()
    assert str(refused.value).endswith(".")


def test_a_permit_is_returned_and_not_recorded_by_itself(node: Node) -> None:
    permit = ask(node, EMIL, Action.RECORD_CREATE)
    assert permit.rule == "actions.record.create"
    with node.store.reading() as tx:
        assert ledger.read_size(tx) == 0


@pytest.mark.parametrize("actor", [EMIL, MALLORY], ids=lambda actor: actor.name)
def test_asking_inside_a_writing_transaction_is_a_programming_error(node: Node, actor: object) -> None:
    with pytest.raises(RuntimeError, match="inside a writing transaction"), node.store.writing():
        ask(node, actor, Action.RECORD_CREATE)  # type: ignore[arg-type]
    with node.store.reading() as tx:
        assert ledger.read_size(tx) == 0


def test_what_was_concluded_elsewhere_is_recorded_with_the_field_that_it_is_about(node: Node) -> None:
    refusal = Refusal("justification.reason", "{field} is missing", field="reason")
    with pytest.raises(RefusedByPolicy) as refused:
        raise record_refusal(node, ALICE, Action.GALLERY_SEARCH, refusal)
    assert (refused.value.rule, refused.value.field) == ("justification.reason", "reason")
    assert str(refused.value) == "Reason is missing."
    with node.store.reading() as tx:
        assert ledger.read_size(tx) == 1
