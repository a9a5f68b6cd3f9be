"""Somebody who can write the database, and has no key: what gives powers cannot be made, widened, hidden or put back.

Each is refused where the row is read, and named by verifying.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from tests.accounts import PASSWORD, add_cast, open_session_of
from tests.cast import ADA, ALICE, BOB, DE, DORA, EMIL, FR
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol, find_id
from tests.workflows.searching import POTENTIAL, conclude, find_pseudonym, open_case, search
from tests.workflows.stand_in import StandInExtractor, draw

from semblance.audit.checkpoint import SigningKey
from semblance.audit.search_record import SearchRecord
from semblance.cases.examination import ExaminationState
from semblance.cases.lead_check import Field, OwnerAnswer
from semblance.cases.link_check import PairConclusion, RecordLink
from semblance.cases.policy import read_default_policy
from semblance.cases.reconciliation.pair import FoundPair
from semblance.cases.standing_search import StandingSearch
from semblance.errors import NotSignedIn, RefusedByPolicy, VerificationError
from semblance.exchange.intake import IntakeItem
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.gallery.submission import SourceKind, SubmissionDraft
from semblance.gallery.suitability import SuitabilityLine
from semblance.messages.message import Message
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node, PolicyShelf
from semblance.people.proposal import Proposal
from semblance.people.token import hash_secret
from semblance.store import (
    answered_pairs,
    cases,
    clips,
    credentials,
    examinations,
    jobs,
    leads,
    links,
    opinions,
    people,
    policies,
    probes,
    proposals,
    reconciliations,
    records,
    requests,
    rows,
    searches,
    sessions,
    standing_searches,
    submissions,
)
from semblance.store.clips import ClipDraft, StoredClip
from semblance.store.database import parse_url
from semblance.store.engine import Transaction, open_store
from semblance.store.keyring import anchors
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_witness import LedgerSeat
from semblance.store.powers import seals, whole
from semblance.store.powers.kinds import HOLDERS, NODE, PARTS, PowerKind, write_holder
from semblance.store.powers.whole import find_all_damaged
from semblance.store.schema.base import metadata
from semblance.store.schema.job import VOLATILE
from semblance.store.schema.standing import standing_found
from semblance.store.schema.submission import submission_file
from semblance.terms.ids import (
    ClipId,
    JobId,
    LinkId,
    PairId,
    ReferenceId,
    StandingSearchId,
    SubjectId,
    SubmissionFileId,
    SubmissionId,
    digest_bytes,
    make_id,
)
from semblance.terms.job import Job
from semblance.terms.permission import Action, PersonId, Purpose
from semblance.terms.record import Restriction, RestrictionMode
from semblance.workflows.accounts.own_account import make_token
from semblance.workflows.accounts.people import list_people
from semblance.workflows.accounts.sign_in import find_actor, sign_in, sign_out
from semblance.workflows.cases.authorise import request_authorisation
from semblance.workflows.data_subjects.requests import receive_request
from semblance.workflows.examination.owner_check import answer_lead, list_leads
from semblance.workflows.oversight import ledger
from semblance.workflows.oversight.keys import sweep_keys
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.oversight.powers import seal_powers
from semblance.workflows.records.list_records import RecordPage, list_opened_records, list_records
from semblance.workflows.records.write_record import withdraw_record
from semblance.workflows.scheduled.expire import expire_records
from semblance.workflows.submissions.receive import add_file
from semblance.workflows.submissions.submissions import begin_submission

REASON: Final = "it is a test"
KEY: Final = SigningKey("semblance.invalid/test", b"l" * 32)
LATER: Final = "2029-12-31"
SUBMITTED: Final = SubmissionDraft(
    SourceKind.NATIONAL_AUTHORITY, "Police judiciaire", "Camera of the station", "Article 60-1", date(2026, 6, 1)
)
READS: Final[dict[PowerKind, Callable[[Transaction, Any], object]]] = {
    PowerKind.AUTHORITY: people.find_authority,
    PowerKind.PERSON: people.find_person,
    PowerKind.RECORD: records.find_facts,
    PowerKind.CASE: cases.find_case,
    PowerKind.PROBE: probes.read_probe_bytes,
    PowerKind.SEARCH: searches.find_search,
    PowerKind.EXAMINATION: examinations.find_examination,
    PowerKind.REVIEW: opinions.list_lines,
    PowerKind.LEAD: lambda tx, held: leads.find_lead(tx, held, DE),
    PowerKind.LINK: lambda tx, held: links.find_link(tx, held, DE),
    PowerKind.PAIR: lambda tx, held: read_pair(tx, held),
    PowerKind.REQUEST: lambda tx, held: requests.find_request(tx, held, FR),
    PowerKind.POLICY: lambda tx, _: policies.find_newest(tx),
    PowerKind.PROPOSAL: lambda tx, held: proposals.find_proposal(tx, int(held)),
    PowerKind.SUBMISSION: submissions.find_submission,
    PowerKind.SUBMISSION_FILE: lambda tx, held: find_file(tx, held),
    PowerKind.CLIP: lambda tx, held: clips.find_clip(tx, ClipId(held)),
    PowerKind.JOB: lambda tx, held: jobs.find_job(tx, JobId(held)),
    PowerKind.STANDING: standing_searches.find_standing,
    PowerKind.RECONCILIATION: reconciliations.find_pair,
}
"""How one of each kind is read."""


def find_file(tx: Transaction, held: str) -> object:
    of = tx.connection.scalar(sa.select(submission_file.c.submission_id).where(submission_file.c.id == held))
    return submissions.find_file(tx, SubmissionId(of or ""), SubmissionFileId(held))


def read_pair(tx: Transaction, held: str) -> object:
    first = tx.connection.scalar(sa.text("SELECT first_id FROM answered_pair WHERE id = :id"), {"id": held})
    found = answered_pairs.list_pairs(tx, first or SubjectId(""), DE)
    seals.require_sealed(tx, PowerKind.PAIR, [held])
    return next((shown.pair for shown in found if shown.pair.id == held), None)


@dataclass
class World:
    """A node in which something of every kind is held, and the attacker's own way into its database."""

    node: Node
    url: str
    ids: dict[PowerKind, list[str]]
    engine: sa.Engine

    @contextmanager
    def forging(self) -> Iterator[sa.Connection]:
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                # neither triggers nor foreign keys are in the way of who owns the database
                connection.exec_driver_sql("SET session_replication_role = replica")
            else:
                for name in connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
            yield connection

    def forge(self, text: str, **values: Any) -> None:
        with self.forging() as connection:
            assert connection.execute(sa.text(text), values).rowcount > 0, text

    def read(self, kind: PowerKind, held: str) -> object:
        with self.node.store.reading() as tx:
            return READS[kind](tx, held)

    def find_damaged(self, kind: PowerKind) -> frozenset[str]:
        """Return what verifying finds of those of one kind that are sealed; of all kinds takes twenty times as long."""
        with self.node.store.reading() as tx:
            return seals.find_damaged(tx, kind, self.ids[kind])

    def find_damage(self) -> set[str]:
        with self.node.store.reading() as tx:
            return set(find_all_damaged(tx))

    def require_refused(self, kind: PowerKind, held: str, what: str = "") -> None:
        """The one thing is refused, every other of its kind is read as before, and verifying names that one."""
        with pytest.raises(VerificationError, match=f"{kind}/{held}"):
            pytest.fail(f"{what}: {self.read(kind, held)}")
        for other in self.ids[kind]:
            if other != held:
                self.read(kind, other)
        with pytest.raises(VerificationError, match=f"{kind}/{held}"):
            ledger.recompute_ledger(self.node)


