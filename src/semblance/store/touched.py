"""What entries of the ledger touched: which key seals what opens an entry, and which entries touched somebody's record.

A key of the case, of the request or of the subject, or else the node's own: what an entry says of somebody goes with
their key; what it says of nobody held here, an erasure above all, stays. Who was touched is found by a keyed digest, so
that the table names nobody. It is an aid for answers, not a proof: the entries themselves are that.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import sqlalchemy as sa

from semblance.audit.entry import Act, Touched
from semblance.cases.examination import OPEN_STATES
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import NODE_KEY, KeyId
from semblance.store.schema.case import case_file
from semblance.store.schema.examination import examination
from semblance.store.schema.gallery import search, subject
from semblance.store.schema.ledger import ledger_opening, ledger_touched
from semblance.store.schema.node import doomed_key
from semblance.store.schema.request import request
from semblance.store.schema.submission import submission
from semblance.store.vault import blind
from semblance.terms.ids import SubjectId

_FOUND_AGAIN: Final = "subject"
_HOLDERS: Final = {"case": case_file, "request": request, "subject": subject, "submission": submission}
"""What has a key of its own, by the kind of what is touched."""

_ASKED: Final = {
    kind: sa.select(table.c.id, table.c.key_id).where(
        table.c.id.in_(sa.bindparam("ids", expanding=True)), ~sa.exists().where(doomed_key.c.id == table.c.key_id)
    )
    for kind, table in _HOLDERS.items()
}

_WHOLE: Final = ("submission", "case", "request")
"""Kinds whose key seals everything that opens the entry, also the ids of subjects that it touched; the first counts."""


def find_opening_keys(
    tx: Transaction, act: Act, written: tuple[Touched, ...], sealed_under: KeyId | None
) -> tuple[KeyId, ...]:
    """Return the keys that seal what opens the act's entry: that of its reason, then those of the ids as ``written``.

    ``sealed_under`` seals all of it where it is given. A subject's own id is sealed by its own key. What is erased, or
    being erased, has none any more.
    """
    keys = _find_keys(tx, act.touched) if sealed_under is None else {}
    whole = (keys[thing] for kind in _WHOLE for thing in act.touched if thing.kind == kind and thing in keys)
    only = sealed_under or next(whole, None)
    if only is not None:
        return (only,) * (1 + len(written))
    reason = next((keys[thing] for thing in act.touched if thing in keys), NODE_KEY)
    return (reason, *(keys.get(thing, reason) for thing in written))


def note_touched(tx: Transaction, number: int, touched: tuple[Touched, ...]) -> None:
    """Note which subjects the entry touched; in a store that was opened without its keyring nothing is noted."""
    if tx.keyring is None:
        return
    found = sorted({thing.id for thing in touched if thing.kind == _FOUND_AGAIN})
    if found:
        rows = [{"blind": blind(tx, "touched", _FOUND_AGAIN, subject_id), "number": number} for subject_id in found]
        tx.ledger_tail.add_rows(ledger_touched, rows)


def forget_touched(tx: Transaction, key: KeyId) -> None:
    """Forget which subjects were touched by the entries that this key opens; called before the key is destroyed."""
    tx.ledger_tail.flush(tx.connection)
    opened = sa.select(ledger_opening.c.number).where(ledger_opening.c.key_id == key)
    tx.connection.execute(sa.delete(ledger_touched).where(ledger_touched.c.number.in_(opened)))


def find_touching(tx: Transaction, subject_id: SubjectId) -> tuple[int, ...]:
    """Return the numbers of the entries that touched the subject, oldest first."""
    tx.ledger_tail.flush(tx.connection)
    mine = ledger_touched.c.blind == blind(tx, "touched", _FOUND_AGAIN, subject_id)
    asked = sa.select(ledger_touched.c.number).where(mine).order_by(ledger_touched.c.number)
    return tuple(tx.connection.scalars(asked))


def is_shut(tx: Transaction, number: int) -> bool:
    """Return whether the entry opens with a search whose candidates people still examine: nobody is told it yet."""
    tx.ledger_tail.flush(tx.connection)
    keys = tx.connection.scalars(sa.select(ledger_opening.c.key_id).where(ledger_opening.c.number == number)).all()
    examined = (
        sa.select(search.c.key_id)
        .join(examination, examination.c.search_id == search.c.id)
        .where(examination.c.state.in_(OPEN_STATES))
    )
    return bool(tx.connection.scalar(sa.select(examined.where(search.c.key_id.in_(keys)).exists())))


def _find_keys(tx: Transaction, things: Iterable[Touched]) -> Mapping[Touched, KeyId]:
    found: dict[Touched, KeyId] = {}
    wanted = list(things)
    for kind, asked in _ASKED.items():
        ids = [thing.id for thing in wanted if thing.kind == kind]
        if ids:
            rows = tx.connection.execute(asked, {"ids": ids})
            found.update({Touched(kind, row.id): KeyId(row.key_id) for row in rows})
    return found
