"""Look at what a node holds."""

from dataclasses import dataclass

from semblance.node.node import Node
from semblance.store import gallery, record_list, searches
from semblance.terms.ids import PackDigest
from semblance.terms.permission import Actor, Purpose
from semblance.terms.record import RecordState


@dataclass(frozen=True, slots=True)
class NodeSummary:
    """Counts of what is held and may be known of.

    ``gallery_pack`` is the digest of the pack that made all templates, None before the first. Its place on the disk is
    nobody's business but the machine's.
    """

    name: str
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


def describe_node(node: Node, actor: Actor) -> NodeSummary:
    """Return what the node holds, in numbers; records that the actor's authority may not know of are in none of them.

    Searches are those of the actor's authority.
    """
    with node.store.reading() as tx:
        state = gallery.read_state(tx)
        seen = [counted for counted in record_list.count_held(tx) if counted.standing.is_visible_to(actor.authority)]
        return NodeSummary(
            name=node.name,
            store=node.store.kind,
            gallery_pack=state.pack,
            records=sum(counted.records for counted in seen),
            active=sum(counted.records for counted in seen if counted.standing.state is RecordState.ACTIVE),
            references=sum(counted.references for counted in seen),
            photos=sum(counted.photos for counted in seen),
            awaiting_choice=sum(counted.awaiting_choice for counted in seen),
            kept_unsuitable=sum(counted.kept_unsuitable for counted in seen),
            searches=searches.count_searches(tx, actor.authority),
            purposes=tuple(node.policy.read().purposes),
        )


def count_visible(node: Node, actor: Actor) -> tuple[int, int]:
    """Return the active records and the references that the actor's authority may know of: `describe_node` in short."""
    with node.store.reading() as tx:
        return record_list.count_visible(tx, actor.authority)