def open_node(url: str, home: Path, clock: Clock) -> Node:
    store = open_store(url, ledger=LedgerSeat(KEY), keyring=Keyring(f"sqlite:///{home / 'keyring.db'}", b"n" * 32))
    return Node(
        name="test",
        home=home,
        store=store,
        extractor=StandInExtractor(),
        index=GalleryIndex(store),
        suitability=SuitabilityLine(),
        policy=PolicyShelf(store),
        clock=clock,
    )


def fill(node: Node) -> None:
    """Do what leaves rows of every kind: emil holds A, B, C and H, alice has searched for A, and bob agreed."""
    add_cast(node)
    drawn = {name: draw(name) for name in "ABCH"}
    enrol(node, [IntakeItem(name, f"{name}.jpg", partial(drawn.__getitem__, name)) for name in "ABC"])
    hidden = replace(TERMS, restriction=Restriction(RestrictionMode.EXCEPT, frozenset({FR})))
    enrol(node, [IntakeItem("H", "H.jpg", partial(drawn.__getitem__, "H"))], hidden)
    for take in (9, 8):
        answer = search(node, draw("A", take=take), about={"number": f"FR-2026-{take}"})
        request_authorisation(node, ALICE, answer.record.probe)
        conclude(node, answer.search, potential=[find_pseudonym(node, answer.search, "A")])
        stand(node, answer.record)
        held = begin_submission(node, ALICE, open_case(node, number=f"FR-2026-{take}").id, SUBMITTED)
        file = add_file(node, ALICE, held.id, name="counter.mp4", size=9).file
        clip, at = ClipDraft(1, 0.0, 1.0), node.clock()
        with node.store.writing() as tx:
            made = StoredClip(ClipId(make_id()), file.id, JobId(make_id()), at, "alice", clip, "R-1")
            clips.add_clip(tx, made)
    for listed in list_leads(node, EMIL):
        answer_lead(
            node, EMIL, listed.lead.id, OwnerAnswer(True, "It is her", frozenset({Field.NUMBER}), frozenset({FR}))
        )
    tie(node)
    for number in (1, 2):
        replace_policy(node, DORA, f"{read_default_policy().text}# version {number}\n", reason=REASON)
        draft = RequestDraft(RequestKind.ACCESS, "Erika Muster", date(2026, 2, 20), records=(find_id(node, "A"),))
        receive_request(node, DORA, draft)
    for actor in (ALICE, BOB):
        make_token(node, actor, label="t", scope=frozenset({Action.CASE_READ}), expires_at=node.clock() + timedelta(9))
    with node.store.writing() as tx:
        for number, name in enumerate(("alice", "bob")):
            people.link_account(tx, PersonId(name), "https://provider.invalid", f"account-{number}")
            credentials.set_recovery_codes(tx, PersonId(name), [f"code-{number}"])
            credentials.set_totp(tx, PersonId(name), "JBSWY3DPEHPK3PXP", step=number)
            sessions.drop_sessions(tx, PersonId(name))
            proposals.add_hands(tx, PersonId(name), [PersonId("ada")])
            who = (PersonId("ada"), "ada", FR)
            jobs.add_job(tx, Job(JobId(make_id()), "count", PersonId(name), name, FR, None, node.clock()), b"")
            end = node.clock() + timedelta(9)
            proposals.add_proposal(
                tx, Proposal(0, "enable-person", {}, Message("test.what", "it"), *who, REASON, node.clock(), end)
            )


