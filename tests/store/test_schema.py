"""How the schema comes to be: the frozen baseline, the steps on top of it, and the tables that the program declares."""

import re
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from semblance.store import migrate
from semblance.store.engine import Store
from semblance.store.schema.base import HEAD, metadata

BASELINE: Final = "0012"
FROZEN: Final = Path(__file__).parent / "baseline"


def test_the_migrations_lead_to_the_schema_that_the_program_writes(store: Store) -> None:
    with store.reading() as tx:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert tx.connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == HEAD


COLUMNS = (
    "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default "
    "FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2"
)
INDEXES = (
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1",
    "SELECT conname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace "
    "WHERE nspname = 'public' AND conrelid <> 'alembic_version'::regclass AND contype NOT IN ('t', 'n') ORDER BY 1",
)

TRIGGERS = (
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'semblance%'",
)


def describe_schema(connection: sa.Connection) -> list[Any]:
    """Return everything that the database says of its tables."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))")
        return [tuple(row) for asked in (COLUMNS, *INDEXES) for row in connection.execute(sa.text(asked))]
    made = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type <> 'trigger' ORDER BY 1, 2"
    rows = connection.execute(sa.text(made)).all()
    # SQLite writes a column that was added behind the last one, on its line, and quotes the name of a table made anew
    parts = [
        re.split(r"\n|(?<=NULL|TEXT|BLOB), ", re.sub('^CREATE TABLE "record"', "CREATE TABLE record", row[3] or ""))
        for row in rows
    ]
    stripped = [sorted(filter(None, (part.strip(" ,\t)") for part in split))) for split in parts]
    return [(*row[:3], split) for row, split in zip(rows, stripped, strict=True)]


def test_the_migrations_make_exactly_the_tables_of_the_program(store: Store, tmp_path: Path, request: Any) -> None:
    """Also what the comparison above does not look at: collations, defaults, names of constraints."""
    with store.reading() as tx:
        migrated = describe_schema(tx.connection) if store.kind == "SQLite" else None
    if migrated is None:
        with store.writing() as tx:
            migrated = describe_schema(tx.connection)
        with request.getfixturevalue("postgres").fresh_database() as url:
            declared = declare(url)
    else:
        declared = declare(f"sqlite:///{tmp_path / 'declared.db'}")
        migrated = [row for row in migrated if row[2] != "alembic_version"]
    assert migrated == declared


def declare(url: str) -> list[Any]:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        found = describe_schema(connection)
    engine.dispose()
    return found


def describe_triggers(connection: sa.Connection) -> list[Any]:
    """Return everything that the database says of its triggers."""
    asked = ["SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"]
    if connection.dialect.name == "postgresql":
        asked = list(TRIGGERS)
    return [tuple(row) for each in asked for row in connection.execute(sa.text(each))]


def describe_whole(url: str) -> str:
    """Return what the database says of its tables and triggers as text, one thing a line."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        found = [*describe_schema(connection), *describe_triggers(connection)]
    engine.dispose()
    return "".join(f"{line}\n" for line in sorted(map(repr, found)) if "alembic_version" not in line)


def test_the_baseline_makes_what_the_steps_before_it_led_to(empty_url: str) -> None:
    """The files hold what the steps 0010 to 0012 made; nobody changes them or the baseline, steps come on top."""
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        command.upgrade(migrate.make_config(connection), BASELINE)
    engine.dispose()
    frozen = FROZEN / f"{engine.dialect.name}.txt"
    assert describe_whole(empty_url).splitlines() == frozen.read_text().splitlines()


def test_the_steps_stand_in_one_line_on_top_of_the_baseline() -> None:
    script = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    steps = list(script.walk_revisions())
    assert (steps[0].revision, steps[-1].revision, steps[-1].down_revision) == (HEAD, BASELINE, None)
    assert not any(step.is_branch_point or step.is_merge_point for step in steps)
