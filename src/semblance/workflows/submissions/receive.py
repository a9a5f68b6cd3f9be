"""Receive files in pieces, sealed as they arrive, in any order; the same piece may come twice."""

import re
from base64 import b64decode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from semblance.cases.case import Case
from semblance.errors import Conflict, IntakeError, NotFound
from semblance.exchange.strewn import is_strewn
from semblance.faces.content import recognise_media
from semblance.faces.formats import describe_content
from semblance.gallery.submission import FileState, Submission, SubmittedFile
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import submissions
from semblance.store.engine import Transaction
from semblance.store.submission_chunks import CHUNK, add_chunk, count_chunks, list_chunks, measure_chunk, read_chunk
from semblance.terms.ids import SubmissionFileId, SubmissionId, make_id
from semblance.terms.permission import Action, Actor
from semblance.terms.text import find_text_fault
from semblance.workflows.permission import Permitted
from semblance.workflows.submissions.submissions import ask_for_submission, require_still_open, require_submission

_NAME_CAP: Final = 1000
_MEGABYTE: Final = 1_000_000
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)


@dataclass(frozen=True, slots=True)
class Receiving:
    """A file that is being received: of how many pieces it is, how long each is but the last, and which are held."""

    file: SubmittedFile
    chunks: int
    chunk_bytes: int
    held: tuple[int, ...]

    @property
    def missing(self) -> tuple[int, ...]:
        held = set(self.held)
        return tuple(number for number in range(self.chunks) if number not in held)


def add_file(node: Node, actor: Actor, submission_id: SubmissionId, *, name: str, size: int) -> Receiving:
    """Announce a file of so many bytes; its pieces are received after it.

    ``name`` may be a path inside a folder, with forward slashes. Raises NotFound, Conflict where the case is not open,
    IntakeError where the file is too large, too many, empty, or what devices leave between photos.
    """
    held, case, _permit = ask_for_submission(node, actor, Action.SUBMISSION_MAKE, submission_id)
    name = name.strip().replace("\\", "/").strip("/")
    require_usable_name(name)
    now = node.clock()
    file_id = SubmissionFileId(make_id())
    made = SubmittedFile(file_id, held.id, name, size, FileState.RECEIVING, now, actor.name)
    with node.store.writing() as tx:
        require_still_open(tx, case)
        require_submission(tx, held.id)
        require_room(node, tx, held, size)
        submissions.add_file(tx, made)
    return Receiving(made, count_chunks(size), CHUNK, ())


def receive_chunk(
    node: Node,
    actor: Actor,
    submission_id: SubmissionId,
    file_id: SubmissionFileId,
    number: int,
    data: bytes,
    *,
    digest: str | None = None,
) -> None:
    """Take in one piece, counted from 0, in whatever order they come; nothing changes where the same is held already.

    ``digest`` is what the sender says of it, as the header Content-Digest does (RFC 9530): ``sha-256=:…:``. Raises
    NotFound, IntakeError where it is no piece of such a file or was damaged on its way, Conflict where other bytes are
    held in its place, or the file takes none any more. A file that begins as no photo, video or zip is forgotten.
    """
    _held, case, _permit, file = ask_for_file(node, actor, Action.SUBMISSION_MAKE, submission_id, file_id)
    _require_receiving(file)
    _check_chunk(file, number, data, digest)
    if number == 0:
        _require_readable_start(node, file, data)
    with node.store.writing() as tx:
        require_still_open(tx, case)
        current = require_file(tx, file)
        _require_receiving(current)
        before = read_chunk(tx, file.id, number)
        if before is None:
            add_chunk(tx, file.id, number, data, at=node.clock())
        elif before != data:
            raise Conflict(
                "submission.other-bytes",
                "Other bytes are held as piece {number} of {name}: it is another file of that name. Begin it anew.",
                number=number,
                name=file.name,
            )


def describe_receiving(node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId) -> Receiving:
    """Return which pieces of a file are held, so that a sender can go on; raises NotFound."""
    *_rest, file = ask_for_file(node, actor, Action.SUBMISSION_MAKE, submission_id, file_id)
    with node.store.reading() as tx:
        held = list_chunks(tx, file.id)
    return Receiving(file, count_chunks(file.size), CHUNK, held)


def give_up_file(node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId) -> None:
    """Forget a file that is not whole, with its key; raises NotFound, and Conflict where it is whole."""
    _held, _case, _permit, file = ask_for_file(node, actor, Action.SUBMISSION_MAKE, submission_id, file_id)
    with node.store.writing() as tx:
        _require_receiving(require_file(tx, file))
        submissions.delete_file(tx, file.id)


