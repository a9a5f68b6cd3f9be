"""Jobs: long work that somebody asked for, and what the worker notes of it while it is done."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import KEY, Moment, StoredText, metadata

# under a seal: whoever could change whose a job is would be given what it found
job: Final = sa.Table(
    "job",
    metadata,
    sa.Column("id", KEY, primary_key=True),
    # of this job alone, destroyed when it ends
    sa.Column("key_id", StoredText, nullable=False),
    sa.Column("kind", StoredText, nullable=False),
    sa.Column("person_id", StoredText, nullable=False, index=True),
    sa.Column("name", StoredText, nullable=False),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("case_id", StoredText, sa.ForeignKey("case_file.id"), index=True),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("state", StoredText, nullable=False, index=True),
    sa.Column("cancelled_by", StoredText),
    sa.Column("ended_at", Moment, index=True),
    # what is to be done, as its kind writes it, under the key; NULL when it has ended
    sa.Column("arguments", sa.LargeBinary),
    # what it came to, a message, under the key of its case, or of the node where it has none
    sa.Column("ending", sa.LargeBinary),
    # how far it is, since when it is done by the worker in hand, and how far it was then
    sa.Column("done", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger),
    sa.Column("since", Moment),
    sa.Column("done_before", sa.BigInteger, nullable=False),
    # who does it, drawn anew each time it is taken; nobody else takes it before that moment
    sa.Column("worker", StoredText),
    sa.Column("leased_until", Moment),
    # how often it was taken since it last got on
    sa.Column("tries", sa.Integer, nullable=False),
    # where to go on, as its kind writes it, under the key
    sa.Column("saved", sa.LargeBinary),
    sa.Index("ix_job_authority", "authority", "asked_at", "id"),
)

VOLATILE: Final = frozenset(
    job.c[name] for name in ("done", "total", "since", "done_before", "worker", "leased_until", "tries", "saved")
)
"""What the seal leaves out, so that it may be written every few seconds.

Whoever changes it by hand makes up how far a job is, or has it done again from a point that it reached before, which
every kind must bear anyway; nobody is given anything.
"""
