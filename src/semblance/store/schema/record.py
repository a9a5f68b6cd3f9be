"""Records: what the law sees of them in columns, what names anybody sealed under the subject's own key."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import metadata
from semblance.store.schema.column_types import Day, Moment, StoredText

# every subject has exactly one record, made in the same transaction
record: Final = sa.Table(
    "record",
    metadata,
    sa.Column("subject_id", StoredText, sa.ForeignKey("subject.id"), primary_key=True),
    sa.Column("kind", StoredText, nullable=False, index=True),
    sa.Column("owner", StoredText, nullable=False, index=True),
    sa.Column("state", StoredText, nullable=False, index=True),
    sa.Column("retain_until", Day, nullable=False, index=True),
    sa.Column("restriction", StoredText, nullable=False),
    # a JSON list of authorities, sorted
    sa.Column("restricted", StoredText, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    # number and name, for lists: JSON, sealed
    sa.Column("heading", sa.LargeBinary, nullable=False),
    # names, dates, documents, marks, legal basis, the answer to the publish-time question: JSON, sealed
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

record_version: Final = sa.Table(
    "record_version",
    metadata,
    sa.Column("subject_id", StoredText, sa.ForeignKey("subject.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("person", StoredText, nullable=False),
    sa.Column("authority", StoredText, nullable=False),
    # the whole record as it was then, with the reason of the change: JSON, sealed
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
