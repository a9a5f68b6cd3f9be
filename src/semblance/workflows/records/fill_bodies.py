"""Write what is known of many bodies into their records at once, from a table: all of it, or nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from semblance.errors import NotFound, RecordInvalid, RefusedByPolicy
from semblance.exchange.body_table import BodyRow, name_row, read_body_table, refuse_table
from semblance.exchange.record_document import read_draft, write_draft
from semblance.gallery.record import Record, RecordDraft
from semblance.gallery.record_faults import find_draft_faults
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import subjects
from semblance.store.engine import Transaction
from semblance.terms.permission import Action, Actor
from semblance.workflows.permission import Permitted, ask, require_reason
from semblance.workflows.records.read_record import ask_for_record, require_held
from semblance.workflows.records.write_record import edit_within


@dataclass(frozen=True, slots=True)
class _Edit:
    permit: Permitted
    before: Record
    draft: RecordDraft


def fill_bodies(node: Node, actor: Actor, data: bytes, *, reason: str) -> tuple[Record, ...]:
    """Write the fields of a table into the records that its rows name, all in one transaction; return those changed.

    Only fields that a row fills or empties change. A record that stays as it was gets no new version. Raises
    RecordInvalid with the faults of all rows, Conflict where a record was changed meanwhile; then nothing was changed.
    """
    require_reason(reason, Message("bodies.no-reason", "Say why the records are changed."))
    ask(node, actor, Action.RECORD_EDIT, owner=actor.authority)
    edits, problems = [], list[Message]()
    for row in read_body_table(data):
        try:
            edits.append(_prepare(node, actor, row))
        except (RecordInvalid, NotFound, RefusedByPolicy) as error:
            faults = error.problems if isinstance(error, RecordInvalid) and error.problems else (error.message,)
            problems += (name_row(row.line, row.number, fault) for fault in faults)
    if problems:
        raise refuse_table(problems)
    now = node.clock()
    with node.store.writing() as tx:
        return tuple(_write(tx, node, edit, reason, now) for edit in edits if edit.draft != edit.before.draft)


def _write(tx: Transaction, node: Node, edit: _Edit, reason: str, now: datetime) -> Record:
    before = edit.before
    return edit_within(
        tx, node, edit.permit, before.subject, edit.draft, version=before.version, reason=reason, now=now
    )


def _prepare(node: Node, actor: Actor, row: BodyRow) -> _Edit:
    with node.store.reading() as tx:
        subject = subjects.find_subject_id(tx, actor.authority, row.number)
    if subject is None:
        raise refuse_table([Message("bodies.no-record", "your authority holds no record of this number")])
    permit = ask_for_record(node, actor, Action.RECORD_EDIT, subject)
    with node.store.reading() as tx:
        before = require_held(tx, subject)
    document: dict[str, Any] = write_draft(before.draft)
    said = {**document.get("description", {}), **row.fields}
    document["description"] = {name: value for name, value in said.items() if value is not None}
    draft = read_draft(document)
    faults = [fault.message for fault in find_draft_faults(draft, today=node.clock().date())]
    if faults:
        raise refuse_table(faults)
    return _Edit(permit, before, draft)