def stand(node: Node, record: SearchRecord) -> None:
    """Ask that the face of a search be compared each night, and have found somebody so before."""
    made = StandingSearch(
        StandingSearchId(make_id()),
        record.case_id,
        record.probe,
        0,
        None,
        FR,
        Purpose.WANTED_PERSON,
        REASON,
        node.clock(),
        "alice",
        date(2026, 5, 1),
    )
    with node.store.writing() as tx:
        standing_searches.add_standing(tx, made)
        rows.add_row(tx, standing_found, search_id=record.search, standing_id=made.id)


def tie(node: Node) -> None:
    """Link A with B and with C, and say that B is not H and A not C, as people come to it after leads."""
    a, b, c, h = (find_id(node, number) for number in "ABCH")
    at, lead = node.clock(), list_leads(node, EMIL, waiting=False)[0].lead
    with node.store.writing() as tx:
        for number, other in enumerate((b, c)):
            made = RecordLink(LinkId(make_id()), *links.order_pair(a, other), DE, DE, lead.id, at, "emil", number)
            links.add_link(tx, made)
        for missing, found in ((b, h), (a, c)):
            photos = (ReferenceId("one"), ReferenceId("other"))
            pair = FoundPair(PairId(make_id()), missing, found, *photos, DE, DE, 1, ExaminationState.SECOND, at)
            reconciliations.add_pair(tx, pair)
            reconciliations.add_opinion(tx, pair.id, POTENTIAL, number=1, person="alice", authority=FR, at=at)
        for one, other in ((b, h), (a, c)):
            answered_pairs.remember_pair(
                tx,
                one,
                other,
                PairConclusion.NO_LEAD,
                at=at,
                examination=lead.examination,
                shown=[ReferenceId("none")],
                probe=digest_bytes(b"a photo"),
            )


