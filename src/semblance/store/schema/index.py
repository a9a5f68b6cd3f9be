"""Which sealed copies of an index in memory may be read: those whose key is named here."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import metadata
from semblance.store.schema.column_types import StoredText

index_snapshot: Final = sa.Table(
    "index_snapshot",
    metadata,
    sa.Column("key_id", StoredText, primary_key=True),
    sa.Column("pack", StoredText, nullable=False),
    # the folder that it lies in, by a random name: several machines may serve one database, each with its own
    sa.Column("place", StoredText, nullable=False),
    sa.UniqueConstraint("pack", "place"),
)
