"""Erase a record, and everything that was made of its subject: rows, matrix, and the key that seals every copy."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.act import Act, Touched, Verb
from semblance.store import gallery, ledger, subjects
from semblance.store.engine import Transaction
from semblance.store.subjects import Removed
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import ReferenceId, SubjectId
from semblance.terms.permission import Refusal
from semblance.workflows.node import Node
from semblance.workflows.permission import describe_act
from semblance.workflows.require_record import ask_for_record, require_held
from semblance.workflows.said import require_reason


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """What was erased; the entry of the ledger proves it.

    ``files_cleared`` is False where another program was reading the store, so that old pages of it, sealed by a key
    that is destroyed, go only when that has ended.
    """

    subject: SubjectId
    number: str
    person: str
    reason: str
    when: datetime
    photos: int
    faces: int
    references: int
    outcomes: int
    versions: int
    files_cleared: bool
    ledger_entry: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What one erasure removed within a transaction; the matrix rows in memory are still to be forgotten."""

    removed: Removed
    references: tuple[ReferenceId, ...]
    entry: int


def erase_record(node: Node, actor: Actor, subject: SubjectId, *, reason: str) -> ErasureReceipt | Refusal:
    """Erase a record's photos, faces, templates, matrix rows, names, versions and intake outcomes, and destroy its key.

    Backups of the database made before stay unreadable for it. Search records keep the random ids of what they had
    found, nothing else. Raises NotFound.
    """
    require_reason(reason, "An erasure says why it is made; give the reason.")
    permit = ask_for_record(node, actor, Action.RECORD_ERASE, subject)
    if isinstance(permit, Refusal):
        return permit
    now = node.clock()
    with node.index.removing() as forget:
        with node.store.writing() as tx:
            held = require_held(tx, subject)
            touched = (Touched("subject", subject),)
            act = describe_act(actor, permit, Verb.ERASURE, Action.RECORD_ERASE, reason=reason, touched=touched)
            erased = erase_within(tx, act, subject, now=now)
        forget(erased.references)
    return ErasureReceipt(
        subject=subject,
        number=held.number,
        person=actor.name,
        reason=reason,
        when=now,
        photos=erased.removed.photos,
        faces=erased.removed.faces,
        references=len(erased.references),
        outcomes=erased.removed.outcomes,
        versions=erased.removed.versions,
        files_cleared=node.store.clear_deleted(),
        ledger_entry=erased.entry,
    )


def erase_within(tx: Transaction, act: Act, subject: SubjectId, *, now: datetime) -> Erased:
    """Erase a subject in the transaction in hand; the caller forgets the references in memory, and clears the files."""
    references = gallery.remove_references(tx, subject)
    removed = subjects.erase_subject(tx, subject)
    entry = ledger.append(tx, act, at=now)
    subjects.record_deletion(tx, subject, removed, references=len(references), at=now, person=act.person, entry=entry)
    return Erased(removed, references, entry)
