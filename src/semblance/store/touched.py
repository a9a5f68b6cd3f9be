"""Which entries of the ledger touched somebody's record: found by a keyed digest, so that the table names nobody.

It is an aid for answers, not a proof: the entries themselves are that.
"""

from typing import Final

import sqlalchemy as sa

from semblance.audit.entry import Touched
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.schema.ledger import ledger_opening, ledger_touched
from semblance.store.vault import blind
from semblance.terms.ids import SubjectId

_FOUND_AGAIN: Final = "subject"


def note_touched(tx: Transaction, number: int, touched: tuple[Touched, ...]) -> None:
    """Note which subjects the entry touched; in a store that was opened without its keyring nothing is noted."""
    if tx.keyring is None:
        return
    found = sorted({thing.id for thing in touched if thing.kind == _FOUND_AGAIN})
    if found:
        rows = [{"blind": blind(tx, "touched", _FOUND_AGAIN, one), "number": number} for one in found]
        tx.ledger_tail.add_rows(ledger_touched, rows)


def forget_touched(tx: Transaction, key: KeyId) -> None:
    """Forget which subjects were touched by the entries that this key opens; called before the key is destroyed."""
    tx.ledger_tail.flush(tx.connection)
    opened = sa.select(ledger_opening.c.number).where(ledger_opening.c.key_id == key)
    tx.connection.execute(sa.delete(ledger_touched).where(ledger_touched.c.number.in_(opened)))


def find_touching(tx: Transaction, subject: SubjectId) -> tuple[int, ...]:
    """Return the numbers of the entries that touched the subject, oldest first."""
    tx.ledger_tail.flush(tx.connection)
    mine = ledger_touched.c.blind == blind(tx, "touched", _FOUND_AGAIN, subject)
    asked = sa.select(ledger_touched.c.number).where(mine).order_by(ledger_touched.c.number)
    return tuple(tx.connection.scalars(asked))
