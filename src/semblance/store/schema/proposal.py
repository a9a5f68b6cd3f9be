"""Acts that wait for a second person, and who alone had a hand in an account."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import StoredText, metadata

# the columns beside what is sealed only narrow the search: who proposed what, and what became of it, is in there
proposal: Final = sa.Table(
    "proposal",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("state", StoredText, nullable=False, index=True),
    # JSON, sealed with the node's own key
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# who alone made an account, changed its roles or let somebody in with it
account_hand: Final = sa.Table(
    "account_hand",
    metadata,
    sa.Column("person_id", StoredText, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("hand_id", StoredText, sa.ForeignKey("person.id"), primary_key=True),
)

# what an upgrade leaves to the first start after it, since it belongs in the ledger
upgrade_task: Final = sa.Table("upgrade_task", metadata, sa.Column("name", StoredText, primary_key=True))
