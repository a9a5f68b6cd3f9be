"""Find a record, and read it, its photos and its history; reading is an act of its own in the ledger."""

from dataclasses import dataclass
from typing import Final

from semblance.audit.entry import Touched
from semblance.cases.check import check_action
from semblance.errors import Conflict, NotFound
from semblance.gallery.record import Record, RecordVersion
from semblance.gallery.subject import normalise_key
from semblance.node.node import Node
from semblance.store import photos, records, subjects
from semblance.store.engine import Transaction
from semblance.store.photos import StoredPhoto
from semblance.terms.ids import AuthorityCode, PhotoId, SubjectId
from semblance.terms.permission import Action, Actor, Permit
from semblance.terms.record import RecordFacts
from semblance.terms.samples import QuarterTurn
from semblance.workflows.permission import Permitted, ask, name_touched, note_reading, refuse_missing


def ask_for_record(node: Node, actor: Actor, action: Action, subject: SubjectId) -> Permitted:
    """Return the permit where the actor may do the action to the record; a refusal is recorded, then raised.

    Raises NotFound where there is no such record, and in the same words, for the same work, where the actor's authority
    may not know of it.
    """
    with node.store.reading() as tx:
        facts = records.find_facts(tx, subject)
    return _ask_about(node, actor, action, facts, name_touched("subject", subject), missing_record(subject))


def _ask_about(
    node: Node, actor: Actor, action: Action, facts: RecordFacts | None, named: tuple[Touched, ...], missing: NotFound
) -> Permitted:
    if facts is not None and facts.is_visible_to(actor.authority):
        return ask(node, actor, action, record=facts, touched=named)
    # who may do it to no record at all is told so first
    ask(node, actor, action, touched=named)
    refuse_missing(node, actor, action, named)
    raise missing


def require_held(tx: Transaction, subject: SubjectId) -> Record:
    """Return the record within the transaction in hand; raises NotFound where it was erased meanwhile."""
    record = records.find_record(tx, subject)
    if record is None:
        raise missing_record(subject)
    return record


def require_version(tx: Transaction, subject: SubjectId, version: int) -> Record:
    """Return the record of a subject that must be held; raises Conflict where it is not at that version any more."""
    before = require_held(tx, subject)
    if before.version != version:
        raise Conflict(
            "records.changed-since",
            "Somebody changed the record since: it is at version {now}, and you had version {before}. Open it "
            "again, and make your change in what stands there now.",
            now=before.version,
            before=version,
        )
    return before


def missing_record(subject: str) -> NotFound:
    """Return the error for a record that is not held, or that is not to be known of."""
    return NotFound(
        "records.no-record",
        "There is no record {number} here, or it is not open to you; `semblance record list` lists them.",
        number=subject,
    )


def ask_for_photo(node: Node, actor: Actor, action: Action, photo: PhotoId) -> tuple[Permitted, StoredPhoto]:
    """Return the photo where the actor may do the action to the record that it belongs to.

    Raises NotFound where there is no such photo, and in the same words where the actor's authority may not know of it.
    """
    with node.store.reading() as tx:
        subject = photos.find_subject(tx, photo)
        # of no photo nothing is asked for under no id, so that the store is asked the same
        facts = records.find_facts(tx, subject or SubjectId(""))
    permit = _ask_about(node, actor, action, facts, name_touched("photo", photo), missing_photo(photo))
    with node.store.reading() as tx:
        stored = photos.find_photo(tx, photo)
    if stored is None:
        raise missing_photo(photo)
    return permit, stored


def missing_photo(photo: PhotoId) -> NotFound:
    """Return the error for a photo that is not held, or that is not to be known of."""
    return NotFound("records.no-photo", "There is no photo {number} here, or it is not open to you.", number=photo)


_RECORD_ACTIONS: Final = tuple(
    action for action in Action if action.value.startswith(("record.", "photo.", "unknown."))
)


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """A record and its photos, oldest first; ``may`` is what the reader may do with it as it stands."""

    record: Record
    photos: tuple[StoredPhoto, ...]
    may: frozenset[Action]


@dataclass(frozen=True, slots=True)
class PhotoBytes:
    """The bytes of a photo exactly as they were handed in, and by how much it is turned to show the face upright."""

    name: str
    media_type: str
    data: bytes
    turned: QuarterTurn


def read_record(node: Node, actor: Actor, subject: SubjectId) -> RecordDetail:
    """Return a record and its photos, and note in the ledger that it was read; raises NotFound."""
    permit = ask_for_record(node, actor, Action.RECORD_READ, subject)
    with node.store.reading() as tx:
        record = require_held(tx, subject)
        stored = photos.list_photos(tx, subject)
    note_reading(node, permit, Touched("subject", subject))
    policy = node.policy.read()
    may = {
        action
        for action in _RECORD_ACTIONS
        if isinstance(check_action(policy, actor, action, record=record.facts), Permit)
    }
    return RecordDetail(record, stored, frozenset(may))


def list_history(node: Node, actor: Actor, subject: SubjectId) -> tuple[RecordVersion, ...]:
    """Return all versions of a record, newest first, and note in the ledger that it was read; raises NotFound."""
    permit = ask_for_record(node, actor, Action.RECORD_READ, subject)
    with node.store.reading() as tx:
        require_held(tx, subject)
        versions = records.list_versions(tx, subject)
    note_reading(node, permit, Touched("subject", subject))
    return versions


def find_record_id(node: Node, actor: Actor, number: str) -> SubjectId:
    """Return the record of that number: the actor's own authority's, or ``DE:NUMBER`` for that of another.

    Raises NotFound where there is none that the actor's authority may know of. A record's id is taken as it is.
    """
    policy = node.policy.read()
    if not any(isinstance(check_action(policy, actor, action), Permit) for action in _RECORD_ACTIONS):
        # whoever may do nothing with any record is refused whatever they name, and learns nothing here
        return SubjectId(number)
    owner, colon, theirs = number.partition(":")
    with node.store.reading() as tx:
        found = subjects.find_subject_id(tx, actor.authority, normalise_key(number))
        if found is None and colon:
            found = subjects.find_subject_id(tx, AuthorityCode(owner), normalise_key(theirs))
        found = found or SubjectId(number)
        facts = records.find_facts(tx, found)
    if facts is None or not facts.is_visible_to(actor.authority):
        raise missing_record(number)
    return found


def describe_photo(node: Node, actor: Actor, photo: PhotoId) -> StoredPhoto:
    """Return a photo without its bytes, and note in the ledger that its record was read; raises NotFound."""
    permit, stored = ask_for_photo(node, actor, Action.RECORD_READ, photo)
    note_reading(node, permit, Touched("subject", stored.subject))
    return stored


def read_photo(node: Node, actor: Actor, photo: PhotoId) -> PhotoBytes:
    """Return a photo's bytes; raises NotFound. The page that shows it has noted the reading of the record."""
    _, stored = ask_for_photo(node, actor, Action.RECORD_READ, photo)
    with node.store.reading() as tx:
        data = photos.read_photo_bytes(tx, photo)
    if data is None:
        raise missing_photo(photo)
    return PhotoBytes(stored.name, stored.facts.media_type, data, stored.facts.turned)


def list_awaiting(node: Node, actor: Actor, *, limit: int = 200) -> tuple[StoredPhoto, ...]:
    """Return the photos of the actor's authority that wait for a face to be chosen, oldest first; none for others."""
    if not isinstance(check_action(node.policy.read(), actor, Action.PHOTO_CHOOSE, owner=actor.authority), Permit):
        return ()
    with node.store.reading() as tx:
        return photos.list_awaiting(tx, actor.authority, limit=limit)
