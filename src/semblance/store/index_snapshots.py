"""The keys of the index's snapshots: a snapshot whose key is not named here can be read by nobody.

Whatever removes a reference destroys them all in the same transaction, so that no copy of a snapshot gives a
removed template back. Whoever holds the index writes the snapshot anew.
"""

import sqlalchemy as sa

from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.schema.index import index_snapshot
from semblance.store.vault import destroy_key, make_key
from semblance.terms.ids import PackDigest


def replace_key(tx: Transaction, pack: PackDigest, place: str) -> KeyId:
    """Return a new key for the snapshot of a pack's index in a place; the one before is destroyed with the commit."""
    _destroy(tx, (index_snapshot.c.pack == pack) & (index_snapshot.c.place == place))
    made = make_key(tx, "index")
    tx.connection.execute(sa.insert(index_snapshot).values(key_id=made, pack=pack, place=place))
    return made


def is_current(tx: Transaction, key: KeyId, pack: PackDigest, place: str) -> bool:
    """Return whether this is the key of the snapshot of that pack's index in that place."""
    mine = (index_snapshot.c.pack == pack) & (index_snapshot.c.place == place)
    return tx.connection.scalar(sa.select(index_snapshot.c.key_id).where(mine)) == key


def retire_all(tx: Transaction) -> None:
    """Destroy the keys of all snapshots when this transaction is committed."""
    _destroy(tx, sa.true())


def _destroy(tx: Transaction, which: sa.ColumnElement[bool]) -> None:
    for name in tx.connection.scalars(sa.select(index_snapshot.c.key_id).where(which)).all():
        destroy_key(tx, KeyId(name))
    tx.connection.execute(sa.delete(index_snapshot).where(which))
