"""Opening, migrating, writing as a whole or not at all, and saying what went wrong."""

import inspect
import resource
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from semblance.errors import Conflict, StoreError, StoreFull
from semblance.gallery.outcome import IntakeOutcome, IntakeStatus
from semblance.messages.message import quote_text
from semblance.node.node import read_clock
from semblance.store import database, gallery, photos, subjects
from semblance.store.database import is_same_database, parse_url
from semblance.store.engine import Store, Transaction, open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store.schema.gallery import subject
from semblance.terms.ids import AuthorityCode, PhotoId, Sha256

DE = AuthorityCode("DE")


def remember(store: Store, name: str, padding: int = 0) -> None:
    with store.writing() as tx:
        photos.remember_outcome(
            tx,
            DE,
            IntakeOutcome(
                "A", name, Sha256("0" * 64), IntakeStatus.NO_FACE, (quote_text("x" * padding),), None, "pack/line"
            ),
        )


def count_subjects(tx: Transaction) -> int:
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(subject)) or 0


def count(store: Store) -> int:
    with store.reading() as tx:
        return photos.count_outcomes(tx, DE, "A")


def test_opening_again_finds_what_was_written(empty_url: str, keyring: Keyring) -> None:
    first = open_store(empty_url, keyring=keyring)
    remember(first, "a.jpg")
    first.close()
    second = open_store(empty_url, keyring=keyring)
    assert count(second) == 1
    second.close()


def test_two_programs_may_open_a_fresh_store_at_once(empty_url: str, keyring: Keyring) -> None:
    with ThreadPoolExecutor(4) as pool:
        for opened in pool.map(lambda url: open_store(url, keyring=keyring), [empty_url] * 4):
            assert count(opened) == 0
            opened.close()


def test_a_store_of_a_newer_program_is_left_alone(empty_url: str) -> None:
    store = open_store(empty_url)
    with store.writing() as tx:
        tx.connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError, match="newer Semblance"):
        open_store(empty_url)


def test_somebody_elses_database_is_left_alone(empty_url: str) -> None:
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
    engine.dispose()
    with pytest.raises(StoreError, match="not Semblance's"):
        open_store(empty_url)


def test_any_exception_rolls_the_whole_transaction_back(store: Store) -> None:
    def write() -> None:
        with store.writing() as tx:
            subjects.add_subject(tx, DE, "A", at=read_clock(), person="Emil")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    with store.reading() as tx:
        assert count_subjects(tx) == 0


def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    with store.reading() as tx:
        assert photos.count_outcomes(tx, DE, "A") == 0
        remember(store, "a.jpg")
        assert photos.count_outcomes(tx, DE, "A") == 0
    assert count(store) == 1