def ask_for_file(
    node: Node, actor: Actor, action: Action, submission_id: SubmissionId, file_id: SubmissionFileId
) -> tuple[Submission, Case, Permitted, SubmittedFile]:
    """Return a submission, its case, the permit to do the action with it, and one of its files; raises NotFound."""
    held, case, permit = ask_for_submission(node, actor, action, submission_id)
    with node.store.reading() as tx:
        file = submissions.find_file(tx, held.id, file_id)
    if file is None:
        raise missing_file(file_id)
    return held, case, permit, file


def require_file(tx: Transaction, file: SubmittedFile) -> SubmittedFile:
    """Return a file that was asked for before as it stands now; raises NotFound where it was erased meanwhile."""
    current = submissions.find_file(tx, file.submission, file.id)
    if current is None:
        raise missing_file(file.id)
    return current


def missing_file(file_id: str) -> NotFound:
    """Return the error for a file that is not held, or not any more."""
    return NotFound(
        "submission.no-file",
        "There is no file {number} in the submission, or it was forgotten; send it anew.",
        number=file_id,
    )


def require_usable_name(name: str) -> None:
    """Raise IntakeError where a file cannot be called so, or where devices and programs leave such files behind."""
    fault = find_text_fault(name, cap=_NAME_CAP)
    if fault is not None or not name:
        why = fault or Message("text.missing", "is missing")
        raise IntakeError("submission.bad-name", "The name of a file {fault}; rename it.", fault=why)
    if any(is_strewn(part) for part in name.split("/")):
        raise IntakeError(
            "submission.strewn",
            "{name} is what devices and programs leave between photos, and is passed over.",
            name=name,
        )


def require_room(node: Node, tx: Transaction, held: Submission, size: int) -> None:
    """Raise IntakeError where a file of that size is empty, or more than the policy allows."""
    rule = node.policy.read().submissions
    if size <= 0:
        raise IntakeError("submission.empty", "The file is empty; leave it out.")
    if size > rule.file_megabytes * _MEGABYTE:
        raise IntakeError(
            "submission.file-too-large",
            "The file has {size} MB; the policy allows {most} MB. Cut it, or submit the part in question.",
            size=round(size / _MEGABYTE),
            most=rule.file_megabytes,
        )
    if submissions.sum_sizes(tx, held.case) + size > rule.case_megabytes * _MEGABYTE:
        raise IntakeError(
            "submission.case-too-large",
            "With this file the case would hold more than the {most} MB that the policy allows. Erase what is not "
            "needed any more.",
            most=rule.case_megabytes,
        )
    if submissions.count_files(tx, held.id) >= rule.files:
        raise IntakeError(
            "submission.too-many-files",
            "The submission has {n} files, as many as the policy allows. Begin another one.",
            n=rule.files,
        )


def require_readable(name: str, start: bytes) -> str:
    """Return the media type of what begins with these bytes; raises IntakeError where it is no photo, video or zip."""
    found = recognise_media(start)
    if found is None:
        raise IntakeError(
            "submission.unknown-content",
            "{name} is {content}; submit photos, videos (MP4, MOV, MKV, AVI, WebM), or a zip file of them.",
            name=name,
            content=describe_content(start),
        )
    return found


def _require_readable_start(node: Node, file: SubmittedFile, start: bytes) -> None:
    try:
        require_readable(file.name, start)
    except IntakeError:
        with node.store.writing() as tx:
            if submissions.find_file(tx, file.submission, file.id) is not None:
                submissions.delete_file(tx, file.id)
        raise


def _require_receiving(file: SubmittedFile) -> None:
    # what is taken out of an archive comes from there alone
    if file.state is not FileState.RECEIVING or file.parent is not None:
        raise Conflict("submission.file-closed", "{name} was received already; nothing was changed.", name=file.name)


def _check_chunk(file: SubmittedFile, number: int, data: bytes, digest: str | None) -> None:
    if not 0 <= number < count_chunks(file.size):
        raise NotFound(
            "submission.no-chunk",
            "{name} has no piece {number}; its pieces are numbered 0 to {last}.",
            name=file.name,
            number=number,
            last=count_chunks(file.size) - 1,
        )
    expected = measure_chunk(file.size, number)
    if len(data) != expected:
        raise IntakeError(
            "submission.chunk-length",
            "Piece {number} has {size} bytes, and should have {expected}. Send it again.",
            number=number,
            size=len(data),
            expected=expected,
        )
    if digest is None:
        return
    stated = _DIGEST.fullmatch(digest.strip())
    if stated is None:
        raise IntakeError("submission.digest-form", "The digest is not written as sha-256=:BASE64: (RFC 9530).")
    if b64decode(stated[1]) != sha256(data).digest():
        raise IntakeError(
            "submission.chunk-damaged", "Piece {number} was damaged on its way. Send it again.", number=number
        )
