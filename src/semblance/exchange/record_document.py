"""A record as a document (JSON): read with every problem named at once, and written back the same."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Final, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from semblance.errors import RecordInvalid
from semblance.gallery.kinds import FORBIDDEN
from semblance.gallery.record import RecordDraft, RecordTerms

T = TypeVar("T")

_DRAFT: Final = TypeAdapter(RecordDraft)
_TERMS: Final = TypeAdapter(RecordTerms)


def read_draft(document: object) -> RecordDraft:
    """Return the draft that the document states.

    Unknown fields are refused by name, and fields that no record has (ethnicity, religion, politics …) in words of
    their own. What the fields say is judged elsewhere. Raises RecordInvalid with every problem.
    """
    return _read(_DRAFT, RecordDraft, document)


def read_terms(document: object) -> RecordTerms:
    """Return the terms that the document states, in the same manner; raises RecordInvalid with every problem."""
    return _read(_TERMS, RecordTerms, document)


def write_draft(draft: RecordDraft) -> dict[str, Any]:
    """Return the draft as a document; reading it gives the same draft."""
    written: dict[str, Any] = _DRAFT.dump_python(draft, mode="json", exclude_defaults=True)
    return written


def _read(adapter: TypeAdapter[T], kind: type[T], document: object) -> T:
    if not isinstance(document, Mapping):
        raise RecordInvalid(
            "intake.record-json-object-nothing-changed",
            "A record is a JSON object; nothing was changed.",
            problems=("it is no JSON object",),
        )
    problems = list(_find_unknown(document, kind, ""))
    found = None
    try:
        found = adapter.validate_python(document)
    except ValidationError as error:
        for fault in error.errors():
            place = ".".join(str(part) for part in fault["loc"])
            problems.append(f"{place}: {'is missing' if fault['type'] == 'missing' else fault['msg']}")
    if problems or found is None:
        raise RecordInvalid(
            "intake.record-cannot-taken-nothing-changed",
            "The record cannot be taken: {faults}. Nothing was changed.",
            faults="; ".join(problems),
            problems=tuple(problems),
        )
    return found


def _find_unknown(document: Mapping[Any, Any], kind: Any, place: str) -> Iterator[str]:
    hints = get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    for name, value in document.items():
        where = f"{place}{name}"
        if str(name).casefold() in FORBIDDEN:
            yield f"{where}: no record says this of anybody; leave it out"
        elif name not in known:
            near = get_close_matches(str(name), known, n=1)
            yield f"{where}: there is no such field{f'; is {near[0]} meant?' if near else ''}"
        else:
            inner = _find_dataclass(hints[name])
            many = value if isinstance(value, list) else [value]
            for number, one in enumerate(many):
                if inner is not None and isinstance(one, Mapping):
                    step = f"{where}[{number}]." if isinstance(value, list) else f"{where}."
                    yield from _find_unknown(one, inner, step)


def _find_dataclass(hint: Any) -> Any:
    if is_dataclass(hint):
        return hint
    return next((found for part in get_args(hint) if (found := _find_dataclass(part)) is not None), None)
