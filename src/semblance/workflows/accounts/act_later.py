"""Acting for somebody who asked for long work and is not there any more when it is done."""

from semblance.errors import NotSignedIn
from semblance.node.node import Node
from semblance.store import people
from semblance.terms.permission import Action, Actor, PersonId
from semblance.workflows.accounts.sign_in import is_doubted, make_actor


def find_later_actor(node: Node, person_id: PersonId, actions: frozenset[Action]) -> Actor:
    """Return who asked, with the roles in force now and no action but these.

    Raises NotSignedIn where the account is disabled, or waits to be confirmed in a restored copy.
    """
    with node.store.reading() as tx:
        person = people.find_person(tx, person_id)
    if person is None or person.disabled_at is not None or is_doubted(node, person):
        raise NotSignedIn("jobs.asker-gone", "Whoever asked for it may not act here any more; nothing more was done.")
    return make_actor(node, person, node.clock(), scope=actions)
