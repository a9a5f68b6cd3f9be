"""Requests, reminders, calibrations and notifications."""

import sqlalchemy as sa
from alembic import op


def make_tables() -> None:
    """Make the tables as the baseline has them."""
    op.create_table(
        "request",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("received_on", sa.Text, nullable=False),
        sa.Column("due_on", sa.Text, nullable=False, index=True),
        sa.Column("taken_at", sa.Text, nullable=False),
        sa.Column("taken_by", sa.Text, nullable=False),
        sa.Column("decided_at", sa.Text, index=True),
        sa.Column("decided_by", sa.Text),
        sa.Column("told_in", sa.BigInteger),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_table(
        "request_record",
        sa.Column("request_id", sa.Text, sa.ForeignKey("request.id"), primary_key=True),
        sa.Column("subject_id", sa.Text, primary_key=True, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("blocked", sa.Boolean, nullable=False),
        sa.Column("corrected", sa.Integer),
        sa.Column("erased_in", sa.BigInteger),
    )
    op.create_table(
        "reminder",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("about", sa.Text, primary_key=True),
        sa.Column("due_on", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False, index=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "calibration",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("finished_at", sa.Text),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("pack", sa.Text, nullable=False, index=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("gallery_version", sa.BigInteger, nullable=False),
        sa.Column("subjects", sa.BigInteger, nullable=False),
        sa.Column("reference_count", sa.BigInteger, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("scores", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "outgoing_notice",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False, index=True),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("deadline", sa.Text),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False, index=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.Text),
        sa.Column("given_up_at", sa.Text),
        sa.Column("failure", sa.Text),
    )
