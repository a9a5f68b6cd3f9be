"""A record as a document (JSON): read with every problem named at once, and written back the same."""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from semblance.errors import RecordInvalid
from semblance.gallery.kinds import FORBIDDEN
from semblance.gallery.record import RecordDraft, RecordTerms, list_fields
from semblance.gallery.record_faults import Fault, require_no_faults
from semblance.messages.message import quote_text

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
        raise RecordInvalid("records.no-object", "A record is a JSON object; nothing was changed.")
    faults = list(_find_unknown(document, kind, ""))
    try:
        found = adapter.validate_python(document)
    except ValidationError as error:
        require_no_faults([*faults, *map(_describe, error.errors())])
        raise
    require_no_faults(faults)
    return found


def _describe(problem: ErrorDetails) -> Fault:
    place = ".".join(map(str, problem["loc"]))
    if problem["type"] == "missing":
        return Fault(place, "records.field-absent", "is missing")
    return Fault(place, quote_text(problem["msg"]))


def _find_unknown(document: Mapping[Any, Any], kind: type, place: str) -> Iterator[Fault]:
    known = {field.name: field.type for field in list_fields(kind)}
    for name, value in document.items():
        where = f"{place}{name}"
        if str(name).casefold() in FORBIDDEN:
            yield Fault(where, "records.field-forbidden", "no record says this of anybody; leave it out")
        elif name not in known:
            near = get_close_matches(str(name), known, n=1)
            if near:
                yield Fault(where, "records.field-mistyped", "there is no such field; is {near} meant?", near=near[0])
            else:
                yield Fault(where, "records.field-unknown", "there is no such field")
        elif is_dataclass(known[name]):
            for number, entry in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(entry, Mapping):
                    step = f"{where}[{number}]." if isinstance(value, list) else f"{where}."
                    yield from _find_unknown(entry, known[name], step)
