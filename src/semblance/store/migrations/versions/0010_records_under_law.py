"""The whole schema: records held under law, their keys apart, and the ledger that nothing changes."""

from typing import Final

from alembic import op

from semblance.store.schema import metadata

revision: Final = "0010"
down_revision: Final = None

_FIXED: Final = ("ledger_entry", "ledger_node", "ledger_checkpoint")


def upgrade() -> None:
    """Bring the tables, and the triggers that refuse to change or remove what stands in the ledger."""
    metadata.create_all(op.get_bind())
    op.execute("INSERT INTO gallery_state (id, version) VALUES (1, 0)")
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    for table in _FIXED:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION semblance_refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    for table in _FIXED:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION semblance_refuse_ledger_change()"
        )
