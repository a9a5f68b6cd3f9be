"""Authorise a standing search, refuse it or withdraw that, stop it: each by a person, with a reason."""

from dataclasses import replace
from datetime import datetime, timedelta

from semblance.audit.entry import Verb
from semblance.cases.case import Case
from semblance.cases.policy import Policy
from semblance.cases.standing_search import (
    StandingEnd,
    StandingSearch,
    StandingState,
    check_standing_decision,
    explain_end,
    find_end,
    find_last_moment,
)
from semblance.errors import Conflict, NotFound
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, probes, standing_searches
from semblance.store.engine import Transaction
from semblance.terms.ids import StandingSearchId
from semblance.terms.permission import Action, Actor, Refusal
from semblance.workflows.permission import (
    Permitted,
    ask,
    log_act,
    name_touched,
    record_refusal,
    refuse_missing,
    require_reason,
)
from semblance.workflows.standing.ask_standing import touch_standing


def grant_standing(node: Node, actor: Actor, which: StandingSearchId, *, reason: str) -> StandingSearch:
    """Authorise a standing search; from the next night on it runs, and its probe is held as long.

    Raises NotFound, and Conflict where somebody decided already, or it is over.
    """
    require_reason(reason, Message("standing.why-granted", "Say why the standing search is authorised."))
    case, permit = _ask_to_decide(node, actor, Action.STANDING_GRANT, which)
    policy, now = node.policy.read(), node.clock()
    with node.store.writing() as tx:
        asked = _require_open(tx, policy, which, now)
        if asked.state is StandingState.RUNNING:
            raise Conflict(
                "standing.decided-by",
                "This was decided already: authorised by {person}. Nothing was changed.",
                person=asked.decided_by,
            )
        granted = replace(
            asked, state=StandingState.RUNNING, decided_at=now, decided_by=actor.name, decision=reason.strip()
        )
        standing_searches.change_standing(tx, granted)
        probes.keep_probe_until(tx, granted.probe, find_last_moment(granted.last_day))
        cases.touch_case(tx, case.id, now)
        log_act(tx, permit, Verb.ALTERATION, *touch_standing(granted), at=now, case=case, reason=reason)
    return granted


def refuse_standing(node: Node, actor: Actor, which: StandingSearchId, *, reason: str) -> StandingSearch:
    """Refuse to authorise a standing search, or withdraw the authorisation of one that runs: it ends at once.

    What it found before stays to be examined. Raises NotFound, and Conflict where it ended already.
    """
    require_reason(reason, Message("standing.why-refused", "Say why the standing search is not authorised."))
    case, permit = _ask_to_decide(node, actor, Action.STANDING_REFUSE, which)
    return _end(node, permit, case, which, None, reason)


def stop_standing(node: Node, actor: Actor, which: StandingSearchId, *, reason: str) -> StandingSearch:
    """Stop a standing search that was asked for or runs; what it found before stays to be examined.

    Raises NotFound, and Conflict where it ended already.
    """
    require_reason(reason, Message("standing.why-stopped", "Say why the standing search is stopped."))
    _, case, permit = ask_for_it(node, actor, Action.STANDING_STOP, which)
    return _end(node, permit, case, which, StandingEnd.STOPPED, reason)


def ask_for_it(
    node: Node, actor: Actor, action: Action, which: StandingSearchId
) -> tuple[StandingSearch, Case, Permitted]:
    """Return a standing search of the actor's authority, its case, and the permit to do the action with it.

    Raises NotFound where there is none, and in the same words, for the same work, where it is another authority's.
    """
    named = name_touched("standing", which)
    permit = ask(node, actor, action, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        standing = standing_searches.find_standing(tx, which, actor.authority)
        case = None if standing is None else cases.find_case(tx, standing.case)
    if standing is None or case is None:
        refuse_missing(node, actor, action, named)
        raise _missing(which)
    return standing, case, permit


def find_present_end(
    tx: Transaction, policy: Policy, standing: StandingSearch, case: Case, now: datetime
) -> StandingEnd | None:
    """Return why a standing search is over at that moment, also where nobody noted it yet; None while it is not."""
    held = probes.find_probe(tx, standing.probe, now=now) is not None
    return find_end(standing, case=case.state, probe_held=held, rule=policy.standing.get(standing.purpose), now=now)


def end_standing(
    tx: Transaction,
    policy: Policy,
    standing: StandingSearch,
    end: StandingEnd,
    *,
    at: datetime,
    person: str,
    reason: str | None = None,
) -> StandingSearch:
    """Note that a standing search ended; its probe is held on as long as a searched one, what it found to be examined.

    The ledger's entry is the caller's.
    """
    ended = replace(standing, state=StandingState.ENDED, ended_at=at, ended_by=person, why_ended=end, end_reason=reason)
    standing_searches.change_standing(tx, ended)
    probes.keep_probe_until(tx, ended.probe, at + timedelta(days=policy.retention.probe))
    return ended


def _ask_to_decide(node: Node, actor: Actor, action: Action, which: StandingSearchId) -> tuple[Case, Permitted]:
    standing, case, permit = ask_for_it(node, actor, action, which)
    rule = node.policy.read().standing.get(standing.purpose)
    answer = check_standing_decision(rule, standing, actor)
    if isinstance(answer, Refusal):
        raise record_refusal(node, actor, action, answer, case=case.number, purpose=standing.purpose.value)
    return case, permit


def _end(
    node: Node, permit: Permitted, case: Case, which: StandingSearchId, end: StandingEnd | None, reason: str
) -> StandingSearch:
    policy, now = node.policy.read(), node.clock()
    with node.store.writing() as tx:
        held = _require_open(tx, policy, which, now)
        end = end or (StandingEnd.REFUSED if held.state is StandingState.ASKED else StandingEnd.WITHDRAWN)
        ended = end_standing(tx, policy, held, end, at=now, person=permit.actor.name, reason=reason.strip())
        log_act(tx, permit, Verb.ALTERATION, *touch_standing(ended), at=now, case=case, reason=reason)
    return ended


def _require_open(tx: Transaction, policy: Policy, which: StandingSearchId, now: datetime) -> StandingSearch:
    standing = standing_searches.find_standing(tx, which)
    case = None if standing is None else cases.find_case(tx, standing.case)
    if standing is None or case is None:
        raise _missing(which)
    if (end := find_present_end(tx, policy, standing, case, now)) is not None:
        raise Conflict(
            "standing.ended", "The standing search is over: {why}. Nothing was changed.", why=explain_end(end)
        )
    return standing


def _missing(which: str) -> NotFound:
    return NotFound(
        "standing.missing",
        "There is no standing search {number} of your authority; `semblance standing list` lists them.",
        number=which,
    )
