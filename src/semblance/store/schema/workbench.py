"""What stands beside searches: prepared probes, the probes of one search, calibrations, notices to be sent."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Moment, Said, StoredText, metadata

# a prepared probe is the list of its steps; its pixels are made anew from the original each time
preparation: Final = sa.Table(
    "preparation",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("probe_id", StoredText, sa.ForeignKey("probe.id"), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("made_by", StoredText, nullable=False),
    # steps, and the faces found after them: JSON, under the probe's key
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Index("ix_preparation_number", "probe_id", "number", unique=True),
)

# every probe of a search, also where there is one; the probes may be gone
search_probe: Final = sa.Table(
    "search_probe",
    metadata,
    sa.Column("search_id", StoredText, sa.ForeignKey("search.id"), primary_key=True),
    sa.Column("probe_id", StoredText, primary_key=True, index=True),
)

calibration: Final = sa.Table(
    "calibration",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
    sa.Column("person", StoredText, nullable=False),
    # what was open to it was calibrated, and its searches alone are explained by that
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("pack", StoredText, nullable=False, index=True),
    sa.Column("purpose", StoredText, nullable=False),
    sa.Column("gallery_version", sa.BigInteger, nullable=False),
    sa.Column("subjects", sa.BigInteger, nullable=False),
    sa.Column("reference_count", sa.BigInteger, nullable=False),
    # how many trials were asked for; the seed says which references they are
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    # the highest score of each trial done: float32, little-endian; names nobody
    sa.Column("scores", sa.LargeBinary, nullable=False),
)

outgoing_notice: Final = sa.Table(
    "outgoing_notice",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    # what it is about, by kind and id; nothing in it names anybody
    sa.Column("kind", StoredText, nullable=False),
    sa.Column("about", StoredText, nullable=False, index=True),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("channel", StoredText, nullable=False),
    # the last moment for what it asks for
    sa.Column("deadline", Moment),
    sa.Column("made_at", Moment, nullable=False),
    # when it is tried next
    sa.Column("due_at", Moment, nullable=False, index=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent_at", Moment),
    sa.Column("given_up_at", Moment),
    # why the last try failed; no words of the other side
    sa.Column("failure", Said),
)
