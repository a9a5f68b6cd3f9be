"""Steps as JSON: a list of objects, each with the name of its step and its numbers."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from semblance.errors import StepsFaulty
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
    """Return the steps that the JSON text lists; raises StepsFaulty, which names the step at fault."""
    if len(text) > _LENGTH_CAP:
        raise StepsFaulty("The list of steps is too long to be meant; take steps away.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise StepsFaulty("The list of steps is not valid JSON; begin again with the original.") from None
    if not isinstance(found, list):
        raise StepsFaulty("The steps are no list; begin again with the original.")
    if len(found) > STEPS_CAP:
        raise StepsFaulty(f"There are {len(found)} steps; {STEPS_CAP} are allowed. Take steps away.")
    return tuple(_read_step(number, one) for number, one in enumerate(found, start=1))


def _read_step(number: int, document: Any) -> Step:
    name = document.get(_KEY) if isinstance(document, dict) else None
    kind = _TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        known = ", ".join(sorted(_TYPES))
        raise StepsFaulty(f"Step {number} is none that is known; use {known}.")
    wanted = {field.name for field in fields(kind)}
    given = {key: value for key, value in document.items() if key != _KEY}
    if set(given) != wanted:
        raise StepsFaulty(f"Step {number}, {name}, needs {', '.join(sorted(wanted)) or 'nothing'} and nothing else.")
    if kind is Deinterlace:
        if given["keep"] not in tuple(Lines):
            raise StepsFaulty(f"Step {number}, deinterlace, keeps upper or lower lines and nothing else.")
        return Deinterlace(Lines(given["keep"]))
    try:
        return kind(**given)
    except StepsFaulty as fault:
        raise StepsFaulty(f"Step {number}: {fault}") from None
