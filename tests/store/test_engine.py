"""Opening, migrating, writing as a whole or not at all, and saying what went wrong."""

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
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from semblance.errors import Conflict, StoreError, StoreFull
from semblance.gallery.outcome import IntakeOutcome, IntakeStatus
from semblance.store import gallery, outcomes, photos, subjects
from semblance.store.engine import Store, open_store
from semblance.store.schema import HEAD, metadata
from semblance.terms.ids import PhotoId, Sha256
from semblance.workflows.node import read_clock


def remember(store: Store, name: str, padding: int = 0) -> None:
    with store.writing() as tx:
        outcomes.remember_outcome(
            tx,
            IntakeOutcome("A", name, Sha256("0" * 64), IntakeStatus.NO_FACE, ("x" * padding,), None, "pack/line"),
        )


def count(store: Store) -> int:
    with store.reading() as tx:
        return outcomes.count_outcomes(tx, "A")


def test_the_migrations_lead_to_the_schema_that_the_program_writes(store: Store) -> None:
    with store.reading() as tx:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert tx.connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == HEAD


def test_opening_again_finds_what_was_written(store_url: str) -> None:
    first = open_store(store_url)
    remember(first, "a.jpg")
    first.close()
    second = open_store(store_url)
    assert count(second) == 1
    second.close()


def test_two_programs_may_open_a_fresh_store_at_once(store_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for opened in pool.map(open_store, [store_url] * 4):
            assert count(opened) == 0
            opened.close()


def test_a_store_of_a_newer_program_is_left_alone(store_url: str) -> None:
    store = open_store(store_url)
    with store.writing() as tx:
        tx.connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError, match="newer Semblance"):
        open_store(store_url)


def test_somebody_elses_database_is_left_alone(store_url: str) -> None:
    engine = sa.create_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
    engine.dispose()
    with pytest.raises(StoreError, match="not Semblance's"):
        open_store(store_url)


def test_any_exception_rolls_the_whole_transaction_back(store: Store) -> None:
    def write() -> None:
        with store.writing() as tx:
            subjects.add_subject(tx, "A", at=read_clock(), person="Emil")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    with store.reading() as tx:
        assert subjects.count_subjects(tx) == 0


def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    with store.reading() as tx:
        assert outcomes.count_outcomes(tx, "A") == 0
        remember(store, "a.jpg")
        assert outcomes.count_outcomes(tx, "A") == 0
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
            subjects.add_subject(tx, "A", at=read_clock(), person="Emil")
            subjects.add_subject(tx, "A", at=read_clock(), person="Emil")

    with pytest.raises(Conflict, match="do it again"):
        write_twice()


def test_text_that_no_database_can_hold_is_written_visibly(store: Store) -> None:
    with store.writing() as tx:
        made = subjects.add_subject(tx, "A", at=read_clock(), person="a\0b\udcff")
    with store.reading() as tx:
        assert subjects.find_subject(tx, "A") == made
    assert made.created_by == "a\\x00b\\udcff"


def test_subjects_come_in_the_same_order_in_every_database(store: Store) -> None:
    keys = ["Zoë", "a b", "B", "_x", "é", "A", "ab", "1"]
    with store.writing() as tx:
        for key in keys:
            subjects.add_subject(tx, key, at=read_clock(), person="Emil")
    with store.reading() as tx:
        listed = [row.subject.key for row in subjects.list_subjects(tx, after=None, limit=99, text=None)]
        assert listed == sorted(keys)
        after = [row.subject.key for row in subjects.list_subjects(tx, after="B", limit=2, text=None)]
        assert after == sorted(keys)[sorted(keys).index("B") + 1 :][:2]
        assert [row.subject.key for row in subjects.list_subjects(tx, after=None, limit=9, text="_")] == ["_x"]


def test_a_limit_of_the_databases_size_is_a_full_store(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    remember(store, "before.jpg")
    sa.event.listen(store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 60"))

    def fill() -> None:
        for number in range(50):
            remember(store, f"{number}.jpg", padding=20_000)

    with pytest.raises(StoreFull, match="Make room"):
        fill()
    assert count(store) >= 1
    store.close()
    again = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    held = count(again)
    remember(again, "after.jpg", padding=20_000)
    assert count(again) == held + 1
    again.close()


FULL_DISK = """
import resource, signal, sys
from semblance.store.engine import open_store
from semblance.store import outcomes
from semblance.errors import StoreFull
from semblance.gallery.outcome import IntakeOutcome, IntakeStatus
store = open_store(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
done = 0
try:
    while True:
        with store.writing() as tx:
            for part in ("a", "b"):
                outcomes.remember_outcome(tx, IntakeOutcome(
                    "A", f"{done}{part}", "0" * 64, IntakeStatus.NO_FACE, ("x" * 20_000,), None, "line"))
        done += 1
except StoreFull as error:
    print(done, error)
"""


def test_a_full_disk_in_the_middle_of_writing_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    run = subprocess.run([sys.executable, "-c", FULL_DISK, url], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    done = int(run.stdout.split()[0])
    assert done > 0
    assert "no room left" in run.stdout
    store = open_store(url)
    assert count(store) == 2 * done
    with store.reading() as tx:
        assert tx.connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    remember(store, "after.jpg")
    store.close()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 600_000


@pytest.mark.parametrize(
    ("state", "kind"),
    [("53100", StoreFull), ("55P03", StoreError), ("40P01", StoreError), ("57P01", StoreError), ("23505", Conflict)],
)
def test_what_a_server_complains_of_is_one_of_our_errors(postgres: Any, state: str, kind: type[Exception]) -> None:
    def complain(store: Store) -> None:
        with store.writing() as tx:
            subjects.add_subject(tx, "A", at=read_clock(), person="Emil")
            tx.connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")

    with postgres.fresh_database() as url:
        store = open_store(url)
        with pytest.raises(kind):
            complain(store)
        with store.reading() as tx:
            assert subjects.count_subjects(tx) == 0
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


def test_only_the_owner_may_read_the_database(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    remember(store, "a.jpg")
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    store.close()


def test_the_safe_settings_hold_on_every_connection(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.reading() as tx:
        wanted = {"journal_mode": "wal", "secure_delete": 1, "foreign_keys": 1, "synchronous": 2}
        found = {name: tx.connection.scalar(sa.text(f"PRAGMA {name}")) for name in wanted}
    assert found == wanted
    store.close()


def test_a_reader_that_stays_keeps_the_log_from_being_cut_and_that_is_said(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
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
        assert subjects.find_subject(tx, text) is None
        assert photos.find_photo(tx, PhotoId(text)) is None
        assert subjects.list_subjects(tx, after=None, limit=5, text=text) == ()
        assert len(subjects.list_subjects(tx, after=text, limit=5, text=None)) == 0
