"""The navigation: only what the person may open is offered."""

from dataclasses import replace

from semblance.cases.check import check_action
from semblance.cases.policy import Policy
from semblance.terms.permission import Action, Actor, Permit, Purpose
from semblance.web.page.contexts import Frame, Link
from semblance.web.page.site import Site
from semblance.web.wording.language import LANGUAGES, N_, _, get_spoken

_RECONCILIATION = Link("reconciliation", "/reconciliation", N_("Missing and found"))
_PARTS: tuple[tuple[Link, *tuple[Action, ...]], ...] = (
    (Link("cases", "/cases", N_("Cases")), Action.CASE_READ),
    (Link("searches", "/searches", N_("Searches")), Action.CASE_READ),
    (Link("standing", "/standing", N_("Standing searches")), Action.CASE_READ),
    (Link("examinations", "/examinations", N_("Examine")), Action.DIFFERENCE_DECIDE),
    (Link("authorisations", "/authorisations", N_("Authorise")), Action.AUTHORISATION_GRANT),
    (_RECONCILIATION, Action.PAIR_EXAMINE, Action.PAIR_CONCLUDE),
    (Link("leads", "/leads", N_("Leads")), Action.LEAD_VERIFY),
    (Link("board", "/board", N_("Board")), Action.BOARD_READ),
    (Link("records", "/records", N_("Records")), Action.RECORD_READ),
    (Link("jobs", "/jobs", N_("Jobs")), Action.JOB_READ),
    (Link("oversight", "/oversight", N_("Oversight")), Action.LEDGER_READ),
    (Link("requests", "/requests", N_("Requests")), Action.SUBJECT_ACCESS),
    (Link("ledger", "/ledger", N_("Ledger")), Action.LEDGER_READ),
    (Link("people", "/people", N_("People")), Action.PERSON_READ),
    (Link("proposals", "/proposals", N_("Proposals")), Action.PERSON_READ),
    (Link("policy", "/policy", N_("Policy")), Action.POLICY_READ),
)


def make_frame(site: Site, here: str, actor: Actor | None = None) -> Frame:
    """Return the frame around a page; ``here`` is the part that is open, or empty."""
    links: tuple[Link, ...] = ()
    policy = site.node.policy.read()
    if actor is not None:
        links = tuple(
            Link(link.key, link.href, _(link.words))
            for link, *actions in _PARTS
            if any(_may(policy, actor, action) for action in actions)
            # offered only where the policy says that the authority takes part
            and (link is not _RECONCILIATION or actor.authority in policy.reconciliation.authorities)
        )
    return replace(
        make_bare_frame(site),
        demonstration=set(policy.purposes) == {Purpose.DEMONSTRATION},
        here=here,
        person="" if actor is None else actor.name,
        authority="" if actor is None else actor.authority,
        links=links,
    )


def make_bare_frame(site: Site) -> Frame:
    """Return the frame of a page for nobody in particular; the store is not asked."""
    spoken = get_spoken()
    return Frame(
        node=site.node.name,
        demonstration=False,
        here="",
        person="",
        authority="",
        links=(),
        language=spoken.language,
        languages=tuple((code, name) for code, name in LANGUAGES.items() if code != spoken.language),
        page=spoken.page,
    )


def may(site: Site, actor: Actor, action: Action) -> bool:
    """Return whether the person may do the action with what is their own authority's; nothing is recorded."""
    return _may(site.node.policy.read(), actor, action)


def _may(policy: Policy, actor: Actor, action: Action) -> bool:
    return isinstance(check_action(policy, actor, action, owner=actor.authority), Permit)
