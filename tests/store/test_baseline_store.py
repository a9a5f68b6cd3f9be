"""A store that commit c28c082 wrote opens, is searched and gone on with; baseline/README.md says what it holds."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from alembic import command
from tests.cast import DE, DORA, EMIL, FR
from tests.store.private_postgres import Cluster
from tests.workflows.record_acts import find_id
from tests.workflows.searching import REASON, search
from tests.workflows.stand_in import StandInExtractor, draw

from semblance.audit.checkpoint import SigningKey
from semblance.audit.receipt import read_receipt, verify_receipt, write_receipt
from semblance.errors import VerificationError
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.request import RequestState
from semblance.gallery.suitability import SuitabilityLine
from semblance.messages.message import VERBATIM
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node, PolicyShelf
from semblance.store import ledger as stored_ledger
from semblance.store import notifications, people, photos, policies, proposals, requests, searches, worker_notes
from semblance.store.engine import Store, open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_witness import LedgerSeat
from semblance.store.migrate import make_config
from semblance.store.powers.whole import seal_unsealed
from semblance.store.schema.base import HEAD
from semblance.terms.ids import AuthorityCode, digest_bytes
from semblance.terms.permission import Role
from semblance.terms.record import RecordState
from semblance.workflows.accounts.after_upgrade import JOINED_DAYS, settle_accounts
from semblance.workflows.accounts.people import show_grants
from semblance.workflows.accounts.standing import read_standing
from semblance.workflows.oversight import ledger
from semblance.workflows.records.list_records import list_records

BASELINE: Final = Path(__file__).parent / "baseline"
ENTRIES: Final = 62
COUNTED: Final = ("deletion", "search", "verification")
TODAY: Final = datetime(2026, 4, 12, 9, tzinfo=UTC)
NOBODY: Final = "no face was found in the photo; use one that shows the face larger, or from the front"
TYPED: Final = "the deadline of THE MINISTER requests has passed"


def restore(name: str, file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript((BASELINE / f"{name}.sql").read_text(encoding="utf-8"))


def copy_rows(file: Path, url: str) -> None:
    """Write every row of the SQLite file into a PostgreSQL of its schema, as its migration would be tried out."""
    source, target = sa.create_engine(f"sqlite:///{file}"), sa.create_engine(url)
    with target.begin() as write:
        command.upgrade(make_config(write), "0012")
    older, same = sa.MetaData(), sa.MetaData()
    older.reflect(source)
    same.reflect(target)
    with source.connect() as read, target.begin() as write:
        write.execute(sa.delete(same.tables["gallery_state"]))
        for table in same.sorted_tables:
            stored = older.tables[table.name]
            rows = [dict(row) for row in read.execute(sa.select(stored).order_by(*stored.primary_key)).mappings()]
            if rows and table.name != "alembic_version":
                write.execute(sa.insert(table), rows)
        for name in COUNTED:
            counter = f"SELECT setval(pg_get_serial_sequence('{name}', 'number'), max(number)) FROM {name}"
            write.execute(sa.text(counter))
    source.dispose()
    target.dispose()


@pytest.fixture(scope="session")
def old_postgres(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("old") / "store.db"
    restore("store", file)
    url = postgres.keep_database("old")
    copy_rows(file, url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of the store as it was, in each kind of database in turn."""
    if request.param == "sqlite":
        restore("store", tmp_path / "store.db")
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    old: str = request.getfixturevalue("old_postgres")
    with request.getfixturevalue("postgres").copy_of(old) as url:
        yield url


@pytest.fixture
def opened(old_url: str, tmp_path: Path) -> Iterator[Store]:
    restore("keyring", tmp_path / "keyring.db")
    keyring = Keyring(f"sqlite:///{tmp_path / 'keyring.db'}", b"n" * 32, make=False)
    seat = LedgerSeat(SigningKey("semblance.invalid/baseline", b"l" * 32))
    store = open_store(old_url, ledger=seat, keyring=keyring)
    with store.writing() as tx:
        seal_unsealed(tx)
    yield store
    store.close()


@pytest.fixture
def node(opened: Store, tmp_path: Path) -> Node:
    return Node(
        name="baseline",
        home=tmp_path,
        store=opened,
        extractor=StandInExtractor(),
        index=GalleryIndex(opened),
        suitability=SuitabilityLine(),
        policy=PolicyShelf(opened),
        clock=lambda: TODAY,
    )


