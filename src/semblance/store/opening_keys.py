"""Which key seals what opens an entry: that of the case, of the request or of the subject, or else the node's own.

What an entry says of somebody goes with their key; what it says of nobody held here, an erasure above all, stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from semblance.audit.entry import Act, Touched
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import NODE_KEY, KeyId
from semblance.store.schema.case import case_file
from semblance.store.schema.gallery import subject
from semblance.store.schema.request import request
from semblance.store.schema.vault import doomed_key

_HOLDERS: Final = {"case": case_file, "request": request, "subject": subject}
"""What has a key of its own, by the kind of what is touched."""

_ASKED: Final = {
    kind: sa.select(table.c.id, table.c.key_id).where(
        table.c.id.in_(sa.bindparam("ids", expanding=True)), ~sa.exists().where(doomed_key.c.id == table.c.key_id)
    )
    for kind, table in _HOLDERS.items()
}

_WHOLE: Final = ("case", "request")
"""Kinds whose key seals everything that opens the entry, also the ids of subjects that it touched."""


@dataclass(frozen=True, slots=True)
class OpeningKeys:
    """The key of the reason, and those of the touched ids, in the act's order."""

    reason: KeyId
    touched: tuple[KeyId, ...]


def find_opening_keys(tx: Transaction, act: Act, sealed_under: KeyId | None) -> OpeningKeys:
    """Return the keys that seal what opens the act's entry; ``sealed_under`` seals all of it where it is given.

    A subject's own id is sealed by its own key. What is erased, or being erased, has none any more.
    """
    if sealed_under is not None:
        return OpeningKeys(sealed_under, tuple(sealed_under for _ in act.touched))
    keys = _find_keys(tx, act.touched)
    for kind in _WHOLE:
        whole = next((keys[thing] for thing in act.touched if thing.kind == kind and thing in keys), None)
        if whole is not None:
            return OpeningKeys(whole, tuple(whole for _ in act.touched))
    reason = next((keys[thing] for thing in act.touched if thing in keys), NODE_KEY)
    touched = tuple(keys.get(thing, reason) for thing in act.touched)
    return OpeningKeys(reason, touched)


def _find_keys(tx: Transaction, things: Iterable[Touched]) -> Mapping[Touched, KeyId]:
    found: dict[Touched, KeyId] = {}
    wanted = list(things)
    for kind, asked in _ASKED.items():
        ids = [thing.id for thing in wanted if thing.kind == kind]
        if ids:
            rows = tx.connection.execute(asked, {"ids": ids})
            found.update({Touched(kind, row.id): KeyId(row.key_id) for row in rows})
    return found
