"""Links between records of unknown people, pairs that were answered before, and whose record a probe comes from."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0022"
down_revision: Final = "0021"


def upgrade() -> None:
    """Make the tables, empty, and the columns that say whose record a photo was handed in from: nobody's so far."""
    op.create_table(
        "record_link",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("first_id", sa.Text(), nullable=False),
        sa.Column("second_id", sa.Text(), nullable=False),
        sa.Column("first_owner", sa.Text(), nullable=False),
        sa.Column("second_owner", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.Text(), nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.Column("linked_in", sa.BigInteger(), nullable=False),
        sa.Column("parted_at", sa.Text()),
        sa.Column("parted_by", sa.Text()),
        sa.Column("parted_in", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_link")),
    )
    op.create_table(
        "answered_pair",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("first_id", sa.Text(), nullable=False),
        sa.Column("second_id", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("examination_id", sa.Text(), nullable=False),
        sa.Column("compared", sa.Text(), nullable=False),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answered_pair")),
    )
    op.create_table(
        "pseudonym_count",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "year", name=op.f("pk_pseudonym_count")),
    )
    for table in ("record_link", "answered_pair"):
        for column in ("first_id", "second_id"):
            op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(
        "ix_record_link_current",
        "record_link",
        ["first_id", "second_id"],
        unique=True,
        sqlite_where=sa.text("parted_at IS NULL"),
        postgresql_where=sa.text("parted_at IS NULL"),
    )
    for table in ("probe", "search"):
        op.add_column(table, sa.Column("origin_id", sa.Text()))
        op.create_index(f"ix_{table}_origin_id", table, ["origin_id"])
