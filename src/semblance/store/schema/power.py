"""Seals over what gives powers: a MAC under the keyring for each person, record, case …, over all its rows."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import KEY, StoredText, metadata

# never deleted: what is gone for good has a seal that says so
power_seal: Final = sa.Table(
    "power_seal",
    metadata,
    sa.Column("kind", KEY, primary_key=True),
    sa.Column("id", KEY, primary_key=True),
    # grows with each change, and is never below the size of the ledger at that moment
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("mac", sa.LargeBinary, nullable=False),
)

# how often all sessions of a person were ended: those begun before count no more, also where their rows come back
session_end: Final = sa.Table(
    "session_end",
    metadata,
    sa.Column("person_id", StoredText, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
)
