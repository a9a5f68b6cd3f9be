"""What people ask about themselves: sealed under a key of the request's own, which goes when its time is over."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.gallery.request import AboutRecord, Request, RequestState
from semblance.store.encoding import write_json
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.schema.request import request, request_record
from semblance.store.vault import destroy_key, make_key, seal_text, unseal_text
from semblance.terms.ids import RequestId, SubjectId

_REQUEST: Final = TypeAdapter(Request)


def add_request(tx: Transaction, made: Request) -> None:
    """Take in a request with the records that it is about."""
    key = make_key(tx, "request")
    draft = made.draft
    tx.connection.execute(
        sa.insert(request).values(
            id=made.id,
            key_id=key,
            kind=draft.kind.value,
            state=made.state.value,
            authority=made.authority,
            received_on=draft.received_on,
            due_on=made.due_on,
            taken_at=made.taken_at,
            taken_by=made.taken_by,
            sealed=_seal(tx, key, made),
        )
    )
    for about in made.about:
        tx.connection.execute(sa.insert(request_record).values(request_id=made.id, **_write_about(about)))


def change_request(tx: Transaction, changed: Request) -> None:
    """Write a request as it stands now; it must be held."""
    key = KeyId(tx.connection.scalars(sa.select(request.c.key_id).where(request.c.id == changed.id)).one())
    tx.connection.execute(
        sa.update(request)
        .where(request.c.id == changed.id)
        .values(
            state=changed.state.value,
            decided_at=changed.decided_at,
            decided_by=changed.decided_by,
            told_in=changed.told_in,
            sealed=_seal(tx, key, changed),
        )
    )
    tx.connection.execute(sa.delete(request_record).where(request_record.c.request_id == changed.id))
    for about in changed.about:
        tx.connection.execute(sa.insert(request_record).values(request_id=changed.id, **_write_about(about)))


def find_request(tx: Transaction, request_id: str) -> Request | None:
    """Return the request with that id."""
    found = _read_all(tx, tx.connection.execute(sa.select(request).where(request.c.id == request_id)).all())
    return found[0] if found else None


def list_requests(
    tx: Transaction, *, states: Iterable[RequestState], after: Request | None, limit: int
) -> tuple[Request, ...]:
    """Return requests in these states, those to be answered first first, from the one after that request."""
    asked = sa.select(request).where(request.c.state.in_([state.value for state in states]))
    if after is not None:
        same = (request.c.due_on == after.due_on) & (request.c.id > after.id)
        asked = asked.where((request.c.due_on > after.due_on) | same)
    return _read_all(tx, tx.connection.execute(asked.order_by(request.c.due_on, request.c.id).limit(limit)).all())


def list_about(tx: Transaction, subject: SubjectId) -> tuple[Request, ...]:
    """Return the requests about a record, the one received first first."""
    linked = sa.select(request_record.c.request_id).where(request_record.c.subject_id == subject)
    asked = sa.select(request).where(request.c.id.in_(linked)).order_by(request.c.received_on, request.c.id)
    return _read_all(tx, tx.connection.execute(asked).all())


def count_open(tx: Transaction, *, today: date) -> tuple[int, int]:
    """Return how many requests wait for their answer, and how many of these are overdue."""
    waiting = request.c.state == RequestState.RECEIVED.value
    counted = sa.select(sa.func.count()).select_from(request).where(waiting)
    overdue = tx.connection.scalar(counted.where(request.c.due_on < today))
    return tx.connection.scalar(counted) or 0, overdue or 0


def find_decided(tx: Transaction, *, before: datetime, limit: int) -> tuple[RequestId, ...]:
    """Return requests that were decided before that moment and not erased yet, longest ago first."""
    decided = (request.c.decided_at < before) & request.c.sealed.is_not(None)
    asked = sa.select(request.c.id).where(decided).order_by(request.c.decided_at, request.c.id).limit(limit)
    return tuple(map(RequestId, tx.connection.scalars(asked)))


def erase_request(tx: Transaction, request_id: RequestId) -> None:
    """Erase what was asked and answered, and destroy its key; its kind, its days and its outcome stay."""
    mine = request.c.id == request_id
    destroy_key(tx, KeyId(tx.connection.scalars(sa.select(request.c.key_id).where(mine)).one()))
    tx.connection.execute(sa.delete(request_record).where(request_record.c.request_id == request_id))
    tx.connection.execute(sa.update(request).where(mine).values(sealed=None, state=RequestState.ERASED.value))


def _write_about(about: AboutRecord) -> dict[str, object]:
    fields = asdict(about)
    return {"subject_id": fields.pop("subject"), **fields}


def _seal(tx: Transaction, key: KeyId, made: Request) -> bytes:
    document = {
        "asker": made.draft.asker,
        "whom": made.draft.whom,
        "what": made.draft.what,
        "reason": made.reason,
        "withheld": [asdict(part) for part in made.withheld],
    }
    return seal_text(tx, key, f"request/{made.id}", write_json(document))


def _read_all(tx: Transaction, rows: Sequence[Any]) -> tuple[Request, ...]:
    about: dict[str, list[AboutRecord]] = {row.id: [] for row in rows}
    linked = tx.connection.execute(
        sa.select(request_record)
        .where(request_record.c.request_id.in_(list(about)))
        .order_by(request_record.c.request_id, request_record.c.subject_id)
    )
    for row in linked:
        about[row.request_id].append(
            AboutRecord(SubjectId(row.subject_id), row.version, row.blocked, row.corrected, row.erased_in)
        )
    return tuple(_read(tx, row, tuple(about[row.id])) for row in rows)


def _read(tx: Transaction, row: Any, about: tuple[AboutRecord, ...]) -> Request:
    fields = {**row._asdict(), "asker": ""}
    if row.sealed is not None:
        fields |= json.loads(unseal_text(tx, KeyId(row.key_id), f"request/{row.id}", row.sealed))
    draft = {**fields, "records": tuple(each.subject for each in about)}
    return _REQUEST.validate_python({**fields, "draft": draft, "about": about})
