"""What many records say of people, opened in memory, for a search that is narrowed by it."""

from collections.abc import Callable, Iterator
from typing import Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.gallery.record import Personal, Record
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.record_facts import read_facts_row
from semblance.store.schema.gallery import subject
from semblance.store.schema.record import RECORD_FACTS, audience, record
from semblance.store.vault import load_keys, unseal
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordFacts

_CHUNK: Final = 2000
_RECORD: Final = TypeAdapter(Record)


def iterate_personal(tx: Transaction, lets: Callable[[RecordFacts], bool]) -> Iterator[tuple[SubjectId, Personal]]:
    """Give each record that ``lets`` passes, and what it says of the person; what it does not pass stays sealed."""
    rows = tx.connection.execute(
        sa.select(record.c.subject_id, subject.c.key_id, *RECORD_FACTS)
        .join_from(record, audience)
        .join(subject, subject.c.id == record.c.subject_id)
    )
    keys = {SubjectId(row.subject_id): KeyId(row.key_id) for row in rows if lets(read_facts_row(row))}
    load_keys(tx, keys.values())
    subjects = list(keys)
    for start in range(0, len(subjects), _CHUNK):
        rows = tx.connection.execute(
            sa.select(record.c.subject_id, record.c.sealed).where(
                record.c.subject_id.in_(subjects[start : start + _CHUNK])
            )
        )
        for row in rows:
            named = SubjectId(row.subject_id)
            opened = unseal(tx, keys[named], f"record/{named}", bytes(row.sealed))
            yield named, _RECORD.validate_json(opened).draft.personal
