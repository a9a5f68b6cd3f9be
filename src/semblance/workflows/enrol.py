"""Enrol photos: in parallel, in order, and so that it may be cut off at any moment."""

from collections.abc import Callable, Iterable

from semblance.exchange.intake import IntakeItem
from semblance.workflows.enrolment_report import EnrolReport, EnrolRow
from semblance.workflows.node import Node


def enrol_photos(
    node: Node,
    items: Iterable[IntakeItem],
    *,
    person: str,
    keep_unsuitable: bool = False,
    workers: int | None = None,
    on_progress: Callable[[EnrolRow], None] | None = None,
) -> EnrolReport:
    """Enrol the photos and report on each; calling it again with the same items repeats nothing.

    Photos are read and extracted by ``workers`` threads (None: one for each processor) and committed in the order
    given. ``on_progress`` is called in the calling thread with each row after it is committed. The first Ctrl-C or
    SIGTERM lets what is in hand be committed and returns a report saying so; a second Ctrl-C stops at once, and loses
    nothing that was committed either. Raises PackConflict where the gallery was filled by another pack, StoreFull and
    other kinds of StoreError where the store cannot be written; then everything before stays committed.
    """
    raise NotImplementedError
