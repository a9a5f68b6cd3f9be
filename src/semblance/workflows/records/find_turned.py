"""Find the references whose face lies on its side or head: older versions enrolled them without a word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from semblance.audit.entry import Touched
from semblance.errors import IntakeError, KeyDestroyed
from semblance.messages.message import Message
from semblance.node.lookahead import work_ahead
from semblance.node.node import Node
from semblance.store import photos, records
from semblance.terms.ids import PhotoId, SubjectId
from semblance.terms.permission import Action, Actor
from semblance.terms.samples import QUARTER_TURNS, QuarterTurn
from semblance.workflows.permission import ask, note_reading

Progress = Callable[[int, int], None]
"""Told how many references were looked at, of how many."""

_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class TurnedReference:
    """A reference that no search can find as it is; ``turn`` brings it upright, None where that cannot be told."""

    subject: SubjectId
    number: str
    photo: PhotoId
    name: str
    turn: QuarterTurn | None


@dataclass(frozen=True, slots=True)
class TurnedReport:
    """What was found; ``after`` is the last reference looked at, from which an interrupted run goes on."""

    found: tuple[TurnedReference, ...]
    looked: int
    after: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class _Looked:
    place: int
    found: TurnedReference | None


def find_turned(
    node: Node, actor: Actor, *, after: int = 0, workers: int | None = None, on_progress: Progress | None = None
) -> TurnedReport:
    """Look through the photos of the references of the actor's authority, and return those that lie turned.

    Nothing is changed. Ctrl-C or SIGTERM ends it between two photos, and what was found until then is returned.
    """
    permit = ask(node, actor, Action.RECORD_READ, owner=actor.authority)
    with node.store.reading() as tx:
        total = photos.count_references(tx, actor.authority, after=after)
    found: list[TurnedReference] = []
    looked = 0
    wanted = _iterate(node, actor, after)
    with work_ahead("turned", partial(_look, node), wanted, workers=workers, at_once=_AT_ONCE) as ahead:
        for batch in ahead:
            looked, after = looked + len(batch), batch[-1].place
            fresh = [seen.found for seen in batch if seen.found is not None]
            if fresh:
                reason = Message("records.turned", "references whose face does not stand upright")
                note_reading(node, permit, *(Touched("subject", row.subject) for row in fresh), reason=reason)
            found += fresh
            if on_progress is not None:
                on_progress(looked, total)
    return TurnedReport(tuple(found), looked, after, interrupted=ahead.cut_short)


def _iterate(node: Node, actor: Actor, after: int) -> Iterator[tuple[int, PhotoId]]:
    while True:
        with node.store.reading() as tx:
            part = photos.list_references(tx, actor.authority, after=after)
        if not part:
            return
        yield from part
        after = part[-1][0]


def _look(node: Node, reference: tuple[int, PhotoId]) -> _Looked:
    place, photo = reference
    try:
        with node.store.reading() as tx:
            stored, data = photos.find_photo(tx, photo), photos.read_photo_bytes(tx, photo)
            record = None if stored is None else records.find_record(tx, stored.subject)
    except KeyDestroyed:
        return _Looked(place, None)
    if stored is None or data is None or record is None:
        return _Looked(place, None)
    try:
        extraction = node.extractor.extract(data, name=stored.name, choose="largest")
    except IntakeError:
        return _Looked(place, None)
    turn = QUARTER_TURNS[(extraction.facts.turned - stored.facts.turned) // 90 % 4]
    if not turn and not extraction.doubtful:
        return _Looked(place, None)
    wanted = None if extraction.doubtful else turn
    return _Looked(place, TurnedReference(stored.subject, record.number, photo, stored.name, wanted))
