"""What programs are told of submissions and their files."""

from datetime import date, datetime

from pydantic import Field

from semblance.edge.document import Document
from semblance.gallery.submission import FileKind, FileState, SourceKind, SubmittedFile
from semblance.messages.message import Message
from semblance.terms.samples import Box
from semblance.workflows.submissions.complete import Completed
from semblance.workflows.submissions.receive import Receiving
from semblance.workflows.submissions.submissions import SubmissionDetail, SubmissionErased


class MediaDocument(Document):
    """What was read in a photo or video; no template is made of anybody in it."""

    width: int
    height: int
    seconds: float | None = Field(description="How long a video lasts, as it says itself.")
    faces: tuple[Box, ...]
    notes: tuple[Message, ...]


class SubmittedFileDocument(Document):
    """A file of a submission."""

    id: str
    name: str
    size: int
    state: FileState
    kind: FileKind | None
    media_type: str | None
    sha256: str | None
    parent: str | None = Field(description="The archive that it was taken out of.")
    begun_at: datetime
    begun_by: str
    facts: MediaDocument | None = Field(description="Null until they were read.")
    fault: Message | None = Field(description="Why it was refused, or could not be read.")


class SubmissionDocument(Document):
    """A submission and its files, oldest first."""

    id: str
    case: str = Field(description="The number of the case.")
    source: SourceKind
    authority: str
    company: str
    obtained: str
    legal_basis: str
    review_on: date = Field(description="The last day on which it is held.")
    latest_review: date = Field(description="The last day to which the review can be moved now.")
    made_at: datetime
    made_by: str
    files: tuple[SubmittedFileDocument, ...]


class SubmissionListDocument(Document):
    """The submissions of a case, oldest first."""

    submissions: tuple[SubmissionDocument, ...]


class ReceivingDocument(Document):
    """A file that is being received."""

    file: SubmittedFileDocument
    chunks: int = Field(description="Of how many pieces it is; they are numbered from 0.")
    chunk_bytes: int = Field(description="How many bytes each piece has, but the last.")
    held: tuple[int, ...] = Field(description="The pieces that are held.")


class CompletedDocument(Document):
    """What became of a file: held, refused, or unpacked."""

    file: SubmittedFileDocument
    taken_out: int | None = Field(description="Of an archive: how many files were taken out of it.")
    refused: tuple[SubmittedFileDocument, ...] = Field(description="Of an archive: the files in it that were refused.")
    notes: tuple[Message, ...]


class SubmissionErasedDocument(Document):
    """What an erasure removed."""

    submission: str
    files: int
    files_cleared: bool
    ledger_entry: int = Field(description="The number of the ledger entry that proves the erasure.")


def describe_file(file: SubmittedFile) -> SubmittedFileDocument:
    """Return the document of a file."""
    facts = None if file.facts is None else MediaDocument.from_value(file.facts)
    return SubmittedFileDocument.from_value(file, facts=facts)


def describe_submission(detail: SubmissionDetail) -> SubmissionDocument:
    """Return the document of a submission."""
    return SubmissionDocument.from_value(
        detail.submission.draft,
        id=detail.submission.id,
        case=detail.case.number,
        latest_review=detail.latest,
        made_at=detail.submission.made_at,
        made_by=detail.submission.made_by,
        files=tuple(map(describe_file, detail.files)),
    )


def describe_receiving(receiving: Receiving) -> ReceivingDocument:
    """Return the document of a file that is being received."""
    return ReceivingDocument.from_value(receiving, file=describe_file(receiving.file))


def describe_completed(completed: Completed) -> CompletedDocument:
    """Return the document of what became of a file."""
    unpacked = completed.unpacked
    return CompletedDocument(
        file=describe_file(completed.file),
        taken_out=None if unpacked is None else unpacked.held,
        refused=() if unpacked is None else tuple(map(describe_file, unpacked.refused)),
        notes=() if unpacked is None else unpacked.notes,
    )


def describe_submission_erased(erased: SubmissionErased) -> SubmissionErasedDocument:
    """Return the document of an erasure."""
    return SubmissionErasedDocument.from_value(erased)
