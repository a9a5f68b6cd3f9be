"""The videos and photos of a case: what was said of them, their files, and the bytes in sealed pieces."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Day, Moment, StoredText, metadata

submission: Final = sa.Table(
    "submission",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("case_id", StoredText, sa.ForeignKey("case_file.id"), nullable=False, index=True),
    sa.Column("key_id", StoredText, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("made_by", StoredText, nullable=False),
    sa.Column("review_on", Day, nullable=False, index=True),
    # source, authority, company, how obtained, legal basis: JSON, sealed
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

submission_file: Final = sa.Table(
    "submission_file",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("submission_id", StoredText, sa.ForeignKey("submission.id"), nullable=False, index=True),
    # the archive that it was taken out of
    sa.Column("parent_id", StoredText, index=True),
    # seals its bytes alone; NULL where none are held any more
    sa.Column("key_id", StoredText),
    # a keyed digest of case and SHA-256; NULL until it is whole
    sa.Column("blind", StoredText, index=True),
    sa.Column("state", StoredText, nullable=False, index=True),
    sa.Column("kind", StoredText),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("begun_at", Moment, nullable=False),
    sa.Column("begun_by", StoredText, nullable=False),
    # whether its facts were read, or cannot be
    sa.Column("is_read", sa.Boolean, nullable=False),
    # name, media type, SHA-256, facts, fault: JSON, under the submission's key
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# no foreign key: the file goes at once, its pieces a few at a time after it
submission_chunk: Final = sa.Table(
    "submission_chunk",
    metadata,
    sa.Column("file_id", StoredText, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
