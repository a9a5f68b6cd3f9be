"""What is wrong with a record that somebody wrote: all of it at once, field by field."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, is_dataclass
from datetime import date
from typing import Any, Final

from semblance.errors import RecordInvalid
from semblance.gallery.kinds import DESCRIBED, KINDS
from semblance.gallery.record import ImageSource, RecordDraft, RecordTerms, list_fields
from semblance.gallery.subject import find_key_fault, normalise_key
from semblance.messages.message import Message, make_message
from semblance.terms.description import UNDESCRIBED, Description, is_tooth
from semblance.terms.ids import find_code_fault
from semblance.terms.nature import Nature
from semblance.terms.record import RecordKind, Restriction, RestrictionMode
from semblance.terms.search import OLDEST
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing

LIST_CAP: Final = 100
LINE_CAP: Final = 2_000
LONG_TEXT_CAP: Final = 20_000
"""A charge may cite every paragraph of a law."""
_SOURCE_CAP: Final = 500
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}|[0-9]{3}")
_EARLIEST: Final = 1850
_FAULT: Final = "records.fault"
_NAMES: Final = ("family_name", "given_names", "original_script", "birth_name", "documents")


@dataclass(frozen=True, slots=True, init=False)
class Fault:
    """One field that is not acceptable as it is; ``fault`` says why and what to do."""

    field: str
    fault: Message

    def __init__(self, field: str, fault: Message | str, text: str | None = None, /, **values: object) -> None:
        object.__setattr__(self, "field", field)
        object.__setattr__(self, "fault", make_message(fault, text, values))

    @property
    def message(self) -> Message:
        """Return the fault with the field's name before it."""
        return Message("records.fault", "{field}: {fault}", field=self.field, fault=self.fault)

    def __str__(self) -> str:
        return str(self.message)


def read_fault(message: Message) -> Fault | None:
    """Return the fault that a problem of RecordInvalid is, or None for a problem of no field."""
    field, fault = message.values.get("field"), message.values.get("fault")
    if message.identifier != _FAULT or not isinstance(field, str) or not isinstance(fault, Message):
        return None
    return Fault(field, fault)


def require_no_faults(faults: Iterable[Fault]) -> None:
    """Raise RecordInvalid with every fault, unless there is none."""
    problems = [fault.message for fault in faults]
    if problems:
        raise RecordInvalid(
            "records.invalid",
            "The record cannot be saved: {faults:;}. Nothing was changed.",
            faults=problems,
            problems=problems,
        )


def find_draft_faults(draft: RecordDraft, *, today: date) -> tuple[Fault, ...]:
    """Return everything that keeps the draft from being a record; empty where nothing does."""
    return (
        *_find_law_faults(draft.legal_basis, draft.retain_until, draft.restriction, today),
        *_find_number_faults(draft.number),
        *_walk("personal", draft.personal, today),
        *_walk("circumstances", draft.circumstances, today),
        *_find_description_faults(draft, today),
        *find_missing(draft),
        *_find_typed_names(draft),
    )


def find_terms_faults(terms: RecordTerms, *, today: date) -> tuple[Fault, ...]:
    """Return what is wrong with what is given once for many records."""
    return (
        *_find_law_faults(terms.legal_basis, terms.retain_until, terms.restriction, today),
        *find_source_faults(terms.source, today=today),
        *_walk("circumstances", terms.circumstances, today),
    )


def find_source_faults(source: ImageSource, *, today: date) -> tuple[Fault, ...]:
    """Return what is wrong with the source of an image."""
    found = []
    if says_nothing(source.authority) or find_text_fault(source.authority, cap=_SOURCE_CAP):
        found.append(Fault("source.authority", "source.no-authority", "say which authority handed the image in"))
    if says_nothing(source.obtained) or find_text_fault(source.obtained, cap=_SOURCE_CAP):
        found.append(
            Fault("source.obtained", "source.no-way", "say how the image was obtained, in up to 500 characters")
        )
    if source.on > today:
        found.append(
            Fault(
                "source.on",
                "source.in-future",
                "{day} lies in the future; give the day on which it was obtained",
                day=source.on,
            )
        )
    elif source.on.year < _EARLIEST:
        found.append(Fault("source.on", "source.too-early", "{day} lies before there were photos", day=source.on))
    return tuple(found)


