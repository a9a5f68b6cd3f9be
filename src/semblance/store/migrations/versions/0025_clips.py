"""Covered clips of submitted videos."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0025"
down_revision: Final = "0024"


def upgrade() -> None:
    """Make the tables, empty."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "covered_clip",
        sa.Column("id", key, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("file_id", "key_id", "job_id", "made_at", "made_by")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["submission_file.id"], name=op.f("fk_covered_clip_file_id_submission_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covered_clip")),
    )
    for name in ("file_id", "made_at"):
        op.create_index(f"ix_covered_clip_{name}", "covered_clip", [name])
    op.create_table(
        "covered_clip_piece",
        sa.Column("clip_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clip_id"], ["covered_clip.id"], name=op.f("fk_covered_clip_piece_clip_id_covered_clip")
        ),
        sa.PrimaryKeyConstraint("clip_id", "number", name=op.f("pk_covered_clip_piece")),
    )
