"""Decide whether the searches for a probe are authorised; refused, everything derived from it is erased at once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Authorisation, AuthorisationState, Case, check_decision
from semblance.errors import Conflict, NotFound
from semblance.messages.message import Message, quote_text
from semblance.node.node import Node
from semblance.store import authorisations, cases, probes
from semblance.store.engine import Transaction
from semblance.store.probes import StoredProbe
from semblance.terms.ids import AuthorisationId, ProbeId, make_id
from semblance.terms.permission import Action, Actor, Permit, Refusal
from semblance.workflows.cases.probes import Derived, ask_for_probe, erase_derived
from semblance.workflows.permission import (
    Permitted,
    ask,
    log_act,
    name_touched,
    note_reading,
    record_refusal,
    refuse_missing,
    require_reason,
)


@dataclass(frozen=True, slots=True)
class AuthorisationRow:
    """An authorisation with the number of its case."""

    authorisation: Authorisation
    case_number: str
    purpose: str


@dataclass(frozen=True, slots=True)
class AuthorisationRefused:
    """What was erased because a search was not authorised; the entry of the ledger proves it."""

    authorisation: Authorisation
    erased: Derived
    files_cleared: bool
    ledger_entry: int


def list_authorisations(
    node: Node, actor: Actor, *, state: AuthorisationState | None = AuthorisationState.WAITING
) -> tuple[AuthorisationRow, ...]:
    """Return the authorisations of the actor's authority, those with the nearest end of their clock first.

    The list is logged as a consultation.
    """
    permit = ask(node, actor, Action.CASE_READ, owner=actor.authority)
    with node.store.reading() as tx:
        found = authorisations.list_authorisations(tx, actor.authority, state=state, limit=500)
        searched = {case: cases.find_case(tx, case) for case in {asked.case for asked in found}}
    reason = Message("authorisation.list", "a list of authorisations")
    note_reading(node, permit, *(Touched("authorisation", asked.id) for asked in found), reason=reason)
    return tuple(
        AuthorisationRow(asked, case.number, case.draft.purpose.value)
        for asked in found
        if (case := searched[asked.case]) is not None
    )


def request_authorisation(node: Node, actor: Actor, probe: ProbeId) -> Authorisation:
    """Ask for the authorisation of searches for a probe, where none was asked for yet; raises NotFound.

    The probe is held meanwhile as long as a searched one.
    """
    stored, case, permit = ask_for_probe(node, actor, probe, Action.PROBE_SUBMIT)
    with node.store.writing() as tx:
        if asked := authorisations.find_for_probe(tx, probe):
            return asked
        now, touched = node.clock(), (Touched("probe", probe), Touched("case", case.id))
        log_act(tx, permit, Verb.COLLECTION, *touched, at=now, action="authorisation.request", case=case)
        probes.keep_probe_until(tx, probe, now + timedelta(days=node.policy.read().retention.probe))
        cases.touch_case(tx, case.id, now)
        return add_request(tx, case, stored, actor, due_at=None, now=now)


def grant_authorisation(node: Node, actor: Actor, authorisation: AuthorisationId, *, reason: str) -> Authorisation:
    """Authorise the searches for a probe.

    Raises NotFound, and Conflict where somebody decided already or the clock ran out.
    """
    require_reason(reason, Message("authorisation.why-granted", "Say why the search is authorised."))
    case, permit = _ask_to_decide(node, actor, Action.AUTHORISATION_GRANT, authorisation)
    now = node.clock()
    with node.store.writing() as tx:
        granted = _decide(tx, actor, authorisation, AuthorisationState.GRANTED, reason, now)
        cases.touch_case(tx, case.id, now)
        log_act(tx, permit, Verb.ALTERATION, *_touch(granted), at=now, case=case, reason=reason)
    return granted


def refuse_authorisation(
    node: Node, actor: Actor, authorisation: AuthorisationId, *, reason: str
) -> AuthorisationRefused:
    """Refuse to authorise: the probe, its faces, and the reasons and candidates of its searches are erased at once.

    Raises NotFound, and Conflict where somebody decided already or the clock ran out.
    """
    require_reason(reason, Message("authorisation.why-refused", "Say why the search is not authorised."))
    case, permit = _ask_to_decide(node, actor, Action.AUTHORISATION_REFUSE, authorisation)
    now = node.clock()
    with node.store.writing() as tx:
        refused = _decide(tx, actor, authorisation, AuthorisationState.REFUSED, reason, now)
        erased = erase_derived(tx, (refused.probe,))
        what = Message("authorisation.refused", "{reason}: {erased}", reason=quote_text(reason), erased=erased.message)
        entry = log_act(tx, permit, Verb.ERASURE, *_touch(refused), at=now, case=case, reason=what)
    return AuthorisationRefused(refused, erased, node.store.clear_deleted(), entry)


def add_request(
    tx: Transaction, case: Case, probe: StoredProbe, actor: Actor, *, due_at: datetime | None, now: datetime
) -> Authorisation:
    """Add the request to authorise the searches for a probe, within the transaction in hand."""
    made = Authorisation(AuthorisationId(make_id()), case.id, probe.id, case.authority, now, actor.name, due_at)
    authorisations.add_authorisation(tx, made)
    return made


def _ask_to_decide(node: Node, actor: Actor, action: Action, authorisation: AuthorisationId) -> tuple[Case, Permitted]:
    named = name_touched("authorisation", authorisation)
    permit = ask(node, actor, action, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        asked = authorisations.find_authorisation(tx, authorisation, actor.authority)
        case = None if asked is None else cases.find_case(tx, asked.case)
    if asked is None or case is None:
        refuse_missing(node, actor, action, named)
        raise _missing(authorisation)
    purpose = case.draft.purpose
    rule = node.policy.read().purposes.get(purpose)
    if rule is None:
        dropped = Message(
            "policy.purpose-dropped", "the policy allows no search for {purpose} any more", purpose=purpose
        )
        answer: Permit | Refusal = Refusal("policy.purpose", dropped)
    else:
        answer = check_decision(rule, asked, actor)
    if isinstance(answer, Refusal):
        raise record_refusal(node, actor, action, answer, case=case.number, purpose=purpose.value)
    return case, permit


def _decide(
    tx: Transaction, actor: Actor, authorisation: AuthorisationId, state: AuthorisationState, reason: str, now: datetime
) -> Authorisation:
    asked = authorisations.find_authorisation(tx, authorisation, actor.authority)
    if asked is None:
        raise _missing(authorisation)
    if asked.state is not AuthorisationState.WAITING and asked.decided_by:
        raise Conflict(
            "authorisation.decided-by",
            "This was decided already: {state} by {person}. Nothing was changed.",
            state=asked.state,
            person=asked.decided_by,
        )
    if asked.state is not AuthorisationState.WAITING:
        raise Conflict(
            "authorisation.decided", "This was decided already: {state}. Nothing was changed.", state=asked.state
        )
    if asked.due_at is not None and asked.due_at <= now:
        raise Conflict(
            "authorisation.too-late",
            "The time in which the search had to be authorised is over; what was found is erased.",
        )
    authorisations.decide_authorisation(tx, asked, state, at=now, person=actor.name, reason=reason)
    return replace(asked, state=state, decided_at=now, decided_by=actor.name, reason=reason)


def _missing(authorisation: str) -> NotFound:
    return NotFound(
        "authorisation.missing",
        "There is no authorisation {number}; `semblance authorisation list` lists them.",
        number=authorisation,
    )


def _touch(asked: Authorisation) -> tuple[Touched, ...]:
    return Touched("authorisation", asked.id), Touched("probe", asked.probe), Touched("case", asked.case)
