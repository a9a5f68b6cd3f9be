"""Standing searches, and the searches in which they found somebody."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0020"
down_revision: Final = "0019"


def upgrade() -> None:
    """Make the tables, empty."""
    op.create_table(
        "standing_search",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("probe_id", sa.Text(), nullable=False),
        sa.Column("face", sa.Integer(), nullable=False),
        sa.Column("prepared", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("authority", "purpose", "asked_at", "asked_by")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("last_day", "state")),
        *(sa.Column(name, sa.Text()) for name in ("decided_at", "decided_by", "ended_at", "ended_by", "why_ended")),
        sa.Column("covered_version", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("covered_pack", "covered_policy", "last_run_at")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("runs", "comparisons", "found", "cut")),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("template_pack", sa.Text()),
        sa.Column("template", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_standing_search_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_search")),
    )
    op.create_index("ix_standing_search_case_id", "standing_search", ["case_id"])
    op.create_index("ix_standing_search_probe_id", "standing_search", ["probe_id"])
    op.create_index("ix_standing_search_authority", "standing_search", ["authority", "asked_at", "id"])
    op.create_index("ix_standing_search_state", "standing_search", ["state", "last_run_at", "id"])
    op.create_table(
        "standing_found",
        sa.Column("search_id", sa.Text(), nullable=False),
        sa.Column("standing_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["search_id"], ["search.id"], name=op.f("fk_standing_found_search_id_search")),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["standing_search.id"], name=op.f("fk_standing_found_standing_id_standing_search")
        ),
        sa.PrimaryKeyConstraint("search_id", name=op.f("pk_standing_found")),
    )
    op.create_index("ix_standing_found_standing_id", "standing_found", ["standing_id"])
