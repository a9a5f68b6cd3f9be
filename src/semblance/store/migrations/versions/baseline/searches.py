"""Searches and what they found."""

import sqlalchemy as sa
from alembic import op


def make_tables() -> None:
    """Make the tables as the baseline has them."""
    op.create_table(
        "search",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("case_id", sa.Text, sa.ForeignKey("case_file.id"), nullable=False, index=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("probe_id", sa.Text, nullable=False, index=True),
        sa.Column("pack", sa.Text),
        sa.Column("gallery_subjects", sa.BigInteger, nullable=False),
        sa.Column("gallery_references", sa.BigInteger, nullable=False),
        sa.Column("gallery_version", sa.BigInteger, nullable=False),
        sa.Column("candidate_limit", sa.Integer, nullable=False),
        sa.Column("rule", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_search_authority_at", "search", ["authority", "at"])
    op.create_table(
        "search_probe",
        sa.Column("search_id", sa.Text, sa.ForeignKey("search.id"), primary_key=True),
        sa.Column("probe_id", sa.Text, primary_key=True, index=True),
    )
    op.create_table(
        "search_candidate",
        sa.Column("search_id", sa.Text, sa.ForeignKey("search.id"), primary_key=True),
        sa.Column("rank", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("reference_id", sa.Text, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
    )
