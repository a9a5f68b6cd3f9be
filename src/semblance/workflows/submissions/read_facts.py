"""Read what photos and videos are, and where the faces in photos lie; no template is made of anybody."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from semblance.audit.entry import Verb
from semblance.errors import DecoderFailed, DependencyMissing, ImageTooLarge, IntakeError
from semblance.exchange.files import BYTES_CAP
from semblance.faces.sandbox.videos import read_video_facts
from semblance.gallery.submission import FileKind, FileState, MediaFacts, SubmittedFile
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import submissions
from semblance.store.submission_chunks import SealedSource
from semblance.terms.ids import SubmissionId
from semblance.workflows.submissions.submissions import touch
from semblance.workflows.worker_acts import log_due

READABLE: Final[tuple[FileKind, ...]] = (FileKind.PHOTO, FileKind.VIDEO)
"""Of what facts are read."""

_BATCH: Final = 8


def read_facts(node: Node, file: SubmittedFile) -> MediaFacts:
    """Return what a whole file is.

    Raises IntakeError where it cannot be decoded, DependencyMissing where nothing here reads videos, Busy where too
    many are being read.
    """
    source = SealedSource(node.store, file)
    if file.kind is FileKind.VIDEO:
        facts = read_video_facts(source, name=file.name)
        return MediaFacts(facts.width, facts.height, facts.seconds, (), facts.notes)
    if source.size > BYTES_CAP:
        raise ImageTooLarge(
            "submission.photo-too-large",
            "{name} has {size} megabytes; {most} are allowed for one photo.",
            name=file.name,
            size=source.size >> 20,
            most=BYTES_CAP >> 20,
        )
    found = node.extractor.locate(source.read(0, source.size), name=file.name)
    boxes = tuple(face.box for face in found.faces)
    return MediaFacts(found.facts.width, found.facts.height, None, boxes, found.facts.notes)


def read_waiting(node: Node, submission_id: SubmissionId | None = None) -> Iterator[int]:
    """Read the facts of whole files that wait for it, some at a time; give how many each time.

    One that cannot be decoded is refused, its bytes are deleted and their key destroyed. ``submission_id`` narrows it
    to the files of one submission. Raises DependencyMissing at the end where videos wait and nothing here reads them.
    """
    kinds, missing = READABLE, None
    while True:
        with node.store.reading() as tx:
            waiting = submissions.find_unread(tx, kinds, limit=_BATCH, submission_id=submission_id)
        if not waiting:
            break
        try:
            read = [settle_facts(node, file) for file in waiting]
        except DependencyMissing as error:
            kinds, missing = (FileKind.PHOTO,), error
            continue
        _keep(node, read, node.clock())
        yield len(read)
    if missing is not None:
        raise missing


def settle_facts(node: Node, file: SubmittedFile) -> SubmittedFile:
    """Return a whole file with its facts, or refused where it cannot be decoded.

    Where the decoder broke off, which it may do for want of time or memory, a video is kept with that fault.
    """
    try:
        return replace(file, facts=read_facts(node, file))
    except DecoderFailed as error:
        kept = FileState.COMPLETE if file.kind is FileKind.VIDEO else FileState.REFUSED
        return replace(file, state=kept, fault=error.message)
    except IntakeError as error:
        return replace(file, state=FileState.REFUSED, fault=error.message)


def _keep(node: Node, read: Sequence[SubmittedFile], now: datetime) -> None:
    """Write what was read of these files, unless they were erased meanwhile."""
    with node.store.writing() as tx:
        for file in read:
            current = submissions.find_file(tx, file.submission, file.id)
            held = submissions.find_submission(tx, file.submission)
            if current is None or held is None or current.state is not FileState.COMPLETE:
                continue
            submissions.change_file(tx, file, is_read=True)
            if file.state is FileState.REFUSED:
                reason = Message("submission.unreadable", "a file that cannot be decoded: {fault}", fault=file.fault)
                log_due(tx, node, Verb.ERASURE, "submission.refuse-file", reason=reason, touched=touch(held), at=now)
