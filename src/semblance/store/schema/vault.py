"""The keys whose destruction was decided; the keys themselves stand in the keyring, apart from this database."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import metadata
from semblance.store.schema.column_types import StoredText

doomed_key: Final = sa.Table(
    "doomed_key",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    # a keyed digest of the name: without the keyring nobody dooms a key by writing here
    sa.Column("proof", StoredText, nullable=False),
)
