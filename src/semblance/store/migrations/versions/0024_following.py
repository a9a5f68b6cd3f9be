"""Faces followed through submitted videos, and probes made of them."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0024"
down_revision: Final = "0023"


def upgrade() -> None:
    """Make the tables, empty, and room for a probe's further frames."""
    op.create_table(
        "followed_file",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.LargeBinary()) for name in ("sealed", "tracks")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["submission_file.id"], name=op.f("fk_followed_file_file_id_submission_file")
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_followed_file")),
    )
    op.create_table(
        "track_face",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("file_id", "id")),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("sealed", "data")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["submission_file.id"], name=op.f("fk_track_face_file_id_submission_file")
        ),
        sa.PrimaryKeyConstraint("file_id", "id", name=op.f("pk_track_face")),
    )
    op.add_column("probe_bytes", sa.Column("frames", sa.LargeBinary()))
