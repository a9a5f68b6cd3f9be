"""Make templates of another pack from the sealed photos, beside those in use; nothing else changes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.errors import Conflict, IntakeError, KeyDestroyed, NotFound
from semblance.faces.extractor import Extractor, extract_face
from semblance.messages.message import Message
from semblance.node.lookahead import work_ahead
from semblance.node.node import Node
from semblance.store import other_packs, photos, templates
from semblance.store.engine import Transaction
from semblance.store.other_packs import Coverage, WantingReference
from semblance.terms.ids import PhotoId
from semblance.terms.permission import Action, Actor
from semblance.terms.samples import Template
from semblance.workflows.permission import ask, log_act

_COMMITTED_AT_ONCE: Final = 16
_LINGER: Final = 1.0
"""Seconds that a photo waits at most for others to be committed with it: a commit costs more than a photo's rows."""
_NO_FACE: Final = Message("operator.models.no-face", "the pack finds no face where the reference lies")
_UNREADABLE: Final = Message("operator.models.photo-unreadable", "the pack cannot read the photo")
_GONE: Final = Message("operator.models.photo-gone", "the photo is gone")

Progress = Callable[[int, int], None]
"""Told how many references were looked at, of how many."""


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """What a run made, how far the gallery has templates of the pack now, and why some references have none."""

    pack_name: str
    made: int
    coverage: Coverage
    faults: dict[Message, int]
    interrupted: bool


@dataclass(frozen=True, slots=True)
class _Made:
    reference: WantingReference
    template: Template | None
    fault: Message


def migrate_templates(
    node: Node,
    actor: Actor,
    extractor: Extractor,
    *,
    workers: int | None = None,
    again: bool = False,
    on_progress: Progress | None = None,
) -> MigrationReport:
    """Make the missing templates of ``extractor``'s pack; when stopped, the same call goes on from there.

    The gallery is searched with its own pack as before. ``again`` looks once more at photos in which the pack found no
    face. Ctrl-C or SIGTERM ends it between two photos.
    """
    permit = ask(node, actor, Action.MODEL_CHANGE)
    reason = Message(
        "models.templates-made", "templates of the pack {pack}, beside those that are searched", pack=extractor.name
    )
    pack, made = extractor.digest, 0
    with node.store.writing() as tx:
        if again:
            other_packs.forget_faults(tx, pack)
        before = other_packs.read_coverage(tx, pack)
    looked, make = before.made + before.faults, partial(_make, node, extractor)
    wanting = _iterate_wanting(node, extractor)
    with work_ahead("migrate", make, wanting, workers=workers, at_once=_COMMITTED_AT_ONCE, linger=_LINGER) as ahead:
        for batch in ahead:
            with node.store.writing() as tx:
                kept = _keep(tx, extractor, batch)
                if kept:
                    touched = (Touched("pack", pack), *(Touched("photo", photo) for photo in kept))
                    at, action = node.clock(), "model.migrate"
                    log_act(tx, permit, Verb.ALTERATION, *touched, at=at, action=action, reason=reason)
            made += len(kept)
            looked += len(batch)
            if on_progress is not None:
                on_progress(looked, before.references)
    with node.store.reading() as tx:
        coverage, faults = other_packs.read_coverage(tx, pack), other_packs.count_faults(tx, pack)
    return MigrationReport(extractor.name, made, coverage, faults, interrupted=ahead.cut_short)


def _iterate_wanting(node: Node, extractor: Extractor) -> Iterator[WantingReference]:
    after = 0
    while True:
        with node.store.reading() as tx:
            part = other_packs.list_wanting(tx, extractor.digest, after=after)
        if not part:
            return
        yield from part
        after = part[-1].sequence


def _make(node: Node, extractor: Extractor, reference: WantingReference) -> _Made:
    """Return the template of the very face that the reference is, by its place; safe in any thread."""
    try:
        with node.store.reading() as tx:
            stored = photos.find_photo(tx, reference.photo)
            data = photos.read_photo_bytes(tx, reference.photo)
    except KeyDestroyed:
        stored = data = None
    face = None if stored is None else stored.chosen_face
    if stored is None or data is None or face is None:
        return _Made(reference, None, _GONE)
    try:
        made = extract_face(extractor, data, name="the photo", face=face, turned=stored.facts.turned).template
    except (Conflict, NotFound):
        made = None
    except IntakeError:
        return _Made(reference, None, _UNREADABLE)
    return _Made(reference, made, _NO_FACE)


def _keep(tx: Transaction, extractor: Extractor, batch: Sequence[_Made]) -> tuple[PhotoId, ...]:
    """Keep what was made, and why some was not; return the photos of which there is a template more."""
    kept = []
    for made in batch:
        reference, pack = made.reference, extractor.digest
        if made.template is None:
            other_packs.keep_fault(tx, reference.id, pack, extractor.metric, extractor.dimension, made.fault)
        elif templates.keep_template(tx, reference.id, made.template):
            kept.append(reference.photo)
    return tuple(kept)
