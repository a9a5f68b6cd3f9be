"""Look at what a node holds."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from semblance.audit.search_record import SearchRecord
from semblance.errors import NotFound
from semblance.store import gallery, probes, record_list, searches
from semblance.store.probes import StoredProbe
from semblance.terms.actor import Actor
from semblance.terms.ids import PackDigest, ProbeId
from semblance.terms.purpose import Purpose
from semblance.terms.record import RecordState
from semblance.terms.samples import FaceSample, PhotoFacts
from semblance.workflows.node import Node
from semblance.workflows.read_record import PhotoBytes


@dataclass(frozen=True, slots=True)
class NodeSummary:
    """Counts of what is held and may be known of; ``gallery_pack`` is None before the first template."""

    name: str
    home: Path
    store: str
    gallery_pack: PackDigest | None
    records: int
    active: int
    references: int
    photos: int
    awaiting_choice: int
    kept_unsuitable: int
    searches: int
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True)
class ProbeDetail:
    """A probe that is held, without its bytes."""

    probe: ProbeId
    name: str
    facts: PhotoFacts
    faces: tuple[FaceSample, ...]
    submitted_at: datetime
    submitted_by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of recorded searches, newest first; ``next_after`` asks for the page after it, None at the end."""

    records: tuple[SearchRecord, ...]
    next_after: int | None


def describe_node(node: Node, actor: Actor) -> NodeSummary:
    """Return what the node holds, in numbers; records that the actor's authority may not know of are in none of them.

    Searches are those of the actor's authority.
    """
    with node.store.reading() as tx:
        state = gallery.read_state(tx)
        seen = [counted for counted in record_list.count_held(tx) if counted.facts.is_visible_to(actor.authority)]
        return NodeSummary(
            name=node.name,
            home=node.home,
            store=node.store.kind,
            gallery_pack=state.pack,
            records=sum(counted.records for counted in seen),
            active=sum(counted.records for counted in seen if counted.facts.state is RecordState.ACTIVE),
            references=sum(counted.references for counted in seen),
            photos=sum(counted.photos for counted in seen),
            awaiting_choice=sum(counted.awaiting_choice for counted in seen),
            kept_unsuitable=sum(counted.kept_unsuitable for counted in seen),
            searches=searches.count_searches(tx, actor.authority),
            purposes=tuple(node.policy.read().purposes),
        )


def describe_probe(node: Node, probe: ProbeId) -> ProbeDetail:
    """Return a probe without its bytes; raises NotFound where it is not held, or not any more."""
    stored = _find_probe(node, probe)
    return ProbeDetail(
        probe=stored.id,
        name=stored.name,
        facts=stored.facts,
        faces=stored.faces,
        submitted_at=stored.submitted_at,
        submitted_by=stored.submitted_by,
        expires_at=stored.expires_at,
    )


def read_probe(node: Node, probe: ProbeId) -> PhotoBytes:
    """Return a probe's bytes; raises NotFound where it is not held, or not any more."""
    stored = _find_probe(node, probe)
    with node.store.reading() as tx:
        data = probes.read_probe_bytes(tx, probe)
    if data is None:
        raise NotFound(f"There is no probe {probe}, or it has expired.")
    return PhotoBytes(stored.name, stored.facts.media_type, data)


def list_searches(node: Node, *, after: int | None = None, limit: int = 50) -> SearchPage:
    """Return recorded searches, newest first."""
    with node.store.reading() as tx:
        found = searches.list_searches(tx, before=after, limit=limit + 1)
    records = tuple(numbered.record for numbered in found[:limit])
    return SearchPage(records, found[limit - 1].number if len(found) > limit else None)


def _find_probe(node: Node, probe: ProbeId) -> StoredProbe:
    with node.store.reading() as tx:
        stored = probes.find_probe(tx, probe, now=node.clock())
    if stored is None:
        raise NotFound(f"There is no probe {probe}, or it has expired; submit the photo again.")
    return stored
