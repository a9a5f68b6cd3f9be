"""Narrowing a search: by kind, age, sex and nationality as recorded; what is not known stays in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cast import ALICE, FR
from tests.workflows.record_acts import TERMS, enrol
from tests.workflows.searching import REASON, reveal, submit

from semblance.errors import IntakeError, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances, Personal, RecordDraft, find_ages, fits
from semblance.node.node import Node
from semblance.store import record_list, searches, vault
from semblance.terms.record import RecordKind, Restriction, RestrictionMode, Sex
from semblance.terms.search import EVERYBODY, Narrowing
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
SAID = Circumstances(event_date="2026-02", event_place="Lyon", asked="who is it")
# the tests' clock stands on 1 March 2026
PEOPLE = {
    "anna": Personal("Anna", birth_dates=("1990-03-02",), sex=Sex.FEMALE, nationalities=("FR", "BE")),
    "bert": Personal("Bert", birth_dates=("1960",), sex=Sex.MALE, nationalities=("DE",)),
    "cleo": Personal("Cleo", sex=Sex.NOT_KNOWN),
    "dora": Personal("Dora", birth_dates=("1985-05", "2001"), sex=Sex.FEMALE, nationalities=("DE",)),
}
HIDDEN = Restriction(RestrictionMode.EXCEPT, frozenset({FR}))


@pytest.fixture
def filled(node: Node, draw: Draw, item: MakeItem) -> Node:
    for name, personal in PEOPLE.items():
        kind = RecordKind.YELLOW if name == "bert" else RecordKind.BLUE
        _enrol(node, item(name, f"{name}.jpg", draw(name)), kind, name, personal)
    return node


def _enrol(
    node: Node,
    photo: IntakeItem,
    kind: RecordKind,
    number: str,
    personal: Personal,
    restriction: Restriction | None = None,
) -> None:
    limits = restriction or TERMS.restriction
    draft = RecordDraft(kind, number, TERMS.legal_basis, TERMS.retain_until, limits, personal, SAID)
    enrol(node, [replace(photo, draft=draft)])


def find(node: Node, draw: Draw, narrowed: Narrowing) -> tuple[str, ...]:
    answer = search_probe(node, ALICE, submit(node, draw("anna", take=9)), reason=REASON, narrowed=narrowed)
    assert isinstance(answer, SearchAnswer), answer
    shown = reveal(node, answer)
    assert shown.record.narrowed == narrowed
    assert shown.record.gallery_subjects == len(shown.candidates) == shown.record.gallery_references
    return tuple(sorted(str(one.number) for one in shown.candidates))


@pytest.mark.parametrize(
    ("narrowed", "left"),
    [
        (EVERYBODY, ("anna", "bert", "cleo", "dora")),
        (Narrowing(kinds=frozenset({RecordKind.YELLOW})), ("bert",)),
        (Narrowing(sex=Sex.FEMALE), ("anna", "cleo", "dora")),
        (Narrowing(sex=Sex.MALE), ("bert", "cleo")),
        (Narrowing(nationality="BE"), ("anna", "cleo")),
        (Narrowing(nationality="DE"), ("bert", "cleo", "dora")),
        (Narrowing(youngest=35, oldest=35), ("anna", "cleo")),
        (Narrowing(youngest=36, oldest=39), ("cleo",)),
        (Narrowing(youngest=40), ("bert", "cleo", "dora")),
        (Narrowing(oldest=25), ("cleo", "dora")),
        (Narrowing(frozenset({RecordKind.BLUE}), 30, 66, Sex.FEMALE, "FR"), ("anna", "cleo")),
    ],
    ids=lambda value: "-".join(map(str, value.filters)).replace(" ", "-") if isinstance(value, Narrowing) else "",
)
def test_only_who_may_be_meant_is_searched(
    filled: Node, draw: Draw, narrowed: Narrowing, left: tuple[str, ...]
) -> None:
    assert find(filled, draw, narrowed) == left


def test_a_kind_that_the_purpose_does_not_open_is_refused_and_recorded(filled: Node, draw: Draw) -> None:
    probe = submit(filled, draw("anna", take=9))
    narrowed = Narrowing(kinds=frozenset({RecordKind.RED, RecordKind.BLUE}))
    with pytest.raises(RefusedByPolicy) as answer:
        search_probe(filled, ALICE, probe, reason=REASON, narrowed=narrowed)
    assert answer.value.rule == "policy.kinds"
    with filled.store.reading() as tx:
        (refused,) = [one.record for one in searches.list_searches(tx, FR, before=None, limit=9)]
    assert refused.rule == "policy.kinds"
    assert refused.narrowed == narrowed


def test_what_is_not_open_is_neither_opened_nor_counted(
    filled: Node, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    _enrol(filled, item("h", "h.jpg", draw("anna", take=3)), RecordKind.BLUE, "hidden", PEOPLE["anna"], HIDDEN)
    opened: list[str] = []
    unseal = vault.unseal

    def watch(tx: object, key: object, place: str, data: bytes) -> bytes:
        opened.append(place)
        return unseal(tx, key, place, data)  # type: ignore[arg-type]

    monkeypatch.setattr(record_list, "unseal", watch)
    assert find(filled, draw, Narrowing(sex=Sex.FEMALE)) == ("anna", "cleo", "dora")
    assert len(opened) == len(PEOPLE)
    opened.clear()
    # a kind stands open in the record: nothing is unsealed for it
    assert find(filled, draw, Narrowing(kinds=frozenset({RecordKind.YELLOW}))) == ("bert",)
    assert opened == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"youngest": 131}, "cannot be meant"),
        ({"oldest": -1}, "cannot be meant"),
        ({"youngest": 40, "oldest": 30}, "swap"),
        ({"sex": Sex.NOT_KNOWN}, "always searched"),
        ({"nationality": "fr"}, "country code"),
        ({"nationality": "FRA"}, "country code"),
    ],
)
def test_what_cannot_be_meant_is_said_so(fields: dict[str, object], words: str) -> None:
    with pytest.raises(IntakeError, match=words):
        Narrowing(**fields)  # type: ignore[arg-type]


@given(st.dates(date(1920, 1, 1), date(2026, 3, 1)), st.integers(0, 110), st.integers(0, 110))
def test_a_partial_date_lets_whoever_the_whole_date_would(born: date, one: int, other: int) -> None:
    today = date(2026, 3, 1)
    whole = find_ages(born.isoformat(), today)
    assert whole is not None
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    assert whole == (age, age)
    narrowed = Narrowing(youngest=min(one, other), oldest=max(one, other))
    exact = fits(Personal(birth_dates=(born.isoformat(),)), narrowed, today)
    assert exact == (min(one, other) <= age <= max(one, other))
    for partial in (born.isoformat()[:7], born.isoformat()[:4]):
        ages = find_ages(partial, today)
        assert ages is not None
        assert ages[0] <= age <= ages[1]
        assert not exact or fits(Personal(birth_dates=(partial,)), narrowed, today)
