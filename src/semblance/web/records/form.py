"""The form of a record: which fields it has, and how what was written becomes a document."""

from dataclasses import fields
from typing import Any, Final

from semblance.gallery.kinds import KINDS
from semblance.gallery.record import RecordDraft, Sex
from semblance.terms.record import RecordKind, RestrictionMode
from semblance.web.page.contexts import Option
from semblance.web.records.contexts import FieldGroup, FieldView
from semblance.web.wording.field_labels import _CIRCUMSTANCES, _FIELDS, _LAW, _PERSONAL, _Field
from semblance.web.wording.language import N_, _
from semblance.web.wording.words import say_kind_purpose, say_value

KEYS: Final = tuple(field.key for field in _FIELDS)
"""The names of all fields of the form."""

_PARTS: Final = {"documents": ("kind", "number", "country"), "warrants": ("country", "charge", "translation")}
_NUMBERS: Final = frozenset({"height", "weight"})
_MODES: Final = {
    RestrictionMode.NONE: N_("Every authority"),
    RestrictionMode.ONLY: N_("Only these authorities"),
    RestrictionMode.EXCEPT: N_("All but these authorities"),
}
_SHOWN: Final[dict[RecordKind, frozenset[str]]] = {
    RecordKind.RED: frozenset({"warrants", "summary"}),
    RecordKind.BLUE: frozenset({"asked", "summary"}),
    RecordKind.YELLOW: frozenset({"event_date", "event_place", "event_country", "summary"}),
    RecordKind.BLACK: frozenset({"event_date", "event_place", "event_country", "summary"}),
    RecordKind.GREEN: frozenset({"warning", "summary"}),
    RecordKind.UN: frozenset({"un_reference", "un_reference_date", "un_resolution", "addresses", "summary"}),
    RecordKind.DIFFUSION: frozenset({"asked", "addressees", "warrants", "summary"}),
    RecordKind.UNIDENTIFIED: frozenset({"summary", "event_date", "event_place", "event_country"}),
    RecordKind.SAMPLE: frozenset({"summary"}),
}


def write_values(draft: RecordDraft) -> dict[str, str]:
    """Return what the fields of the form hold for a draft."""
    values = {}
    for field in _FIELDS:
        owner: Any = getattr(draft, field.place) if field.place else draft
        held = getattr(owner, field.name)
        if isinstance(held, frozenset):
            held = tuple(sorted(held))
        values[field.key] = _join(held) if isinstance(held, tuple) else "" if held is None else str(held)
    return values


def read_values(kind: RecordKind, values: dict[str, str]) -> dict[str, Any]:
    """Return the document that the fields make up; what is empty is left out."""
    # what every record needs is handed on also when it is empty, so that it is judged with the rest
    document: dict[str, Any] = {"kind": kind.value, "number": "", "legal_basis": ""}
    for field in _FIELDS:
        text = values.get(field.key, "").replace("\r\n", "\n").strip()
        if not text:
            continue
        into = document.setdefault(field.place, {}) if field.place else document
        into[field.name] = _split(field, text)
    restriction = document.get("restriction", {})
    if restriction.get("mode", RestrictionMode.NONE.value) == RestrictionMode.NONE.value:
        document.pop("restriction", None)
    return document


def group_fields(kind: RecordKind, values: dict[str, str], problems: dict[str, str]) -> tuple[FieldGroup, ...]:
    """Return the form's fields in groups; of the circumstances those that the kind asks for, or that hold something."""
    shown = _SHOWN[kind]
    circumstances = tuple(
        field for field in _CIRCUMSTANCES if field.name in shown or values.get(field.key) or field.key in problems
    )

    def view(chosen: tuple[_Field, ...]) -> tuple[FieldView, ...]:
        return tuple(_view(field, kind, values, problems) for field in chosen)

    return (
        FieldGroup(_("Law"), "", view(_LAW)),
        FieldGroup(_("Circumstances"), say_kind_purpose(kind, capital=True), view(circumstances)),
        FieldGroup(
            _("Person"),
            _("Nothing is asked, and nothing may be written, about ethnicity, religion, politics or the like."),
            view(_PERSONAL),
        ),
    )


def find_key(name: str) -> str | None:
    """Return the form's field that a fault is about, None where it is none of them."""
    plain = name.partition("[")[0].partition(":")[0]
    if plain == "restriction":
        return "restriction.authorities"
    return next((field.key for field in _FIELDS if plain in (field.key, field.name)), None)


def _view(field: _Field, kind: RecordKind, values: dict[str, str], problems: dict[str, str]) -> FieldView:
    value = values.get(field.key, "")
    alone = {name for choice in KINDS[kind].required if len(choice) == 1 for name in choice}
    others = {name for choice in KINDS[kind].required if len(choice) > 1 for name in choice}
    needed = _("needed") if field.name in alone | {"number", "legal_basis", "retain_until"} else ""
    return FieldView(
        name=field.key,
        label=_(field.label),
        hint=_(field.hint) if field.hint else "",
        kind=field.kind,
        value=value,
        needed=_("one of them needed") if not needed and field.name in others else needed,
        options=_list_options(field, value),
        problem=problems.get(field.key),
    )


def _list_options(field: _Field, value: str) -> tuple[Option, ...]:
    if field.name == "mode":
        return tuple(Option(mode.value, _(words), mode.value == value) for mode, words in _MODES.items())
    if field.name == "sex":
        return (Option("", _("Not recorded"), not value), *(Option(sex, say_value(sex), sex == value) for sex in Sex))
    return ()


def _split(field: _Field, text: str) -> Any:
    if field.name in _NUMBERS and text.isdecimal() and len(text) < 6:
        return int(text)
    if field.kind != "list":
        return text
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    names = _PARTS.get(field.name)
    if names is None:
        return lines
    split = [[part.strip() for part in line.split(";", len(names) - 1)] for line in lines]
    return [{name: part for name, part in zip(names, parts, strict=False) if part} for parts in split]


def _join(held: tuple[Any, ...]) -> str:
    lines = []
    for one in held:
        parts = [str(one)] if isinstance(one, str) else [getattr(one, field.name) or "" for field in fields(one)]
        lines.append("; ".join(parts).rstrip("; "))
    return "\n".join(lines)
