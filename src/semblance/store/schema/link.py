"""Two records that are of the same unknown person, and two of which people said that they are not.

Both name records by their random ids alone, the lesser id first; what people wrote stands in the ledger.
"""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Moment, StoredText, metadata

# never deleted: a link that was parted, or of which a record was erased, says so
record_link: Final = sa.Table(
    "record_link",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("first_id", StoredText, nullable=False, index=True),
    sa.Column("second_id", StoredText, nullable=False, index=True),
    sa.Column("first_owner", StoredText, nullable=False),
    sa.Column("second_owner", StoredText, nullable=False),
    # the verified lead without which there is no link
    sa.Column("lead_id", StoredText, nullable=False),
    sa.Column("linked_at", Moment, nullable=False),
    sa.Column("linked_by", StoredText, nullable=False),
    # the entry of the ledger that says why
    sa.Column("linked_in", sa.BigInteger, nullable=False),
    sa.Column("parted_at", Moment),
    sa.Column("parted_by", StoredText),
    sa.Column("parted_in", sa.BigInteger),
    # of two people who link the same two records at once the second finds the first one's link
    sa.Index(
        "ix_record_link_current",
        "first_id",
        "second_id",
        unique=True,
        sqlite_where=sa.text("parted_at IS NULL"),
        postgresql_where=sa.text("parted_at IS NULL"),
    ),
)

# goes with either record
answered_pair: Final = sa.Table(
    "answered_pair",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("first_id", StoredText, nullable=False, index=True),
    sa.Column("second_id", StoredText, nullable=False, index=True),
    sa.Column("conclusion", StoredText, nullable=False),
    sa.Column("at", Moment, nullable=False),
    # or the pair of a missing person and somebody who was found
    sa.Column("examination_id", StoredText, nullable=False),
    # keyed digests of the two photos that were compared, and of all that both records held then: JSON lists, sorted
    sa.Column("compared", StoredText, nullable=False),
    sa.Column("photos", StoredText, nullable=False),
)

pseudonym_count: Final = sa.Table(
    "pseudonym_count",
    metadata,
    sa.Column("owner", StoredText, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    # the last number that was given
    sa.Column("last", sa.Integer, nullable=False),
)
