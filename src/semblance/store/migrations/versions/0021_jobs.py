"""Jobs: long work that goes on while nobody waits for it."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0021"
down_revision: Final = "0020"


def upgrade() -> None:
    """Make the table."""
    code_points = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "job",
        sa.Column("id", code_points, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.Column("asked_at", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cancelled_by", sa.Text()),
        sa.Column("ended_at", sa.Text()),
        sa.Column("arguments", sa.LargeBinary()),
        sa.Column("ending", sa.LargeBinary()),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger()),
        sa.Column("since", sa.Text()),
        sa.Column("done_before", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("leased_until", sa.Text()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("saved", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_job_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    for column in ("case_id", "ended_at", "person_id", "state"):
        op.create_index(f"ix_job_{column}", "job", [column])
    op.create_index("ix_job_authority", "job", ["authority", "asked_at", "id"])
