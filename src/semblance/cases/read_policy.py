"""Reading a policy file: every key is known, every value is of the closed sets, or the file is not taken at all."""

import tomllib
from importlib.resources import files
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from semblance.cases.policy import ActionRule, ExaminationRule, Policy, PurposeRule, Retention, Waivable, Waiver, Whose
from semblance.errors import ConfigurationError
from semblance.terms.action import Action
from semblance.terms.authority import CODE_PATTERN, AuthorityCode
from semblance.terms.ids import digest_bytes
from semblance.terms.purpose import Purpose
from semblance.terms.record import RecordKind, RecordState
from semblance.terms.role import Role

_LONGEST: Final = 36_525
_EXAMINED: Final = ExaminationRule()


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-"))


class _Retention(_Section):
    record: int = Field(strict=True, ge=1, le=_LONGEST)
    reminder: int = Field(strict=True, ge=0, le=_LONGEST)
    case: int = Field(strict=True, ge=1, le=_LONGEST)
    probe: int = Field(strict=True, ge=1, le=_LONGEST)
    justification: int = Field(strict=True, ge=1, le=_LONGEST)
    expired_record: int = Field(strict=True, ge=0, le=_LONGEST)
    request_deadline: int = Field(strict=True, ge=1, le=366)
    request: int = Field(strict=True, ge=1, le=_LONGEST)


class _PurposeRule(_Section):
    kinds: frozenset[RecordKind] = Field(min_length=1)
    candidates: int = Field(strict=True, ge=1, le=50)
    searches_per_day: int = Field(strict=True, ge=0)
    authorised_by: frozenset[Role]
    authorisation_hours: int = Field(strict=True, ge=0, le=24 * 31)
    law: str = Field(min_length=1)
    unmasked: bool = Field(default=False, strict=True)


class _Examination(_Section):
    lures: int = Field(default=_EXAMINED.lures, strict=True, ge=0, le=5)
    lure_kinds: frozenset[RecordKind] = _EXAMINED.lure_kinds
    owner_days: int = Field(default=_EXAMINED.owner_days, strict=True, ge=1, le=366)
    owner_reminder: int = Field(default=_EXAMINED.owner_reminder, strict=True, ge=0, le=366)


class _ActionRule(_Section):
    roles: frozenset[Role]
    whose: Whose
    states: frozenset[RecordState]


class _Waiver(_Section):
    rule: Waivable
    authorities: frozenset[Annotated[str, Field(pattern=CODE_PATTERN)]] = Field(min_length=1)
    law: str = Field(min_length=10)


class _File(_Section):
    title: str = Field(min_length=1, max_length=200)
    retention: _Retention
    purposes: dict[Purpose, _PurposeRule] = Field(min_length=1)
    actions: dict[Action, _ActionRule] = Field(min_length=1)
    waivers: tuple[_Waiver, ...] = ()
    examination: _Examination = _Examination()


def read_default_policy() -> Policy:
    """Return the policy that Semblance ships."""
    return read_policy((files("semblance.cases") / "default_policy.toml").read_text(encoding="utf-8"), source="default")


def read_policy(text: str, *, source: str) -> Policy:
    """Return the policy that the TOML text states; ``source`` is what errors call the file.

    Raises ConfigurationError with the first fault: no TOML, an unknown key, kind, purpose, role, action or state.
    """
    try:
        table: dict[str, Any] = tomllib.loads(text)
        found = _File.model_validate(table)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            "operator.cases.not-valid-toml-mend-line",
            "{source} is not valid TOML: {error}. Mend that line; nothing was changed.",
            source=source,
            error=error,
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(
            "operator.cases.wrong-given-docs-policy-md",
            "{source}: `{key}` is wrong: {first} (given: '{first_2}'). docs/policy.md says what it may be; "
            "nothing was changed.",
            source=source,
            key=key,
            first=first["msg"],
            first_2=first["input"],
        ) from None
    contradiction = _find_contradiction(found)
    if contradiction is not None:
        raise ConfigurationError(
            "operator.cases.nothing-changed",
            "{source}: {contradiction}; nothing was changed.",
            source=source,
            contradiction=contradiction,
        )
    return Policy(
        title=found.title,
        text=text,
        digest=digest_bytes(text.encode()),
        actions={action: ActionRule(rule.roles, rule.whose, rule.states) for action, rule in found.actions.items()},
        purposes={
            purpose: PurposeRule(
                rule.kinds,
                rule.candidates,
                rule.searches_per_day,
                rule.authorised_by,
                rule.authorisation_hours,
                rule.law,
                rule.unmasked,
            )
            for purpose, rule in found.purposes.items()
        },
        waivers=tuple(
            Waiver(waiver.rule, frozenset(map(AuthorityCode, waiver.authorities)), waiver.law)
            for waiver in found.waivers
        ),
        retention=Retention(**found.retention.model_dump()),
        examination=ExaminationRule(**found.examination.model_dump()),
    )


def _find_contradiction(found: _File) -> str | None:
    """Return why the policy cannot be meant, though each part of it can be read; None where nothing is wrong."""
    replacing = found.actions.get(Action.POLICY_REPLACE)
    if replacing is None or not replacing.roles:
        return "nobody could ever replace it; give `policy.replace` a role"
    granting = found.actions.get(Action.AUTHORISATION_GRANT)
    granters = frozenset[Role]() if granting is None else granting.roles
    for purpose, rule in found.purposes.items():
        if rule.unmasked and rule.kinds != {RecordKind.SAMPLE}:
            return f"{purpose.value} shows names and scores before any opinion; only samples may be searched so"
        if rule.authorised_by and not rule.authorised_by & granters:
            return f"nobody who may authorise a search for {purpose.value} may grant; see `authorisation.grant`"
        if rule.authorisation_hours and not rule.authorised_by:
            return (
                f"{purpose.value} has `authorisation-hours` and nobody in `authorised-by`; name a role, or say 0 hours"
            )
    return None
