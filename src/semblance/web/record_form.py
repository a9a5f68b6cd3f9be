"""The form of a record: which fields it has, and how what was written becomes a document."""

from dataclasses import dataclass, fields
from typing import Any, Final

from semblance.gallery.kinds import KINDS
from semblance.gallery.record import RecordDraft, Sex
from semblance.terms.record import RecordKind, RestrictionMode
from semblance.web.contexts import Option
from semblance.web.record_contexts import FieldGroup, FieldView


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


_LINES: Final = "one on each line"
_PARTIAL: Final = "1970-05-17, 1970-05 or 1970"
_LAW: Final = (
    _Field("", "number", "Number", "Under which your authority holds the record"),
    _Field("", "legal_basis", "Legal basis", "The law or decision that allows it to be held", "text"),
    _Field("", "retain_until", "Held until", "The last day; the policy may set an earlier one", "date"),
    _Field("restriction", "mode", "Who may see it", "Your own authority always may", "choice"),
    _Field("restriction", "authorities", "Authorities", f"Codes such as FR or BE, {_LINES}", "list"),
)
_PERSONAL: Final = (
    _Field("personal", "family_name", "Family name"),
    _Field("personal", "given_names", "Given names"),
    _Field("personal", "original_script", "Name in its own script"),
    _Field("personal", "birth_name", "Name at birth"),
    _Field("personal", "aliases", "Also known as", _LINES.capitalize(), "list"),
    _Field("personal", "birth_dates", "Dates of birth", f"{_PARTIAL}, {_LINES}", "list"),
    _Field("personal", "birth_place", "Place of birth"),
    _Field("personal", "birth_country", "Country of birth", "Two letters (ISO 3166-1)"),
    _Field("personal", "sex", "Sex as recorded", "", "choice"),
    _Field("personal", "nationalities", "Nationalities", f"Two letters, {_LINES}", "list"),
    _Field("personal", "languages", "Languages", _LINES.capitalize(), "list"),
    _Field("personal", "documents", "Identity documents", "Kind; number; country, one on each line", "list"),
    _Field("personal", "height", "Height", "In centimetres"),
    _Field("personal", "weight", "Weight", "In kilograms"),
    _Field("personal", "eye_colours", "Colour of the eyes", _LINES.capitalize(), "list"),
    _Field("personal", "hair_colours", "Colour of the hair", _LINES.capitalize(), "list"),
    _Field("personal", "marks", "Distinguishing marks", "", "text"),
    _Field("personal", "father_name", "Father's name"),
    _Field("personal", "mother_name", "Mother's name"),
)
_CIRCUMSTANCES: Final = (
    _Field("circumstances", "warrants", "Warrants", "Country; charge; translation, one on each line", "list"),
    _Field("circumstances", "asked", "What is asked", "", "text"),
    _Field("circumstances", "warning", "Warning", "", "text"),
    _Field("circumstances", "event_date", "Date of the event", _PARTIAL),
    _Field("circumstances", "event_place", "Place of the event"),
    _Field("circumstances", "event_country", "Country of the event", "Two letters (ISO 3166-1)"),
    _Field("circumstances", "un_reference", "UN reference"),
    _Field("circumstances", "un_reference_date", "Date of the reference", _PARTIAL),
    _Field("circumstances", "un_resolution", "Resolution"),
    _Field("circumstances", "addressees", "Addressees", f"Codes of authorities, {_LINES}", "list"),
    _Field("circumstances", "addresses", "Addresses", _LINES.capitalize(), "list"),
    _Field("circumstances", "summary", "Summary", "", "text"),
)
_FIELDS: Final = (*_LAW, *_PERSONAL, *_CIRCUMSTANCES)
KEYS: Final = tuple(field.key for field in _FIELDS)
"""The names of all fields of the form."""

_PARTS: Final = {"documents": ("kind", "number", "country"), "warrants": ("country", "charge", "translation")}
_NUMBERS: Final = frozenset({"height", "weight"})
_MODES: Final = {
    RestrictionMode.NONE: "Every authority",
    RestrictionMode.ONLY: "Only these authorities",
    RestrictionMode.EXCEPT: "All but these authorities",
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
        FieldGroup("Law", "", view(_LAW)),
        FieldGroup("Circumstances", KINDS[kind].purpose.capitalize(), view(circumstances)),
        FieldGroup(
            "Person",
            "Nothing is asked, and nothing may be written, about ethnicity, religion, politics or the like.",
            view(_PERSONAL),
        ),
    )


def name_field(name: str) -> str:
    """Return the label of a field by the name that faults and changes call it."""
    plain = name.partition("[")[0]
    found = next((field.label for field in _FIELDS if plain in (field.key, field.name)), None)
    return found or {"restriction": "Who may see it", "state": "State", "answer": "Publish-time question"}.get(
        plain, plain.replace("_", " ").capitalize()
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
    needed = "needed" if field.name in alone | {"number", "legal_basis", "retain_until"} else ""
    return FieldView(
        name=field.key,
        label=field.label,
        hint=field.hint,
        kind=field.kind,
        value=value,
        needed="one of them needed" if not needed and field.name in others else needed,
        options=_list_options(field, value),
        problem=problems.get(field.key),
    )


def _list_options(field: _Field, value: str) -> tuple[Option, ...]:
    if field.name == "mode":
        return tuple(Option(mode.value, words, mode.value == value) for mode, words in _MODES.items())
    if field.name == "sex":
        return (Option("", "Not recorded", not value), *(Option(sex, sex.capitalize(), sex == value) for sex in Sex))
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
