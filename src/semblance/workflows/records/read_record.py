"""Read a record, its photos and its history; reading is an act of its own in the ledger."""

from dataclasses import dataclass
from typing import Final

from semblance.audit.act import Touched, Verb
from semblance.cases.check import check_action
from semblance.gallery.record import Record, RecordVersion
from semblance.gallery.subject import normalise_key
from semblance.node.node import Node
from semblance.store import ledger, photos, records, subjects
from semblance.store.photos import StoredPhoto
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import PhotoId, SubjectId
from semblance.terms.permission import Permit
from semblance.workflows.permission import describe_act
from semblance.workflows.records.require_record import (
    ask_for_photo,
    ask_for_record,
    missing_photo,
    missing_record,
    require_held,
)

_RECORD_ACTIONS: Final = tuple(action for action in Action if action.value.startswith(("record.", "photo.")))


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """A record and its photos, oldest first; ``may`` is what the reader may do with it as it stands."""

    record: Record
    photos: tuple[StoredPhoto, ...]
    may: frozenset[Action]


@dataclass(frozen=True, slots=True)
class PhotoBytes:
    """The bytes of a photo exactly as they were handed in."""

    name: str
    media_type: str
    data: bytes


def read_record(node: Node, actor: Actor, subject: SubjectId) -> RecordDetail:
    """Return a record and its photos, and note in the ledger that it was read; raises NotFound."""
    permit = ask_for_record(node, actor, Action.RECORD_READ, subject)
    with node.store.reading() as tx:
        record = require_held(tx, subject)
        stored = photos.list_photos(tx, subject)
    _note_reading(node, actor, permit, subject)
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
    _note_reading(node, actor, permit, subject)
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
        if found is None and records.find_facts(tx, SubjectId(number)) is not None:
            found = SubjectId(number)
        facts = None if found is None else records.find_facts(tx, found)
    if found is None or facts is None or not facts.is_visible_to(actor.authority):
        raise missing_record(number)
    return found


def describe_photo(node: Node, actor: Actor, photo: PhotoId) -> StoredPhoto:
    """Return a photo without its bytes, and note in the ledger that its record was read; raises NotFound."""
    permit, stored = ask_for_photo(node, actor, Action.RECORD_READ, photo)
    _note_reading(node, actor, permit, stored.subject)
    return stored


def read_photo(node: Node, actor: Actor, photo: PhotoId) -> PhotoBytes:
    """Return a photo's bytes; raises NotFound. The page that shows it has noted the reading of the record."""
    _, stored = ask_for_photo(node, actor, Action.RECORD_READ, photo)
    with node.store.reading() as tx:
        data = photos.read_photo_bytes(tx, photo)
    if data is None:
        raise missing_photo(photo)
    return PhotoBytes(stored.name, stored.facts.media_type, data)


def list_awaiting(node: Node, actor: Actor, *, limit: int = 200) -> tuple[StoredPhoto, ...]:
    """Return the photos of the actor's authority that wait for a face to be chosen, oldest first; none for others."""
    if not isinstance(check_action(node.policy.read(), actor, Action.PHOTO_CHOOSE, owner=actor.authority), Permit):
        return ()
    with node.store.reading() as tx:
        return photos.list_awaiting(tx, actor.authority, limit=limit)


def _note_reading(node: Node, actor: Actor, permit: Permit, subject: SubjectId) -> None:
    touched = (Touched("subject", subject),)
    with node.store.writing() as tx:
        act = describe_act(actor, permit, Verb.CONSULTATION, Action.RECORD_READ, touched=touched)
        ledger.append(tx, act, at=node.clock())