def list_ids(node: Node) -> dict[PowerKind, list[str]]:
    with node.store.reading() as tx:
        found = tx.connection.execute(sa.text("SELECT kind, id FROM power_seal ORDER BY kind, id")).all()
    return {kind: [row.id for row in found if row.kind == kind] for kind in PowerKind}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return where a store with something of every kind lies, and its keyring, for tests to copy."""
    home = tmp_path_factory.mktemp("original")
    if request.param == "sqlite":
        url = f"sqlite:///{home / 'store.db'}"
    else:
        url = request.getfixturevalue("postgres").keep_database("powers")
    node = open_node(url, home, Clock())
    fill(node)
    node.store.close()
    return url, home


@pytest.fixture
def world(original: tuple[str, Path], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    url, home = original
    shutil.copyfile(home / "keyring.db", tmp_path / "keyring.db")
    with ExitStack() as stack:
        if url.startswith("sqlite"):
            shutil.copyfile(home / "store.db", tmp_path / "store.db")
            url = f"sqlite:///{tmp_path / 'store.db'}"
        else:
            url = stack.enter_context(request.getfixturevalue("postgres").lend_copy(url))
        engine = sa.create_engine(parse_url(url, "the store"))
        stack.callback(engine.dispose)
        clock = Clock()
        clock.now += timedelta(hours=1)
        node = open_node(url, tmp_path, clock)
        stack.callback(node.store.close)
        yield World(node, url, list_ids(node), engine)


def test_nothing_is_refused_before_anything_is_forged(world: World) -> None:
    assert all(len(ids) > 1 for kind, ids in world.ids.items() if kind is not PowerKind.POLICY)
    for kind, ids in world.ids.items():
        for held in ids:
            assert world.read(kind, held) is not None
    assert ledger.recompute_ledger(world.node) is not None


FORGED: Final = {
    "a role": (
        PowerKind.PERSON,
        f"INSERT INTO role_grant (person_id, role, until) VALUES ('alice', 'administrator', '{LATER}')",
    ),
    "a role for longer": (PowerKind.PERSON, f"UPDATE role_grant SET until = '{LATER}' WHERE person_id = 'alice'"),
    "a role taken": (PowerKind.PERSON, "DELETE FROM role_grant WHERE person_id = 'alice'"),
    "a training": (PowerKind.PERSON, f"UPDATE person SET trained_on = '{LATER}' WHERE id = 'alice'"),
    "a password": (
        PowerKind.PERSON,
        "UPDATE person SET password = (SELECT password FROM person WHERE id = 'bob') || ' ' WHERE id = 'alice'",
    ),
    "no second factor": (PowerKind.PERSON, "UPDATE person SET totp = NULL WHERE id = 'alice'"),
    "a code taken once more": (PowerKind.PERSON, "UPDATE person SET totp_step = -1 WHERE id = 'alice'"),
    "wrong tries forgotten": (PowerKind.PERSON, "UPDATE person SET wrong_codes = -9 WHERE id = 'alice'"),
    "a code on paper": (PowerKind.PERSON, "INSERT INTO recovery_code VALUES ('known', 'alice')"),
    "a link": (PowerKind.PERSON, "INSERT INTO outside_account VALUES ('https://other.invalid', 'me', 'alice')"),
    "another authority": (PowerKind.PERSON, "UPDATE person SET authority = 'DE' WHERE id = 'alice'"),
    "a token": (
        PowerKind.PERSON,
        "INSERT INTO token SELECT 'x', 'x', person_id, label, start, scope, made_at, "
        "expires_at, revoked_at FROM token WHERE person_id = 'alice'",
    ),
    "a token for more": (
        PowerKind.PERSON,
        """UPDATE token SET scope = '["policy.replace"]' WHERE person_id = 'alice'""",
    ),
    "a locked account": (PowerKind.PERSON, f"UPDATE person SET locked_at = '{LATER}' WHERE id = 'alice'"),
    "a person who is no day": (PowerKind.PERSON, "UPDATE person SET added_at = 'never' WHERE id = 'alice'"),
    "an exclusion": (PowerKind.AUTHORITY, "UPDATE authority SET admitted = NOT admitted WHERE code = 'FR'"),
    "a target": (PowerKind.AUTHORITY, "UPDATE authority SET webhook = 'https://me.invalid' WHERE code = 'FR'"),
    "a contact": (PowerKind.AUTHORITY, "UPDATE authority SET contact = 'me@me.invalid' WHERE code = 'FR'"),
    "a state": (PowerKind.RECORD, "UPDATE record SET state = 'withdrawn' WHERE subject_id = :id"),
    "a state that is none": (PowerKind.RECORD, "UPDATE record SET state = 'hidden' WHERE subject_id = :id"),
    "a last day": (PowerKind.RECORD, "UPDATE record SET retain_until = '2001-01-01' WHERE subject_id = :id"),
    "a day that is none": (PowerKind.RECORD, "UPDATE record SET retain_until = 'never' WHERE subject_id = :id"),
    "an audience": (
        PowerKind.RECORD,
        "UPDATE record SET audience_id = (SELECT max(audience_id) + min(audience_id) FROM "
        "record) - audience_id WHERE subject_id = :id",
    ),
    "a record less": (PowerKind.RECORD, "DELETE FROM record WHERE subject_id = :id"),
    "a case of another": (PowerKind.CASE, "UPDATE case_file SET authority = 'DE' WHERE id = :id"),
    "a purpose": (PowerKind.CASE, "UPDATE case_file SET purpose = 'wanted-person' WHERE id = :id"),
    "an open case": (PowerKind.CASE, "UPDATE case_file SET state = 'closed' WHERE id = :id"),
    "an idle case": (PowerKind.CASE, "UPDATE case_file SET last_act_at = '2001-01-01T00:00:00+00:00' WHERE id = :id"),
    "an authorisation": (
        PowerKind.CASE,
        "UPDATE authorisation SET state = 'granted', decided_by = 'carol' WHERE case_id = :id",
    ),
    "no authorisation": (PowerKind.CASE, "DELETE FROM authorisation WHERE case_id = :id"),
    "a probe for longer": (PowerKind.PROBE, "UPDATE probe SET expires_at = '2031-01-01T00:00:00+00:00' WHERE id = :id"),
    "another candidate": (PowerKind.SEARCH, "UPDATE search_candidate SET score = 2 - score WHERE search_id = :id"),
    "a lead's owner": (PowerKind.LEAD, "UPDATE lead SET owner = 'FR' WHERE id = :id"),
    "a lead confirmed": (PowerKind.LEAD, "UPDATE lead SET state = 'refuted', decided_by = 'emil' WHERE id = :id"),
    "a release less": (PowerKind.LEAD, "UPDATE lead SET released = NULL WHERE id = :id"),
    "another's release": (
        PowerKind.LEAD,
        "UPDATE lead SET released = (SELECT released FROM lead AS other WHERE other.id <> lead.id) WHERE id = :id",
    ),
    "a link parted": (PowerKind.LINK, f"UPDATE record_link SET parted_at = '{LATER}' WHERE id = :id"),
    "a link with another": (PowerKind.LINK, "UPDATE record_link SET second_id = 'f' WHERE id = :id"),
    "a link of another lead": (PowerKind.LINK, "UPDATE record_link SET lead_id = 'x' WHERE id = :id"),
    "no photos that are new": (PowerKind.PAIR, """UPDATE answered_pair SET photos = '["x"]' WHERE id = :id"""),
    "refuted": (PowerKind.PAIR, "UPDATE answered_pair SET conclusion = 'refuted' WHERE id = :id"),
    "a standing search granted": (
        PowerKind.STANDING,
        "UPDATE standing_search SET state = 'running', decided_by = 'carol' WHERE id = :id",
    ),
    "a longer standing search": (PowerKind.STANDING, f"UPDATE standing_search SET last_day = '{LATER}' WHERE id = :id"),
    "an opinion on a pair": (
        PowerKind.RECONCILIATION,
        "UPDATE pair_opinion SET conclusion = 'no-candidate' WHERE pair_id = :id",
    ),
    "an opinion on a pair less": (PowerKind.RECONCILIATION, "DELETE FROM pair_opinion WHERE pair_id = :id"),
    "a pair reconciled": (PowerKind.RECONCILIATION, "UPDATE found_pair SET evidence = 'dna' WHERE id = :id"),
    "an opinion": (PowerKind.REVIEW, "UPDATE sitting_candidate SET conclusion = 'inconclusive' WHERE sitting_id = :id"),
    "an opinion less": (PowerKind.REVIEW, "DELETE FROM sitting_candidate WHERE sitting_id = :id"),
    "another examiner": (
        PowerKind.EXAMINATION,
        "UPDATE sitting SET person = 'mallory' WHERE examination_id = :id AND number = 2",
    ),
    "a review less": (PowerKind.EXAMINATION, "DELETE FROM sitting WHERE examination_id = :id AND number = 2"),
    "another subject": (
        PowerKind.EXAMINATION,
        "UPDATE examination_candidate SET subject_id = 'x' WHERE examination_id = :id",
    ),
    "a request answered": (PowerKind.REQUEST, "UPDATE request SET state = 'declined' WHERE id = :id"),
    "a request about another": (PowerKind.REQUEST, "DELETE FROM request_record WHERE request_id = :id"),
    "a policy's text": (PowerKind.POLICY, "UPDATE policy_version SET text = text || ' ' WHERE number = 2"),
    "a policy less": (PowerKind.POLICY, "DELETE FROM policy_version WHERE number = 2"),
    "a policy more": (
        PowerKind.POLICY,
        "INSERT INTO policy_version SELECT 3, at, person, authority, reason, digest, "
        "text FROM policy_version WHERE number = 1",
    ),
}
_OF: Final = {PowerKind.PERSON: "alice", PowerKind.AUTHORITY: "FR", PowerKind.POLICY: NODE}


def list_tables(kind: PowerKind) -> list[str]:
    return ["record", "subject"] if kind is PowerKind.RECORD else [part.name for part in PARTS[kind]]


def find_mine(kind: PowerKind, name: str, held: str) -> sa.ColumnElement[bool]:
    """Return which rows of a table are under the seal of one of the kind."""
    holder = dict(HOLDERS[metadata.tables[name]])[kind]
    return sa.true() if holder is None else write_holder(holder) == held


def copy_rows(connection: sa.Connection, names: list[str]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [dict(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}")).mappings()] for name in names
    }


def put_back(connection: sa.Connection, rows_before: dict[str, list[dict[str, Any]]]) -> None:
    for name, held in rows_before.items():
        connection.execute(sa.text(f"DELETE FROM {name}"))
        if held:
            connection.execute(sa.table(name, *map(sa.column, held[0])).insert(), held)


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in FORGED.values()}))
def test_what_is_forged_is_refused_and_named(world: World, kind: PowerKind) -> None:
    held = _OF.get(kind, world.ids[kind][0])
    for what, (of, text) in FORGED.items():
        if of is not kind:
            continue
        with world.forging() as connection:
            before = copy_rows(connection, list_tables(kind))
        world.forge(text, **({"id": held} if ":id" in text else {}))
        world.require_refused(kind, held, what)
        with world.forging() as connection:
            put_back(connection, before)
        world.read(kind, held)


@pytest.mark.parametrize("kind", PowerKind)
def test_a_change_of_any_column_is_found(world: World, kind: PowerKind) -> None:
    """Whatever is covered is covered whole: a hand changes one value, is found, and changes it back."""
    held = _OF.get(kind, world.ids[kind][0])
    for name in ["record"] if kind is PowerKind.RECORD else list_tables(kind):
        table = metadata.tables[name]
        for column in table.c:
            if column in VOLATILE or (column.name in ("heading", "sealed") and kind is PowerKind.RECORD):
                continue
            with world.forging() as connection:
                before = copy_rows(connection, [table.name])
                mine = find_mine(kind, name, held)
                row = connection.execute(sa.select(*table.primary_key).where(mine).limit(1)).one_or_none()
                if row is None:
                    continue
                which = sa.and_(*(key == value for key, value in zip(table.primary_key, row, strict=True)))
                connection.execute(sa.update(table).where(which).values({column: change(column)}))
            assert held in world.find_damaged(kind), column
            with world.forging() as connection:
                put_back(connection, before)
            assert world.find_damaged(kind) == set(), column
    assert world.find_damage() == set()


def change(column: sa.Column[Any]) -> Any:
    """Return what makes another value of a column's."""
    if isinstance(column.type, sa.Boolean):
        return ~column
    if isinstance(column.type, sa.Integer):
        return sa.func.coalesce(column, 0) + 7
    if isinstance(column.type, sa.LargeBinary):
        return b"another"
    if isinstance(column.type, sa.Double):
        return column + 1
    return sa.type_coerce(sa.literal("2031-01-01T00:00:00+00:00", sa.Text), sa.Text)


