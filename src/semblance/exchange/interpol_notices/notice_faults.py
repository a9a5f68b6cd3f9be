"""Faults of a notice under the names that notices have for their fields."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import ValidationError

from semblance.gallery.record_faults import Fault
from semblance.messages.message import Message, quote_text, rebuild_message

TEXTS: Final = {
    "family_name": "name",
    "given_names": "forename",
    "original_script": "name_in_original_script",
    "birth_place": "place_of_birth",
    "birth_country": "country_of_birth_id",
    "marks": "distinguishing_marks",
    "warning": "warning",
    "event_place": "place",
    "event_country": "country",
    "un_reference": "un_reference",
    "un_resolution": "un_resolution",
    "summary": "summary",
}
LISTS: Final = {
    "nationalities": "nationalities",
    "languages": "languages_spoken_ids",
    "eye_colours": "eyes_colors_id",
    "hair_colours": "hairs_id",
    "addressees": "addressees",
    "addresses": "adresses",
}
_NAMES: Final = {
    **TEXTS,
    **LISTS,
    "number": "entity_id",
    "birth_dates": "date_of_birth",
    "sex": "sex_id",
    "documents": "identity_documents",
    "warrants": "arrest_warrants",
    "event_date": "date_of_event",
}
"""What notices call a record's fields, where they do not call them the same."""

_PARTS: Final = {"].country": "].issuing_country_id", "].translation": "].charge_translation"}


def list_faults(error: ValidationError) -> Iterator[Fault]:
    """Give what is missing in a notice or of the wrong type."""
    for fault in error.errors(include_url=False, include_context=False):
        # the branches of "a text or an object" are told apart by their names, which no notice has
        steps = [part for part in fault["loc"] if part not in ("str", "AliasFields", "DocumentFields")]
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
        yield Fault(place, _FAULTS.get(fault["type"], quote_text(fault["msg"])))


_FAULTS: Final = {
    "missing": Message("operator.notices.missing", "is missing"),
    "string_type": Message("operator.notices.no-text", "must be a text"),
    "list_type": Message("operator.notices.no-list", "must be a list"),
    "float_type": Message("operator.notices.no-number", "must be a number"),
    "model_type": Message("operator.notices.must-be-object", "must be an object"),
    "string_unicode": Message("operator.notices.no-characters", "holds characters that are none"),
    "finite_number": Message("operator.notices.infinite", "must be a number that ends"),
    "greater_than_equal": Message("operator.notices.negative", "cannot be below 0"),
}


def name_all(faults: Iterable[Fault]) -> tuple[Message, ...]:
    """Return each fault once with the name of its field."""
    return tuple(dict.fromkeys(fault.message for fault in faults))


def rename_fault(fault: Fault) -> Fault:
    """Return the fault of a draft under the names that notices have for its fields."""
    message = fault.fault
    needed = message.values.get("fields")
    if isinstance(needed, tuple):
        renamed = [_NAMES.get(str(field), field) for field in needed]
        message = rebuild_message(message.identifier, message.text, {**message.values, "fields": renamed})
    return Fault(_name_field(fault.field), message)


def _name_field(field: str) -> str:
    plain = field.removeprefix("personal.").removeprefix("circumstances.")
    name = re.split(r"\W", plain)[0]
    field = _NAMES.get(name, name) + plain[len(name) :]
    for part, name in _PARTS.items():
        field = field.replace(part, name)
    return field
