"""The policy of a node as values: who may do what to which record, and which purposes search which kinds.

The bounds of each value stand with it. Every key of a policy file is known and every value is of the closed sets, or
the file is not taken at all.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from importlib.resources import files
from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from semblance.errors import PolicyInvalid
from semblance.messages.message import Message
from semblance.terms.ids import CODE_PATTERN, AuthorityCode, Sha256, digest_bytes
from semblance.terms.permission import Action, Purpose, Role
from semblance.terms.record import RecordKind, RecordState

_LONGEST: Final = 36_525
Days: TypeAlias = Annotated[int, Field(strict=True, ge=1, le=_LONGEST)]
DaysOrNone: TypeAlias = Annotated[int, Field(strict=True, ge=0, le=_LONGEST)]


class Whose(StrEnum):
    """Whose records or cases an action may touch.

    ``own``: those of the actor's authority. ``visible``: also those of others that their restrictions let it see.
    ``any``: the action touches no single record or case, or those of every authority; restrictions hold all the same.
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
    ``compared`` are the kinds of record whose photos may be handed in as probes; a policy that does not say so allows
    none.
    """

    kinds: Annotated[frozenset[RecordKind], Field(min_length=1)]
    candidates: Annotated[int, Field(strict=True, ge=1, le=50)]
    searches_per_day: Annotated[int, Field(strict=True, ge=0)]
    authorised_by: frozenset[Role]
    authorisation_hours: Annotated[int, Field(strict=True, ge=0, le=24 * 31)]
    law: Annotated[str, Field(min_length=1)]
    unmasked: Annotated[bool, Field(strict=True)] = False
    compared: frozenset[RecordKind] = frozenset()


@dataclass(frozen=True, slots=True)
class StandingRule:
    """What standing searches for a purpose may do; a purpose without such a rule has none.

    ``false_candidates`` is the operating point: so many candidates are expected in a night of all standing searches of
    an authority for the purpose together, if nobody who is sought was enrolled. ``candidates`` caps one search and
    night, ``runs_per_day`` all of an authority's. ``longest`` is in days from when it was asked for.
    """

    authorised_by: Annotated[frozenset[Role], Field(min_length=1)]
    longest: Days
    false_candidates: Annotated[float, Field(gt=0, le=1000)]
    candidates: Annotated[int, Field(strict=True, ge=1, le=50)]
    runs_per_day: Annotated[int, Field(strict=True, ge=0)]
    law: Annotated[str, Field(min_length=1)]


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
    somebody asked about themselves to that of the answer, ``request`` from the answer to the erasure of what was asked,
    ``submission`` from the day on which videos and photos are submitted to their latest review date.
    """

    record: Days
    reminder: DaysOrNone
    case: Days
    probe: Days
    justification: Days
    expired_record: DaysOrNone
    request_deadline: Annotated[int, Field(strict=True, ge=1, le=366)]
    request: Days
    submission: Days = 180


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
class SubmissionRule:
    """How much may be submitted: in one file and in all of a case, in megabytes, and in how many files at once."""

    file_megabytes: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 16_000
    case_megabytes: Annotated[int, Field(strict=True, ge=1, le=10_000_000)] = 64_000
    files: Annotated[int, Field(strict=True, ge=1, le=100_000)] = 5000


@dataclass(frozen=True, slots=True)
class ReconciliationRule:
    """Whose missing persons are compared with whose found ones; a policy that does not say so compares nobody.

    ``purpose`` bounds the kinds. ``pairs`` are the most that are offered of a record, each way; ``false_pairs`` is the
    operating point: so many are expected in a night if nobody who is missed was found.
    """

    authorities: frozenset[Annotated[AuthorityCode, Field(pattern=CODE_PATTERN)]] = frozenset()
    purpose: Purpose = Purpose.MISSING_PERSON
    pairs: Annotated[int, Field(strict=True, ge=1, le=50)] = 5
    false_pairs: Annotated[float, Field(gt=0, le=100_000)] = 10.0


