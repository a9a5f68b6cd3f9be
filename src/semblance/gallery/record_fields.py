"""Which fields a record has, read from its declaration: what checks, reads or shows them goes by this."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from semblance.gallery.record import Nature


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field: its name, whether it holds several, the type of each, and what a text in it is."""

    name: str
    many: bool
    type: Any
    nature: Nature | None


def list_fields(declared: Any) -> tuple[RecordField, ...]:
    """Return the fields of a dataclass that a record is made of, in their order."""
    return _read_fields(declared)


@cache
def _read_fields(declared: Any) -> tuple[RecordField, ...]:
    found = []
    for name, hint in get_type_hints(declared, include_extras=True).items():
        many, nature = False, None
        while inner := [part for part in get_args(hint) if part not in (type(None), ...)]:
            if get_origin(hint) is Annotated:
                nature = next((part for part in inner if isinstance(part, Nature)), None)
            many = many or get_origin(hint) in (tuple, frozenset)
            hint = inner[0]
        found.append(RecordField(name, many, hint, nature))
    return tuple(found)
