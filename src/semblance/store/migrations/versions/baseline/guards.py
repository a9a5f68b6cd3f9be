"""Triggers that keep the ledger: nothing in it is changed, removed or written out of order, in either database."""

from typing import Final

from alembic import op

_FIXED: Final = ("ledger_entry", "ledger_node", "ledger_checkpoint", "doomed_key")
"""Tables that rows are only ever added to."""

_ORDERED: Final = {"ledger_entry": "number", "ledger_checkpoint": "size"}
"""Of these, the ones whose rows come in the order of a number."""

_KEYS: Final = {"ledger_node": ("level", "position"), "doomed_key": ("id",), "ledger_opening": ("number", "label")}
"""Tables with other keys: a row is never written in the place of another."""

_REFUSAL: Final = "the ledger is append-only"


def guard_ledger() -> None:
    """Make the triggers, each database in its own words."""
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for table in _FIXED:
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER ledger_opening_no_update BEFORE UPDATE ON ledger_opening {refuse}")
    op.execute(
        "CREATE TRIGGER ledger_opening_no_delete BEFORE DELETE ON ledger_opening "  # noqa: S608 - our own names
        f"WHEN NOT EXISTS (SELECT 1 FROM doomed_key WHERE id = OLD.key_id) {refuse}"
    )
    # INSERT OR REPLACE removes what is in its way without asking the triggers above
    for table, number in _ORDERED.items():
        op.execute(
            f"CREATE TRIGGER {table}_in_order BEFORE INSERT ON {table} "  # noqa: S608 - our own names
            f"WHEN NEW.{number} <= (SELECT max({number}) FROM {table}) {refuse}"
        )
    for table, columns in _KEYS.items():
        same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - our own names
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION semblance_refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE FUNCTION semblance_refuse_kept_opening() RETURNS trigger "  # noqa: S608 - our own names
        "LANGUAGE plpgsql AS "
        "$$ BEGIN IF NOT EXISTS (SELECT 1 FROM doomed_key WHERE id = OLD.key_id) "
        f"THEN RAISE EXCEPTION '{_REFUSAL}'; END IF; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE FUNCTION semblance_refuse_disorder() RETURNS trigger "  # noqa: S608 - our own names
        "LANGUAGE plpgsql AS "
        "$$ DECLARE last bigint; BEGIN "
        "EXECUTE format('SELECT max(%I) FROM %I', TG_ARGV[0], TG_TABLE_NAME) INTO last; "
        "IF (to_jsonb(NEW) ->> TG_ARGV[0])::bigint <= last "
        f"THEN RAISE EXCEPTION '{_REFUSAL}'; END IF; RETURN NEW; END $$"
    )
    for table in _FIXED:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION semblance_refuse_ledger_change()"
        )
    op.execute(
        "CREATE TRIGGER ledger_opening_fixed BEFORE UPDATE OR TRUNCATE ON ledger_opening "
        "FOR EACH STATEMENT EXECUTE FUNCTION semblance_refuse_ledger_change()"
    )
    op.execute(
        "CREATE TRIGGER ledger_opening_kept BEFORE DELETE ON ledger_opening "
        "FOR EACH ROW EXECUTE FUNCTION semblance_refuse_kept_opening()"
    )
    for table, number in _ORDERED.items():
        op.execute(
            f"CREATE TRIGGER {table}_in_order BEFORE INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION semblance_refuse_disorder('{number}')"
        )
