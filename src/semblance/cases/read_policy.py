"""Reading a policy file: every key is known, every value is of the closed sets, or the file is not taken at all."""

import tomllib
from dataclasses import fields
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, ValidationError

from semblance.cases.policy import Policy, PolicyFile
from semblance.errors import ConfigurationError
from semblance.messages.message import Message
from semblance.terms.action import Action
from semblance.terms.ids import digest_bytes
from semblance.terms.record import RecordKind
from semblance.terms.role import Role


class _Read(BaseModel):
    """Validates a file; how its keys are written holds for every section in it."""

    model_config = ConfigDict(extra="forbid", alias_generator=lambda name: name.replace("_", "-"))

    file: PolicyFile


def read_default_policy() -> Policy:
    """Return the policy that Semblance ships."""
    return read_policy((files("semblance.cases") / "default_policy.toml").read_text(encoding="utf-8"), source="default")


def read_policy(text: str, *, source: str) -> Policy:
    """Return the policy that the TOML text states; ``source`` is what errors call the file.

    Raises ConfigurationError with the first fault: no TOML, an unknown key, kind, purpose, role, action or state.
    """
    try:
        found = _Read.model_validate({"file": tomllib.loads(text)}).file
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
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
            raise ConfigurationError(
                "policy.key-missing",
                "{source}: `{key}` is missing. docs/policy.md says what it may be; nothing was changed.",
                source=source,
                key=key,
            ) from None
        if first["type"] == "unexpected_keyword_argument":
            raise ConfigurationError(
                "policy.key-unknown",
                "{source}: there is no key `{key}`. docs/policy.md lists them; nothing was changed.",
                source=source,
                key=key,
            ) from None
        raise ConfigurationError(
            "policy.value-wrong",
            "{source}: `{key}` is wrong: {fault} (given: '{given}'). docs/policy.md says what it may be; "
            "nothing was changed.",
            source=source,
            key=key,
            fault=first["msg"],
            given=first["input"],
        ) from None
    if contradiction := _find_contradiction(found):
        raise ConfigurationError(
            "policy.contradiction", "{source}: {fault}; nothing was changed.", source=source, fault=contradiction
        )
    read = {field.name: getattr(found, field.name) for field in fields(found)}
    return Policy(**read, text=text, digest=digest_bytes(text.encode()))


def _find_contradiction(found: PolicyFile) -> Message | None:
    """Return why the policy cannot be meant, though each part of it can be read; None where nothing is wrong."""
    replacing = found.actions.get(Action.POLICY_REPLACE)
    if replacing is None or not replacing.roles:
        return Message("policy.never-replaced", "nobody could ever replace it; give `policy.replace` a role")
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
    return None
