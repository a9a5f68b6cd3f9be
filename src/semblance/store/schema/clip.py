"""Covered clips of submitted videos, held until somebody has looked at them, a day at most."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import KEY, Moment, StoredText, metadata

covered_clip: Final = sa.Table(
    "covered_clip",
    metadata,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("file_id", StoredText, sa.ForeignKey("submission_file.id"), nullable=False, index=True),
    # seals what is asked for and what was made
    sa.Column("key_id", StoredText, nullable=False),
    sa.Column("job_id", StoredText, nullable=False),
    sa.Column("made_at", Moment, nullable=False, index=True),
    sa.Column("made_by", StoredText, nullable=False),
    # what was asked for, the reference, and what was made, NULL until it is whole: JSON
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

covered_clip_piece: Final = sa.Table(
    "covered_clip_piece",
    metadata,
    sa.Column("clip_id", StoredText, sa.ForeignKey("covered_clip.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
