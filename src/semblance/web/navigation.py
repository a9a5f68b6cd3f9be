"""The navigation: only what the person may open is offered."""

from semblance.cases.check import check_action
from semblance.cases.policy import Policy
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.permission import Permit
from semblance.terms.purpose import Purpose
from semblance.web.contexts import Frame, Link
from semblance.web.site import Site

_PARTS = (
    (Link("cases", "/cases", "Cases"), Action.CASE_READ),
    (Link("searches", "/searches", "Searches"), Action.CASE_READ),
    (Link("examinations", "/examinations", "Examine"), Action.DIFFERENCE_DECIDE),
    (Link("authorisations", "/authorisations", "Authorise"), Action.AUTHORISATION_GRANT),
    (Link("leads", "/leads", "Leads"), Action.LEAD_VERIFY),
    (Link("board", "/board", "Board"), Action.BOARD_READ),
    (Link("records", "/records", "Records"), Action.RECORD_READ),
    (Link("oversight", "/oversight", "Oversight"), Action.LEDGER_READ),
    (Link("requests", "/requests", "Requests"), Action.SUBJECT_ACCESS),
    (Link("ledger", "/ledger", "Ledger"), Action.LEDGER_READ),
    (Link("people", "/people", "People"), Action.PERSON_READ),
    (Link("policy", "/policy", "Policy"), Action.POLICY_READ),
)


def make_frame(site: Site, here: str, actor: Actor | None = None) -> Frame:
    """Return the frame around a page; ``here`` is the part that is open, or empty."""
    links: tuple[Link, ...] = ()
    policy = site.node.policy.read()
    if actor is not None:
        links = tuple(link for link, action in _PARTS if _may(policy, actor, action))
    return Frame(
        node=site.node.name,
        demonstration=set(policy.purposes) == {Purpose.DEMONSTRATION},
        here=here,
        person="" if actor is None else actor.name,
        authority="" if actor is None else actor.authority,
        links=links,
    )


def may(site: Site, actor: Actor, action: Action) -> bool:
    """Return whether the person may do the action with what is their own authority's; nothing is recorded."""
    return _may(site.node.policy.read(), actor, action)


def _may(policy: Policy, actor: Actor, action: Action) -> bool:
    return isinstance(check_action(policy, actor, action, owner=actor.authority), Permit)
