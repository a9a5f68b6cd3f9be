"""Import notices: each with its record and photos at once, in order, and so that it may be cut off at any moment."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

from semblance.exchange.intake import IntakeItem
from semblance.exchange.interpol_notices.notices import FaultyNotice, Notice
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import RecordTerms
from semblance.messages.message import Message
from semblance.node.extraction_cache import CachedExtractor
from semblance.node.lookahead import work_ahead
from semblance.node.node import Node
from semblance.store import records, subjects
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode, PackDigest
from semblance.terms.permission import Actor
from semblance.workflows.enrolment.commit_item import Enrolling, commit_item
from semblance.workflows.enrolment.enrol import begin_run
from semblance.workflows.enrolment.enrolment_report import EnrolRow
from semblance.workflows.enrolment.extract_item import ExtractedItem, extract_item
from semblance.workflows.records.record_intake import take_record

LISTED: Final = 200
_COMPLETE: Final = frozenset({IntakeStatus.ENROLLED, IntakeStatus.KEPT_UNSUITABLE, IntakeStatus.DUPLICATE})


class NoticeStatus(StrEnum):
    """What one notice came to. ``held``: an earlier run took it in as it is. ``faulty``: nothing of it was taken."""

    IMPORTED = "imported"
    CHANGED = "changed"
    HELD = "held"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice's outcome; ``photos`` are those of its images, empty where it is faulty."""

    place: str
    number: str
    status: NoticeStatus
    reasons: tuple[Message, ...] = ()
    photos: tuple[EnrolRow, ...] = ()

    @property
    def complete(self) -> bool:
        """Return whether it needs no attention: it is held, and so is each of its photos."""
        return self.status is not NoticeStatus.FAULTY and all(photo.status in _COMPLETE for photo in self.photos)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many notices and photos ended how.

    ``wanting`` are the first 200 of ``incomplete`` notices, of which something was not taken, and ``remarked`` the
    first 200 of ``noted`` photos, of which decoding had to guess or ignore something. ``interrupted``: it was
    asked to stop; what was in hand is committed, and the same call again goes on from there. ``notes`` say what was
    left out and passed over where the notices lie.
    """

    person: str
    pack: PackDigest
    started: datetime
    seconds: float
    notices: dict[NoticeStatus, int]
    photos: dict[IntakeStatus, int]
    incomplete: int
    wanting: tuple[NoticeRow, ...]
    noted: int = 0
    remarked: tuple[EnrolRow, ...] = ()
    interrupted: bool = False
    notes: tuple[Message, ...] = ()


_LOOKAHEAD: Final = 128
_COMMITTED_AT_ONCE: Final = 64
_SETTLED: Final = frozenset({IntakeStatus.DUPLICATE, IntakeStatus.BARRED})


@dataclass(frozen=True, slots=True)
class _ExtractedNotice:
    notice: Notice | FaultyNotice
    photos: tuple[ExtractedItem, ...] = ()


def import_notices(
    node: Node,
    actor: Actor,
    notices: Iterable[Notice | FaultyNotice],
    *,
    terms: RecordTerms,
    keep_unsuitable: bool = False,
    workers: int | None = None,
    on_progress: Callable[[NoticeRow], None] | None = None,
) -> ImportReport:
    """Import the notices as records of the actor's authority, and count what became of them.

    Calling it again with the same notices repeats nothing; a notice that says something new becomes a new version of
    its record. Each notice is taken with all its photos or not at all, a photo that cannot be enrolled as it is
    (unsuitable, no face) apart. ``terms`` are those that the notices were read with; what kind each is, it says itself.
    ``on_progress`` is called in the calling thread with each row after it is committed. The first Ctrl-C or SIGTERM
    lets what is in hand be committed and returns a report saying so. Raises RecordInvalid where the terms cannot be
    taken, PackConflict, and kinds of StoreError; then everything before stays committed.
    """
    run = begin_run(node, actor, terms, keep_unsuitable=keep_unsuitable)
    cached = replace(node, extractor=CachedExtractor(node.extractor))
    started, clock = node.clock(), time.perf_counter()
    counts, photos = Counter[NoticeStatus](), Counter[IntakeStatus]()
    incomplete, wanting = 0, list[NoticeRow]()
    noted, remarked = 0, list[EnrolRow]()
    extract = partial(_extract, cached, owner=actor.authority, keep_unsuitable=keep_unsuitable)
    with work_ahead(
        "import", extract, notices, workers=workers, bound=_LOOKAHEAD, at_once=_COMMITTED_AT_ONCE, weigh=_weigh
    ) as ahead:
        for batch in ahead:
            now = node.clock()
            with node.store.writing() as tx:
                fresh = [_commit(tx, cached, extracted, run, now=now) for extracted in batch]
            for row in fresh:
                counts[row.status] += 1
                photos.update(photo.status for photo in row.photos)
                with_notes = [photo for photo in row.photos if photo.notes]
                noted += len(with_notes)
                remarked += with_notes[: LISTED - len(remarked)]
                if not row.complete:
                    incomplete += 1
                    wanting += [row] if incomplete <= LISTED else []
                if on_progress is not None:
                    on_progress(row)
    return ImportReport(
        person=actor.name,
        pack=node.extractor.digest,
        started=started,
        seconds=time.perf_counter() - clock,
        notices={status: counts[status] for status in NoticeStatus},
        photos={status: photos[status] for status in IntakeStatus},
        incomplete=incomplete,
        wanting=tuple(wanting),
        noted=noted,
        remarked=tuple(remarked),
        interrupted=ahead.cut_short,
    )


def _weigh(notice: Notice | FaultyNotice) -> int:
    return notice.size if isinstance(notice, Notice) else 0


def _extract(
    node: Node, notice: Notice | FaultyNotice, *, owner: AuthorityCode, keep_unsuitable: bool
) -> _ExtractedNotice:
    """Read and extract a notice's images; where one cannot be read at all, the notice is faulty as a whole."""
    if isinstance(notice, FaultyNotice):
        return _ExtractedNotice(notice)
    photos = []
    for image in notice.images:
        item = IntakeItem(notice.draft.number, image.name, image.load)
        extracted = extract_item(node, item, owner=owner, keep_unsuitable=keep_unsuitable)
        if extracted.sha256 is None:
            assert isinstance(extracted.result, Message)
            return _ExtractedNotice(FaultyNotice(notice.place, notice.draft.number, (extracted.result,)))
        photos.append(extracted)
    return _ExtractedNotice(notice, tuple(photos))


def _commit(tx: Transaction, node: Node, extracted: _ExtractedNotice, run: Enrolling, *, now: datetime) -> NoticeRow:
    notice = extracted.notice
    if isinstance(notice, FaultyNotice):
        return NoticeRow(notice.place, notice.number, NoticeStatus.FAULTY, notice.problems)
    subject_id = subjects.find_subject_id(tx, run.actor.authority, notice.draft.number)
    before = None if subject_id is None else records.find_version(tx, subject_id)
    subject = take_record(tx, run.actor, notice.draft, run.terms, subject=subject_id, policy=run.policy, now=now)
    photos = tuple(commit_item(tx, node, photo, run, now=now) for photo in extracted.photos)
    settled = all(photo.resumed or photo.status in _SETTLED for photo in photos)
    if before is None:
        status = NoticeStatus.IMPORTED
    elif settled and records.find_version(tx, subject) == before:
        status = NoticeStatus.HELD
    else:
        status = NoticeStatus.CHANGED
    return NoticeRow(notice.place, notice.draft.number, status, (), photos)
