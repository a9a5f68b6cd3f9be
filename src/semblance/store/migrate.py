"""Bringing a database to the schema that this program writes, from code alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from semblance.errors import StoreError
from semblance.store.schema.base import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_MIGRATION_LOCK: Final = 0x4D494752
"""Two programs that open a fresh PostgreSQL database at once take turns; the letters MIGR."""

_UNOWNED: Final = frozenset({"0001", "0002"})
_FORMER: Final = frozenset({"0010", "0011"})
"""Steps that the baseline took the place of."""


def migrate(engine: sa.Engine, place: str) -> bool:
    """Upgrade the schema in one transaction, and return whether the database was empty before.

    Raises StoreError where the database was written by a newer Semblance, or holds somebody else's tables.
    """
    with engine.connect() as connection:
        if _read_revision(connection) == HEAD:
            return False
    with engine.connect() as connection:
        connection = connection.execution_options(semblance_writing=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            return _upgrade(connection, place)


def make_config(connection: sa.Connection) -> "Config":
    """Return what Alembic is told: where the steps stand, and the connection in whose transaction they are done."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _read_revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision


def _upgrade(connection: sa.Connection, place: str) -> bool:
    # loaded only where there is something to migrate: it is slow to import
    from alembic import command
    from alembic.script import ScriptDirectory

    config = make_config(connection)
    present = _read_revision(connection)
    if present in _UNOWNED:
        raise StoreError(
            "operator.store.before-owners",
            "The store {place} was written before records had owners: nobody can say whose they are, or on "
            "what legal basis. Make a new node with `semblance init`, and enrol the photos again with their "
            "owner and basis.",
            place=place,
        )
    script = ScriptDirectory.from_config(config)
    if present in _FORMER:
        raise StoreError(
            "operator.store.store-from-before-baseline",
            "The store {place} was written by an older Semblance (schema {present}; this one begins at {base}), and "
            "was left as it is. Open it once with a Semblance that leads up to {base}, then with this one; or make a "
            "new node with `semblance init`, and enrol again.",
            place=place,
            present=present,
            base=script.get_base(),
        )
    known = {step.revision for step in script.walk_revisions()}
    if present is not None and present not in known:
        raise StoreError(
            "operator.store.newer",
            "The store {place} was written by a newer Semblance (schema {present}; this one knows up to "
            "{head}); use that version, or restore a copy from before.",
            place=place,
            present=present,
            head=HEAD,
        )
    if present is None and sa.inspect(connection).get_table_names():
        raise StoreError(
            "operator.store.foreign-tables",
            "The database {place} holds tables that are not Semblance's; name an empty one.",
            place=place,
        )
    command.upgrade(config, "head")
    return present is None