def test_writers_wait_for_each_other(store: Store) -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with store.writing():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with store.writing():
        inside.set()
        thread.join(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_writing_the_same_twice_is_a_conflict(store: Store) -> None:
    def write_twice() -> None:
        with store.writing() as tx:
            subjects.add_subject(tx, DE, "A", at=read_clock(), person="Emil")
            subjects.add_subject(tx, DE, "A", at=read_clock(), person="Emil")

    with pytest.raises(Conflict, match="do it again"):
        write_twice()


def test_text_that_no_database_can_hold_is_written_visibly(store: Store) -> None:
    with store.writing() as tx:
        made = subjects.add_subject(tx, DE, "A", at=read_clock(), person="a\0b\udcff")
    with store.reading() as tx:
        held = tx.connection.scalar(sa.text("SELECT created_by FROM subject"))
    assert held == made.created_by == "a\\x00b\\udcff"


def test_a_limit_of_the_databases_size_is_a_full_store(tmp_path: Path, keyring: Keyring) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", keyring=keyring)
    remember(store, "before.jpg")
    sa.event.listen(store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 60"))

    def fill() -> None:
        for number in range(50):
            remember(store, f"{number}.jpg", padding=20_000)

    with pytest.raises(StoreFull, match="Make room"):
        fill()
    assert count(store) >= 1
    store.close()
    again = open_store(f"sqlite:///{tmp_path / 'store.db'}", keyring=keyring)
    held = count(again)
    remember(again, "after.jpg", padding=20_000)
    assert count(again) == held + 1
    again.close()


FULL_DISK = """
import resource, signal, sys
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store import photos
from semblance.errors import StoreFull
from semblance.gallery.outcome import IntakeOutcome, IntakeStatus
from semblance.messages.message import quote_text
store = open_store(sys.argv[1], keyring=Keyring(sys.argv[2], b"n" * 32))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
done = 0
try:
    while True:
        with store.writing() as tx:
            for part in ("a", "b"):
                photos.remember_outcome(tx, "DE", IntakeOutcome(
                    "A", f"{done}{part}", "0" * 64, IntakeStatus.NO_FACE, (quote_text("x" * 20_000),), None, "line"))
        done += 1
except StoreFull as error:
    print(done, error)
"""


def test_a_full_disk_in_the_middle_of_writing_loses_nothing_that_was_committed(
    tmp_path: Path, keyring: Keyring
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    ring = f"sqlite:///{tmp_path / 'keyring.db'}"
    run = subprocess.run([sys.executable, "-c", FULL_DISK, url, ring], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    done = int(run.stdout.split()[0])
    assert done > 0
    assert "no room left" in run.stdout
    store = open_store(url, keyring=keyring)
    assert count(store) == 2 * done
    with store.reading() as tx:
        assert tx.connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    remember(store, "after.jpg")
    store.close()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 900_000


@pytest.mark.parametrize(
    ("state", "kind"),
    [("53100", StoreFull), ("55P03", StoreError), ("40P01", StoreError), ("57P01", StoreError), ("23505", Conflict)],
)
def test_what_a_server_complains_of_is_one_of_our_errors(
    postgres: Any, state: str, kind: type[Exception], keyring: Keyring
) -> None:
    def complain(store: Store) -> None:
        with store.writing() as tx:
            subjects.add_subject(tx, DE, "A", at=read_clock(), person="Emil")
            tx.connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")

    with postgres.fresh_database() as url:
        store = open_store(url, keyring=keyring)
        with pytest.raises(kind):
            complain(store)
        with store.reading() as tx:
            assert count_subjects(tx) == 0
        store.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "URL of the store"),
        ("mysql://somewhere/x", "SQLite file or a PostgreSQL"),
        ("sqlite://", "SQLite file or a PostgreSQL"),
        ("postgresql://nobody@127.0.0.1:9/x", "does not answer"),
    ],
)
def test_an_url_that_leads_nowhere_says_so(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        open_store(url)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://emil:secret@127.0.0.1:9/x")
    assert "secret" not in str(caught.value)


def test_a_missing_folder_and_a_file_that_is_no_database_say_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder exists"):
        open_store(f"sqlite:///{tmp_path / 'missing' / 'store.db'}")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff" * 1000)
    with pytest.raises(StoreError, match="not a store of Semblance"):
        open_store(f"sqlite:///{tmp_path / 'photo.jpg'}")


def test_only_the_owner_may_read_the_database(tmp_path: Path, keyring: Keyring) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", keyring=keyring)
    remember(store, "a.jpg")
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    store.close()


def test_the_safe_settings_hold_on_every_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_prepare_sqlite", inspect.unwrap(database._prepare_sqlite))
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.reading() as tx:
        wanted = {"journal_mode": "wal", "secure_delete": 1, "foreign_keys": 1, "synchronous": 2}
        found = {name: tx.connection.scalar(sa.text(f"PRAGMA {name}")) for name in wanted}
    assert found == wanted
    store.close()


def test_a_reader_that_stays_keeps_the_log_from_being_cut_and_that_is_said(tmp_path: Path, keyring: Keyring) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", keyring=keyring)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM subject").fetchall()
    remember(store, "a.jpg")
    assert store.clear_deleted() is False
    other.close()
    assert store.clear_deleted() is True
    assert not (tmp_path / "store.db-wal").stat().st_size
    store.close()


def test_an_empty_gallery_has_version_zero(store: Store) -> None:
    with store.reading() as tx:
        state = gallery.read_state(tx)
    assert (state.version, state.pack, state.subjects, state.references) == (0, None, 0, 0)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x" * 1_000_000])
def test_what_no_database_holds_is_not_found_in_either(store: Store, text: str) -> None:
    with store.reading() as tx:
        assert subjects.find_subject_id(tx, DE, text) is None
        assert subjects.find_seal(tx, text) is None
        assert photos.find_photo(tx, PhotoId(text)) is None


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        ("0001", r"before records had owners.*semblance init"),
        ("0002", r"before records had owners.*semblance init"),
        ("0010", r"schema 0010; .*begins at 0012.*left as it is.*leads up to 0012"),
        ("0011", r"schema 0011; .*begins at 0012.*left as it is.*leads up to 0012"),
    ],
)
def test_a_store_from_before_the_baseline_is_refused_and_left_as_it_is(
    empty_url: str, revision: str, sentence: str
) -> None:
    store = open_store(empty_url)
    with store.writing() as tx:
        tx.connection.execute(sa.text("UPDATE alembic_version SET version_num = :old"), {"old": revision})
    store.close()
    with pytest.raises(StoreError, match=sentence):
        open_store(empty_url)
    engine = sa.create_engine(empty_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == revision
    engine.dispose()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sqlite:////a/b/../c.db", "sqlite:////a/c.db", True),
        ("sqlite:////a/c.db", "sqlite:////a/d.db", False),
        ("sqlite:////a/c.db", "postgresql://h/a", False),
        ("postgresql://emil:x@h/a", "postgresql+psycopg://other@h:5432/a", True),
        ("postgresql:///a?host=/run", "postgresql:///a?host=/run", True),
        ("postgresql:///a?host=/run", "postgresql:///a?host=/other", False),
        ("postgresql://h/a", "postgresql://h/b", False),
    ],
)
def test_one_database_is_recognised_however_its_url_is_written(one: str, other: str, same: bool) -> None:
    assert is_same_database(parse_url(one, "the store"), parse_url(other, "the store")) is same


def test_what_is_to_be_done_after_a_commit_is_done_though_something_of_it_fails(store: Store) -> None:
    done: list[str] = []

    def fail() -> None:
        raise StoreFull("test.error", "no room")

    def write() -> None:
        with store.writing() as tx:
            subjects.add_subject(tx, DE, "A", at=read_clock(), person="Emil")
            tx.after_commit["first"] = fail
            tx.after_commit["second"] = lambda: done.append("second")

    with pytest.raises(StoreFull):
        write()
    assert done == ["second"]
    with store.reading() as tx:
        assert count_subjects(tx) == 1
