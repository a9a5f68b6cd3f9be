"""Standing searches: one unknown of an open case, compared each night with what was enrolled since.

It has its own reason, its own authorisation and its own last day, and ends with its case. It raises no alarm: what it
finds waits to be examined like what any search finds.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from semblance.cases.case import Case, CaseState
from semblance.cases.policy import Policy, StandingRule
from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode, CaseId, PackDigest, PreparationId, ProbeId, Sha256, StandingSearchId
from semblance.terms.permission import Actor, Permit, Purpose, Refusal


class StandingState(StrEnum):
    """Where a standing search stands; only a running one is ever compared."""

    ASKED = "asked"
    RUNNING = "running"
    ENDED = "ended"


OPEN_STATES: Final = (StandingState.ASKED, StandingState.RUNNING)


class StandingEnd(StrEnum):
    """Why a standing search ended."""

    CASE = "case-ended"
    LAST_DAY = "last-day-passed"
    PROBE = "probe-gone"
    STOPPED = "stopped"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of the gallery was compared: every enrolment up to this change, with this pack, under this policy.

    ``version`` 0 is nothing; with another pack or policy nothing counts as compared.
    """

    version: int
    pack: PackDigest | None
    policy: Sha256 | None

    def find_start(self, pack: PackDigest, policy: Sha256) -> int:
        """Return the change after which references are still to be compared."""
        return self.version if (pack, policy) == (self.pack, self.policy) else 0


NOTHING_COVERED: Final = Coverage(0, None, None)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a standing search cost, and found.

    ``found`` are candidates that people were asked to examine, ``cut`` those above the operating point that were more
    than a night may have, and that nobody was shown.
    """

    runs: int = 0
    comparisons: int = 0
    found: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True)
class StandingSearch:
    """A standing search of an authority for one face of one probe.

    ``face`` counts the faces of the original, or those of the ``prepared`` version. ``last_day`` is the last on which
    it may run. ``decision`` is why it was authorised, ``end_reason`` what was said when it ended. What was typed is
    empty after the case was erased.
    """

    id: StandingSearchId
    case: CaseId
    probe: ProbeId
    face: int
    prepared: PreparationId | None
    authority: AuthorityCode
    purpose: Purpose
    reason: str
    asked_at: datetime
    asked_by: str
    last_day: date
    state: StandingState = StandingState.ASKED
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    why_ended: StandingEnd | None = None
    end_reason: str | None = None
    covered: Coverage = NOTHING_COVERED
    last_run_at: datetime | None = None
    cost: Cost = Cost()

    def is_due(self, now: datetime) -> bool:
        """Return whether it runs and did not yet on this day: a night is the day in UTC that begins with it."""
        if self.state is not StandingState.RUNNING:
            return False
        return self.last_run_at is None or self.last_run_at.astimezone(UTC).date() < now.astimezone(UTC).date()


def find_latest_day(policy: Policy, rule: StandingRule, case: Case, now: datetime) -> date:
    """Return the latest last day that a standing search asked for now may have: the policy's, or that of the case.

    A case ends when nothing was done in it for long; what a standing search does by itself is nothing done in it.
    """
    of_case = case.last_act_at + timedelta(days=policy.retention.case)
    return min(now + timedelta(days=rule.longest), max(of_case, now)).astimezone(UTC).date()


def find_last_moment(last_day: date) -> datetime:
    """Return when a last day is over."""
    return datetime.combine(last_day + timedelta(days=1), time.min, UTC)


def check_asking(policy: Policy, case: Case, last_day: date, now: datetime) -> Permit | Refusal:
    """Return whether a standing search may be asked for in a case, until that day."""
    if case.state is not CaseState.OPEN:
        return Refusal(
            "standing.case-state", "the case is {state}; standing searches belong to open cases only", state=case.state
        )
    purpose = case.draft.purpose
    rule = policy.standing.get(purpose)
    if rule is None:
        return refuse_purpose(purpose)
    latest, today = find_latest_day(policy, rule, case, now), now.astimezone(UTC).date()
    if not today <= last_day <= latest:
        return Refusal(
            "standing.last-day",
            "the last day of a standing search for {purpose} lies between today and {latest}",
            field="last_day",
            purpose=purpose,
            latest=latest,
        )
    return Permit(f"standing.{purpose.value}")


def check_standing_decision(rule: StandingRule | None, standing: StandingSearch, actor: Actor) -> Permit | Refusal:
    """Return whether the actor may authorise it: one of the roles that the policy names, and not whoever asked."""
    if rule is None:
        return refuse_purpose(standing.purpose)
    if not rule.authorised_by & actor.roles:
        return Refusal(
            "standing.role",
            "standing searches for this purpose are authorised by a {roles:or}",
            roles=sorted(rule.authorised_by),
        )
    if actor.name == standing.asked_by:
        return Refusal("standing.same-person", "nobody authorises their own standing search; another person must")
    return Permit("standing.decide")


def refuse_purpose(purpose: Purpose) -> Refusal:
    """Return how a standing search for a purpose is refused that the policy allows none."""
    return Refusal("standing.purpose", "the policy allows no standing search for {purpose}", purpose=purpose)


def find_end(
    standing: StandingSearch, *, case: CaseState, probe_held: bool, rule: StandingRule | None, now: datetime
) -> StandingEnd | None:
    """Return why a standing search that was asked for or runs is over at that moment; None while it is not.

    A policy that allows none any more ends none: it does not run, and says so. One that allows shorter ones does.
    """
    if standing.state is StandingState.ENDED:
        return standing.why_ended
    if case is not CaseState.OPEN:
        return StandingEnd.CASE
    last_day = standing.last_day
    if rule is not None:
        last_day = min(last_day, (standing.asked_at + timedelta(days=rule.longest)).astimezone(UTC).date())
    if now >= find_last_moment(last_day):
        return StandingEnd.LAST_DAY
    return None if probe_held else StandingEnd.PROBE


def explain_end(end: StandingEnd) -> Message:
    """Return why a standing search ended, in words."""
    return _ENDED[end]


_ENDED: Final = {
    StandingEnd.CASE: Message("standing.ended-case", "its case is not open any more"),
    StandingEnd.LAST_DAY: Message("standing.ended-last-day", "its last day has passed"),
    StandingEnd.PROBE: Message("standing.ended-probe", "its probe is not held any more"),
    StandingEnd.STOPPED: Message("standing.ended-stopped", "somebody stopped it"),
    StandingEnd.REFUSED: Message("standing.ended-refused", "it was not authorised"),
    StandingEnd.WITHDRAWN: Message("standing.ended-withdrawn", "its authorisation was withdrawn"),
}
