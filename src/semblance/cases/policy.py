"""The policy of a node as values: who may do what to which record, and which purposes search which kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from semblance.terms.action import Action
from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import Sha256
from semblance.terms.purpose import Purpose
from semblance.terms.record import RecordKind, RecordState
from semblance.terms.role import Role


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

    kinds: frozenset[RecordKind]
    candidates: int
    searches_per_day: int
    authorised_by: frozenset[Role]
    authorisation_hours: int
    law: str
    unmasked: bool = False


class Waivable(StrEnum):
    """The rules that a policy may waive: that somebody authorises a search, and that two examiners judge a pair."""

    AUTHORISATION = "authorisation"
    TWO_EXAMINERS = "two-examiners"


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule that does not bind certain authorities, with the law that allows it; using one is recorded."""

    rule: Waivable
    authorities: frozenset[AuthorityCode]
    law: str


@dataclass(frozen=True, slots=True)
class Retention:
    """Time limits in days; ``record`` is the longest from publication, whatever date the owner named.

    ``expired_record`` counts from a record's last day to its erasure, ``request_deadline`` from the day on which
    somebody asked about themselves to that of the answer, ``request`` from the answer to the erasure of what was asked.
    """

    record: int
    reminder: int
    case: int
    probe: int
    justification: int
    expired_record: int
    request_deadline: int
    request: int


@dataclass(frozen=True, slots=True)
class ExaminationRule:
    """How what a search found is examined.

    ``lures`` known non-mates are put among the candidates, from active records of ``lure_kinds``, whose subjects are
    known: none where that is 0. ``owner_days`` is how long the owner of a record has to check a lead on it, and
    ``owner_reminder`` so many days before the end it is reminded.
    """

    lures: int = 1
    lure_kinds: frozenset[RecordKind] = frozenset({RecordKind.SAMPLE})
    owner_days: int = 14
    owner_reminder: int = 7


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy file; ``text`` is the file as it was read, ``digest`` its SHA-256."""

    title: str
    text: str
    digest: Sha256
    actions: Mapping[Action, ActionRule]
    purposes: Mapping[Purpose, PurposeRule]
    waivers: tuple[Waiver, ...]
    retention: Retention
    examination: ExaminationRule = ExaminationRule()

    def find_waiver(self, rule: Waivable, authority: AuthorityCode) -> Waiver | None:
        """Return the waiver of the rule for the authority, or None where the rule binds it."""
        return next((one for one in self.waivers if one.rule is rule and authority in one.authorities), None)
