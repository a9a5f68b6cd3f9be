"""What is wrong with a record that somebody wrote: all of it at once, field by field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, Final

from semblance.gallery.kinds import KINDS
from semblance.gallery.record import ImageSource, RecordDraft, RecordTerms
from semblance.gallery.subject import find_key_fault, normalise_key
from semblance.messages.message import Message, make_message
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


@dataclass(frozen=True, slots=True, init=False)
class Fault:
    """One field that cannot be taken as it is; the message says why and what to do."""

    field: str
    fault: Message

    def __init__(self, field: str, fault: Message | str, text: str | None = None, /, **values: object) -> None:
        object.__setattr__(self, "field", field)
        object.__setattr__(self, "fault", make_message(fault, text, values))

    @property
    def sentence(self) -> str:
        return str(self.fault)

    @property
    def message(self) -> Message:
        """Return the fault with the field's name before it."""
        return Message("records.fault", "{field}: {fault}", field=self.field, fault=self.fault)

    def __str__(self) -> str:
        return str(self.message)


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
        found.append(
            Fault(
                "source.authority",
                "records.say-authority-handed-image",
                "say which authority handed the image in",
            )
        )
    if says_nothing(source.obtained) or find_text_fault(source.obtained, cap=TEXT_CAP):
        found.append(
            Fault(
                "source.obtained",
                "records.say-how-image-obtained-up",
                "say how the image was obtained, in up to 500 characters",
            )
        )
    if source.on > today:
        found.append(
            Fault(
                "source.on",
                "records.lies-future-give-day-obtained",
                "{day} lies in the future; give the day on which it was obtained",
                day=source.on,
            )
        )
    elif source.on.year < _EARLIEST:
        found.append(
            Fault(
                "source.on",
                "records.lies-before-were-photos",
                "{day} lies before there were photos",
                day=source.on,
            )
        )
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
        yield Fault(
            "legal_basis",
            "records.missing-cite-law-decision-allows",
            "is missing; cite the law or decision that allows the record to be held",
        )
    elif fault := find_text_fault(basis, cap=REASON_LENGTH_CAP, breaks=True):
        yield Fault("legal_basis", "records.write-anew", "{fault}; write it anew", fault=fault)
    if until <= today:
        yield Fault(
            "retain_until",
            "records.not-future-give-last-day",
            "{day} is not in the future; give the last day on which it may be held",
            day=until,
        )
    for code in sorted(restriction.authorities):
        if fault := find_code_fault(code):
            yield Fault("restriction", fault)
    if restriction.mode is not RestrictionMode.NONE and not restriction.authorities:
        yield Fault(
            "restriction",
            "records.names-no-authority-say-ones",
            "names no authority; say which ones for '{mode}'",
            mode=restriction.mode,
        )


def _find_number_faults(number: str) -> Iterator[Fault]:
    fault = find_key_fault(normalise_key(number))
    if fault is not None:
        yield Fault(
            "number",
            "records.give-number-under-owner-holds",
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
                "records.missing-needs",
                "is missing; a {kind} needs {fields:or}",
                kind=rule.title,
                fields=choice,
            )


def _walk(place: str, value: Any, today: date) -> Iterator[Fault]:
    for field in fields(value):
        name, held = field.name, getattr(value, field.name)
        many = held if isinstance(held, tuple) else (held,)
        if len(many) > LIST_CAP:
            yield Fault(
                f"{place}.{name}",
                "records.entries-allowed",
                "has {n} entries; {most} are allowed",
                n=len(many),
                most=LIST_CAP,
            )
            continue
        for number, one in enumerate(many):
            where = f"{place}.{name}[{number}]" if isinstance(held, tuple) else f"{place}.{name}"
            if is_dataclass(one):
                yield from _walk(where, one, today)
            elif isinstance(one, str):
                yield from _find_value_faults(where, name, one, today)
            elif isinstance(one, int) and not 1 <= one <= 400:
                yield Fault(
                    where,
                    "records.cannot-meant-give-centimetres-kilograms",
                    "{number} cannot be meant; give centimetres or kilograms",
                    number=one,
                )


def _find_value_faults(where: str, name: str, text: str, today: date) -> Iterator[Fault]:
    cap = REASON_LENGTH_CAP if name in _LONG else TEXT_CAP
    if not text.strip():
        yield Fault(where, "records.empty-leave-field-out-instead", "is empty; leave the field out instead")
    elif fault := find_text_fault(text, cap=cap, breaks=name in _LONG):
        yield Fault(where, "records.write-anew", "{fault}; write it anew", fault=fault)
    elif name in _COUNTRIES and not _COUNTRY.fullmatch(text):
        yield Fault(
            where,
            "records.no-country-code-write-two",
            "'{text}' is no country code; write two capital letters (ISO 3166-1), such as FR",
            text=text,
        )
    elif name == "addressees" and (fault := find_code_fault(text)):
        yield Fault(where, fault)
    elif name in _DATES:
        if fault := find_partial_date_fault(text):
            yield Fault(where, fault)
        elif text[: len(today.isoformat())] > today.isoformat()[: len(text)]:
            yield Fault(where, "records.lies-future", "{text} lies in the future", text=text)
        elif int(text[:4]) < _EARLIEST:
            yield Fault(where, "records.lies-too-long-ago", "{text} lies too long ago", text=text)