_EXAMINING: Final = frozenset({Role.EXAMINER, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class RolesRule:
    """Which roles one person never holds beside each other: those of different groups in ``apart``.

    A policy that does not say so is an older one, and means the groups that the shipped one names.
    """

    apart: tuple[Annotated[frozenset[Role], Field(min_length=1)], ...] = (
        frozenset({Role.ADMINISTRATOR}),
        frozenset({Role.DATA_PROTECTION_OFFICER}),
        _EXAMINING,
    )


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What a policy file says."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    retention: Retention
    purposes: Annotated[Mapping[Purpose, PurposeRule], Field(min_length=1)]
    actions: Annotated[Mapping[Action, ActionRule], Field(min_length=1)]
    waivers: tuple[Waiver, ...] = ()
    examination: ExaminationRule = ExaminationRule()
    roles: RolesRule = RolesRule()
    submissions: SubmissionRule = SubmissionRule()
    standing: Mapping[Purpose, StandingRule] = field(default_factory=dict)
    reconciliation: ReconciliationRule = ReconciliationRule()

    def find_waiver(self, rule: Waivable, authority: AuthorityCode) -> Waiver | None:
        """Return the waiver of the rule for the authority, or None where the rule binds it."""
        waivers = (waiver for waiver in self.waivers if waiver.rule is rule and authority in waiver.authorities)
        return next(waivers, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(PolicyFile):
    """One version of the policy; ``text`` is the file as it was read, ``digest`` its SHA-256."""

    text: str
    digest: Sha256


class _Read(BaseModel):
    """Validates a file; how its keys are written holds for every section in it."""

    model_config = ConfigDict(extra="forbid", alias_generator=lambda name: name.replace("_", "-"))

    file: PolicyFile


def read_default_policy() -> Policy:
    """Return the policy that Semblance ships."""
    return read_policy((files("semblance.cases") / "default_policy.toml").read_text(encoding="utf-8"), source="default")


def read_policy(text: str, *, source: str) -> Policy:
    """Return the policy that the TOML text states; ``source`` is what errors call the file.

    Raises PolicyInvalid with the first fault: no TOML, an unknown key, kind, purpose, role, action or state.
    """
    try:
        found = _Read.model_validate({"file": tomllib.loads(text)}).file
    except tomllib.TOMLDecodeError as error:
        raise PolicyInvalid(
            "policy.no-toml",
            "{source} is not valid TOML: {fault}. Mend that line; nothing was changed.",
            source=source,
            fault=error,
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        # the model around the file is no part of it
        key = ".".join(map(str, first["loc"][1:]))
        if first["type"] == "missing":
            raise PolicyInvalid(
                "policy.key-missing",
                "{source}: `{key}` is missing. docs/policy.md says what it may be; nothing was changed.",
                source=source,
                key=key,
            ) from None
        if first["type"] == "unexpected_keyword_argument":
            raise PolicyInvalid(
                "policy.key-unknown",
                "{source}: there is no key `{key}`. docs/policy.md lists them; nothing was changed.",
                source=source,
                key=key,
            ) from None
        raise PolicyInvalid(
            "policy.value-wrong",
            "{source}: `{key}` is wrong: {fault} (given: '{given}'). docs/policy.md says what it may be; "
            "nothing was changed.",
            source=source,
            key=key,
            fault=first["msg"],
            given=first["input"],
        ) from None
    if contradiction := _find_contradiction(found):
        raise PolicyInvalid(
            "policy.contradiction", "{source}: {fault}; nothing was changed.", source=source, fault=contradiction
        )
    read = {part.name: getattr(found, part.name) for part in fields(found)}
    return Policy(**read, text=text, digest=digest_bytes(text.encode()))


def _find_contradiction(found: PolicyFile) -> Message | None:
    """Return why the policy cannot be meant, though each part of it can be read; None where nothing is wrong."""
    replacing = found.actions.get(Action.POLICY_REPLACE)
    if replacing is None or not replacing.roles:
        return Message("policy.never-replaced", "nobody could ever replace it; give `policy.replace` a role")
    if sum(map(len, found.roles.apart)) > len(frozenset[Role]().union(*found.roles.apart)):
        return Message("policy.role-twice", "a role stands in two groups of `roles.apart`; name it in one")
    granting = found.actions.get(Action.AUTHORISATION_GRANT)
    granters = frozenset[Role]() if granting is None else granting.roles
    for purpose, rule in found.purposes.items():
        if rule.unmasked and rule.kinds != {RecordKind.SAMPLE}:
            return Message(
                "policy.unmasked",
                "{purpose} shows names and scores before any opinion; only samples may be searched so",
                purpose=purpose,
            )
        if rule.authorised_by and not rule.authorised_by & granters:
            return Message(
                "policy.never-granted",
                "nobody who may authorise a search for {purpose} may grant; see `authorisation.grant`",
                purpose=purpose,
            )
        if rule.authorisation_hours and not rule.authorised_by:
            return Message(
                "policy.clock-without-role",
                "{purpose} has `authorisation-hours` and nobody in `authorised-by`; name a role, or say 0 hours",
                purpose=purpose,
            )
    return _find_standing_contradiction(found)


def _find_standing_contradiction(found: PolicyFile) -> Message | None:
    granting = found.actions.get(Action.STANDING_GRANT)
    granters = frozenset[Role]() if granting is None else granting.roles
    for purpose, rule in found.standing.items():
        searched = found.purposes.get(purpose)
        # of a purpose that is not searched for none runs
        if searched is not None and searched.unmasked:
            return Message(
                "policy.standing-purpose",
                "{purpose} has standing searches, but no searches whose candidates are examined",
                purpose=purpose,
            )
        if not rule.authorised_by & granters:
            return Message(
                "policy.standing-never-granted",
                "nobody who may authorise a standing search for {purpose} may grant; see `standing.grant`",
                purpose=purpose,
            )
    return None
