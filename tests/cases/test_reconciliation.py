"""Missing persons beside those who were found: what excludes, what never does, and the laws of both."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semblance.cases.reconciliation.compare import ComparedField, compare
from semblance.cases.reconciliation.side import Side, Verdict
from semblance.cases.reconciliation.spans import read_days
from semblance.terms.description import (
    BodyMark,
    BodyPlace,
    Description,
    Existence,
    EyeColour,
    HairColour,
    MarkKind,
    Tooth,
    ToothState,
    is_tooth,
)
from semblance.terms.record import Sex

TEETH = [number for number in range(100) if is_tooth(number)]
LAW = Side(event_date="2026-03-01", event_country="FR", birth_dates=("1990-06-01",), sex=Sex.FEMALE, height=170)


def judge(field: ComparedField, missing: Side, found: Side) -> Verdict:
    return next(line.verdict for line in compare(missing, found) if line.field is field)


def describe(**said: object) -> Side:
    return Side(event_date="2026-03-01", birth_dates=("1980",), description=Description(**said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "missing", "found", "verdict"),
    [
        ("dates", Side(event_date="2026-03-02"), Side(event_date="2026-03-01"), "excludes"),
        ("dates", Side(event_date="2026-03-02"), Side(event_date="2026-03"), "says-nothing"),
        ("dates", Side(event_date="2026-03-02"), Side(event_date="2026-03-02"), "agrees"),
        ("dates", Side(event_date="2026"), Side(event_date="2025-12-31"), "excludes"),
        ("dates", Side(event_date="2026"), Side(), "says-nothing"),
        ("sex", Side(sex=Sex.MALE), Side(sex=Sex.FEMALE), "excludes"),
        ("sex", Side(sex=Sex.MALE), Side(sex=Sex.MALE), "agrees"),
        ("sex", Side(sex=Sex.MALE), Side(sex=Sex.NOT_KNOWN), "says-nothing"),
        ("age", LAW, replace(describe(youngest=50, oldest=60), birth_dates=()), "excludes"),
        ("age", LAW, replace(describe(youngest=38, oldest=60), birth_dates=()), "says-nothing"),
        ("age", LAW, replace(describe(youngest=30, oldest=40), birth_dates=()), "agrees"),
        # a child who was missed for twenty years may be the young man who was found
        (
            "age",
            Side(event_date="2000", description=Description(youngest=5, oldest=6)),
            Side(event_date="2020", description=Description(youngest=25, oldest=30)),
            "agrees",
        ),
        ("height", describe(tallest=170), describe(shortest=181), "excludes"),
        ("height", describe(tallest=170), describe(shortest=180), "says-nothing"),
        ("height", describe(shortest=165, tallest=170), describe(shortest=170), "agrees"),
        ("height", describe(shortest=190), describe(tallest=170), "excludes"),
        # who was a child, or whose age nobody wrote down, may have grown; nobody shrinks so far
        (
            "height",
            replace(describe(tallest=120), birth_dates=("2018",)),
            replace(describe(shortest=181), event_date="2036"),
            "says-nothing",
        ),
        ("height", replace(describe(tallest=120), birth_dates=()), describe(shortest=181), "says-nothing"),
        ("height", replace(describe(shortest=181), birth_dates=("2018",)), describe(tallest=120), "excludes"),
        ("hair", describe(hair=(HairColour.RED,)), describe(hair=(HairColour.GREY,)), "says-nothing"),
        ("eyes", describe(eyes=(EyeColour.BLUE,)), describe(eyes=(EyeColour.BLUE, EyeColour.GREY)), "agrees"),
        (
            "marks",
            describe(body_marks=(BodyMark(BodyPlace.LEFT_ARM, MarkKind.TATTOO, "an anchor"),)),
            describe(body_marks=(BodyMark(BodyPlace.LEFT_ARM, MarkKind.TATTOO),)),
            "agrees",
        ),
        (
            "marks",
            describe(body_marks=(BodyMark(BodyPlace.LEFT_ARM, MarkKind.TATTOO),)),
            describe(body_marks=(BodyMark(BodyPlace.RIGHT_ARM, MarkKind.TATTOO),)),
            "says-nothing",
        ),
        ("clothing", describe(clothing=("a blue anorak",)), describe(clothing=("Anorak, torn",)), "agrees"),
        ("clothing", describe(clothing=("a blue anorak",)), describe(clothing=("jeans",)), "says-nothing"),
        (
            "teeth",
            describe(teeth=(Tooth(11, ToothState.MISSING),)),
            describe(teeth=(Tooth(11, ToothState.FILLED),)),
            "excludes",
        ),
        (
            "teeth",
            describe(teeth=(Tooth(11, ToothState.FILLED),)),
            describe(teeth=(Tooth(11, ToothState.MISSING),)),
            "says-nothing",
        ),
        (
            "teeth",
            describe(teeth=(Tooth(11, ToothState.UNERUPTED), Tooth(12, ToothState.MISSING))),
            describe(teeth=(Tooth(11, ToothState.PRESENT), Tooth(12, ToothState.BRIDGE))),
            "says-nothing",
        ),
        (
            "teeth",
            describe(teeth=(Tooth(36, ToothState.CROWN),)),
            describe(teeth=(Tooth(36, ToothState.CROWN), Tooth(11, ToothState.PRESENT))),
            "agrees",
        ),
        ("dna", describe(dna=Existence.EXISTS), describe(dna=Existence.EXISTS), "says-nothing"),
        ("place", describe(latitude=48.86, longitude=2.35), describe(latitude=48.80, longitude=2.13), "agrees"),
        ("place", describe(latitude=48.86, longitude=2.35), describe(latitude=45.76, longitude=4.84), "says-nothing"),
        ("place", Side(event_country="FR", event_place="Lyon"), Side(event_country="FR", event_place="lyon"), "agrees"),
        ("place", Side(event_country="FR"), Side(event_country="DE"), "says-nothing"),
    ],
)
def test_each_field_by_its_rule(field: str, missing: Side, found: Side, verdict: str) -> None:
    assert judge(ComparedField(field), missing, found) == verdict


def test_days_end_where_the_calendar_does() -> None:
    days = [read_days(text) for text in ("2024-02", "2023-12", "2024", "9999", "nonsense", None)]
    assert [span.high - span.low + 1 for span in days[:3]] == [29, 31, 366]
    assert [span.is_open for span in days] == [False, False, False, True, True, True]


DATES = st.one_of(
    st.none(), st.dates().map(str), st.dates().map(lambda day: str(day)[:7]), st.integers(1900, 2030).map(str)
)


def few(values: type) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(list(values)), max_size=3).map(tuple)  # type: ignore[call-overload]


@st.composite
def span(draw: st.DrawFn, least: int, most: int) -> tuple[int | None, int | None]:
    low, high = sorted((draw(st.integers(least, most)), draw(st.integers(least, most))))
    return draw(st.sampled_from([(low, high), (low, None), (None, high), (None, None)]))


@st.composite
def sides(draw: st.DrawFn) -> Side:
    youngest, oldest = draw(span(0, 100))
    shortest, tallest = draw(span(40, 220))
    teeth = draw(st.dictionaries(st.sampled_from(TEETH[:6]), st.sampled_from(ToothState), max_size=4))
    described = Description(
        latitude=draw(st.one_of(st.none(), st.floats(-90, 90))),
        longitude=draw(st.one_of(st.none(), st.floats(-180, 180))),
        youngest=youngest,
        oldest=oldest,
        shortest=shortest,
        tallest=tallest,
        hair=draw(few(HairColour)),  # type: ignore[arg-type]
        eyes=draw(few(EyeColour)),  # type: ignore[arg-type]
        clothing=tuple(draw(st.lists(st.text(max_size=20), max_size=2))),
        teeth=tuple(Tooth(number, state) for number, state in teeth.items()),
        fingerprints=draw(st.one_of(st.none(), st.sampled_from(Existence))),
    )
    return Side(
        event_date=draw(DATES),
        event_country=draw(st.sampled_from([None, "FR", "DE"])),
        sex=draw(st.one_of(st.none(), st.sampled_from(Sex))),
        birth_dates=tuple(filter(None, [draw(DATES)])),
        height=draw(st.one_of(st.none(), st.integers(40, 220))),
        description=described,
    )


def exclude(missing: Side, found: Side) -> set[ComparedField]:
    return {line.field for line in compare(missing, found) if line.verdict is Verdict.EXCLUDES}


@settings(max_examples=50)
@given(sides(), sides())
def test_only_what_a_forensic_person_accepts_excludes(missing: Side, found: Side) -> None:
    lines = compare(missing, found)
    assert [line.field for line in lines] == list(ComparedField)
    may = {ComparedField.DATES, ComparedField.SEX, ComparedField.AGE, ComparedField.HEIGHT, ComparedField.TEETH}
    assert exclude(missing, found) <= may
    assert all(str(line.why) for line in lines)


@settings(max_examples=50)
@given(sides())
def test_nothing_unknown_excludes(side: Side) -> None:
    assert exclude(side, Side()) == exclude(Side(), side) == set()
    assert not any(line.verdict is Verdict.AGREES for line in compare(side, Side()))


SYMMETRIC = [field for field in ComparedField if field not in {"dates", "age", "height", "teeth"}]


@settings(max_examples=50)
@given(sides(), sides())
def test_what_has_no_before_and_after_is_symmetric(missing: Side, found: Side) -> None:
    there = {line.field: line.verdict for line in compare(missing, found)}
    back = {line.field: line.verdict for line in compare(found, missing)}
    assert {field: there[field] for field in SYMMETRIC} == {field: back[field] for field in SYMMETRIC}


@settings(max_examples=50)
@given(sides(), sides())
def test_heights_of_grown_people_are_symmetric(missing: Side, found: Side) -> None:
    grown = {"event_date": "2026", "birth_dates": ("1950",)}
    one, other = replace(missing, **grown), replace(found, **grown)  # type: ignore[arg-type]
    assert judge(ComparedField.HEIGHT, one, other) is judge(ComparedField.HEIGHT, other, one)


@settings(max_examples=50)
@given(sides(), sides(), st.integers(0, 10), st.integers(0, 10))
def test_widening_a_span_never_creates_an_exclusion(missing: Side, found: Side, down: int, up: int) -> None:
    before = exclude(missing, found)

    def widen(side: Side) -> Side:
        said = side.description
        wider = {
            "youngest": said.youngest and max(0, said.youngest - down),
            "oldest": None if said.oldest is None else said.oldest + up,
            "shortest": said.shortest and said.shortest - down,
            "tallest": None if said.tallest is None else said.tallest + up,
        }
        date = side.event_date and side.event_date[: 7 if up % 2 else 4]
        births = tuple(text[:4] for text in side.birth_dates)
        return replace(side, event_date=date, birth_dates=births, description=replace(said, **wider))  # type: ignore[arg-type]

    assert exclude(widen(missing), found) <= before
    assert exclude(missing, widen(found)) <= before


@settings(max_examples=50)
@given(sides(), sides(), st.sampled_from([field.name for field in fields(Description)]))
def test_leaving_a_field_empty_creates_an_exclusion_only_where_another_takes_its_place(
    missing: Side, found: Side, name: str
) -> None:
    empty = getattr(Description(), name)
    bare = replace(missing, height=None, birth_dates=())
    emptied = replace(bare, description=replace(bare.description, **{name: empty}))
    assert exclude(emptied, found) <= exclude(bare, found)
