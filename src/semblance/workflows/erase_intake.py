"""Erase what is remembered of refused photos under a number for which there is no record."""

from dataclasses import dataclass

from semblance.audit.act import Verb
from semblance.errors import Conflict, NotFound
from semblance.gallery.subject import normalise_key
from semblance.store import ledger, outcomes, subjects
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.permission import Refusal
from semblance.workflows.node import Node
from semblance.workflows.permission import ask, describe_act
from semblance.workflows.said import require_reason


@dataclass(frozen=True, slots=True)
class IntakeErased:
    """How many intake outcomes were erased under the number; the entry of the ledger proves it."""

    number: str
    outcomes: int
    files_cleared: bool
    ledger_entry: int


def erase_intake(node: Node, actor: Actor, number: str, *, reason: str) -> IntakeErased | Refusal:
    """Erase the intake outcomes of photos that were refused under a number of the actor's authority, and their key.

    Raises NotFound where nothing is remembered, Conflict where there is a record of that number.
    """
    require_reason(reason, "An erasure says why it is made; give the reason.")
    permit = ask(node, actor, Action.RECORD_ERASE, owner=actor.authority)
    if isinstance(permit, Refusal):
        return permit
    key, now = normalise_key(number), node.clock()
    with node.store.writing() as tx:
        if subjects.find_subject_id(tx, actor.authority, key) is not None:
            raise Conflict(f"{actor.authority} holds a record {key!r}; erase that record, and its outcomes go with it.")
        if not outcomes.count_outcomes(tx, actor.authority, key):
            raise NotFound(f"Nothing is held under {key!r}; `semblance record list` lists the records.")
        erased = subjects.erase_outcomes(tx, subjects.blind_key(tx, actor.authority, key))
        act = describe_act(actor, permit, Verb.ERASURE, "intake.erase", reason=reason)
        entry = ledger.append(tx, act, at=now)
    return IntakeErased(key, erased, node.store.clear_deleted(), entry)
