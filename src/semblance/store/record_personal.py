"""What many records say of people, opened in memory, for a search that is narrowed by it."""

from collections.abc import Callable, Iterator
from typing import Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.gallery.record import Personal, Record
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.record_list import find_listed
from semblance.store.schema.record import record
from semblance.store.vault import load_keys, unseal
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordFacts

_CHUNK: Final = 2000
_RECORD: Final = TypeAdapter(Record)


def iterate_personal(tx: Transaction, lets: Callable[[RecordFacts], bool]) -> Iterator[tuple[SubjectId, Personal]]:
    """Give each record that ``lets`` passes, and what it says of the person; what it does not pass stays sealed."""
    keys = {one.subject: one.key for one in find_listed(tx, lets)}
    load_keys(tx, keys.values())
    subjects = list(keys)
    for start in range(0, len(subjects), _CHUNK):
        rows = tx.connection.execute(
            sa.select(record.c.subject_id, record.c.sealed).where(
                record.c.subject_id.in_(subjects[start : start + _CHUNK])
            )
        )
        for row in rows:
            subject = SubjectId(row.subject_id)
            opened = unseal(tx, KeyId(keys[subject]), f"record/{subject}", bytes(row.sealed))
            yield subject, _RECORD.validate_json(opened).draft.personal
