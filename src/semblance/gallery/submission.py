"""Submissions: the videos and photos that come into a case, where they come from, and until when they may be held."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from pydantic import ConfigDict, with_config

from semblance.errors import SubmissionInvalid
from semblance.gallery.record_faults import Fault
from semblance.messages.message import Message
from semblance.messages.stored import StoredMessage
from semblance.terms.ids import CaseId, Sha256, SubmissionFileId, SubmissionId
from semblance.terms.samples import Box
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing

_SHORT: Final = 200


class SourceKind(StrEnum):
    """Who hands something in; a company does so through a national authority only."""

    NATIONAL_AUTHORITY = "national-authority"
    INTERNATIONAL_ORGANISATION = "international-organisation"
    COMPANY = "company"


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class SubmissionDraft:
    """What somebody says of what they submit; nothing is checked yet.

    ``authority`` is the authority or organisation that it comes from; where ``source`` is a company, the national
    authority that it came through, and ``company`` which one. ``review_on`` is the last day on which it is held.
    """

    source: SourceKind
    authority: str
    obtained: str
    legal_basis: str
    review_on: date
    company: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """What was submitted in a case at one time."""

    id: SubmissionId
    case: CaseId
    draft: SubmissionDraft
    made_at: datetime
    made_by: str


class FileState(StrEnum):
    """Where a file stands; of one that was refused, or of an archive that was unpacked, no bytes are held."""

    RECEIVING = "receiving"
    COMPLETE = "complete"
    REFUSED = "refused"
    UNPACKED = "unpacked"


class FileKind(StrEnum):
    """What a file is, as its first bytes say."""

    PHOTO = "photo"
    VIDEO = "video"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What was read in a photo or video: its size upright, how long it lasts, and where its faces are.

    No template is made of any of them. ``seconds`` is None for a photo, and where a video does not say.
    """

    width: int
    height: int
    seconds: float | None = None
    faces: tuple[Box, ...] = ()
    notes: tuple[StoredMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmittedFile:
    """A file of a submission without its bytes.

    ``size`` is what was announced, and what is held once it is complete. ``parent`` is the archive that it was taken
    out of. ``sha256`` and ``media_type`` are told from the bytes; ``facts`` are None until they were read. ``fault``
    says why it was refused, or could not be read though it is held.
    """

    id: SubmissionFileId
    submission: SubmissionId
    name: str
    size: int
    state: FileState
    begun_at: datetime
    begun_by: str
    parent: SubmissionFileId | None = None
    kind: FileKind | None = None
    media_type: str | None = None
    sha256: Sha256 | None = None
    facts: MediaFacts | None = None
    fault: StoredMessage | None = None


def find_submission_faults(draft: SubmissionDraft, *, today: date, latest: date) -> Iterator[Fault]:
    """Give everything that keeps a submission from being made; ``latest`` is the last review date that is allowed."""
    yield from _find_source_faults(draft)
    for name, missing in (
        ("obtained", Message("submission.no-way", "is missing; say how it was obtained")),
        (
            "legal_basis",
            Message("submission.no-basis", "is missing; cite the law or decision that allows it to be held"),
        ),
    ):
        yield from _find_text_faults(name, getattr(draft, name), missing, cap=REASON_LENGTH_CAP, breaks=True)
    yield from find_review_faults(draft.review_on, today=today, latest=latest)


def find_review_faults(day: date, *, today: date, latest: date) -> Iterator[Fault]:
    """Give why something cannot be held until that day."""
    if day <= today:
        yield Fault(
            "review_on", "submission.review-past", "{day} is not in the future; give the day of its review", day=day
        )
    elif day > latest:
        yield Fault(
            "review_on",
            "submission.review-too-late",
            "{day} is too late; the policy lets it be held until {latest} at most",
            day=day,
            latest=latest,
        )


def require_no_submission_faults(faults: Iterator[Fault]) -> None:
    """Raise SubmissionInvalid with every fault, unless there is none."""
    problems = [fault.message for fault in faults]
    if problems:
        raise SubmissionInvalid(
            "submission.invalid",
            "The submission cannot be taken: {faults:;}. Nothing was changed.",
            faults=problems,
            problems=problems,
        )


def _find_source_faults(draft: SubmissionDraft) -> Iterator[Fault]:
    through = draft.source is SourceKind.COMPANY
    missing = (
        Message("submission.no-authority-through", "is missing; name the national authority that it came through")
        if through
        else Message("submission.no-authority", "is missing; name the authority or organisation that it comes from")
    )
    yield from _find_text_faults("authority", draft.authority, missing, cap=_SHORT)
    if through:
        unnamed = Message("submission.no-company", "is missing; name the company that it comes from")
        yield from _find_text_faults("company", draft.company, unnamed, cap=_SHORT)
    elif draft.company.strip():
        yield Fault(
            "company",
            "submission.company-unasked",
            "is named, and the source is no company; choose that, or leave it out",
        )


def _find_text_faults(name: str, text: str, missing: Message, *, cap: int, breaks: bool = False) -> Iterator[Fault]:
    if says_nothing(text):
        yield Fault(name, missing)
    elif fault := find_text_fault(text, cap=cap, breaks=breaks):
        yield Fault(name, "records.text-invalid", "{fault}; write it anew", fault=fault)