@pytest.mark.parametrize("kind", PowerKind)
def test_what_is_deleted_whole_is_named_from_outside_the_database(world: World, kind: PowerKind) -> None:
    """Rows and seal are gone: nothing in the database says that there was anything. The keyring does."""
    held = _OF.get(kind, world.ids[kind][0])
    with world.forging() as connection:
        for name in list_tables(kind):
            connection.execute(sa.delete(metadata.tables[name]).where(find_mine(kind, name, held)))
        connection.execute(
            sa.text("DELETE FROM power_seal WHERE kind = :kind AND id = :id"), {"kind": kind, "id": held}
        )
    world.require_refused(kind, held)


CHANGED: Final[dict[PowerKind, tuple[str, str, Any]]] = {
    PowerKind.AUTHORITY: ("authority", "admitted", False),
    PowerKind.PERSON: ("person", "disabled_at", datetime(2026, 5, 1, tzinfo=UTC)),
    PowerKind.RECORD: ("record", "state", "blocked"),
    PowerKind.CASE: ("case_file", "state", "closed"),
    PowerKind.PROBE: ("probe", "expires_at", datetime(2026, 3, 2, tzinfo=UTC)),
    PowerKind.SEARCH: ("search_candidate", "score", 0.5),
    PowerKind.EXAMINATION: ("examination", "state", "lapsed"),
    PowerKind.REVIEW: ("sitting_candidate", "conclusion", "inconclusive"),
    PowerKind.LEAD: ("lead", "state", "refuted"),
    PowerKind.LINK: ("record_link", "parted_by", "emil"),
    PowerKind.PAIR: ("answered_pair", "conclusion", "refuted"),
    PowerKind.REQUEST: ("request", "state", "declined"),
    PowerKind.POLICY: ("policy_version", "reason", "another"),
    PowerKind.PROPOSAL: ("proposal", "state", "declined"),
    PowerKind.SUBMISSION: ("submission", "review_on", date(2026, 7, 1)),
    PowerKind.SUBMISSION_FILE: ("submission_file", "state", "refused"),
    PowerKind.CLIP: ("covered_clip", "made_by", "carol"),
    PowerKind.JOB: ("job", "cancelled_by", "carol"),
    PowerKind.STANDING: ("standing_search", "last_day", date(2026, 4, 1)),
    PowerKind.RECONCILIATION: ("found_pair", "state", "no-lead"),
}
"""What the node itself changes of each kind, afterwards undone by hand."""


