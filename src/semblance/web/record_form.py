"""The form of a record: which fields it has, and how what was written becomes a document."""

from dataclasses import dataclass, fields
from typing import Any, Final

from semblance.gallery.kinds import KINDS
from semblance.gallery.record import RecordDraft, Sex
from semblance.terms.record import RecordKind, RestrictionMode
from semblance.web.contexts import Option
from semblance.web.language import N_, _
from semblance.web.record_contexts import FieldGroup, FieldView
from semblance.web.words import say_kind_purpose, say_value


@dataclass(frozen=True, slots=True)
class _Field:
    place: str
    name: str
    label: str
    hint: str = ""
    kind: str = "line"

    @property
    def key(self) -> str:
        return f"{self.place}.{self.name}" if self.place else self.name


_LAW: Final = (
    _Field("", "number", N_("Number"), N_("Under which your authority holds the record")),
    _Field("", "legal_basis", N_("Legal basis"), N_("The law or decision that allows it to be held"), "text"),
    _Field("", "retain_until", N_("Held until"), N_("The last day; the policy may set an earlier one"), "date"),
    _Field("restriction", "mode", N_("Who may see it"), N_("Your own authority always may"), "choice"),
    _Field("restriction", "authorities", N_("Authorities"), N_("Codes such as FR or BE, one on each line"), "list"),
)
_PERSONAL: Final = (
    _Field("personal", "family_name", N_("Family name")),
    _Field("personal", "given_names", N_("Given names")),
    _Field("personal", "original_script", N_("Name in its own script")),
    _Field("personal", "birth_name", N_("Name at birth")),
    _Field("personal", "aliases", N_("Also known as"), N_("One on each line"), "list"),
    _Field(
        "personal", "birth_dates", N_("Dates of birth"), N_("1970-05-17, 1970-05 or 1970, one on each line"), "list"
    ),
    _Field("personal", "birth_place", N_("Place of birth")),
    _Field("personal", "birth_country", N_("Country of birth"), N_("Two letters (ISO 3166-1)")),
    _Field("personal", "sex", N_("Sex as recorded"), "", "choice"),
    _Field("personal", "nationalities", N_("Nationalities"), N_("Two letters, one on each line"), "list"),
    _Field("personal", "languages", N_("Languages"), N_("One on each line"), "list"),
    _Field("personal", "documents", N_("Identity documents"), N_("Kind; number; country, one on each line"), "list"),
    _Field("personal", "height", N_("Height"), N_("In centimetres")),
    _Field("personal", "weight", N_("Weight"), N_("In kilograms")),
    _Field("personal", "eye_colours", N_("Colour of the eyes"), N_("One on each line"), "list"),
    _Field("personal", "hair_colours", N_("Colour of the hair"), N_("One on each line"), "list"),
    _Field("personal", "marks", N_("Distinguishing marks"), "", "text"),
    _Field("personal", "father_name", N_("Father's name")),
    _Field("personal", "mother_name", N_("Mother's name")),
)
_CIRCUMSTANCES: Final = (
    _Field("circumstances", "warrants", N_("Warrants"), N_("Country; charge; translation, one on each line"), "list"),
    _Field("circumstances", "asked", N_("What is asked"), "", "text"),
    _Field("circumstances", "warning", N_("Warning"), "", "text"),
    _Field("circumstances", "event_date", N_("Date of the event"), N_("1970-05-17, 1970-05 or 1970")),
    _Field("circumstances", "event_place", N_("Place of the event")),
    _Field("circumstances", "event_country", N_("Country of the event"), N_("Two letters (ISO 3166-1)")),
    _Field("circumstances", "un_reference", N_("UN reference")),
    _Field("circumstances", "un_reference_date", N_("Date of the reference"), N_("1970-05-17, 1970-05 or 1970")),
    _Field("circumstances", "un_resolution", N_("Resolution")),
    _Field("circumstances", "addressees", N_("Addressees"), N_("Codes of authorities, one on each line"), "list"),
    _Field("circumstances", "addresses", N_("Addresses"), N_("One on each line"), "list"),
    _Field("circumstances", "summary", N_("Summary"), "", "text"),
)
_FIELDS: Final = (*_LAW, *_PERSONAL, *_CIRCUMSTANCES)
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


def name_field(name: str) -> str:
    """Return the label of a field by the name that faults and changes call it."""
    plain = name.partition("[")[0]
    found = next((field.label for field in _FIELDS if plain in (field.key, field.name)), None)
    others = {"restriction": N_("Who may see it"), "state": N_("State"), "answer": N_("Publish-time question")}
    return _(found or others.get(plain, plain.replace("_", " ").capitalize()))


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
