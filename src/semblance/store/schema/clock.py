"""Whether the clock is believed: what was doubted, and how much the worker ended on each day."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Day, Moment, StoredText, metadata

clock_doubt: Final = sa.Table(
    "clock_doubt",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("kind", StoredText, nullable=False),
    sa.Column("noticed_at", Moment, nullable=False),
    # the newest moment that was not doubted
    sa.Column("trusted_at", Moment, nullable=False),
    sa.Column("job", StoredText, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("settled_at", Moment),
    # whether people said that the clock is right, or it was put right; NULL while it is doubted
    sa.Column("believed", sa.Boolean),
    sqlite_autoincrement=True,
)

worked_off: Final = sa.Table(
    "worked_off",
    metadata,
    sa.Column("day", Day, primary_key=True),
    sa.Column("job", StoredText, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
