"""What is doubted of the clock, and how much the worker ended on each day."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0017"
down_revision: Final = "0016"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "clock_doubt",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("noticed_at", sa.Text(), nullable=False),
        sa.Column("trusted_at", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.Text()),
        sa.Column("believed", sa.Boolean()),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_clock_doubt")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "worked_off",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "job", name=op.f("pk_worked_off")),
    )
