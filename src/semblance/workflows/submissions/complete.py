"""Close a file of which every piece is there: its digest is checked, it is read, or unpacked where it is an archive."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock
from typing import Final

from semblance.audit.entry import Verb
from semblance.cases.case import Case
from semblance.errors import Busy, Conflict, DependencyMissing, IntakeError
from semblance.faces.content import ARCHIVE
from semblance.gallery.submission import FileKind, FileState, SubmittedFile
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, submissions
from semblance.store.submission_chunks import CHUNK, SealedSource, count_chunks, list_chunks
from semblance.terms.byte_source import ByteSource
from semblance.terms.ids import Sha256, SubmissionFileId, SubmissionId
from semblance.terms.permission import Action, Actor
from semblance.workflows.permission import Permitted, log_act
from semblance.workflows.submissions.read_facts import settle_facts
from semblance.workflows.submissions.receive import (
    add_file,
    ask_for_file,
    receive_chunk,
    require_file,
    require_readable,
)
from semblance.workflows.submissions.submissions import require_still_open, require_submission, sweep_chunks, touch
from semblance.workflows.submissions.unpack import Unpacked, unpack_archive

_START: Final = 64 * 1024
_closing: Final[set[SubmissionFileId]] = set()
_turn: Final = Lock()


@dataclass(frozen=True, slots=True)
class Completed:
    """What became of a file: it is held, or refused because the same is held already, or unpacked."""

    file: SubmittedFile
    unpacked: Unpacked | None = None


def complete_file(
    node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId, *, digest: Sha256 | None = None
) -> Completed:
    """Close a file of which every piece is there; asked again, it answers what became of the file.

    ``digest`` is the SHA-256 that the sender says it has. A file that the case holds already is not held twice: it is
    refused, and names the other. Raises NotFound, Conflict where pieces are missing or the case is not open,
    IntakeError where the digest is another, or it cannot be read: nothing of it is held then.
    """
    held, case, permit, file = ask_for_file(node, actor, Action.SUBMISSION_MAKE, submission_id, file_id)
    if file.state is not FileState.RECEIVING:
        return Completed(file)
    with node.store.reading() as tx:
        require_still_open(tx, case)
        missing = sorted(set(range(count_chunks(file.size))).difference(list_chunks(tx, file.id)))
    if missing:
        raise Conflict(
            "submission.pieces-missing",
            "{n} pieces of {name} are missing, the first is piece {first}. Send them, then complete it.",
            n=len(missing),
            name=file.name,
            first=missing[0],
        )
    with _closing_alone(file):
        source = SealedSource(node.store, file)
        found = _hash_source(source)
        if digest is not None and digest.lower() != found:
            fault = Message(
                "submission.digest-differs",
                "{name} has another SHA-256 than its sender says; it was damaged on its way. Send it anew.",
                name=file.name,
            )
            refuse_file(node, permit, case, replace(file, sha256=found, fault=fault))
            raise IntakeError(fault)
        with node.store.reading() as tx:
            same = submissions.find_same(tx, file, found)
        if same is not None:
            fault = Message("submission.same-file", "is the same file as {name}, which this case holds", name=same.name)
            return Completed(refuse_file(node, permit, case, replace(file, sha256=found, fault=fault)))
        media_type = require_readable(file.name, source.read(0, _START))
        whole = replace(file, sha256=found, media_type=media_type, kind=_find_kind(media_type))
        if whole.kind is not FileKind.ARCHIVE:
            return Completed(_keep(node, permit, case, whole))
        try:
            unpacked = unpack_archive(node, permit, held, case, whole, source)
        except IntakeError as error:
            refuse_file(node, permit, case, replace(whole, fault=error.message))
            raise
    for _swept in sweep_chunks(node):
        pass
    return Completed(replace(whole, state=FileState.UNPACKED), unpacked)


def submit_whole(node: Node, actor: Actor, submission_id: SubmissionId, data: bytes, *, name: str) -> Completed:
    """Submit a file whose bytes are all there; raises what receiving and completing one in pieces raise."""
    made = add_file(node, actor, submission_id, name=name, size=len(data))
    for number in range(made.chunks):
        piece = data[number * CHUNK : (number + 1) * CHUNK]
        receive_chunk(node, actor, submission_id, made.file.id, number, piece)
    return complete_file(node, actor, submission_id, made.file.id)


def refuse_file(node: Node, permit: Permitted, case: Case, refused: SubmittedFile) -> SubmittedFile:
    """Refuse a file for its fault: its name and why stay, its bytes are deleted and their key is destroyed."""
    refused = replace(refused, state=FileState.REFUSED)
    now = node.clock()
    with node.store.writing() as tx:
        require_file(tx, refused)
        held = require_submission(tx, refused.submission)
        submissions.change_file(tx, refused)
        action, why = "submission.refuse-file", refused.fault or ""
        log_act(tx, permit, Verb.ERASURE, *touch(held), at=now, action=action, case=case, reason=why)
    for _swept in sweep_chunks(node):
        pass
    node.store.clear_deleted()
    return refused


def _keep(node: Node, permit: Permitted, case: Case, whole: SubmittedFile) -> SubmittedFile:
    kept = replace(whole, state=FileState.COMPLETE)
    # what reads videos may be missing here, or busy: the worker tries again
    with suppress(DependencyMissing, Busy):
        kept = settle_facts(node, kept)
    if kept.state is FileState.REFUSED:
        assert kept.fault is not None
        refuse_file(node, permit, case, kept)
        raise IntakeError(kept.fault)
    now = node.clock()
    with node.store.writing() as tx:
        require_still_open(tx, case)
        require_file(tx, kept)
        held = require_submission(tx, kept.submission)
        submissions.change_file(tx, kept, is_read=kept.facts is not None or kept.fault is not None)
        cases.touch_case(tx, case.id, now)
        reason = Message(
            "submission.received", "a file of {size} bytes, SHA-256 {sha256}", size=kept.size, sha256=kept.sha256
        )
        action = "submission.receive"
        log_act(tx, permit, Verb.COLLECTION, *touch(held), at=now, action=action, case=case, reason=reason)
    return kept


def _hash_source(source: ByteSource) -> Sha256:
    """Return the SHA-256 of what is held, one piece in memory at a time."""
    digest = sha256()
    for offset in range(0, source.size, CHUNK):
        digest.update(source.read(offset, CHUNK))
    return Sha256(digest.hexdigest())


def _find_kind(media_type: str) -> FileKind:
    if media_type == ARCHIVE:
        return FileKind.ARCHIVE
    return FileKind.VIDEO if media_type.startswith("video/") else FileKind.PHOTO


@contextmanager
def _closing_alone(file: SubmittedFile) -> Iterator[None]:
    """Let nobody else in this process close the same file meanwhile: who is impatient asks twice."""
    with _turn:
        if file.id in _closing:
            raise Conflict(
                "submission.closing", "{name} is being checked just now. Ask again in a moment.", name=file.name
            )
        _closing.add(file.id)
    try:
        yield
    finally:
        with _turn:
            _closing.discard(file.id)
