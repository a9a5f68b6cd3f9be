"""Cases: what every search belongs to, and what a case must say of itself; and the authorisation of a probe's searches.

An authorisation has a clock (Regulation (EU) 2024/1689, article 26(10)).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import ConfigDict, with_config

from semblance.cases.policy import Policy, PurposeRule, Waiver
from semblance.messages.message import Message
from semblance.terms.ids import AuthorisationId, AuthorityCode, CaseId, ProbeId
from semblance.terms.permission import Actor, Permit, Purpose, Refusal
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing

_SHORT: Final = 200


class CaseState(StrEnum):
    """Where a case stands: only in an open one is anything done; an erased one has left its number of searches only."""

    OPEN = "open"
    CLOSED = "closed"
    EXPIRED = "expired"
    ERASED = "erased"


class Category(StrEnum):
    """Which part the person in question plays in the case (Directive (EU) 2016/680, article 6)."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    VICTIM = "victim"
    WITNESS = "witness"
    MISSING = "missing"
    UNIDENTIFIED = "unidentified"


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What somebody says when they open a case; nothing is checked yet.

    ``offence`` is what is investigated, ``link`` the report or record of a missing or unidentified person that the
    case belongs to: one of the two is needed, as the purpose demands. ``aim`` says what finding the person is for.
    """

    number: str
    purpose: Purpose
    category: Category
    aim: str
    offence: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A case of one authority; ``last_act_at`` is when something was last done in it.

    Of an erased case number, aim, offence and link are empty texts.
    """

    id: CaseId
    authority: AuthorityCode
    draft: CaseDraft
    state: CaseState
    opened_at: datetime
    opened_by: str
    last_act_at: datetime

    @property
    def number(self) -> str:
        return self.draft.number


def check_case(draft: CaseDraft, policy: Policy) -> Permit | Refusal:
    """Return a permit where the case says what its purpose demands, else the first rule that it fails."""
    for name, text, cap, needed in (
        ("number", draft.number, _SHORT, True),
        ("aim", draft.aim, REASON_LENGTH_CAP, True),
        ("offence", draft.offence, REASON_LENGTH_CAP, draft.purpose is Purpose.WANTED_PERSON),
        ("link", draft.link, REASON_LENGTH_CAP, draft.purpose is Purpose.MISSING_PERSON),
    ):
        if needed and says_nothing(text):
            missing = Message(
                "case.field-missing",
                "the case does not say its {field}, which a {purpose} case needs",
                field=name,
                purpose=draft.purpose,
            )
            return Refusal(f"case.{name}", missing, field=name)
        if fault := find_text_fault(text, cap=cap, breaks=name != "number"):
            faulty = Message("case.field-faulty", "the {field} of the case {fault}", field=name, fault=fault)
            return Refusal(f"case.{name}", faulty, field=name)
    if says_nothing(draft.offence) and says_nothing(draft.link) and draft.purpose is not Purpose.DEMONSTRATION:
        return Refusal(
            "case.link", "the case names neither an offence nor a missing or unidentified person", field="link"
        )
    if draft.purpose not in policy.purposes:
        return Refusal(
            "policy.purpose",
            "the policy allows no search for {purpose}, only for: {purposes}",
            field="purpose",
            purpose=draft.purpose,
            purposes=policy.purposes,
        )
    return Permit(f"purposes.{draft.purpose.value}")


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