@pytest.mark.parametrize("kind", PowerKind)
def test_an_older_state_that_is_put_back_is_refused(world: World, kind: PowerKind) -> None:
    """Every row and the seal over them are as the node once wrote them: only the keyring knows that they are old."""
    held = _OF.get(kind, world.ids[kind][0])
    name, column, value = CHANGED[kind]
    with world.forging() as connection:
        before = copy_rows(connection, [*list_tables(kind), "power_seal"])
    with world.node.store.writing() as tx:
        rows.change_rows(tx, metadata.tables[name], find_mine(kind, name, held), **{column: value})
    world.read(kind, held)
    assert world.find_damage() == set()
    with world.forging() as connection:
        put_back(connection, before)
    world.require_refused(kind, held)


@pytest.mark.parametrize("kind", PowerKind)
def test_who_reads_while_the_node_changes_something_is_told_of_no_forgery(world: World, kind: PowerKind) -> None:
    """The keyring is newer than what a transaction sees that began before the change."""
    held = _OF.get(kind, world.ids[kind][0])
    name, column, value = CHANGED[kind]
    with world.node.store.reading() as tx:
        before = READS[kind](tx, held)
        with world.node.store.writing() as other:
            rows.change_rows(other, metadata.tables[name], find_mine(kind, name, held), **{column: value})
        assert READS[kind](tx, held) == before
        assert set(find_all_damaged(tx)) == set()


def test_who_reads_while_a_record_is_made_is_told_of_no_deletion(world: World) -> None:
    late = draw("L")
    with world.node.store.reading() as tx:
        assert set(find_all_damaged(tx)) == set()
        enrol(world.node, [IntakeItem("L", "L.jpg", lambda: late)])
        assert set(find_all_damaged(tx)) == set()


@pytest.mark.parametrize("kind", [kind for kind in PowerKind if kind not in (PowerKind.POLICY, PowerKind.PROPOSAL)])
def test_rows_moved_to_another_are_refused_for_both(world: World, kind: PowerKind) -> None:
    """The seals change places, too: one is bound to whose it is."""
    held, other = (_OF[kind], {"alice": "bob", "FR": "DE"}[_OF[kind]]) if kind in _OF else world.ids[kind][:2]
    with world.forging() as connection:
        for part in PARTS[kind]:
            if kind is PowerKind.RECORD or part.holder is None:
                continue
            for source, target in ((held, "between"), (other, held), ("between", other)):
                moved = sa.update(part.holder.table).where(part.holder == source).values({part.holder: target})
                connection.execute(moved)
        if kind is PowerKind.RECORD:
            for source, target in ((held, "between"), (other, held), ("between", other)):
                for column in ("record.subject_id", "subject.id"):
                    table, name = column.split(".")
                    moving = sa.text(f"UPDATE {table} SET {name} = :target WHERE {name} = :source")
                    connection.execute(moving, {"source": source, "target": target})
        for source, target in ((held, "between"), (other, held), ("between", other)):
            moving = sa.text("UPDATE power_seal SET id = :target WHERE kind = :kind AND id = :source")
            connection.execute(moving, {"source": source, "target": target, "kind": kind})
    assert {f"{kind}/{held}", f"{kind}/{other}"} <= world.find_damage()
    for either in (held, other):
        with pytest.raises(VerificationError):
            world.read(kind, either)


@pytest.mark.parametrize("kind", PowerKind)
def test_no_change_of_the_node_makes_good_what_was_forged(world: World, kind: PowerKind) -> None:
    """Whoever forges a row and then has the node change something else of the same person gets no seal over it."""
    held = _OF.get(kind, world.ids[kind][0])
    table = metadata.tables[list_tables(kind)[0]]
    which = find_mine(kind, table.name, held)
    written = next(
        column
        for column in table.c
        if isinstance(column.type, sa.Text | sa.TypeDecorator)
        and not column.primary_key
        and not column.foreign_keys
        and not column.unique
    )
    with world.forging() as connection:
        connection.execute(sa.update(table).where(which).values({written: change(written)}))
    with pytest.raises(VerificationError), world.node.store.writing() as tx:
        rows.change_rows(tx, table, which, **{written.name: "another"})
    world.require_refused(kind, held)


