"""Pairs of missing persons and who was found."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0023"
down_revision: Final = "0022"


def upgrade() -> None:
    """Make the tables, empty."""
    op.create_table(
        "found_pair",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("missing_id", "found_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("missing_reference_id", "found_reference_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("missing_owner", "found_owner")),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("concluded_at", "evidence", "decided_at", "decided_by")),
        sa.Column("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_found_pair")),
    )
    for name in ("missing_id", "found_id", "missing_owner", "found_owner", "state"):
        op.create_index(f"ix_found_pair_{name}", "found_pair", [name])
    op.create_table(
        "pair_opinion",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["pair_id"], ["found_pair.id"], name=op.f("fk_pair_opinion_pair_id_found_pair")),
        sa.PrimaryKeyConstraint("pair_id", "person", name=op.f("pk_pair_opinion")),
    )
    op.create_table(
        "reconciliation_night",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("done_to", sa.Text(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Double()),
        sa.Column("ended_at", sa.Text()),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_reconciliation_night")),
    )