def list_reasons(node: Node) -> dict[int, tuple[str, str]]:
    """Return what each entry is called and says; nothing of it is taken for one of today's messages."""
    said: dict[int, tuple[str, str]] = {}
    # each is opened to the authority that acted; the worker's to the node's own
    for authority in (FR, DE, AuthorityCode(node.authority)):
        officer, mine = replace(DORA, authority=authority), ledger.Filter(authority=authority)
        page = ledger.list_newest(node, officer, mine, before=None, limit=1000)
        reasons = [entry.reason for entry in page.entries if entry.fields["number"] < ENTRIES]
        assert all(reason is None or reason.identifier == VERBATIM for reason in reasons)
        said |= {entry.fields["number"]: (entry.fields["action"], str(entry.reason)) for entry in page.entries}
    return said


def test_it_is_brought_to_the_newest_schema(opened: Store) -> None:
    assert not opened.made
    with opened.reading() as tx:
        assert tx.connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == HEAD


def test_roles_that_it_joined_end_by_a_day_that_is_recorded(node: Node) -> None:
    settle_accounts(node)
    settle_accounts(node)
    with node.store.reading() as tx:
        mallory = people.find_person_named(tx, "mallory")
        standing = read_standing(node, tx)
        hands = proposals.read_hands(tx, [person.id for person in people.list_people(tx, after=None, limit=99)[0]])
    assert mallory is not None
    end = TODAY.date() + timedelta(days=JOINED_DAYS)
    ends = {given.grant.role: given.grant.joined_until for given in show_grants(node, mallory)}
    assert ends == {role: None if role is Role.RECORDS_OFFICER else end for role in Role}
    (joined,) = standing.joined
    assert (joined.person, joined.until, standing.two_administrators) == ("mallory", end, False)
    assert hands == {}, "nobody of them was added by another"
    told = [action for number, (action, _) in list_reasons(node).items() if number >= ENTRIES]
    assert told.count("person.manage") == 1
    later = replace(node, clock=lambda: TODAY + timedelta(days=JOINED_DAYS + 1))
    lapsed = {given.grant.role for given in show_grants(later, mallory) if not given.in_force}
    assert lapsed == set(Role) - {Role.RECORDS_OFFICER}


def test_its_records_are_listed_in_every_state(node: Node) -> None:
    page = list_records(node, EMIL, limit=100)
    assert {row.number: row.facts.state for row in page.rows} == {
        "A": RecordState.ACTIVE,
        "B": RecordState.ACTIVE,
        "C": RecordState.WITHDRAWN,
        "D": RecordState.BLOCKED,
        "Draft": RecordState.DRAFT,
        "E": RecordState.ACTIVE,
        "Ended": RecordState.EXPIRED,
        "G": RecordState.ACTIVE,
    }
    rows = {row.number: row for row in page.rows}
    assert rows["A"].name == "Muster, Erika"
    assert rows["A"].created_at.replace(microsecond=0) == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert rows["Ended"].facts.retain_until == date(2026, 3, 20)
    assert rows["B"].facts.restriction.lets(FR) is False


def test_its_photos_and_faces_are_read_as_they_were(node: Node) -> None:
    with node.store.reading() as tx:
        first, second = sorted(photos.list_photos(tx, find_id(node, "A")), key=lambda photo: photo.name)
    found = StandInExtractor().extract(draw("A"), name="A.jpg")
    assert (first.name, first.facts, first.faces) == ("A.jpg", found.facts, found.faces)
    assert (first.status, second.name, second.chosen) == (IntakeStatus.ENROLLED, "again.jpg", 0)
    assert (first.source.on, first.enrolled_by, first.owner) == (date(2026, 2, 14), "emil", DE)


def test_it_finds_the_right_person_by_the_templates_it_holds(node: Node) -> None:
    answer = search(node, draw("A", take=33))
    assert answer.candidates[0].number == "A"
    assert answer.record.limit == 5, "the policy that was brought into force holds"
    numbers = {candidate.number for candidate in answer.candidates}
    assert numbers.isdisjoint({"B", "C", "D", "Draft", "Ended"}), "what may not be searched is not"


def test_its_past_searches_say_what_they_said(node: Node) -> None:
    with node.store.reading() as tx:
        of_alice = [found.record for found in searches.list_searches(tx, FR, before=None, limit=9)]
    newest = of_alice[0]
    assert (newest.case, newest.reason, newest.person, newest.candidates[0].rank) == ("FR-2026-17", REASON, "alice", 1)
    assert newest.when == datetime(2026, 4, 11, 9, 0, 0, newest.when.microsecond, UTC)
    assert newest.face_box is not None
    assert newest.face_box.left == 0.0
    refused = [record for record in of_alice if record.refusal is not None]
    assert [record.person for record in refused] == ["carol"]
    assert refused[0].erased is False


