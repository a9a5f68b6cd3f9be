"""The form of a record, made from the record's own declaration; and how what was written becomes a document."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from semblance.gallery.kinds import DESCRIBED, KINDS
from semblance.gallery.record import Circumstances, Personal, RecordDraft, RecordField, list_fields
from semblance.terms.description import Description, Existence
from semblance.terms.nature import Nature
from semblance.terms.record import RecordKind, Restriction, RestrictionMode, Sex
from semblance.web.page.contexts import Option
from semblance.web.wording.field_labels import name_field
from semblance.web.wording.language import N_, _
from semblance.web.wording.words import say_kind_purpose, say_value

_MODES: Final = {
    RestrictionMode.NONE: N_("Every authority"),
    RestrictionMode.ONLY: N_("Only these authorities"),
    RestrictionMode.EXCEPT: N_("All but these authorities"),
}
_HINTS: Final = {
    "number": N_("Under which your authority holds the record"),
    "legal_basis": N_("The law or decision that allows it to be held"),
    "retain_until": N_("The last day; the policy may set an earlier one"),
    "mode": N_("Your own authority always may"),
    "authorities": N_("Codes such as FR or BE, one on each line"),
    "documents": N_("Kind; number; country, one on each line"),
    "height": N_("In centimetres"),
    "weight": N_("In kilograms"),
    "warrants": N_("Country; charge; translation, one on each line"),
    "latitude": N_("Degrees, such as 48.8566"),
    "longitude": N_("Degrees, such as 2.3522"),
    "youngest": N_("Age in years at the event, at least"),
    "oldest": N_("Age in years at the event, at most"),
    "shortest": N_("In centimetres, at least"),
    "tallest": N_("In centimetres, at most"),
    "hair": N_("black, brown, blond, red, grey, white, bald or dyed, one on each line"),
    "eyes": N_("brown, blue, green, grey, hazel or black, one on each line"),
    "body_marks": N_("Place; kind; how it looks, one on each line: left-arm; tattoo; an anchor"),
    "teeth": N_("FDI number; state, one on each line: 11; filled"),
}
_HINTS_BY_NATURE: Final = {
    (None, True): N_("One on each line"),
    (Nature.DATE, False): N_("1970-05-17, 1970-05 or 1970"),
    (Nature.DATE, True): N_("1970-05-17, 1970-05 or 1970, one on each line"),
    (Nature.COUNTRY, False): N_("Two letters (ISO 3166-1)"),
    (Nature.COUNTRY, True): N_("Two letters, one on each line"),
    (Nature.AUTHORITY, True): N_("Codes of authorities, one on each line"),
}
_CHOICES: Final[dict[str, type[StrEnum]]] = {"sex": Sex, "fingerprints": Existence, "dna": Existence}
_NEEDED: Final = frozenset({"number", "legal_basis", "retain_until"})


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of the form; ``kind`` is line, text, list, date or choice, ``needed`` whether it must be filled in."""

    name: str
    label: str
    hint: str
    kind: str
    value: str
    needed: str
    options: tuple[Option, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields under one heading."""

    title: str
    hint: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class _FormField:
    place: str
    field: RecordField

    @property
    def key(self) -> str:
        return f"{self.place}.{self.field.name}" if self.place else self.field.name

    @property
    def kind(self) -> str:
        if self.field.many:
            return "list"
        if issubclass(self.field.type, StrEnum):
            return "choice"
        return "date" if self.field.type is date else "text" if self.field.nature is Nature.LONG else "line"


def _list_fields(place: str, declared: type) -> Iterator[_FormField]:
    for field in list_fields(declared):
        if field.type in (Restriction, Personal, Circumstances, Description):
            yield from _list_fields(field.name, field.type)
        elif field.type is not RecordKind:
            yield _FormField(place, field)


_FIELDS: Final = tuple(_list_fields("", RecordDraft))

KEYS: Final = tuple(field.key for field in _FIELDS)
"""The names of all fields of the form."""


def write_values(draft: RecordDraft) -> dict[str, str]:
    """Return what the fields of the form hold for a draft."""
    values = {}
    for field in _FIELDS:
        value = getattr(getattr(draft, field.place) if field.place else draft, field.field.name)
        if isinstance(value, frozenset):
            value = tuple(sorted(value))
        values[field.key] = _join(value) if isinstance(value, tuple) else "" if value is None else str(value)
    return values


def read_values(kind: RecordKind, values: dict[str, str]) -> dict[str, Any]:
    """Return the document that the fields make up; what is empty is left out."""
    # what every record needs is handed on also when it is empty, so that it is judged with the rest
    document: dict[str, Any] = {"kind": kind.value, "number": "", "legal_basis": ""}
    for field in _FIELDS:
        text = values.get(field.key, "").replace("\r\n", "\n").strip()
        if text:
            into = document.setdefault(field.place, {}) if field.place else document
            into[field.field.name] = _split(field.field, text)
    restriction = document.get("restriction", {})
    if restriction.get("mode", RestrictionMode.NONE.value) == RestrictionMode.NONE.value:
        document.pop("restriction", None)
    return document


def group_fields(kind: RecordKind, values: dict[str, str], problems: dict[str, str]) -> tuple[FieldGroup, ...]:
    """Return the form's fields in groups; of the circumstances those that the kind asks for, or that hold something."""
    rule = KINDS[kind]
    offered = {"summary", *rule.offered, *(name for choice in rule.required for name in choice)}

    def view(*places: str) -> tuple[FieldView, ...]:
        return tuple(
            _view(field, kind, values.get(field.key, ""), problems.get(field.key))
            for field in _FIELDS
            if field.place in places
            and (
                field.place != "circumstances"
                or field.field.name in offered
                or values.get(field.key)
                or field.key in problems
            )
        )

    described = view("description")
    groups = (
        FieldGroup(_("Law"), "", view("", "restriction")),
        FieldGroup(_("Circumstances"), say_kind_purpose(kind, capital=True), view("circumstances")),
        FieldGroup(
            _("Person"),
            _("Nothing is asked, and nothing may be written, about ethnicity, religion, politics or the like."),
            view("personal"),
        ),
    )
    if kind not in DESCRIBED and not any(field.value or field.problem for field in described):
        return groups
    hint = _("What missing persons and those who were found are compared by, after the faces")
    return (*groups, FieldGroup(_("Body and belongings"), hint, described))


def find_key(name: str) -> str | None:
    """Return the form's field that a fault is about, None where it is none of them."""
    plain = name.partition("[")[0]
    if plain == "restriction":
        return "restriction.authorities"
    return next(
        (field.key for field in _FIELDS if plain in (field.key, field.field.name) or plain.startswith(f"{field.key}.")),
        None,
    )


def _view(field: _FormField, kind: RecordKind, value: str, problem: str | None) -> FieldView:
    name, needed = field.field.name, ""
    for choice in KINDS[kind].required:
        if name in choice:
            needed = _("needed") if len(choice) == 1 else _("one of them needed")
    hint = _HINTS.get(name) or _HINTS_BY_NATURE.get((field.field.nature, field.field.many))
    return FieldView(
        name=field.key,
        label=name_field(name),
        hint=_(hint) if hint else "",
        kind=field.kind,
        value=value,
        needed=_("needed") if name in _NEEDED else needed,
        options=_list_options(name, value),
        problem=problem,
    )


def _list_options(name: str, value: str) -> tuple[Option, ...]:
    if name == "mode":
        return tuple(Option(mode.value, _(words), mode.value == value) for mode, words in _MODES.items())
    if name in _CHOICES:
        options = (Option(choice, say_value(choice), choice == value) for choice in _CHOICES[name])
        return (Option("", _("Not recorded"), not value), *options)
    return ()


def _split(field: RecordField, text: str) -> Any:
    if field.type is int and text.isdecimal() and len(text) < 6:
        return int(text)
    if not field.many:
        return text
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not is_dataclass(field.type):
        return lines
    names = [part.name for part in list_fields(field.type)]
    split = [[part.strip() for part in line.split(";", len(names) - 1)] for line in lines]
    return [{name: part for name, part in zip(names, parts, strict=False) if part} for parts in split]


def _join(entries: tuple[Any, ...]) -> str:
    lines = []
    for entry in entries:
        parts = (
            [entry] if isinstance(entry, str) else [str(getattr(entry, field.name) or "") for field in fields(entry)]
        )
        lines.append("; ".join(parts).rstrip("; "))
    return "\n".join(lines)
