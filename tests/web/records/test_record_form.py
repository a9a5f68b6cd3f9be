"""The form of a record is made from the record's own declaration, and loses nothing on the way."""

from dataclasses import replace
from datetime import date

import pytest

from semblance.exchange.record_document import read_draft, write_draft
from semblance.gallery.kinds import DESCRIBED
from semblance.gallery.record import Circumstances, IdentityDocument, Personal, RecordDraft, Sex, Warrant, list_fields
from semblance.terms.description import (
    BodyMark,
    BodyPlace,
    Description,
    Existence,
    HairColour,
    MarkKind,
    Tooth,
    ToothState,
)
from semblance.terms.ids import AuthorityCode
from semblance.terms.record import RecordKind, Restriction, RestrictionMode
from semblance.web.records.form import KEYS, find_key, group_fields, read_values, write_values
from semblance.web.wording.field_labels import LABELS

FULL = RecordDraft(
    kind=RecordKind.DIFFUSION,
    number="2026/17",
    legal_basis="INTERPOL RPD,\narticle 82",
    retain_until=date(2029, 1, 1),
    restriction=Restriction(RestrictionMode.ONLY, frozenset({AuthorityCode("FR"), AuthorityCode("BE")})),
    personal=Personal(
        family_name="Moreau",
        birth_dates=("1970-05", "1971"),
        sex=Sex.FEMALE,
        documents=(IdentityDocument("passport", "12", "FR"), IdentityDocument("card", "7")),
        height=171,
    ),
    circumstances=Circumstances(
        warrants=(Warrant("DE", "Raub; schwer", "robbery"),), asked="where she lives", addressees=("BE",)
    ),
)


def test_every_field_has_a_label_of_its_own() -> None:
    declared = {field.name for part in (Personal, Circumstances, Description) for field in list_fields(part)}
    assert declared <= set(LABELS)
    assert {key.rpartition(".")[2] for key in KEYS} <= set(LABELS)


def test_what_the_form_shows_of_a_draft_reads_as_the_same_draft() -> None:
    document = read_values(FULL.kind, write_values(FULL))
    # a semicolon in a charge is one between its parts to the form: the rest is what it was
    assert document["circumstances"].pop("warrants") == [
        {"country": "DE", "charge": "Raub", "translation": "schwer; robbery"}
    ]
    read = read_draft(document)
    assert (read.personal, read.restriction, read.number) == (FULL.personal, FULL.restriction, FULL.number)
    assert (read.circumstances.asked, read.circumstances.addressees) == ("where she lives", ("BE",))


def test_a_description_survives_the_form() -> None:
    said = Description(
        latitude=48.5,
        longitude=0.0,
        youngest=0,
        oldest=3,
        hair=(HairColour.RED, HairColour.BALD),
        body_marks=(
            BodyMark(BodyPlace.LEFT_ARM, MarkKind.TATTOO, "an anchor"),
            BodyMark(BodyPlace.FACE, MarkKind.SCAR),
        ),
        clothing=("a blue anorak",),
        teeth=(Tooth(11, ToothState.FILLED),),
        dna=Existence.NONE,
    )
    found = replace(FULL, kind=RecordKind.BLACK, description=said)
    document = read_values(found.kind, write_values(found))
    assert read_draft(document).description == said
    assert read_draft(document | {"description": write_draft(found)["description"]}).description == said


@pytest.mark.parametrize("kind", RecordKind)
def test_each_kind_is_asked_for_what_it_needs(kind: RecordKind) -> None:
    law, circumstances, person, *described = group_fields(kind, {}, {})
    assert [field.name for field in law.fields if field.needed] == ["number", "legal_basis", "retain_until"]
    assert circumstances.fields[-1].name == "circumstances.summary"
    assert len(person.fields) == len(list_fields(Personal))
    assert [len(group.fields) for group in described] == [len(list_fields(Description))] * (kind in DESCRIBED)


def test_what_is_filled_in_or_faulty_is_shown_whatever_the_kind() -> None:
    key = "circumstances.un_reference"
    for values, problems in (({key: "QDi.001"}, {}), ({}, {key: "is empty"})):
        _, circumstances, _ = group_fields(RecordKind.SAMPLE, values, problems)
        (shown,) = [field for field in circumstances.fields if field.name == key]
        assert (shown.value, shown.problem) == (values.get(key, ""), problems.get(key))


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ("personal.aliases[2]", "personal.aliases"),
        ("personal.documents[0].country", "personal.documents"),
        ("description.hair.0", "description.hair"),
        ("description.teeth[1].number", "description.teeth"),
        ("restriction", "restriction.authorities"),
        ("retain_until", "retain_until"),
        ("ethnicity", None),
    ],
)
def test_a_fault_finds_its_field(fault: str, key: str | None) -> None:
    assert find_key(fault) == key
