"""Import notices: each with its record and photos at once, in order, and so that it may be cut off at any moment."""

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from semblance.exchange.intake import IntakeItem
from semblance.exchange.interpol_notices.notices import FaultyNotice, Notice
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import RecordTerms
from semblance.gallery.record_faults import find_terms_faults, require_no_faults
from semblance.messages.message import Message
from semblance.node.extraction_cache import CachedExtractor
from semblance.node.lookahead import Lookahead, listen_for_stop
from semblance.node.node import Node
from semblance.store import gallery, records, subjects
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Action, Actor
from semblance.workflows.enrolment.commit_item import Enrolling, commit_item
from semblance.workflows.enrolment.enrolment_report import EnrolRow
from semblance.workflows.enrolment.extract_item import ExtractedItem, extract_item
from semblance.workflows.enrolment.import_report import ImportReport, NoticeRow, NoticeStatus, Tally
from semblance.workflows.permission import ask
from semblance.workflows.records.record_intake import take_record

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
    require_no_faults(find_terms_faults(terms, today=node.clock().date()))
    permit = ask(node, actor, Action.PHOTO_ENROL, owner=actor.authority)
    for action in (Action.RECORD_CREATE, *(() if terms.neutral is None else (Action.RECORD_PUBLISH,))):
        ask(node, actor, action, owner=actor.authority)
    run = Enrolling(actor, permit, node.policy.read(), terms, keep_unsuitable)
    with node.store.reading() as tx:
        gallery.require_pack(tx, node.extractor.digest, node.extractor.name)
    cached = replace(node, extractor=CachedExtractor(node.extractor))
    started, clock, tally = node.clock(), time.perf_counter(), Tally()
    count = max(1, workers if workers is not None else len(os.sched_getaffinity(0)))
    with listen_for_stop() as stop, ThreadPoolExecutor(count, "import") as pool:
        extract = partial(_extract, cached, owner=actor.authority, keep_unsuitable=keep_unsuitable)
        ahead = Lookahead(pool, extract, notices, stop, bound=_LOOKAHEAD, at_once=_COMMITTED_AT_ONCE, weigh=_weigh)
        try:
            for batch in ahead:
                now = node.clock()
                with node.store.writing() as tx:
                    fresh = [_commit(tx, cached, extracted, run, now=now) for extracted in batch]
                for row in fresh:
                    tally.add(row)
                    if on_progress is not None:
                        on_progress(row)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tally.close(
        person=actor.name,
        pack=node.extractor.digest,
        started=started,
        seconds=time.perf_counter() - clock,
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
    if before is None:
        status = NoticeStatus.IMPORTED
    elif records.find_version(tx, subject) == before and all(_is_settled(photo) for photo in photos):
        status = NoticeStatus.HELD
    else:
        status = NoticeStatus.CHANGED
    return NoticeRow(notice.place, notice.draft.number, status, (), photos)


def _is_settled(photo: EnrolRow) -> bool:
    return photo.resumed or photo.status in _SETTLED
