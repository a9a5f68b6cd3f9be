"""Find a case for somebody who wants to do something in it."""

from semblance.cases.case import Case
from semblance.errors import NotFound
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import CaseId
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.permission import ask, record_refusal


def ask_for_case(node: Node, actor: Actor, action: Action, case_id: CaseId) -> tuple[Case, Permit]:
    """Return the case and the permit to do the action in it.

    Raises NotFound where there is no such case, and in the same words where it is another authority's; that refusal is
    recorded, too.
    """
    with node.store.reading() as tx:
        case = cases.find_case(tx, case_id)
    if case is None:
        raise missing_case(case_id)
    if actor.admitted and case.authority != actor.authority:
        foreign = Message("case.foreign", "{action} is for the people of the authority whose case it is", action=action)
        record_refusal(node, actor, action, Refusal("policy.owner", foreign))
        raise missing_case(case_id)
    return case, ask(node, actor, action, owner=case.authority, case=case.number)


def missing_case(case: str) -> NotFound:
    """Return the error for a case that is not held, or that is another authority's."""
    return NotFound(
        "case.missing", "There is no case {number} of your authority; `semblance case list` lists them.", number=case
    )
