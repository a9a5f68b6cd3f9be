"""The policy of a node as values: who may do what to which record, and which purposes search which kinds.

The bounds of each value stand with it; ``read_policy`` holds the file to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

from pydantic import Field

from semblance.terms.action import Action
from semblance.terms.authority import CODE_PATTERN, AuthorityCode
from semblance.terms.ids import Sha256
from semblance.terms.purpose import Purpose
from semblance.terms.record import RecordKind, RecordState
from semblance.terms.role import Role

_LONGEST: Final = 36_525
Days: TypeAlias = Annotated[int, Field(strict=True, ge=1, le=_LONGEST)]
DaysOrNone: TypeAlias = Annotated[int, Field(strict=True, ge=0, le=_LONGEST)]


class Whose(StrEnum):
    """Whose records or cases an action may touch.

    ``own``: those of the actor's authority. ``visible``: also those of others that their restrictions let it see.
    ``any``: the action touches no single record or case, or those of every authority.
    """

    OWN = "own"
    VISIBLE = "visible"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class ActionRule:
    """Who may do an action: whoever holds one of the roles; ``states`` are those of the record, where there is one."""

    roles: frozenset[Role]
    whose: Whose
    states: frozenset[RecordState]


@dataclass(frozen=True, slots=True)
class PurposeRule:
    """What searches for a purpose may do.

    ``authorised_by`` are the roles of which one must authorise the search, empty where none must.
    ``authorisation_hours`` is the clock: within so many hours after the first search; 0 means before it.
    ``searches_per_day`` is each authority's, per UTC day. ``law`` cites what the rule rests on. ``unmasked``
    shows names, ranks and scores at once and asks for no opinions: for samples only, never for anybody sought.
    """

    kinds: Annotated[frozenset[RecordKind], Field(min_length=1)]
    candidates: Annotated[int, Field(strict=True, ge=1, le=50)]
    searches_per_day: Annotated[int, Field(strict=True, ge=0)]
    authorised_by: frozenset[Role]
    authorisation_hours: Annotated[int, Field(strict=True, ge=0, le=24 * 31)]
    law: Annotated[str, Field(min_length=1)]
    unmasked: Annotated[bool, Field(strict=True)] = False


class Waivable(StrEnum):
    """The rules that a policy may waive: that somebody authorises a search, and that two examiners judge a pair."""

    AUTHORISATION = "authorisation"
    TWO_EXAMINERS = "two-examiners"


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule that does not bind certain authorities, with the law that allows it; using one is recorded."""

    rule: Waivable
    authorities: Annotated[frozenset[Annotated[AuthorityCode, Field(pattern=CODE_PATTERN)]], Field(min_length=1)]
    law: Annotated[str, Field(min_length=10)]


@dataclass(frozen=True, slots=True)
class Retention:
    """Time limits in days; ``record`` is the longest from publication, whatever date the owner named.

    ``expired_record`` counts from a record's last day to its erasure, ``request_deadline`` from the day on which
    somebody asked about themselves to that of the answer, ``request`` from the answer to the erasure of what was asked.
    """

    record: Days
    reminder: DaysOrNone
    case: Days
    probe: Days
    justification: Days
    expired_record: DaysOrNone
    request_deadline: Annotated[int, Field(strict=True, ge=1, le=366)]
    request: Days


@dataclass(frozen=True, slots=True)
class ExaminationRule:
    """How what a search found is examined.

    ``lures`` known non-mates are put among the candidates, from active records of ``lure_kinds``, whose subjects are
    known: none where that is 0. ``owner_days`` is how long the owner of a record has to check a lead on it, and
    ``owner_reminder`` so many days before the end it is reminded.
    """

    lures: Annotated[int, Field(strict=True, ge=0, le=5)] = 1
    lure_kinds: frozenset[RecordKind] = frozenset({RecordKind.SAMPLE})
    owner_days: Annotated[int, Field(strict=True, ge=1, le=366)] = 14
    owner_reminder: Annotated[int, Field(strict=True, ge=0, le=366)] = 7


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What a policy file says."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    retention: Retention
    purposes: Annotated[Mapping[Purpose, PurposeRule], Field(min_length=1)]
    actions: Annotated[Mapping[Action, ActionRule], Field(min_length=1)]
    waivers: tuple[Waiver, ...] = ()
    examination: ExaminationRule = ExaminationRule()

    def find_waiver(self, rule: Waivable, authority: AuthorityCode) -> Waiver | None:
        """Return the waiver of the rule for the authority, or None where the rule binds it."""
        waivers = (waiver for waiver in self.waivers if waiver.rule is rule and authority in waiver.authorities)
        return next(waivers, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(PolicyFile):
    """One version of the policy; ``text`` is the file as it was read, ``digest`` its SHA-256."""

    text: str
    digest: Sha256
