"""Records: what the law sees of them in columns, what names anybody sealed under the subject's own key."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Day, Moment, StoredText, metadata

# whose records are and who else may see them: few rows, so that the policy is asked about each, not about every record
audience: Final = sa.Table(
    "audience",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("owner", StoredText, nullable=False, index=True),
    sa.Column("restriction", StoredText, nullable=False),
    # a JSON list of authorities, sorted
    sa.Column("restricted", StoredText, nullable=False),
    sqlite_autoincrement=True,
)

# every subject has exactly one record, made in the same transaction
record: Final = sa.Table(
    "record",
    metadata,
    sa.Column("subject_id", StoredText, sa.ForeignKey("subject.id"), primary_key=True),
    sa.Column("audience_id", sa.BigInteger, sa.ForeignKey("audience.id"), nullable=False),
    sa.Column("kind", StoredText, nullable=False),
    sa.Column("state", StoredText, nullable=False),
    sa.Column("retain_until", Day, nullable=False),
    # the subject's, here too: lists are read from one index that ends in it
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    # number and name, for lists: JSON, sealed
    sa.Column("heading", sa.LargeBinary, nullable=False),
    # names, dates, documents, marks, legal basis, the answer to the publish-time question: JSON, sealed
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    # a list begins anywhere in one of these and reads on, whatever it is narrowed to
    sa.Index("ix_record_created_at", "created_at", "subject_id"),
    sa.Index("ix_record_state_kind", "state", "kind", "created_at", "subject_id"),
    sa.Index("ix_record_audience_id", "audience_id", "created_at", "subject_id"),
    sa.Index("ix_record_audience_state", "audience_id", "state", "kind", "created_at", "subject_id"),
    sa.Index("ix_record_state_end", "state", "retain_until", "subject_id"),
)

RECORD_FACTS: Final = (
    record.c.kind,
    audience.c.owner,
    record.c.state,
    record.c.retain_until,
    audience.c.restriction,
    audience.c.restricted,
)
"""What the law sees of a record, for a selection that joins both tables."""

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
