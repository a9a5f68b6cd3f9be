"""Documents about the node as a whole."""

from pydantic import Field

from semblance.edge.document import Document
from semblance.workflows.oversight.node_summary import NodeSummary


class NodeDocument(Document):
    """What the node holds, in numbers."""

    name: str
    store: str = Field(examples=["SQLite"])
    gallery_pack: str | None = Field(description="Digest of the pack that made all templates; null before the first.")
    records: int = Field(description="Those that are open to you, in whatever state.")
    active: int
    references: int
    photos: int
    awaiting_choice: int
    kept_unsuitable: int
    searches: int
    purposes: tuple[str, ...]


def describe_summary(summary: NodeSummary) -> NodeDocument:
    """Return the document of a node; its place on the disk is nobody's business but the machine's."""
    return NodeDocument(
        name=summary.name,
        store=summary.store,
        gallery_pack=summary.gallery_pack,
        records=summary.records,
        active=summary.active,
        references=summary.references,
        photos=summary.photos,
        awaiting_choice=summary.awaiting_choice,
        kept_unsuitable=summary.kept_unsuitable,
        searches=summary.searches,
        purposes=summary.purposes,
    )
