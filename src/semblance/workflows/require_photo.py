"""Find a photo of a record for somebody who wants to do something with it."""

from semblance.errors import NotFound
from semblance.store import photos
from semblance.store.photos import StoredPhoto
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import PhotoId
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.node import Node
from semblance.workflows.permission import ask
from semblance.workflows.require_record import ask_for_record


def ask_for_photo(node: Node, actor: Actor, action: Action, photo: PhotoId) -> tuple[Permit, StoredPhoto] | Refusal:
    """Return the photo where the actor may do the action to the record that it belongs to; a refusal is recorded.

    Raises NotFound where there is no such photo, and in the same words where the actor's authority may not know of it.
    """
    with node.store.reading() as tx:
        stored = photos.find_photo(tx, photo)
    if stored is None:
        answer = ask(node, actor, action)
        if isinstance(answer, Refusal):
            return answer
        raise missing_photo(photo)
    try:
        permit = ask_for_record(node, actor, action, stored.subject)
    except NotFound:
        raise missing_photo(photo) from None
    return permit if isinstance(permit, Refusal) else (permit, stored)


def missing_photo(photo: PhotoId) -> NotFound:
    """Return the error for a photo that is not held, or that is not to be known of."""
    return NotFound(f"There is no photo {photo} here, or it is not open to you.")
