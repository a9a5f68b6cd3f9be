"""Records as people write them: everything that is wrong is said at once, with the name of the field."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semblance.gallery.kinds import DESCRIBED, FORBIDDEN, KINDS
from semblance.gallery.record import (
    Circumstances,
    IdentityDocument,
    ImageSource,
    Personal,
    RecordDraft,
    RecordTerms,
    Sex,
    Warrant,
)
from semblance.gallery.record_faults import (
    LIST_CAP,
    find_draft_faults,
    find_partial_date_fault,
    find_source_faults,
    find_terms_faults,
)
from semblance.terms.description import Description, Tooth, ToothState
from semblance.terms.ids import AuthorityCode
from semblance.terms.record import RecordKind, Restriction, RestrictionMode

TODAY = date(2026, 3, 1)
NAMED = Personal(family_name="Moreau", given_names="Zoë")
SOURCE = ImageSource("FR", "handed in by the family", date(2026, 2, 14))
FULL = {
    RecordKind.RED: Circumstances(warrants=(Warrant("FR", "vol à main armée", "armed robbery"),)),
    RecordKind.BLUE: Circumstances(asked="where she lives"),
    RecordKind.YELLOW: Circumstances(event_date="2026-01", event_place="Lyon"),
    RecordKind.BLACK: Circumstances(event_date="2026-01-17", event_country="FR"),
    RecordKind.GREEN: Circumstances(warning="armed"),
    RecordKind.UN: Circumstances(un_reference="QDi.001", un_resolution="1267 (1999)"),
    RecordKind.DIFFUSION: Circumstances(asked="where she lives", addressees=("BE", "DE-BKA")),
    RecordKind.UNIDENTIFIED: Circumstances(summary="found at the station, does not speak"),
    RecordKind.SAMPLE: Circumstances(),
}


def draft(kind: RecordKind = RecordKind.SAMPLE, personal: Personal | None = None) -> RecordDraft:
    if personal is None:
        personal = Personal() if kind is RecordKind.UNIDENTIFIED else NAMED
    return RecordDraft(kind, "2026/17", "INTERPOL RPD", date(2027, 1, 1), personal=personal, circumstances=FULL[kind])


def say(faulty: RecordDraft) -> dict[str, str]:
    return {fault.field: str(fault.fault) for fault in find_draft_faults(faulty, today=TODAY)}


@pytest.mark.parametrize("kind", RecordKind)
def test_a_whole_record_of_each_kind_has_no_fault(kind: RecordKind) -> None:
    assert say(draft(kind)) == {}


def test_nobody_types_the_name_of_an_unidentified_person() -> None:
    named = replace(NAMED, aliases=("says that she is called Maria",))
    faults = say(draft(RecordKind.UNIDENTIFIED, named))
    assert set(faults) == {"personal.family_name", "personal.given_names"}
    assert all("verified lead" in fault for fault in faults.values())


@pytest.mark.parametrize("kind", [kind for kind in RecordKind if KINDS[kind].required])
def test_each_field_that_a_kind_requires_is_missed(kind: RecordKind) -> None:
    bare = replace(draft(kind), personal=Personal(), circumstances=Circumstances())
    missed = say(bare)
    assert len(missed) == len(KINDS[kind].required)
    assert all(str(KINDS[kind].title) in sentence for sentence in missed.values())
    held = {f"personal.{field.name}" for field in fields(Personal)}
    held |= {f"circumstances.{field.name}" for field in fields(Circumstances)}
    assert set(missed) <= held


@pytest.mark.parametrize("kind", [RecordKind.BLACK, RecordKind.UNIDENTIFIED, RecordKind.BLUE, RecordKind.SAMPLE])
def test_nobody_must_be_named_where_nobody_can(kind: RecordKind) -> None:
    assert say(draft(kind, Personal())) == {}


def test_every_fault_is_said_at_once() -> None:
    faulty = RecordDraft(
        kind=RecordKind.RED,
        number=" ",
        legal_basis="-",
        retain_until=date(2026, 3, 1),
        restriction=Restriction(RestrictionMode.ONLY, frozenset({AuthorityCode("france")})),
        personal=Personal(
            family_name="a\x1b[2J",
            given_names="x" * 2_001,
            aliases=("",),
            birth_dates=("1970-02-30", "2027"),
            nationalities=("FRA",),
            documents=(IdentityDocument("passport", "12", "fr"),),
            height=1,
            weight=4000,
        ),
        circumstances=Circumstances(warrants=(Warrant("fr", "robbery"),)),
    )
    assert set(say(faulty)) == {
        "number",
        "legal_basis",
        "retain_until",
        "restriction",
        "personal.family_name",
        "personal.given_names",
        "personal.aliases[0]",
        "personal.birth_dates[0]",
        "personal.birth_dates[1]",
        "personal.nationalities[0]",
        "personal.documents[0].country",
        "personal.weight",
        "circumstances.warrants[0].country",
    }


@pytest.mark.parametrize(
    ("faulty", "field", "words"),
    [
        (replace(draft(), legal_basis=""), "legal_basis", "cite the law"),
        (replace(draft(), legal_basis="x" * 2001), "legal_basis", "2001 characters"),
        (replace(draft(), retain_until=date(2020, 1, 1)), "retain_until", "2020-01-01 is not in the future"),
        (replace(draft(), number="n" * 201), "number", "201 characters"),
        (replace(draft(), restriction=Restriction(RestrictionMode.EXCEPT)), "restriction", "names no authority"),
        (draft(personal=Personal(birth_dates=("2026-03-02",))), "personal.birth_dates[0]", "lies in the future"),
        (draft(personal=Personal(birth_dates=("1492",))), "personal.birth_dates[0]", "too long ago"),
        (draft(personal=Personal(birth_dates=("17.05.1970",))), "personal.birth_dates[0]", "write 1970-05-17"),
        (draft(personal=Personal(aliases=("a",) * (LIST_CAP + 1))), "personal.aliases", "101 entries"),
        (draft(personal=Personal(birth_country="France")), "personal.birth_country", "two capital letters"),
        (
            replace(draft(RecordKind.DIFFUSION), circumstances=Circumstances(asked="x", addressees=("Paris",))),
            "circumstances.addressees[0]",
            "no code of an authority",
        ),
    ],
)
def test_a_fault_names_its_field_and_says_what_to_do(faulty: RecordDraft, field: str, words: str) -> None:
    assert words in say(faulty)[field]


def test_the_source_of_an_image_is_whole_or_says_what_lacks() -> None:
    assert find_source_faults(SOURCE, today=TODAY) == ()
    faulty = find_source_faults(ImageSource("", " ", date(2026, 3, 2)), today=TODAY)
    assert [fault.field for fault in faulty] == ["source.authority", "source.obtained", "source.on"]
    (early,) = find_source_faults(replace(SOURCE, on=date(1700, 1, 1)), today=TODAY)
    assert "before there were photos" in str(early)


def test_terms_are_checked_like_the_records_that_they_make() -> None:
    terms = RecordTerms(RecordKind.YELLOW, "INTERPOL RPD", date(2027, 1, 1), SOURCE)
    assert find_terms_faults(terms, today=TODAY) == ()
    faulty = replace(terms, legal_basis="", retain_until=TODAY, source=ImageSource("", "", date(2027, 1, 1)))
    assert [fault.field for fault in find_terms_faults(faulty, today=TODAY)] == [
        "legal_basis",
        "retain_until",
        "source.authority",
        "source.obtained",
        "source.on",
    ]


def test_no_field_of_a_record_is_a_forbidden_one() -> None:
    held = {field.name for kind in (Personal, Circumstances, RecordDraft) for field in fields(kind)}
    assert not held & FORBIDDEN
    assert [sex.value for sex in Sex] == ["female", "male", "not known"]


@given(st.text(max_size=12))
def test_whatever_is_no_date_is_said_to_be_none(text: str) -> None:
    fault = find_partial_date_fault(text)
    if fault is None:
        assert text.isascii()
        assert len(text) in (4, 7, 10)


def describe(kind: RecordKind = RecordKind.YELLOW, **said: Any) -> RecordDraft:
    return replace(draft(kind), description=Description(**said))


def test_a_whole_description_has_no_fault() -> None:
    said = {
        "latitude": -33.9,
        "longitude": 151.2,
        "youngest": 0,
        "oldest": 3,
        "shortest": 60,
        "tallest": 60,
        "teeth": (Tooth(11, ToothState.FILLED), Tooth(85, ToothState.MISSING)),
    }
    for kind in DESCRIBED:
        assert say(describe(kind, **said)) == {}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"youngest": 30, "oldest": 20}, "description.youngest"),
        ({"oldest": 131}, "description.oldest"),
        ({"shortest": 180, "tallest": 170}, "description.shortest"),
        ({"tallest": 900}, "description.tallest"),
        ({"latitude": 48.0}, "description.longitude"),
        ({"longitude": 2.0}, "description.latitude"),
        ({"latitude": 90.5, "longitude": 2.0}, "description.latitude"),
        ({"latitude": 48.0, "longitude": float("nan")}, "description.longitude"),
        ({"teeth": (Tooth(19, ToothState.FILLED),)}, "description.teeth[0].number"),
        ({"teeth": (Tooth(56, ToothState.FILLED),)}, "description.teeth[0].number"),
        ({"teeth": (Tooth(11, ToothState.FILLED), Tooth(11, ToothState.MISSING))}, "description.teeth"),
        ({"clothing": (" ",)}, "description.clothing[0]"),
    ],
)
def test_each_fault_of_a_description_is_named(said: dict[str, Any], field: str) -> None:
    assert set(say(describe(**said))) == {field}


def test_only_who_is_missing_or_unidentified_is_described() -> None:
    assert say(describe(RecordKind.RED, oldest=20)) == {
        "description": "is for Black notice or Unidentified person or Yellow notice; leave it out of a Red notice"
    }