def find_last_day_fault(until: date, today: date) -> Fault | None:
    """Return why a record cannot be held until that day, or None."""
    if until > today:
        return None
    return Fault(
        "retain_until",
        "records.last-day-past",
        "{day} is not in the future; give the last day on which it may be held",
        day=until,
    )


def find_partial_date_fault(text: str) -> Message | None:
    """Return why the text is no date like 1970-05-17, 1970-05 or 1970, or None."""
    found = _DATE.fullmatch(text)
    if found is None:
        return Message("date.invalid", "'{text}' is no date; write 1970-05-17, 1970-05 or 1970", text=text)
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        return Message("date.no-day", "'{text}' is no day of the calendar", text=text)
    return None


def _find_law_faults(basis: str, until: date, restriction: Restriction, today: date) -> Iterator[Fault]:
    if says_nothing(basis):
        yield Fault(
            "legal_basis",
            "records.no-legal-basis",
            "is missing; cite the law or decision that allows the record to be held",
        )
    elif fault := find_text_fault(basis, cap=REASON_LENGTH_CAP, breaks=True):
        yield _write_anew("legal_basis", fault)
    if late := find_last_day_fault(until, today):
        yield late
    for code in sorted(restriction.authorities):
        if fault := find_code_fault(code):
            yield Fault("restriction", fault)
    if restriction.mode is not RestrictionMode.NONE and not restriction.authorities:
        yield Fault(
            "restriction",
            "records.restriction-empty",
            "names no authority; say which ones for '{mode}'",
            mode=restriction.mode,
        )


def _find_number_faults(number: str) -> Iterator[Fault]:
    fault = find_key_fault(normalise_key(number))
    if fault is not None:
        yield Fault(
            "number",
            "records.number-invalid",
            "{fault}; give the number under which the owner holds the record",
            fault=fault,
        )


def find_missing(draft: RecordDraft) -> Iterator[Fault]:
    """Give the fields that a record of this kind cannot be without, and that hold nothing."""
    rule = KINDS[draft.kind]
    for choice in rule.required:
        values = [getattr(draft.personal, name, None) or getattr(draft.circumstances, name, None) for name in choice]
        if not any(values):
            place = "personal" if hasattr(draft.personal, choice[0]) else "circumstances"
            yield Fault(
                f"{place}.{choice[0]}",
                "records.field-missing",
                "is missing; a {kind} needs {fields:or}",
                kind=rule.title,
                fields=choice,
            )


def _find_description_faults(draft: RecordDraft, today: date) -> Iterator[Fault]:
    said = draft.description
    if said != UNDESCRIBED and draft.kind not in DESCRIBED:
        yield Fault(
            "description",
            "records.description-misplaced",
            "is for {kinds:or}; leave it out of a {kind}",
            kinds=[KINDS[kind].title for kind in sorted(DESCRIBED)],
            kind=KINDS[draft.kind].title,
        )
    yield from _walk("description", said, today)
    yield from _find_spans_swapped(said)
    numbers = [tooth.number for tooth in said.teeth]
    for number in sorted({number for number in numbers if numbers.count(number) > 1}):
        yield Fault("description.teeth", "records.tooth-twice", "tooth {number} stands there twice", number=number)


