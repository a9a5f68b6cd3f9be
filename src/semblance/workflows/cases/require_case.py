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
    """Return the case and the permit to do the action in it; a refusal is recorded.

    Raises NotFound where there is no such case, and in the same words where it is another authority's.
    """
    with node.store.reading() as tx:
        held = cases.find_case(tx, case_id)
    if held is None:
        raise missing_case(case_id)
    if actor.admitted and held.authority != actor.authority:
        foreign = Refusal(
            "policy.owner",
            Message(
                "policy.owner.people-authority-case",
                "{action} is for the people of the authority that the case is of",
                action=action,
            ),
        )
        record_refusal(node, actor, action, foreign)
        raise missing_case(case_id)
    permit = ask(node, actor, action, owner=held.authority, case=held.number)
    return permit if isinstance(permit, Refusal) else (held, permit)


def missing_case(case: str) -> NotFound:
    """Return the error for a case that is not held, or that is another authority's."""
    return NotFound(
        "cases.no-case-your-authority-semblance",
        "There is no case {number} of your authority; `semblance case list` lists them.",
        number=case,
    )