def test_a_session_is_not_made_moved_or_made_to_last(world: World) -> None:
    node = world.node
    secret = open_session_of(node, "alice")
    assert find_actor(node, secret).name == "alice"
    fresh = hash_secret("known to the attacker")
    world.forge(
        "INSERT INTO session SELECT :digest, person_id, started_at, seen_at, vouched, generation, mac FROM session",
        digest=fresh,
    )
    with pytest.raises(NotSignedIn):
        find_actor(node, "known to the attacker")
    assert world.find_damage() == {"session/alice"}
    world.forge("DELETE FROM session WHERE digest = :digest", digest=fresh)
    for change_text in (
        "person_id = 'ada'",
        "vouched = NOT vouched",
        "seen_at = '2026-03-01T10:20:00.000000+00:00'",
        "seen_at = 'never'",
        "generation = generation + 1",
    ):
        with world.forging() as connection:
            before = copy_rows(connection, ["session"])
            connection.execute(sa.text(f"UPDATE session SET {change_text}"))
        with pytest.raises(NotSignedIn):
            find_actor(node, secret)
        with world.forging() as connection:
            put_back(connection, before)
    assert find_actor(node, secret).name == "alice"


@pytest.mark.parametrize("how", ["sign out", "drop"])
def test_a_session_that_was_ended_does_not_come_back(world: World, how: str) -> None:
    node = world.node
    secret, other = open_session_of(node, "alice"), open_session_of(node, "alice")
    with world.forging() as connection:
        before = copy_rows(connection, ["session"])
    if how == "sign out":
        sign_out(node, secret)
        assert find_actor(node, other).name == "alice"
    else:
        with node.store.writing() as tx:
            sessions.drop_sessions(tx, PersonId("alice"))
    with world.forging() as connection:
        put_back(connection, before)
    with pytest.raises(NotSignedIn):
        find_actor(node, secret)


def test_who_was_changed_by_hand_cannot_sign_in_or_act_and_others_can(world: World) -> None:
    node = world.node
    secret, of_bob = open_session_of(node, "alice"), open_session_of(node, "bob")
    world.forge(FORGED["a role"][1])
    with pytest.raises(VerificationError, match="person/alice"):
        find_actor(node, secret)
    with pytest.raises(RefusedByPolicy):
        sign_in(node, "alice", PASSWORD)
    assert find_actor(node, of_bob).name == "bob"
    page = list_people(node, ADA)
    assert page.damaged == ("alice",)
    assert {shown.person.name for shown in page.people} >= {"ada", "bob", "carol", "dora", "emil", "mallory"}
    assert [list_people(node, ADA, limit=1, after=name).damaged for name in ("ada", "alice")] == [("alice",), ()]


def test_lists_show_that_a_record_was_changed_and_nothing_of_it(world: World) -> None:
    """Nobody knows in whose list it belongs: it stands there by its id alone, and the page goes on after it."""
    node, damaged = world.node, find_id(world.node, "C")
    world.forge("UPDATE record SET retain_until = '2031-01-01' WHERE subject_id = :id", id=damaged)
    for page in (list_records(node, EMIL), list_opened_records(node, EMIL, "")):
        assert {row.number for row in page.rows} == {"A", "B", "H"}
        assert page.damaged == (damaged,)
    pages, after = list[RecordPage](), None
    while after is not None or not pages:
        pages.append(list_records(node, EMIL, limit=1, after=after))
        after = pages[-1].next_after
    assert sorted((len(page.rows), page.damaged) for page in pages) == [(0, (damaged,)), *3 * [(1, ())]]


@pytest.mark.parametrize("loaded", [False, True])
def test_a_search_leaves_out_what_was_changed_and_says_so(world: World, loaded: bool) -> None:
    """Also where the index is in memory already, and where somebody writes into the log by which it is kept in step."""
    node, hidden = world.node, find_id(world.node, "H")
    about = {"number": "FR-2026-9"}
    if loaded:
        assert search(node, draw("H", take=5), about=about).record.left_out == 0
    world.forge(
        "UPDATE record SET audience_id = (SELECT max(audience_id) FROM record WHERE subject_id <> :id) "
        "WHERE subject_id = :id",
        id=hidden,
    )
    with world.forging() as connection:
        version = connection.scalar(sa.text("UPDATE gallery_state SET version = version + 1 RETURNING version"))
        altered = sa.text(
            "INSERT INTO gallery_change SELECT :version, 'altered', id FROM reference WHERE subject_id = :id"
        )
        connection.execute(altered, {"version": version, "id": hidden})
    answer = search(node, draw("H", take=6), about=about)
    assert hidden not in {candidate.subject for candidate in answer.record.candidates}
    assert {candidate.number for candidate in answer.candidates} == {"A", "B", "C"}
    assert loaded or answer.record.left_out == 1
    assert loaded or "1 records that were changed" in str(answer.record.particulars[-1][1])


def test_an_index_in_memory_shows_nobody_who_was_restricted_since(world: World) -> None:
    """The log that tells the index of a restriction is emptied: what it would show is held against the store."""
    node, found = world.node, find_id(world.node, "A")
    about = {"number": "FR-2026-9"}
    assert found in {candidate.subject for candidate in search(node, draw("A", take=5), about=about).record.candidates}
    withdraw_record(node, EMIL, found, reason=REASON)
    world.forge("DELETE FROM gallery_change WHERE kind = 'altered'")
    answer = search(node, draw("A", take=6), about=about)
    assert found not in {candidate.subject for candidate in answer.record.candidates}


