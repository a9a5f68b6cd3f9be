"""Missing persons and who was found, in pairs: what people thought of the faces, and what an officer concluded.

What is written of a pair is sealed under the pair's own key, which goes with either record.
"""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Day, Moment, StoredText, metadata

found_pair: Final = sa.Table(
    "found_pair",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("key_id", StoredText),
    # empty after the erasure of the record
    sa.Column("missing_id", StoredText, nullable=False, index=True),
    sa.Column("found_id", StoredText, nullable=False, index=True),
    sa.Column("missing_reference_id", StoredText, nullable=False),
    sa.Column("found_reference_id", StoredText, nullable=False),
    sa.Column("missing_owner", StoredText, nullable=False, index=True),
    sa.Column("found_owner", StoredText, nullable=False, index=True),
    sa.Column("newest", sa.BigInteger, nullable=False),
    sa.Column("state", StoredText, nullable=False, index=True),
    sa.Column("offered_at", Moment, nullable=False),
    sa.Column("concluded_at", Moment),
    sa.Column("evidence", StoredText),
    sa.Column("decided_at", Moment),
    sa.Column("decided_by", StoredText),
    # the officer's reason
    sa.Column("sealed", sa.LargeBinary),
)

pair_opinion: Final = sa.Table(
    "pair_opinion",
    metadata,
    sa.Column("pair_id", StoredText, sa.ForeignKey("found_pair.id"), primary_key=True),
    sa.Column("person", StoredText, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("conclusion", StoredText, nullable=False),
    sa.Column("at", Moment, nullable=False),
    # reason, grounds, checklist: JSON
    sa.Column("sealed", sa.LargeBinary),
)

# how far the comparison of a night has come; it names nobody but the last record that was done
reconciliation_night: Final = sa.Table(
    "reconciliation_night",
    metadata,
    sa.Column("day", Day, primary_key=True),
    sa.Column("done_to", StoredText, nullable=False),
    sa.Column("missing", sa.Integer, nullable=False),
    sa.Column("found", sa.Integer, nullable=False),
    sa.Column("offered", sa.Integer, nullable=False),
    # above which score pairs were looked at; NULL where no calibration says it
    sa.Column("threshold", sa.Double),
    sa.Column("ended_at", Moment),
)