def _find_spans_swapped(said: Description) -> Iterator[Fault]:
    for name, low, high in (("youngest", said.youngest, said.oldest), ("shortest", said.shortest, said.tallest)):
        if low is not None and high is not None and low > high:
            yield Fault(f"description.{name}", "records.span-swapped", "{low} is more than {high}", low=low, high=high)
    for name, degrees, most in (("latitude", said.latitude, 90), ("longitude", said.longitude, 180)):
        if degrees is not None and not -most <= degrees <= most:
            yield Fault(
                f"description.{name}",
                "records.degrees-invalid",
                "{number} is not between -{most} and {most}",
                number=degrees,
                most=most,
            )
    if (said.latitude is None) != (said.longitude is None):
        missing = "latitude" if said.latitude is None else "longitude"
        yield Fault(f"description.{missing}", "records.degrees-alone", "is missing; a place on a map needs both")


def _find_typed_names(draft: RecordDraft) -> Iterator[Fault]:
    if draft.kind is RecordKind.UNIDENTIFIED:
        for name in _NAMES:
            if getattr(draft.personal, name):
                yield Fault(
                    f"personal.{name}",
                    "records.name-typed",
                    "nobody types the name of an unidentified person: it is assigned after a verified lead. Where "
                    "something else says who it is, give the record another kind",
                )


def _walk(place: str, value: Any, today: date) -> Iterator[Fault]:
    for field in list_fields(type(value)):
        filled, where = getattr(value, field.name), f"{place}.{field.name}"
        if not field.many:
            yield from _find_value_faults(where, filled, field.nature, today)
        elif len(filled) > LIST_CAP:
            yield Fault(
                where, "records.too-many-entries", "has {n} entries; {most} are allowed", n=len(filled), most=LIST_CAP
            )
        else:
            for number, entry in enumerate(filled):
                yield from _find_value_faults(f"{where}[{number}]", entry, field.nature, today)


def _find_value_faults(where: str, value: object, nature: Nature | None, today: date) -> Iterator[Fault]:
    if is_dataclass(value):
        yield from _walk(where, value, today)
    elif isinstance(value, str):
        yield from _find_text_faults(where, value, nature, today)
    elif nature is Nature.YEARS and isinstance(value, int) and not 0 <= value <= OLDEST:
        yield Fault(where, "records.age-invalid", "an age of {number} years cannot be meant", number=value)
    elif nature is Nature.TOOTH and isinstance(value, int) and not is_tooth(value):
        yield Fault(
            where, "records.tooth-invalid", "there is no tooth {number}; write its FDI number, such as 11", number=value
        )
    elif nature is None and isinstance(value, int) and not 1 <= value <= 400:
        yield Fault(
            where, "records.measure-invalid", "{number} cannot be meant; give centimetres or kilograms", number=value
        )


def _find_text_faults(where: str, text: str, nature: Nature | None, today: date) -> Iterator[Fault]:
    long = nature is Nature.LONG
    if not text.strip():
        yield Fault(where, "records.field-empty", "is empty; leave the field out instead")
    elif fault := find_text_fault(text, cap=LONG_TEXT_CAP if long else LINE_CAP, breaks=long):
        yield _write_anew(where, fault)
    elif nature is Nature.COUNTRY and not _COUNTRY.fullmatch(text):
        yield Fault(
            where,
            "records.country-invalid",
            "'{text}' is no country code; write two capital letters (ISO 3166-1), such as FR",
            text=text,
        )
    elif nature is Nature.AUTHORITY and (fault := find_code_fault(text)):
        yield Fault(where, fault)
    elif nature is Nature.DATE:
        if fault := find_partial_date_fault(text):
            yield Fault(where, fault)
        elif text[: len(today.isoformat())] > today.isoformat()[: len(text)]:
            yield Fault(where, "date.in-future", "{text} lies in the future", text=text)
        elif int(text[:4]) < _EARLIEST:
            yield Fault(where, "date.too-early", "{text} lies too long ago", text=text)


def _write_anew(where: str, fault: Message) -> Fault:
    return Fault(where, "records.text-invalid", "{fault}; write it anew", fault=fault)
