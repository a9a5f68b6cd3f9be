"""What is wrong with a record that somebody wrote: all of it at once, field by field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, Final

from semblance.gallery.kinds import KINDS
from semblance.gallery.record import ImageSource, RecordDraft, RecordTerms
from semblance.gallery.subject import find_key_fault, normalise_key
from semblance.terms.authority import find_code_fault
from semblance.terms.record import Restriction, RestrictionMode
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing

LIST_CAP: Final = 100
TEXT_CAP: Final = 500
_LONG: Final = frozenset({"asked", "warning", "summary", "marks", "charge", "translation"})
_COUNTRIES: Final = frozenset({"birth_country", "event_country", "nationalities", "country"})
_DATES: Final = frozenset({"birth_dates", "event_date", "un_reference_date"})
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_EARLIEST: Final = 1850


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that cannot be taken as it is, and the sentence that says why and what to do."""

    field: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.field}: {self.sentence}"


def find_draft_faults(draft: RecordDraft, *, today: date) -> tuple[Fault, ...]:
    """Return everything that keeps the draft from being a record; empty where nothing does."""
    return (
        *_find_law_faults(draft.legal_basis, draft.retain_until, draft.restriction, today),
        *_find_number_faults(draft.number),
        *_walk("personal", draft.personal, today),
        *_walk("circumstances", draft.circumstances, today),
        *find_missing(draft),
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
    if says_nothing(source.authority) or find_text_fault(source.authority, cap=TEXT_CAP):
        found.append(Fault("source.authority", "say which authority handed the image in"))
    if says_nothing(source.obtained) or find_text_fault(source.obtained, cap=TEXT_CAP):
        found.append(Fault("source.obtained", "say how the image was obtained, in up to 500 characters"))
    if source.on > today:
        found.append(Fault("source.on", f"{source.on} lies in the future; give the day on which it was obtained"))
    elif source.on.year < _EARLIEST:
        found.append(Fault("source.on", f"{source.on} lies before there were photos"))
    return tuple(found)


def find_partial_date_fault(text: str) -> str | None:
    """Return in words why the text is no date like 1970-05-17, 1970-05 or 1970, or None."""
    found = _DATE.fullmatch(text)
    if found is None:
        return f"{text!r} is no date; write 1970-05-17, 1970-05 or 1970"
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        return f"{text!r} is no day of the calendar"
    return None


def _find_law_faults(basis: str, until: date, restriction: Restriction, today: date) -> Iterator[Fault]:
    if says_nothing(basis):
        yield Fault("legal_basis", "is missing; cite the law or decision that allows the record to be held")
    elif fault := find_text_fault(basis, cap=REASON_LENGTH_CAP, breaks=True):
        yield Fault("legal_basis", f"{fault}; write it anew")
    if until <= today:
        yield Fault("retain_until", f"{until} is not in the future; give the last day on which it may be held")
    for code in sorted(restriction.authorities):
        if fault := find_code_fault(code):
            yield Fault("restriction", fault)
    if restriction.mode is not RestrictionMode.NONE and not restriction.authorities:
        yield Fault("restriction", f"names no authority; say which ones for {restriction.mode.value!r}")


def _find_number_faults(number: str) -> Iterator[Fault]:
    fault = find_key_fault(normalise_key(number))
    if fault is not None:
        yield Fault("number", f"{fault}; give the number under which the owner holds the record")


def find_missing(draft: RecordDraft) -> Iterator[Fault]:
    """Give the fields that a record of this kind cannot be without, and that hold nothing."""
    rule = KINDS[draft.kind]
    for choice in rule.required:
        values = [getattr(draft.personal, name, None) or getattr(draft.circumstances, name, None) for name in choice]
        if not any(values):
            place = "personal" if hasattr(draft.personal, choice[0]) else "circumstances"
            yield Fault(f"{place}.{choice[0]}", f"is missing; a {rule.title} needs {' or '.join(choice)}")


def _walk(place: str, value: Any, today: date) -> Iterator[Fault]:
    for field in fields(value):
        name, held = field.name, getattr(value, field.name)
        many = held if isinstance(held, tuple) else (held,)
        if len(many) > LIST_CAP:
            yield Fault(f"{place}.{name}", f"has {len(many)} entries; {LIST_CAP} are allowed")
            continue
        for number, one in enumerate(many):
            where = f"{place}.{name}[{number}]" if isinstance(held, tuple) else f"{place}.{name}"
            if is_dataclass(one):
                yield from _walk(where, one, today)
            elif isinstance(one, str):
                yield from _find_value_faults(where, name, one, today)
            elif isinstance(one, int) and not 1 <= one <= 400:
                yield Fault(where, f"{one} cannot be meant; give centimetres or kilograms")


def _find_value_faults(where: str, name: str, text: str, today: date) -> Iterator[Fault]:
    cap = REASON_LENGTH_CAP if name in _LONG else TEXT_CAP
    if not text.strip():
        yield Fault(where, "is empty; leave the field out instead")
    elif fault := find_text_fault(text, cap=cap, breaks=name in _LONG):
        yield Fault(where, f"{fault}; write it anew")
    elif name in _COUNTRIES and not _COUNTRY.fullmatch(text):
        yield Fault(where, f"{text!r} is no country code; write two capital letters (ISO 3166-1), such as FR")
    elif name == "addressees" and (fault := find_code_fault(text)):
        yield Fault(where, fault)
    elif name in _DATES:
        if fault := find_partial_date_fault(text):
            yield Fault(where, fault)
        elif text[: len(today.isoformat())] > today.isoformat()[: len(text)]:
            yield Fault(where, f"{text} lies in the future")
        elif int(text[:4]) < _EARLIEST:
            yield Fault(where, f"{text} lies too long ago")
