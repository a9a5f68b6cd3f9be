"""Give the photo of a candidate after the opinions are in, to whoever may read the search."""

from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import examinations, searches
from semblance.terms.ids import ReferenceId, SearchId
from semblance.terms.permission import Action, Actor
from semblance.workflows.cases.cases import ask_for_case
from semblance.workflows.examination.compared_photos import ComparedPhoto, load_reference


def read_found_face(node: Node, actor: Actor, search: SearchId, reference: ReferenceId) -> ComparedPhoto:
    """Return the photo of a reference that a search found, or that was put among the candidates.

    Raises NotFound where it is none of them, is not held or not open any more, and while the candidates are examined:
    then each is shown to those who examine it, under its pseudonym. The page that shows it has noted the reading.
    """
    missing = NotFound("examination.no-found-face", "There is no such candidate, or it is still examined.")
    with node.store.reading() as tx:
        record = searches.find_search(tx, search)
        examination = examinations.find_of_search(tx, search)
        dealt = () if examination is None else examinations.list_candidates(tx, examination.id)
    if record is None or (examination is not None and examination.is_open):
        raise missing
    listed = {candidate.reference for candidate in record.candidates}
    if reference not in listed.union(candidate.reference for candidate in dealt):
        raise missing
    try:
        ask_for_case(node, actor, Action.CASE_READ, record.case_id)
    except NotFound:
        raise missing from None
    with node.store.reading() as tx:
        found = load_reference(tx, record.authority, reference)
    if found is None:
        raise missing
    return found
