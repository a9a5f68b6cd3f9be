"""Give the photo of a candidate after the opinions are in, to whoever may read the search."""

from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import examinations, photos, searches
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import ReferenceId, SearchId
from semblance.workflows.cases.require_case import ask_for_case
from semblance.workflows.examination.comparison import ComparedBytes, find_compared_reference


def read_found_face(node: Node, actor: Actor, search: SearchId, reference: ReferenceId) -> ComparedBytes:
    """Return the photo of a reference that a search found, or that was put among the candidates.

    Raises NotFound where it is none of them, is not held or not open any more, and while the candidates are examined:
    then each is shown to those who examine it, under its pseudonym. The page that shows it has noted the reading.
    """
    missing = NotFound(
        "examination.no-such-candidate-still-examined", "There is no such candidate, or it is still examined."
    )
    with node.store.reading() as tx:
        record = searches.find_search(tx, search)
        held = examinations.find_of_search(tx, search)
        dealt = () if held is None else examinations.list_candidates(tx, held.id)
    shown = {one.reference for one in dealt}
    if record is not None:
        shown |= {one.reference for one in record.candidates}
    if record is None or (held is not None and held.is_open) or reference not in shown:
        raise missing
    try:
        ask_for_case(node, actor, Action.CASE_READ, record.case_id)
    except NotFound:
        raise missing from None
    with node.store.reading() as tx:
        found = find_compared_reference(tx, record.authority, reference)
        data = None if found is None else photos.read_photo_bytes(tx, found[0])
    if found is None or data is None:
        raise missing
    return ComparedBytes(data, found[1], found[2])
