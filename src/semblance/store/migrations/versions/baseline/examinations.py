"""Examinations, leads and reports."""

import sqlalchemy as sa
from alembic import op

from semblance.store.migrations.versions.baseline.columns import KEY


def make_tables() -> None:
    """Make the tables as the baseline has them."""
    op.create_table(
        "examination",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("search_id", sa.Text, sa.ForeignKey("search.id"), nullable=False, unique=True),
        sa.Column("case_id", sa.Text, sa.ForeignKey("case_file.id"), nullable=False, index=True),
        sa.Column("authority", sa.Text, nullable=False, index=True),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("concluded_at", sa.Text),
    )
    op.create_table(
        "examination_candidate",
        sa.Column("examination_id", sa.Text, sa.ForeignKey("examination.id"), primary_key=True),
        sa.Column("pseudonym", KEY, primary_key=True),
        sa.Column("subject_id", sa.Text, nullable=False, index=True),
        sa.Column("reference_id", sa.Text, nullable=False),
        sa.Column("lure", sa.Boolean, nullable=False),
    )
    op.create_table(
        "sitting",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("examination_id", sa.Text, sa.ForeignKey("examination.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("person", sa.Text, nullable=False, index=True),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("closed_at", sa.Text, index=True),
        sa.Column("ordering", sa.Text, nullable=False),
    )
    op.create_index("ix_sitting_examiner", "sitting", ["examination_id", "person"], unique=True)
    op.create_index("ix_sitting_number", "sitting", ["examination_id", "number"], unique=True)
    op.create_table(
        "sitting_candidate",
        sa.Column("sitting_id", sa.Text, sa.ForeignKey("sitting.id"), primary_key=True),
        sa.Column("pseudonym", KEY, primary_key=True),
        sa.Column("seen_at", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("conclusion", sa.Text),
        sa.Column("decided_at", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_table(
        "lead",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("examination_id", sa.Text, sa.ForeignKey("examination.id"), nullable=False),
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False, index=True),
        sa.Column("authority", sa.Text, nullable=False, index=True),
        sa.Column("owner", sa.Text, nullable=False, index=True),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False, index=True),
        sa.Column("reminded_at", sa.Text),
        sa.Column("decided_at", sa.Text),
        sa.Column("decided_by", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("released", sa.LargeBinary),
    )
    op.create_index("ix_lead_pseudonym", "lead", ["examination_id", "pseudonym"], unique=True)
    op.create_table(
        "report_made",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("examination_id", sa.Text, sa.ForeignKey("examination.id"), nullable=False, index=True),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
    )
