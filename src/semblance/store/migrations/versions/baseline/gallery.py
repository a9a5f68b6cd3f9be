"""Photos, faces, references, what intakes came to, and the sealed copies of an index."""

import sqlalchemy as sa
from alembic import op


def make_tables() -> None:
    """Make the tables as the baseline has them."""
    op.create_table(
        "photo",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("subject_id", sa.Text, sa.ForeignKey("subject.id"), nullable=False),
        sa.Column("blind", sa.Text, nullable=False, index=True),
        sa.Column("status", sa.Text, nullable=False, index=True),
        sa.Column("enrolled_at", sa.Text, nullable=False),
        sa.Column("enrolled_by", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("subject_id", "blind"),
    )
    op.create_table(
        "photo_bytes",
        sa.Column("photo_id", sa.Text, sa.ForeignKey("photo.id"), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "face",
        sa.Column("photo_id", sa.Text, sa.ForeignKey("photo.id"), primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sample", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "gallery_state",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("pack", sa.Text),
        sa.Column("pack_name", sa.Text),
        sa.Column("metric", sa.Text),
        sa.Column("dimension", sa.Integer),
    )
    op.create_table(
        "gallery_change",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reference_id", sa.Text, nullable=False),
    )
    op.create_table(
        "reference",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False, unique=True),
        sa.Column("subject_id", sa.Text, sa.ForeignKey("subject.id"), nullable=False, index=True),
        sa.Column("photo_id", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("pack", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.Column("template", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["photo_id", "ordinal"], ["face.photo_id", "face.ordinal"]),
        sa.UniqueConstraint("photo_id"),
    )
    op.create_table(
        "other_template",
        sa.Column("reference_id", sa.Text, sa.ForeignKey("reference.id"), primary_key=True),
        sa.Column("pack", sa.Text, primary_key=True),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("dimension", sa.BigInteger, nullable=False),
        sa.Column("template", sa.LargeBinary),
        sa.Column("fault", sa.Text),
    )
    op.create_index("ix_other_template_pack", "other_template", ["pack", "fault"])
    op.create_table(
        "intake_outcome",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("subject_blind", sa.Text, nullable=False, index=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("photo_id", sa.Text, index=True),
        sa.Column("judged_under", sa.Text, nullable=False),
        sa.Column("reasons", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "index_snapshot",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("pack", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.UniqueConstraint("pack", "place"),
    )
