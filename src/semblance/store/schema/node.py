"""What a node keeps for itself: versions of its policy, which keys are doomed, which copies of an index may be read.

The keys themselves stand in the keyring, apart from this database.
"""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Moment, StoredText, metadata

# the newest one is in force
policy_version: Final = sa.Table(
    "policy_version",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("person", StoredText, nullable=False),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("reason", StoredText, nullable=False),
    sa.Column("digest", StoredText, nullable=False),
    sa.Column("text", StoredText, nullable=False),
)

# decided to be destroyed
doomed_key: Final = sa.Table(
    "doomed_key",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    # a keyed digest of the name: without the keyring nobody dooms a key by writing here
    sa.Column("proof", StoredText, nullable=False),
)

# a sealed copy whose key is not named here is read by nobody
index_snapshot: Final = sa.Table(
    "index_snapshot",
    metadata,
    sa.Column("key_id", StoredText, primary_key=True),
    sa.Column("pack", StoredText, nullable=False),
    # the folder that it lies in, by a random name: several machines may serve one database, each with its own
    sa.Column("place", StoredText, nullable=False),
    sa.UniqueConstraint("pack", "place"),
)
