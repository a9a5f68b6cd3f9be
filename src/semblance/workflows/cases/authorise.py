"""Decide whether the searches for a probe are authorised; refused, everything derived from it is erased at once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from semblance.audit.act import Act, Touched, Verb
from semblance.cases.authorisation import Authorisation, AuthorisationState, check_decision
from semblance.cases.case import Case
from semblance.errors import Conflict, NotFound
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import authorisations, cases, ledger, probes
from semblance.store.engine import Transaction
from semblance.store.probes import StoredProbe
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import AuthorisationId, ProbeId, make_id
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.cases.erase_probes import Derived, erase_derived
from semblance.workflows.cases.require_case import ask_for_case
from semblance.workflows.permission import ask, describe_act, note_list, record_refusal, require_reason


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
        held = {one.case: cases.find_case(tx, one.case) for one in found}
    rows = []
    for one in found:
        case = held[one.case]
        assert case is not None
        rows.append(AuthorisationRow(one, case.number, case.draft.purpose.value))
    touched = tuple(Touched("authorisation", one.id) for one in found)
    note_list(node, actor, permit, "a list of authorisations", touched)
    return tuple(rows)


def request_authorisation(node: Node, actor: Actor, probe: ProbeId) -> Authorisation:
    """Ask for the authorisation of searches for a probe, where none was asked for yet; raises NotFound.

    The probe is held meanwhile as long as a searched one.
    """
    with node.store.reading() as tx:
        stored = probes.find_probe(tx, probe, now=node.clock())
    if stored is None:
        raise NotFound(
            "cases.no-probe-expired-submit-photo",
            "There is no probe {number}, or it has expired; submit the photo again.",
            number=probe,
        )
    found = ask_for_case(node, actor, Action.PROBE_SUBMIT, stored.case)
    case, permit = found
    with node.store.writing() as tx:
        held = authorisations.find_for_probe(tx, probe)
        if held is not None:
            return held
        act = describe_act(
            actor,
            permit,
            Verb.COLLECTION,
            "authorisation.request",
            case=case.number,
            purpose=case.draft.purpose.value,
            touched=(Touched("probe", probe), Touched("case", case.id)),
        )
        now = node.clock()
        ledger.append(tx, act, at=now)
        probes.keep_probe_until(tx, probe, now + timedelta(days=node.policy.read().retention.probe))
        cases.touch_case(tx, case.id, now)
        return add_request(tx, case, stored, actor, due_at=None, now=now)


def grant_authorisation(node: Node, actor: Actor, authorisation: AuthorisationId, *, reason: str) -> Authorisation:
    """Authorise the searches for a probe.

    Raises NotFound, and Conflict where somebody decided already or the clock ran out.
    """
    require_reason(reason, "Say why the search is authorised.")
    found = _ask_to_decide(node, actor, Action.AUTHORISATION_GRANT, authorisation)
    case, permit = found
    now = node.clock()
    with node.store.writing() as tx:
        held = _require_waiting(tx, authorisation, now)
        granted = AuthorisationState.GRANTED
        authorisations.decide_authorisation(tx, held, granted, at=now, person=actor.name, reason=reason)
        cases.touch_case(tx, case.id, now)
        act = _describe(actor, permit, Verb.ALTERATION, Action.AUTHORISATION_GRANT, case, held, reason)
        ledger.append(tx, act, at=now)
    return replace(held, state=granted, decided_at=now, decided_by=actor.name, reason=reason)


def refuse_authorisation(
    node: Node, actor: Actor, authorisation: AuthorisationId, *, reason: str
) -> AuthorisationRefused:
    """Refuse to authorise: the probe, its faces, and what its searches said and found are erased at once.

    Raises NotFound, and Conflict where somebody decided already or the clock ran out.
    """
    require_reason(reason, "Say why the search is not authorised.")
    found = _ask_to_decide(node, actor, Action.AUTHORISATION_REFUSE, authorisation)
    case, permit = found
    now = node.clock()
    with node.store.writing() as tx:
        held = _require_waiting(tx, authorisation, now)
        refused = AuthorisationState.REFUSED
        authorisations.decide_authorisation(tx, held, refused, at=now, person=actor.name, reason=reason)
        erased = erase_derived(tx, (held.probe,))
        act = _describe(actor, permit, Verb.ERASURE, Action.AUTHORISATION_REFUSE, case, held, f"{reason} ({erased})")
        entry = ledger.append(tx, act, at=now)
    decided = replace(held, state=refused, decided_at=now, decided_by=actor.name, reason=reason)
    return AuthorisationRefused(decided, erased, node.store.clear_deleted(), entry)


def add_request(
    tx: Transaction, case: Case, probe: StoredProbe, actor: Actor, *, due_at: datetime | None, now: datetime
) -> Authorisation:
    """Add the request to authorise the searches for a probe, within the transaction in hand."""
    made = Authorisation(AuthorisationId(make_id()), case.id, probe.id, case.authority, now, actor.name, due_at)
    authorisations.add_authorisation(tx, made)
    return made


def _ask_to_decide(node: Node, actor: Actor, action: Action, authorisation: AuthorisationId) -> tuple[Case, Permit]:
    with node.store.reading() as tx:
        held = authorisations.find_authorisation(tx, authorisation)
    if held is None:
        raise _missing(authorisation)
    if actor.admitted and held.authority != actor.authority:
        foreign = Refusal(
            "policy.owner",
            Message(
                "policy.owner.people-authority-searched",
                "{action} is for the people of the authority that searched",
                action=action,
            ),
        )
        record_refusal(node, actor, action, foreign, touched=(Touched("authorisation", held.id),))
        raise _missing(authorisation)
    found = ask_for_case(node, actor, action, held.case)
    case, permit = found
    rule = node.policy.read().purposes.get(case.draft.purpose)
    answer = (
        check_decision(rule, held, actor)
        if rule is not None
        else Refusal("policy.purpose", Message("policy.purpose.policy-changed", "the policy changed"))
    )
    if isinstance(answer, Refusal):
        refuse(node, actor, action, answer, case=case.number, purpose=case.draft.purpose.value)
    return case, permit


def _require_waiting(tx: Transaction, authorisation: AuthorisationId, now: datetime) -> Authorisation:
    held = authorisations.find_authorisation(tx, authorisation)
    if held is None:
        raise _missing(authorisation)
    if held.state is not AuthorisationState.WAITING:
        who = f" by {held.decided_by}" if held.decided_by else ""
        raise Conflict(
            "cases.decided-already-nothing-changed",
            "This was decided already: {state}{who}. Nothing was changed.",
            state=held.state,
            who=who,
        )
    if held.due_at is not None and held.due_at <= now:
        raise Conflict(
            "cases.time-search-had-authorised-over",
            "The time in which the search had to be authorised is over; what was found is erased.",
        )
    return held


def _missing(authorisation: str) -> NotFound:
    return NotFound(
        "cases.no-authorisation-semblance-authorisation-list",
        "There is no authorisation {number}; `semblance authorisation list` lists them.",
        number=authorisation,
    )


def _describe(
    actor: Actor, permit: Permit, verb: Verb, action: Action, case: Case, held: Authorisation, reason: str
) -> Act:
    return describe_act(
        actor,
        permit,
        verb,
        action,
        case=case.number,
        purpose=case.draft.purpose.value,
        reason=reason,
        touched=(Touched("authorisation", held.id), Touched("probe", held.probe), Touched("case", case.id)),
    )
