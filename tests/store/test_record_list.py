"""Pages read along an index are the list that reading every record gives, whatever the policy and the filter."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from semblance.gallery.record import Record, RecordDraft, RecordVersion
from semblance.store import record_list, record_selection, records, subjects
from semblance.store.engine import Store, Transaction
from semblance.store.record_selection import RecordFilter, Selection, SelectionOrder, select_records
from semblance.store.schema.gallery import face, photo, reference
from semblance.store.schema.record import audience
from semblance.terms.ids import AuthorityCode, SubjectId
from semblance.terms.record import RecordFacts, RecordKind, RecordStanding, RecordState, Restriction, RestrictionMode

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
OWNERS = [AuthorityCode(code) for code in ("BE", "DE", "FR", "PL")]
RESTRICTIONS = [
    Restriction(),
    *(
        Restriction(mode, frozenset({code}))
        for mode in (RestrictionMode.ONLY, RestrictionMode.EXCEPT)
        for code in OWNERS
    ),
]
KINDS = list(RecordKind)[:4]
Held = dict[SubjectId, tuple[datetime, RecordFacts]]
LETS: dict[str, Callable[[RecordStanding], bool]] = {
    "all": lambda _: True,
    "none": lambda _: False,
    "own": lambda record: record.owner == "DE",
    "visible": lambda record: record.is_visible_to(AuthorityCode("FR")),
    "state": lambda record: record.state is not RecordState.DRAFT,
    "own drafts": lambda record: record.owner == "FR" or record.state is not RecordState.DRAFT,
    "restricted": lambda record: record.restriction.mode is RestrictionMode.ONLY,
}


@pytest.fixture
def held(store: Store) -> Held:
    """Return the facts of a hundred records by what they are held under, with when each was made."""
    chance, found = random.Random(11), {}
    with store.writing() as tx:
        for number in range(120):
            made_at = AT + timedelta(minutes=chance.randrange(30))
            owner = chance.choice(OWNERS)
            draft = RecordDraft(
                chance.choice(KINDS),
                f"{number}",
                "RPD, article 90",
                date(2026, 6, 1) + timedelta(days=chance.randrange(20)),
                chance.choice(RESTRICTIONS),
            )
            subject = subjects.add_subject(tx, owner, draft.number, at=made_at, person="emil")
            record = Record(subject.id, owner, draft, chance.choice(list(RecordState)), 1, made_at, "emil", made_at)
            records.add_record(tx, RecordVersion(record, "emil", owner, made_at, "for a test"))
            found[subject.id] = (made_at, record.facts)
    return found


def walk(tx: Transaction, selection: Selection, limit: int) -> list[SubjectId]:
    seen: list[SubjectId] = []
    while True:
        after = record_list.find_place(tx, selection, seen[-1]) if seen else None
        page = record_list.find_page(tx, selection, after=after, limit=limit)
        seen += [listed.subject for listed in page.listed]
        if page.next_after is None:
            return seen
        assert page.next_after == seen[-1]


def test_pages_are_what_reading_all_gives(store: Store, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where audiences are read one by one, where they are looked for, and where they are too many for either."""
    chance = random.Random(5)
    for few, many in ((8, 500), (0, 500), (100, 500), (0, 1)):
        monkeypatch.setattr(record_selection, "_FEW", few)
        monkeypatch.setattr(record_selection, "_MANY", many)
        for name, lets in LETS.items():
            for _ in range(5):
                check_selection(store, held, chance, name, lets)


def check_selection(
    store: Store, held: Held, chance: random.Random, name: str, lets: Callable[[RecordStanding], bool]
) -> None:
    kinds = frozenset(chance.sample(KINDS, chance.choice((0, 0, 1, 2))))
    states = frozenset(chance.sample(list(RecordState), chance.choice((0, 0, 1, 3))))
    owner = chance.choice((None, None, *OWNERS))
    end = chance.choice((None, date(2026, 6, 9)))
    expected = {
        subject: (made_at, facts)
        for subject, (made_at, facts) in held.items()
        if lets(facts)
        and (not kinds or facts.kind in kinds)
        and (not states or facts.state in states)
        and owner in (None, facts.owner)
        and (end is None or facts.retain_until < end)
    }
    with store.reading() as tx:
        selection = select_records(tx, lets, RecordFilter(kinds, states, owner, end))
        seen = walk(tx, selection, limit=23)
        assert record_list.count_records(tx, selection) == len(expected), name
        assert record_list.count_records(tx, selection, cap=5) == min(5, len(expected))
        assert [listed.subject for listed in record_list.find_all(tx, selection).listed] == seen
        outside = next((subject for subject in held if subject not in expected), None)
        assert outside is None or record_list.find_place(tx, selection, outside) is None
    assert len(seen) == len(set(seen)), name
    assert set(seen) == set(expected), name
    if selection.order is SelectionOrder.NEWEST:
        newest = [(expected[subject][0], subject) for subject in reversed(seen)]
        assert newest == sorted(newest)
    else:
        ends = [(expected[subject][1].retain_until, subject) for subject in seen]
        assert ends == sorted(ends)


def test_records_of_one_audience_share_its_row(store: Store, held: Held) -> None:
    pairs = {(facts.owner, facts.restriction) for _, facts in held.values()}
    with store.reading() as tx:
        assert len(tx.connection.execute(sa.select(audience)).all()) == len(pairs)


def add_reference(tx: Transaction, subject: SubjectId, number: int) -> None:
    own = {"id": subject, "subject_id": subject}
    place = {"photo_id": subject, "ordinal": 0}
    taken = {"blind": subject, "status": "enrolled", "enrolled_at": AT, "enrolled_by": "emil", "sealed": b""}
    made = {"sequence": number, "pack": "p", "metric": "cosine", "dimension": 1, "template": b""}
    tx.connection.execute(photo.insert().values(own | taken))
    tx.connection.execute(face.insert().values(place | {"sample": b""}))
    tx.connection.execute(reference.insert().values(own | place | made))


def test_what_an_authority_may_know_of_is_counted_alike_in_short_and_in_full(store: Store, held: Held) -> None:
    with store.writing() as tx:
        for number, subject in enumerate(held):
            add_reference(tx, subject, number)
    with store.reading() as tx:
        for authority in (*OWNERS, AuthorityCode("JP")):
            visible = [facts for _, facts in held.values() if facts.is_visible_to(authority)]
            counted = [group for group in record_list.count_held(tx) if group.standing.is_visible_to(authority)]
            short = record_list.count_visible(tx, authority)
            assert short == (sum(facts.state is RecordState.ACTIVE for facts in visible), len(visible))
            assert short[1] == sum(group.references for group in counted) < len(held)
