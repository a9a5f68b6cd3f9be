"""Take the photos and videos out of a zip file, each sealed as a file of its own; the archive itself is not kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from semblance.audit.entry import Verb
from semblance.cases.case import Case
from semblance.errors import IntakeError
from semblance.exchange.archive import Archive, ArchiveCaps, ArchiveEntry
from semblance.exchange.source_file import open_source
from semblance.exchange.strewn import Strewn
from semblance.faces.content import ARCHIVE
from semblance.gallery.submission import FileKind, FileState, Submission, SubmittedFile
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, submissions
from semblance.store.submission_chunks import CHUNK, add_chunk
from semblance.terms.byte_source import ByteSource
from semblance.terms.ids import Sha256, SubmissionFileId, make_id
from semblance.workflows.permission import Permitted, log_act
from semblance.workflows.submissions.receive import require_readable, require_usable_name
from semblance.workflows.submissions.submissions import require_still_open, require_submission, touch

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was taken out of an archive: how many files are held, those that were refused, and what was passed over."""

    held: int
    refused: tuple[SubmittedFile, ...]
    notes: tuple[Message, ...]


def unpack_archive(
    node: Node, permit: Permitted, held: Submission, case: Case, archive: SubmittedFile, source: ByteSource
) -> Unpacked:
    """Take every file out of a zip file that was received whole, and keep that it was unpacked.

    A file in it that is no photo and no video is refused, and the others are taken. Raises ArchiveUnsafe where the
    whole is damaged, leads out of its folder, expands without end, or holds an archive. Where it was stopped, the same
    call begins it anew.
    """
    with node.store.writing() as tx:
        require_still_open(tx, case)
        for earlier in submissions.list_taken_out(tx, archive.id):
            submissions.delete_file(tx, earlier.id)
        caps = _find_caps(node, submissions.sum_sizes(tx, held.case))
    strewn, taken = Strewn(), list[SubmittedFile]()
    with open_source(source) as file, Archive(Path(archive.name), caps, file=file) as zipped:
        for entry in zipped.entries:
            if not strewn.passes(entry.name):
                taken.append(_take_out(node, case, archive, zipped, entry))
    refused = tuple(member for member in taken if member.state is FileState.REFUSED)
    unpacked = Unpacked(len(taken) - len(refused), refused, tuple(strewn.describe()))
    now = node.clock()
    with node.store.writing() as tx:
        require_submission(tx, held.id)
        submissions.change_file(tx, replace(archive, state=FileState.UNPACKED), is_read=True)
        cases.touch_case(tx, case.id, now)
        reason = Message(
            "submission.unpacked",
            "an archive of {size} bytes, SHA-256 {sha256}: {n} files taken out of it, {refused} refused",
            size=archive.size,
            sha256=archive.sha256,
            n=unpacked.held,
            refused=len(refused),
        )
        action = "submission.receive"
        log_act(tx, permit, Verb.COLLECTION, *touch(held), at=now, action=action, case=case, reason=reason)
    return unpacked


def _find_caps(node: Node, used: int) -> ArchiveCaps:
    rule = node.policy.read().submissions
    return ArchiveCaps(
        entries=rule.files,
        entry_bytes=rule.file_megabytes * _MEGABYTE,
        total_bytes=max(0, rule.case_megabytes * _MEGABYTE - used),
    )


def _take_out(node: Node, case: Case, archive: SubmittedFile, zipped: Archive, entry: ArchiveEntry) -> SubmittedFile:
    member = replace(
        archive,
        id=SubmissionFileId(make_id()),
        parent=archive.id,
        name=entry.name,
        size=entry.size,
        begun_at=node.clock(),
        kind=None,
        media_type=None,
        sha256=None,
    )
    with node.store.writing() as tx:
        require_still_open(tx, case)
        submissions.add_file(tx, member)
    try:
        return _keep_member(node, case, member, _cut(zipped.iterate_bytes(entry.name)))
    except IntakeError as error:
        refused = replace(member, state=FileState.REFUSED, fault=error.message)
        with node.store.writing() as tx:
            submissions.change_file(tx, refused)
        return refused


def _keep_member(node: Node, case: Case, member: SubmittedFile, pieces: Iterable[bytes]) -> SubmittedFile:
    require_usable_name(member.name)
    digest, media_type = sha256(), None
    for number, piece in enumerate(pieces):
        if number == 0:
            media_type = require_readable(member.name, piece)
            if media_type == ARCHIVE:
                raise IntakeError(
                    "submission.nested-archive",
                    "{name} is a zip file inside a zip file; unpack it first.",
                    name=member.name,
                )
        digest.update(piece)
        with node.store.writing() as tx:
            require_still_open(tx, case)
            add_chunk(tx, member.id, number, piece, at=node.clock())
    if media_type is None:
        raise IntakeError("submission.empty", "The file is empty; leave it out.")
    found = Sha256(digest.hexdigest())
    kind = FileKind.VIDEO if media_type.startswith("video/") else FileKind.PHOTO
    with node.store.writing() as tx:
        require_still_open(tx, case)
        same = submissions.find_same(tx, member, found)
        whole = replace(member, state=FileState.COMPLETE, kind=kind, media_type=media_type, sha256=found)
        if same is not None:
            fault = Message("submission.same-file", "is the same file as {name}, which this case holds", name=same.name)
            whole = replace(whole, state=FileState.REFUSED, fault=fault)
        submissions.change_file(tx, whole)
    return whole


def _cut(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Give the bytes in pieces as long as those that are sealed."""
    waiting = bytearray()
    for part in parts:
        waiting += part
        while len(waiting) >= CHUNK:
            yield bytes(waiting[:CHUNK])
            del waiting[:CHUNK]
    if waiting:
        yield bytes(waiting)
