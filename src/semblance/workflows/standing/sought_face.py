"""The face that a standing search seeks: read from its probe again, in the pack that the node searches with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from semblance.cases.standing_search import StandingSearch
from semblance.node.node import Node
from semblance.store import standing_searches
from semblance.terms.ids import Sha256, SubjectId
from semblance.workflows.search.probe_faces import ChosenFace, ProbeChoice, choose_faces, find_held
from semblance.workflows.standing.plan_night import Planned


@dataclass(frozen=True, slots=True)
class SoughtFace:
    """The face, and what a search's record says of the photo that it is in, and of the record that it comes from."""

    face: ChosenFace
    probe_name: str
    probe_sha256: Sha256
    origin: SubjectId | None


def find_sought(node: Node, standing: StandingSearch) -> SoughtFace | None:
    """Return the face that is sought, with its template; None where its probe is not held any more."""
    choice = ProbeChoice(standing.probe, standing.face, standing.prepared)
    with node.store.reading() as tx:
        held = find_held(tx, choice, now=node.clock())
    if held is None or (standing.prepared is not None and held.preparation is None):
        return None
    faces = choose_faces(node, [held])
    assert isinstance(faces, tuple)
    return SoughtFace(faces[0], held.stored.name, held.joined.sha256, held.stored.origin)


def add_templates(node: Node, planned: Sequence[Planned]) -> list[Planned]:
    """Return those whose probe is held, each with its template; one that is not of this pack is made anew and kept."""
    with node.store.reading() as tx:
        held = standing_searches.read_templates(tx, node.extractor.digest, [search.standing for search in planned])
    ready = []
    for search in planned:
        template = held.get(search.standing.id)
        if template is None:
            sought = find_sought(node, search.standing)
            if sought is None:
                continue
            template = sought.face.template
            with node.store.writing() as tx:
                if standing_searches.find_standing(tx, search.standing.id) != search.standing:
                    continue
                standing_searches.keep_template(tx, search.standing, template)
        ready.append(replace(search, template=template))
    return ready
