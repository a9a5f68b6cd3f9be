"""The form of a record: which fields it has, and how what was written becomes a document."""

from dataclasses import dataclass
from typing import Final

from semblance.web.wording.language import N_, _


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


def name_field(name: str) -> str:
    """Return the label of a field by the name that faults and changes call it."""
    plain = name.partition("[")[0]
    found = next((field.label for field in _FIELDS if plain in (field.key, field.name)), None)
    others = {"restriction": N_("Who may see it"), "state": N_("State"), "answer": N_("Publish-time question")}
    return _(found or others.get(plain, plain.replace("_", " ").capitalize()))
