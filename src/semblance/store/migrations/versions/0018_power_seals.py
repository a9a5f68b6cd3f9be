"""Seals over what gives powers; sessions have one of their own, so that everybody signs in again once."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0018"
down_revision: Final = "0017"


def upgrade() -> None:
    """Make the tables, empty: what stands is sealed at the first start, with the keyring and after the ledger held."""
    code_points = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "power_seal",
        sa.Column("kind", code_points, nullable=False),
        sa.Column("id", code_points, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_power_seal")),
    )
    op.create_table(
        "session_end",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_end_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_session_end")),
    )
    op.drop_table("session")
    op.create_table(
        "session",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.Column("vouched", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id_person")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
    )
    op.create_index("ix_session_person_id", "session", ["person_id"])
