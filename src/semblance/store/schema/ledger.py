"""The tables of the ledger; triggers keep them from every change and removal."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import StoredText, metadata

ledger_entry: Final = sa.Table(
    "ledger_entry",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

ledger_node: Final = sa.Table(
    "ledger_node",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

ledger_checkpoint: Final = sa.Table(
    "ledger_checkpoint",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", StoredText, nullable=False),
)

# what opens the commitments is kept apart: it goes with the key that seals it, the entries stay
ledger_opening: Final = sa.Table(
    "ledger_opening",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("label", StoredText, primary_key=True),
    sa.Column("key_id", StoredText, nullable=False, index=True),
    # salt and text
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# who asks what became of their record is answered from here: keyed digests of what entries touched
ledger_touched: Final = sa.Table(
    "ledger_touched",
    metadata,
    sa.Column("blind", StoredText, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
)
