"""Subjects and their records."""

import sqlalchemy as sa
from alembic import op


def make_tables() -> None:
    """Make the tables as the baseline has them."""
    op.create_table(
        "subject",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("blind", sa.Text, nullable=False, unique=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False, index=True),
        sa.Column("created_by", sa.Text, nullable=False),
    )
    op.create_table(
        "subject_seal", sa.Column("blind", sa.Text, primary_key=True), sa.Column("key_id", sa.Text, nullable=False)
    )
    op.create_table(
        "record",
        sa.Column("subject_id", sa.Text, sa.ForeignKey("subject.id"), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False, index=True),
        sa.Column("owner", sa.Text, nullable=False, index=True),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("retain_until", sa.Text, nullable=False, index=True),
        sa.Column("restriction", sa.Text, nullable=False),
        sa.Column("restricted", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.Text, nullable=False),
        sa.Column("heading", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "record_version",
        sa.Column("subject_id", sa.Text, sa.ForeignKey("subject.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "deletion",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("subject_id", sa.Text),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
        sa.Column("photos", sa.Integer, nullable=False),
        sa.Column("faces", sa.Integer, nullable=False),
        sa.Column("references_removed", sa.Integer, nullable=False),
        sa.Column("outcomes", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
