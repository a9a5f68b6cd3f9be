"""Steps as JSON: a list of objects, each with the name of its step and its numbers."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from semblance.errors import StepsInvalid
from semblance.terms.preparation import STEP_TYPES, STEPS_CAP, Deinterlace, Lines, Step

_KEY: Final = "step"
_LENGTH_CAP: Final = 8000
_TYPES: Final = {kind.name: kind for kind in STEP_TYPES}


def write_steps(steps: Sequence[Step]) -> str:
    """Return the steps as a JSON list, in their order."""
    return json.dumps(
        [{_KEY: step.name, **{field.name: getattr(step, field.name) for field in fields(step)}} for step in steps],
        separators=(",", ":"),
    )


def read_steps(text: str) -> tuple[Step, ...]:
    """Return the steps that the JSON text lists; raises StepsInvalid, which names the step at fault."""
    if len(text) > _LENGTH_CAP:
        raise StepsInvalid(
            "terms.list-steps-too-long-meant", "The list of steps is too long to be meant; take steps away."
        )
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise StepsInvalid(
            "terms.list-steps-not-valid-json", "The list of steps is not valid JSON; begin again with the original."
        ) from None
    if not isinstance(found, list):
        raise StepsInvalid("terms.steps-no-list-begin-again", "The steps are no list; begin again with the original.")
    if len(found) > STEPS_CAP:
        raise StepsInvalid(
            "terms.steps-allowed-take-steps-away",
            "There are {n} steps; {most} are allowed. Take steps away.",
            n=len(found),
            most=STEPS_CAP,
        )
    return tuple(_read_step(number, one) for number, one in enumerate(found, start=1))


def _read_step(number: int, document: Any) -> Step:
    name = document.get(_KEY) if isinstance(document, dict) else None
    kind = _TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        known = ", ".join(sorted(_TYPES))
        raise StepsInvalid(
            "terms.step-none-known-use", "Step {n} is none that is known; use {names}.", n=number, names=known
        )
    wanted = {field.name for field in fields(kind)}
    given = {key: value for key, value in document.items() if key != _KEY}
    if set(given) != wanted:
        raise StepsInvalid(
            "terms.step-needs-nothing-else",
            "Step {n}, {step}, needs {names} and nothing else.",
            n=number,
            step=name,
            names=", ".join(sorted(wanted)) or "nothing",
        )
    if kind is Deinterlace:
        if given["keep"] not in tuple(Lines):
            raise StepsInvalid(
                "terms.step-deinterlace-keeps-upper-lower",
                "Step {n}, deinterlace, keeps upper or lower lines and nothing else.",
                n=number,
            )
        return Deinterlace(Lines(given["keep"]))
    try:
        return kind(**given)
    except StepsInvalid as fault:
        raise StepsInvalid("terms.step", "Step {n}: {fault}", n=number, fault=fault) from None
