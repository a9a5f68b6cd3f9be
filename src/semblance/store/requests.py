"""What people ask about themselves: sealed under a key of the request's own, which goes when its time is over."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from semblance.gallery.request import AboutRecord, Request, RequestState
from semblance.store.encoding import write_json
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed, take_sealed
from semblance.store.rows import (
    add_row,
    add_rows,
    change_rows,
    count_rows,
    delete_rows,
    find_first,
    read_key,
    read_row,
    write_row,
)
from semblance.store.schema.request import request, request_record
from semblance.store.vault import destroy_key, make_key, seal_text, unseal_text
from semblance.terms.ids import AuthorityCode, RequestId, SubjectId


def add_request(tx: Transaction, made: Request) -> None:
    """Take in a request with the records that it is about."""
    key = make_key(tx, "request")
    others = {"kind": made.kind, "received_on": made.draft.received_on, "key_id": key}
    add_row(tx, request, made, **others, sealed=_seal(tx, key, made))
    add_rows(tx, request_record, made.about, request_id=made.id)


def change_request(tx: Transaction, changed: Request) -> None:
    """Write a request as it stands now; it must be held."""
    sealed = _seal(tx, read_key(tx, request, changed.id), changed)
    change_rows(tx, request, request.c.id == changed.id, **write_row(request, changed), sealed=sealed)
    delete_rows(tx, request_record, request_record.c.request_id == changed.id)
    add_rows(tx, request_record, changed.about, request_id=changed.id)


def find_request(tx: Transaction, request_id: str, authority: AuthorityCode) -> Request | None:
    """Return the authority's request with that id."""
    require_sealed(tx, PowerKind.REQUEST, [request_id])
    mine = (request.c.id == request_id) & (request.c.authority == authority)
    return find_first(_list(tx, tx.connection.execute(sa.select(request).where(mine)).all()))


def find_authority(tx: Transaction, request_id: RequestId) -> AuthorityCode:
    """Return whose request it is to answer; it must be held."""
    require_sealed(tx, PowerKind.REQUEST, [request_id])
    return AuthorityCode(tx.connection.scalars(sa.select(request.c.authority).where(request.c.id == request_id)).one())


def list_requests(
    tx: Transaction, authority: AuthorityCode, *, states: Iterable[RequestState], after: Request | None, limit: int
) -> tuple[Request, ...]:
    """Return an authority's requests in these states, the most urgent first, from the one after that request."""
    asked = sa.select(request).where(request.c.state.in_(list(states)), request.c.authority == authority)
    if after is not None:
        same = (request.c.due_on == after.due_on) & (request.c.id > after.id)
        asked = asked.where((request.c.due_on > after.due_on) | same)
    asked = asked.order_by(request.c.due_on, request.c.id)
    return _list(tx, take_sealed(tx, PowerKind.REQUEST, asked, lambda row: row.id, limit))


def list_about(tx: Transaction, subject: SubjectId) -> tuple[Request, ...]:
    """Return the requests about a record, the one received first first."""
    linked = sa.select(request_record.c.request_id).where(request_record.c.subject_id == subject)
    asked = sa.select(request).where(request.c.id.in_(linked))
    rows = tx.connection.execute(asked.order_by(request.c.received_on, request.c.id)).all()
    require_sealed(tx, PowerKind.REQUEST, (row.id for row in rows))
    return _list(tx, rows)


def count_open(tx: Transaction, authority: AuthorityCode, *, today: date) -> tuple[int, int]:
    """Return how many of an authority's requests wait for their answer, and how many of these are overdue."""
    waiting = (request.c.state == RequestState.RECEIVED) & (request.c.authority == authority)
    return count_rows(tx, request, waiting), count_rows(tx, request, waiting, request.c.due_on < today)


def find_decided(tx: Transaction, *, before: datetime, limit: int) -> tuple[RequestId, ...]:
    """Return requests that were decided before that moment and not erased yet, longest ago first."""
    decided = (request.c.decided_at < before) & request.c.sealed.is_not(None)
    asked = sa.select(request.c.id).where(decided).order_by(request.c.decided_at, request.c.id)
    return tuple(RequestId(row.id) for row in take_sealed(tx, PowerKind.REQUEST, asked, lambda row: row.id, limit))


def erase_request(tx: Transaction, request_id: RequestId) -> None:
    """Erase what was asked and answered, and destroy its key; its kind, its days and its outcome stay."""
    destroy_key(tx, read_key(tx, request, request_id))
    delete_rows(tx, request_record, request_record.c.request_id == request_id)
    change_rows(tx, request, request.c.id == request_id, sealed=None, state=RequestState.ERASED)


def _seal(tx: Transaction, key: KeyId, made: Request) -> bytes:
    document = {
        "asker": made.draft.asker,
        "whom": made.draft.whom,
        "what": made.draft.what,
        "reason": made.reason,
        "withheld": [asdict(part) for part in made.withheld],
        "referred_to": made.referred_to,
        "referred_by": made.referred_by,
    }
    return seal_text(tx, key, f"request/{made.id}", write_json(document))


def _list(tx: Transaction, rows: Sequence[sa.Row[Any]]) -> tuple[Request, ...]:
    about: dict[str, list[AboutRecord]] = {row.id: [] for row in rows}
    linked = tx.connection.execute(
        sa.select(request_record)
        .where(request_record.c.request_id.in_(list(about)))
        .order_by(request_record.c.request_id, request_record.c.subject_id)
    )
    for row in linked:
        about[row.request_id].append(read_row(AboutRecord, row))
    return tuple(_read(tx, row, tuple(about[row.id])) for row in rows)


def _read(tx: Transaction, row: sa.Row[Any], about: tuple[AboutRecord, ...]) -> Request:
    fields = {**row._asdict(), "asker": ""}
    if row.sealed is not None:
        fields |= json.loads(unseal_text(tx, KeyId(row.key_id), f"request/{row.id}", row.sealed))
    draft = {**fields, "records": tuple(each.subject for each in about)}
    return read_row(Request, row, **fields | {"draft": draft, "about": about})
