"""Cases and their probes."""

import sqlalchemy as sa
from alembic import op


def make_tables() -> None:
    """Make the tables as the baseline has them."""
    op.create_table(
        "case_file",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("blind", sa.Text, nullable=False, unique=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("authority", sa.Text, nullable=False, index=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("opened_at", sa.Text, nullable=False, index=True),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("last_act_at", sa.Text, nullable=False, index=True),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_table(
        "authorisation",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Text, sa.ForeignKey("case_file.id"), nullable=False, index=True),
        sa.Column("probe_id", sa.Text, nullable=False, unique=True),
        sa.Column("authority", sa.Text, nullable=False, index=True),
        sa.Column("requested_at", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text, index=True),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("decided_at", sa.Text),
        sa.Column("decided_by", sa.Text),
        sa.Column("reason", sa.LargeBinary),
    )
    op.create_table(
        "probe",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Text, sa.ForeignKey("case_file.id"), nullable=False, index=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("submitted_at", sa.Text, nullable=False),
        sa.Column("submitted_by", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False, index=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "probe_bytes",
        sa.Column("probe_id", sa.Text, sa.ForeignKey("probe.id"), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "preparation",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("probe_id", sa.Text, sa.ForeignKey("probe.id"), nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_preparation_number", "preparation", ["probe_id", "number"], unique=True)
