"""What the fields of a record are called."""

from typing import Final

from semblance.web.wording.language import N_, _

LABELS: Final = {
    "number": N_("Number"),
    "legal_basis": N_("Legal basis"),
    "retain_until": N_("Held until"),
    "restriction": N_("Who may see it"),
    "mode": N_("Who may see it"),
    "authorities": N_("Authorities"),
    "state": N_("State"),
    "answer": N_("Publish-time question"),
    "pseudonym": N_("Pseudonym"),
    "assigned": N_("Assigned"),
    "family_name": N_("Family name"),
    "given_names": N_("Given names"),
    "original_script": N_("Name in its own script"),
    "birth_name": N_("Name at birth"),
    "aliases": N_("Also known as"),
    "birth_dates": N_("Dates of birth"),
    "birth_place": N_("Place of birth"),
    "birth_country": N_("Country of birth"),
    "sex": N_("Sex as recorded"),
    "nationalities": N_("Nationalities"),
    "languages": N_("Languages"),
    "documents": N_("Identity documents"),
    "height": N_("Height"),
    "weight": N_("Weight"),
    "eye_colours": N_("Colour of the eyes"),
    "hair_colours": N_("Colour of the hair"),
    "marks": N_("Distinguishing marks"),
    "father_name": N_("Father's name"),
    "mother_name": N_("Mother's name"),
    "warrants": N_("Warrants"),
    "asked": N_("What is asked"),
    "warning": N_("Warning"),
    "event_date": N_("Date of the event"),
    "event_place": N_("Place of the event"),
    "event_country": N_("Country of the event"),
    "un_reference": N_("UN reference"),
    "un_reference_date": N_("Date of the reference"),
    "un_resolution": N_("Resolution"),
    "addressees": N_("Addressees"),
    "addresses": N_("Addresses"),
    "summary": N_("Summary"),
    "description": N_("Body and belongings"),
    "latitude": N_("Latitude"),
    "longitude": N_("Longitude"),
    "youngest": N_("Youngest"),
    "oldest": N_("Oldest"),
    "shortest": N_("Shortest"),
    "tallest": N_("Tallest"),
    "hair": N_("Hair"),
    "eyes": N_("Eyes"),
    "body_marks": N_("Marks by place on the body"),
    "clothing": N_("Clothing"),
    "jewellery": N_("Jewellery"),
    "teeth": N_("Teeth"),
    "fingerprints": N_("Fingerprints"),
    "dna": N_("DNA"),
}


def name_field(name: str) -> str:
    """Return the label of a field by the name that faults and changes call it: ``personal.aliases[2]``."""
    plain = name.partition("[")[0].rpartition(".")[2]
    return _(LABELS.get(plain) or plain.replace("_", " ").capitalize())
