"""The authorisation of searches for one probe, and its clock (Regulation (EU) 2024/1689, article 26(10))."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from semblance.cases.policy import PurposeRule, Waiver
from semblance.messages.message import Message
from semblance.terms.actor import Actor
from semblance.terms.ids import AuthorisationId, AuthorityCode, CaseId, ProbeId
from semblance.terms.permission import Permit, Refusal


class AuthorisationState(StrEnum):
    """What became of a request; refused or late, everything derived from the probe is erased."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """A request to authorise the searches for one probe.

    ``due_at`` is when the clock runs out; None where a search waits for the answer, so that no clock is needed.
    """

    id: AuthorisationId
    case: CaseId
    probe: ProbeId
    authority: AuthorityCode
    requested_at: datetime
    requested_by: str
    due_at: datetime | None
    state: AuthorisationState = AuthorisationState.WAITING
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None


def find_due(rule: PurposeRule, now: datetime) -> datetime | None:
    """Return when the authorisation of a first search at that moment must be there; None where it must be before."""
    return now + timedelta(hours=rule.authorisation_hours) if rule.authorisation_hours else None


def check_authorised(
    rule: PurposeRule, asked: Authorisation | None, now: datetime, *, waiver: Waiver | None = None
) -> Permit | Refusal:
    """Return whether a probe may be searched now; ``asked`` is its authorisation, None before the first request.

    ``waiver`` is what frees the authority from asking for one, None where nothing does.
    """
    if not rule.authorised_by:
        return Permit("authorisation.not-needed")
    if waiver is not None:
        return Permit(f"waivers.{waiver.rule.value}")
    if asked is not None and asked.state is AuthorisationState.GRANTED:
        return Permit("authorisation.granted")
    if asked is not None and asked.state is not AuthorisationState.WAITING:
        ended = Message("authorisation.ended", "the authorisation of this probe was {state}", state=asked.state)
        return Refusal(f"authorisation.{asked.state.value}", ended)
    if not rule.authorisation_hours:
        return Refusal(
            "authorisation.needed",
            "the search must be authorised by a {roles:or} before it is made",
            roles=sorted(rule.authorised_by),
        )
    if asked is not None and asked.due_at is not None and asked.due_at <= now:
        over = Message("authorisation.time-over", "the time in which the search had to be authorised is over")
        return Refusal("authorisation.late", over)
    return Permit("authorisation.clock")


def check_decision(rule: PurposeRule, asked: Authorisation, actor: Actor) -> Permit | Refusal:
    """Return whether the actor may decide: one of the roles that the policy names, and not whoever asked."""
    if not rule.authorised_by:
        return Refusal(
            "authorisation.role", Message("authorisation.not-needed", "searches for this purpose need no authorisation")
        )
    if not rule.authorised_by & actor.roles:
        return Refusal(
            "authorisation.role",
            "searches for this purpose are authorised by a {roles:or}",
            roles=sorted(rule.authorised_by),
        )
    if actor.name == asked.requested_by:
        return Refusal("authorisation.same-person", "nobody authorises their own search; another person must")
    return Permit("authorisation.decide")
