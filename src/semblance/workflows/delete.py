"""Delete a subject, and everything that was made of it."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.act import Act, Touched, Verb
from semblance.errors import NotFound
from semblance.gallery.subject import normalise_key
from semblance.store import gallery, ledger, outcomes, subjects
from semblance.terms.ids import SubjectId
from semblance.workflows.node import Node
from semblance.workflows.said import require_person, require_reason


@dataclass(frozen=True, slots=True)
class DeletionReceipt:
    """What was deleted.

    ``subject`` is None where only intake outcomes of refused photos were held under the key. ``files_cleared`` is False
    where another program was reading the store, so that old pages of it go only when that has ended. ``ledger_entry``
    is the number of the entry that proves the deletion.
    """

    subject_key: str
    subject: SubjectId | None
    person: str
    reason: str
    when: datetime
    photos: int
    faces: int
    references: int
    outcomes: int
    files_cleared: bool
    ledger_entry: int


def delete_subject(node: Node, subject_key: str, *, person: str, reason: str) -> DeletionReceipt:
    """Delete a subject's photos, faces, templates, matrix rows and intake outcomes at once.

    Search records keep the ids of what they had found, nothing else. Raises NotFound where nothing is held under the
    key.
    """
    require_person(person, "A deletion names the person who makes it; say who deletes.")
    require_reason(reason, "A deletion says why it is made; give the reason.")
    key, now = normalise_key(subject_key), node.clock()
    with node.store.writing() as tx:
        subject = subjects.find_subject(tx, key)
        if subject is None and not outcomes.count_outcomes(tx, key):
            raise NotFound(f"Nothing is held under the subject {key!r}; `semblance show` lists the subjects.")
        gone = () if subject is None else gallery.remove_references(tx, subject.id)
        removed = subjects.delete_subject(tx, key)
        subject_id = None if subject is None else subject.id
        subjects.record_deletion(tx, subject_id, removed, references=len(gone), at=now, person=person, reason=reason)
        touched = () if subject is None else (Touched("subject", subject.id),)
        act = Act(Verb.ERASURE, "subject.delete", person, node.authority, reason=reason, touched=touched)
        entry = ledger.append(tx, act, at=now)
    node.index.forget(gone)
    return DeletionReceipt(
        subject_key=key,
        subject=subject_id,
        person=person,
        reason=reason,
        when=now,
        photos=removed.photos,
        faces=removed.faces,
        references=len(gone),
        outcomes=removed.outcomes,
        files_cleared=node.store.clear_deleted(),
        ledger_entry=entry,
    )