def test_a_policy_by_hand_is_refused_by_a_running_node_and_by_a_new_one(world: World) -> None:
    node = world.node
    in_force = node.policy.read_numbered()
    world.forge(FORGED["a policy more"][1])
    assert node.policy.read_numbered() == in_force
    with pytest.raises(VerificationError, match="policy/node"):
        PolicyShelf(node.store).read()
    world.forge("DELETE FROM policy_version WHERE number = 3")
    with world.forging() as connection:
        before = copy_rows(connection, ["policy_version", "power_seal"])
    replace_policy(node, DORA, f"{read_default_policy().text}# version 3\n", reason=REASON)
    with world.forging() as connection:
        put_back(connection, before)
    for shelf in (node.policy, PolicyShelf(node.store)):
        with pytest.raises(VerificationError, match="policy/node"):
            shelf.read()


def test_a_policy_that_the_ledger_does_not_know_is_not_sealed_with_an_old_store(world: World, tmp_path: Path) -> None:
    """Before a store has seals, the ledger is all that knows its policy."""
    world.forge(FORGED["a policy more"][1])
    world.forge("DELETE FROM power_seal")
    (tmp_path / "other").mkdir()
    shutil.copyfile(tmp_path / "keyring.db", tmp_path / "other" / "keyring.db")
    with sa.create_engine(f"sqlite:///{tmp_path / 'other' / 'keyring.db'}").begin() as connection:
        connection.execute(sa.text("DELETE FROM anchor WHERE name LIKE 'power%'"))
    node = open_node(world.url, tmp_path / "other", Clock())
    with pytest.raises(VerificationError, match="policies"):
        seal_powers(node, KEY.public)
    world.forge("DELETE FROM policy_version WHERE number = 3")
    seal_powers(node, KEY.public)
    with node.store.reading() as tx:
        assert set(find_all_damaged(tx)) == set()
    node.store.close()


def test_a_store_is_given_its_seals_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever deletes all seals is not given new ones over what they wrote; also where all is read in parts."""
    for read_in_parts in (whole, anchors):
        monkeypatch.setattr(read_in_parts, "_CHUNK", 2)
    node = world.node
    seal_powers(node, KEY.public)
    size = ledger.recompute_ledger(node)
    assert size is not None
    world.forge("DELETE FROM power_seal")
    world.forge(FORGED["a role"][1])
    seal_powers(node, KEY.public)
    assert len(world.find_damage()) == sum(map(len, world.ids.values()))
    with pytest.raises(VerificationError):
        world.read(PowerKind.PERSON, "alice")


def test_the_worker_goes_on_with_all_other_records(world: World, tmp_path: Path) -> None:
    """Somebody ends a record by hand: it does not expire, and those whose time is over do."""
    node = world.node
    with node.store.reading() as tx:
        first, *others = sorted(find_id(node, number) for number in "ABC")
    world.forge("UPDATE record SET retain_until = '2001-01-01' WHERE subject_id = :id", id=first)
    late = replace(node, clock=lambda: datetime(2029, 6, 1, tzinfo=UTC))
    # an unsigned ledger says nothing of the clock, which is not the point here
    node.store.ledger = None
    assert sum(expire_records(late)) == len(others) + 1
    with node.store.reading() as tx:
        states: dict[str, str] = dict(tx.connection.execute(sa.text("SELECT subject_id, state FROM record")).all())
    assert {states[other] for other in others} == {"expired"}
    assert states[first] == "active"


def test_no_key_is_swept_away_because_somebody_deleted_the_rows_that_name_it(world: World) -> None:
    """A key that nothing names was never used: unless the rows were deleted to have it destroyed."""
    node, found = world.node, find_id(world.node, "A")
    late = replace(node, clock=lambda: datetime(2031, 6, 1, tzinfo=UTC))
    # an unsigned ledger says nothing of the clock, which is not the point here
    node.store.ledger = None
    with node.store.reading() as tx:
        key = tx.connection.scalar(sa.text("SELECT key_id FROM subject WHERE id = :id"), {"id": found})
    with world.forging() as connection:
        for table in ("subject_seal", "ledger_opening"):
            connection.execute(sa.text(f"DELETE FROM {table} WHERE key_id = :key"), {"key": key})
        connection.execute(sa.text("DELETE FROM subject WHERE id = :id"), {"id": found})
    with pytest.raises(VerificationError, match=f"record/{found}"):
        sweep_keys(late)
    assert node.store.keyring is not None
    node.store.keyring.find(key)


def test_a_link_that_nobody_made_is_shown_to_nobody(world: World) -> None:
    """A row more, without the seal that only the node writes: neither a name nor a comparison follows from it."""
    link, pair = world.ids[PowerKind.LINK][0], world.ids[PowerKind.PAIR][0]
    columns = "first_owner, second_owner, lead_id, linked_at, linked_by, linked_in"
    world.forge(
        f"INSERT INTO record_link (id, first_id, second_id, {columns}) "
        f"SELECT 'forged', second_id, first_id, {columns} FROM record_link WHERE id = :id",
        id=link,
    )
    world.forge(
        "INSERT INTO answered_pair SELECT 'forged', second_id, first_id, conclusion, at, examination_id, compared, "
        "photos FROM answered_pair WHERE id = :id",
        id=pair,
    )
    first = find_id(world.node, "A")
    with world.node.store.reading() as tx:
        forged = tx.connection.scalar(sa.text("SELECT first_id FROM answered_pair WHERE id = 'forged'"))
        with pytest.raises(VerificationError, match="link/forged"):
            links.list_links(tx, first, DE)
        with pytest.raises(VerificationError, match="pair/forged"):
            answered_pairs.list_answered(tx, SubjectId(forged), DE)
    assert world.find_damage() == {"link/forged", "pair/forged"}
