"""Erase a record, and everything that was made of its subject: rows, matrix, and the key that seals every copy."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.errors import Conflict, NotFound
from semblance.gallery.subject import normalise_key
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import answered_pairs, gallery, ledger, photos, probes, searches, subjects
from semblance.store.engine import Transaction
from semblance.store.subjects import Removed
from semblance.terms.ids import ReferenceId, SubjectId
from semblance.terms.permission import Action, Actor
from semblance.workflows.permission import Permitted, ask, describe_act, log_act, require_reason
from semblance.workflows.records.read_record import ask_for_record, require_held

_NO_REASON: Final = Message("reason.no-erasure", "An erasure says why it is made; give the reason.")


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
    """What one erasure removed within a transaction; the matrix rows in memory are still to be removed."""

    removed: Removed
    references: tuple[ReferenceId, ...]
    entry: int


def erase_record(node: Node, actor: Actor, subject: SubjectId, *, reason: str) -> ErasureReceipt:
    """Erase a record's photos, faces, templates, matrix rows, names, versions and intake outcomes, and destroy its key.

    Backups of the database made before stay unreadable for it. Search records keep the random ids of what they had
    found, nothing else. Raises NotFound.
    """
    require_reason(reason, _NO_REASON)
    permit = ask_for_record(node, actor, Action.RECORD_ERASE, subject)
    return erase_records(node, {subject: permit}, reason=reason)[0]


def erase_records(
    node: Node,
    permits: Mapping[SubjectId, Permitted],
    *,
    reason: str,
    settle: Callable[[Transaction, Mapping[SubjectId, int], datetime], object] = lambda *_: None,
) -> tuple[ErasureReceipt, ...]:
    """Erase records whose erasure was permitted, all or none.

    ``settle`` is what else is done in the same transaction; it is given the entry of the ledger that proves each.
    Raises NotFound.
    """
    now, erased = node.clock(), dict[SubjectId, tuple[str, Erased]]()
    with node.index.removing() as remove:
        with node.store.writing() as tx:
            for subject, permit in permits.items():
                number = require_held(tx, subject).number
                act = describe_act(permit, Verb.ERASURE, Touched("subject", subject), reason=reason)
                erased[subject] = number, erase_within(tx, act, subject, now=now)
            settle(tx, {subject: done.entry for subject, (_, done) in erased.items()}, now)
        remove([reference for _, done in erased.values() for reference in done.references])
    cleared = node.store.clear_deleted()
    return tuple(
        ErasureReceipt(
            subject,
            number,
            permits[subject].actor.name,
            reason,
            now,
            references=len(done.references),
            files_cleared=cleared,
            ledger_entry=done.entry,
            **asdict(done.removed),
        )
        for subject, (number, done) in erased.items()
    )


def erase_within(tx: Transaction, act: Act, subject: SubjectId, *, now: datetime) -> Erased:
    """Erase a subject in the transaction in hand; the caller removes it from memory, and clears the files."""
    # its photos may lie in cases, too, where they were compared
    searches.erase_searches_from(tx, subject)
    probes.delete_probes(tx, probes.find_from_record(tx, subject))
    answered_pairs.forget_pairs(tx, subject)
    references = gallery.remove_references(tx, subject)
    removed = subjects.erase_subject(tx, subject)
    entry = ledger.append(tx, act, at=now)
    subjects.record_deletion(tx, subject, removed, references=len(references), at=now, person=act.person, entry=entry)
    return Erased(removed, references, entry)


@dataclass(frozen=True, slots=True)
class IntakeErased:
    """How many intake outcomes were erased under the number; the entry of the ledger proves it."""

    number: str
    outcomes: int
    files_cleared: bool
    ledger_entry: int


def erase_intake(node: Node, actor: Actor, number: str, *, reason: str) -> IntakeErased:
    """Erase the intake outcomes of photos that were refused under a number of the actor's authority, and their key.

    Raises NotFound where nothing is remembered, Conflict where there is a record of that number.
    """
    require_reason(reason, _NO_REASON)
    permit = ask(node, actor, Action.RECORD_ERASE, owner=actor.authority)
    key, now = normalise_key(number), node.clock()
    with node.store.writing() as tx:
        if subjects.find_subject_id(tx, actor.authority, key) is not None:
            raise Conflict(
                "records.number-has-record",
                "{authority} holds a record '{number}'; erase that record, and its outcomes go with it.",
                authority=actor.authority,
                number=key,
            )
        if not photos.count_outcomes(tx, actor.authority, key):
            raise NotFound(
                "records.nothing-under-number",
                "Nothing is held under '{number}'; `semblance record list` lists the records.",
                number=key,
            )
        erased = subjects.erase_outcomes(tx, subjects.blind_key(tx, actor.authority, key))
        entry = log_act(tx, permit, Verb.ERASURE, at=now, action="intake.erase", reason=reason)
    return IntakeErased(key, erased, node.store.clear_deleted(), entry)
