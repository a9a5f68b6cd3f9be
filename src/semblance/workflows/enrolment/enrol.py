"""Enrol photos: in parallel, in order, and so that it may be cut off at any moment."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import ImageSource, Record, RecordTerms
from semblance.gallery.record_faults import find_source_faults, find_terms_faults, require_no_faults
from semblance.node.lookahead import work_ahead
from semblance.node.node import Node
from semblance.store import gallery
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Action, Actor
from semblance.workflows.enrolment.commit_item import Enrolling, commit_item
from semblance.workflows.enrolment.enrolment_report import EnrolReport, EnrolRow
from semblance.workflows.enrolment.extract_item import extract_item
from semblance.workflows.permission import ask
from semblance.workflows.records.read_record import ask_for_record, require_held

_COMMITTED_AT_ONCE: Final = 16
_LINGER: Final = 1.0
"""Seconds that a photo waits at most for others to be committed with it: a commit costs more than a photo's rows."""


def enrol_photos(
    node: Node,
    actor: Actor,
    items: Iterable[IntakeItem],
    *,
    terms: RecordTerms,
    into: Record | None = None,
    keep_unsuitable: bool = False,
    workers: int | None = None,
    on_progress: Callable[[EnrolRow], None] | None = None,
) -> EnrolReport:
    """Enrol the photos and report on each; calling it again with the same items repeats nothing.

    A subject that is new gets a record of the actor's authority, from the item's own draft or else from ``terms``;
    ``into`` is the record that all photos go into, so that none is made. Photos are read and extracted by ``workers``
    threads (None: one for each processor) and committed in the order given. ``on_progress`` is called in the calling
    thread with each row after it is committed. The first Ctrl-C or SIGTERM lets what is in hand be committed and
    returns a report saying so; a second Ctrl-C stops at once, and loses nothing that was committed either. Raises
    RecordInvalid where the terms are faulty, PackConflict where the gallery was filled by another pack, StoreFull and
    other kinds of StoreError where the store cannot be written; then everything before stays committed.
    """
    run = begin_run(node, actor, terms, into=into, keep_unsuitable=keep_unsuitable)
    started, clock = node.clock(), time.perf_counter()
    rows: list[EnrolRow] = []
    extract = partial(extract_item, node, owner=actor.authority, keep_unsuitable=keep_unsuitable)
    with work_ahead("enrol", extract, items, workers=workers, at_once=_COMMITTED_AT_ONCE, linger=_LINGER) as ahead:
        for batch in ahead:
            now = node.clock()
            with node.store.writing() as tx:
                fresh = [commit_item(tx, node, extracted, run, now=now) for extracted in batch]
            rows += fresh
            if on_progress is not None:
                for row in fresh:
                    on_progress(row)
    return EnrolReport(
        person=actor.name,
        pack=node.extractor.digest,
        started=started,
        seconds=round(time.perf_counter() - clock, 3),
        rows=tuple(rows),
        interrupted=ahead.cut_short,
    )


def begin_run(
    node: Node, actor: Actor, terms: RecordTerms, *, into: Record | None = None, keep_unsuitable: bool
) -> Enrolling:
    """Ask for all that the run will do; raises RecordInvalid where the terms are faulty, PackConflict."""
    today = node.clock().date()
    faults = find_terms_faults(terms, today=today) if into is None else find_source_faults(terms.source, today=today)
    require_no_faults(faults)
    facts = None if into is None else into.facts
    permit = ask(node, actor, Action.PHOTO_ENROL, record=facts, owner=actor.authority)
    if into is None:
        ask(node, actor, Action.RECORD_CREATE, owner=actor.authority)
        if terms.neutral is not None:
            ask(node, actor, Action.RECORD_PUBLISH, owner=actor.authority)
    with node.store.reading() as tx:
        gallery.require_pack(tx, node.extractor.digest, node.extractor.name)
    return Enrolling(actor, permit, node.policy.read(), terms, keep_unsuitable)


def enrol_into(
    node: Node,
    actor: Actor,
    subject: SubjectId,
    data: bytes,
    *,
    name: str,
    source: ImageSource,
    face: int | None = None,
    keep_unsuitable: bool = False,
) -> EnrolReport:
    """Enrol the photo and report on it.

    Raises NotFound, RecordInvalid where the source is faulty, and what ``enrol_photos`` raises.
    """
    ask_for_record(node, actor, Action.PHOTO_ENROL, subject)
    with node.store.reading() as tx:
        record = require_held(tx, subject)
    draft = record.draft
    terms = RecordTerms(draft.kind, draft.legal_basis, draft.retain_until, source)
    item = IntakeItem(record.number, name, lambda: data, face=face)
    return enrol_photos(node, actor, [item], terms=terms, into=record, keep_unsuitable=keep_unsuitable, workers=1)
