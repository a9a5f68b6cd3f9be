"""Steps as JSON: a list of objects, each with the name of its step and its numbers."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from semblance.errors import StepsInvalid
from semblance.terms.preparation import STEP_TYPES, Deinterlace, Lines, Step, number_fault, require_few

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
        raise StepsInvalid("steps.too-long", "The list of steps is too long to be meant; take steps away.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise StepsInvalid(
            "steps.no-json", "The list of steps is not valid JSON; begin again with the original."
        ) from None
    if not isinstance(found, list):
        raise StepsInvalid("steps.no-list", "The steps are no list; begin again with the original.")
    require_few(found)
    return tuple(_read_step(number, document) for number, document in enumerate(found, start=1))


def _read_step(number: int, document: Any) -> Step:
    name = document.get(_KEY) if isinstance(document, dict) else None
    kind = _TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise StepsInvalid(
            "steps.step-unknown", "Step {n} is none that is known; use {names}.", n=number, names=sorted(_TYPES)
        )
    wanted = {field.name for field in fields(kind)}
    given = {key: value for key, value in document.items() if key != _KEY}
    if set(given) != wanted and not wanted:
        raise StepsInvalid("steps.numbers-given", "Step {n}, {step}, needs no numbers.", n=number, step=name)
    if set(given) != wanted:
        raise StepsInvalid(
            "steps.other-numbers",
            "Step {n}, {step}, needs {names} and nothing else.",
            n=number,
            step=name,
            names=sorted(wanted),
        )
    if kind is Deinterlace:
        if given["keep"] not in tuple(Lines):
            raise StepsInvalid(
                "steps.lines-unknown", "Step {n}, deinterlace, keeps upper or lower lines and nothing else.", n=number
            )
        return Deinterlace(Lines(given["keep"]))
    try:
        return kind(**given)
    except StepsInvalid as fault:
        raise number_fault(number, fault) from None