def test_what_was_refused_is_told_in_the_words_of_then(node: Node) -> None:
    handed_in = {"small.jpg": draw("G", eyes=20), "nobody.jpg": draw(), "broken.jpg": b"no photo"}
    with node.store.reading() as tx:
        found = {name: photos.find_outcome(tx, DE, "G", name, digest_bytes(data)) for name, data in handed_in.items()}
    assert {
        name: outcome and (outcome.status.value, tuple(map(str, outcome.reasons))) for name, outcome in found.items()
    } == {
        "small.jpg": ("unsuitable", ("the eyes are 20 pixels apart; 60 are needed",)),
        "nobody.jpg": ("no_face", (NOBODY,)),
        "broken.jpg": ("unreadable", ("broken.jpg is not a photo; use JPEG or PNG",)),
    }


def test_its_ledger_verifies_and_its_reasons_stand_as_they_were_written(node: Node) -> None:
    verified = ledger.verify_ledger(node, DORA)
    assert verified is not None
    assert verified.entries == ENTRIES
    reasons = list_reasons(node)
    assert reasons[29] == ("record.withdraw", TYPED)
    assert reasons[32] == ("record.erase", "The order was lifted")
    assert reasons[33] == ("policy.replace", "Five are enough")
    assert reasons[36] == ("gallery.search", REASON)
    assert [reasons[number] for number in (55, 56)] == [
        ("record.expire", "its last day, 2026-03-20, has passed"),
        ("request.remind", "the deadline of 1 requests has passed"),
    ]


def test_the_receipt_of_an_old_erasure_is_proven(node: Node) -> None:
    proven = verify_receipt(
        read_receipt(write_receipt(ledger.make_receipt(node, 32, DE))), trusted=ledger.read_key(node)
    )
    assert (proven.fields["person"], str(proven.reason)) == ("emil", "The order was lifted")


def test_what_was_asked_answered_and_sent_is_read(node: Node) -> None:
    with node.store.reading() as tx:
        (asked,) = requests.list_requests(tx, DE, states=[RequestState.RECEIVED], after=None, limit=9)
        sent = notifications.list_unsent(tx, limit=9)
        policy, verification = policies.list_policies(tx)[0], worker_notes.find_last_verification(tx)
        alice = people.find_person_named(tx, "alice")
    assert (asked.draft.asker, asked.draft.received_on, asked.due_on) == (
        "Jeanne Doe, Lyon",
        date(2026, 2, 27),
        date(2026, 3, 29),
    )
    assert [link.subject for link in asked.about] == [find_id(node, "A")]
    assert len(sent) == 2
    assert all(notice.given_up_at is not None and notice.deadline is not None for notice in sent)
    assert (policy.number, policy.reason, policy.person) == (1, "Five are enough", "dora")
    assert verification is not None
    assert (verification.entries, verification.fault) == (57, None)
    assert alice is not None
    assert (alice.trained_on, alice.authority.code) == (date(2026, 2, 22), FR)


def test_it_is_gone_on_with_from_the_checkpoint_of_then(node: Node) -> None:
    with node.store.reading() as tx:
        known = stored_ledger.read_checkpoint_note(tx)
    assert known is not None
    search(node, draw("E", take=33))
    verified = ledger.verify_ledger(node, DORA)
    assert verified is not None
    assert verified.entries > ENTRIES
    ledger.require_goes_on(node, known, witness=ledger.read_key(node))


def test_a_row_of_it_that_was_changed_is_found(opened: Store, node: Node) -> None:
    with opened.writing() as tx:
        sqlite = opened.kind == "SQLite"
        unguard = "DROP TRIGGER ledger_entry_no_update" if sqlite else "ALTER TABLE ledger_entry DISABLE TRIGGER USER"
        tx.connection.exec_driver_sql(unguard)
        held = json.loads(tx.connection.scalar(sa.text("SELECT data FROM ledger_entry WHERE number = 29")) or b"")
        forged = json.dumps({**held, "person": "alice"}, sort_keys=True, separators=(",", ":")).encode()
        tx.connection.execute(sa.text("UPDATE ledger_entry SET data = :data WHERE number = 29"), {"data": forged})
    with pytest.raises(VerificationError, match="29"):
        ledger.verify_ledger(node, DORA)
