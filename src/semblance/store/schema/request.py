"""What people ask about themselves, what the worker reminds of, and what was found when the ledger was verified."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Day, Moment, Said, StoredText, metadata

request: Final = sa.Table(
    "request",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    # every request has its own key, destroyed when its time is over
    sa.Column("key_id", StoredText, nullable=False),
    sa.Column("kind", StoredText, nullable=False),
    sa.Column("state", StoredText, nullable=False, index=True),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("received_on", Day, nullable=False),
    sa.Column("due_on", Day, nullable=False, index=True),
    sa.Column("taken_at", Moment, nullable=False),
    sa.Column("taken_by", StoredText, nullable=False),
    sa.Column("decided_at", Moment, index=True),
    sa.Column("decided_by", StoredText),
    sa.Column("told_in", sa.BigInteger),
    # who asks, about whom, what; the reason of the answer and what was withheld: JSON; empty after its time
    sa.Column("sealed", sa.LargeBinary),
)

# the record may be gone when the request is still to be read
request_record: Final = sa.Table(
    "request_record",
    metadata,
    sa.Column("request_id", StoredText, sa.ForeignKey("request.id"), primary_key=True),
    sa.Column("subject_id", StoredText, primary_key=True, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("blocked", sa.Boolean, nullable=False),
    sa.Column("corrected", sa.Integer),
    sa.Column("erased_in", sa.BigInteger),
)

reminder: Final = sa.Table(
    "reminder",
    metadata,
    # one for each thing and each day that it is about: a record whose day was moved has another
    sa.Column("kind", StoredText, primary_key=True),
    sa.Column("about", StoredText, primary_key=True),
    sa.Column("due_on", Day, primary_key=True),
    sa.Column("owner", StoredText, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
)

verification: Final = sa.Table(
    "verification",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("person", StoredText, nullable=False),
    sa.Column("entries", sa.BigInteger),
    # what was found at fault; NULL where nothing was
    sa.Column("fault", Said),
    sqlite_autoincrement=True,
)
