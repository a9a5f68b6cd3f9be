"""The first administrator, or one where none is left: made by whoever holds the node's folder."""

from datetime import timedelta
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.errors import Conflict
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.passwords import hash_password
from semblance.people.person import Authority, Grant, Person, find_roles_in_force
from semblance.store import ledger, people
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode, make_id
from semblance.terms.permission import Action, PersonId, Role
from semblance.workflows.accounts.authorities import check_authority, touch_authority
from semblance.workflows.accounts.people import check_account, require_free, touch_person

_REASON: Final = Message("people.first-administrator", "An administrator was made by whoever holds the node's folder.")
_LIFE: Final = timedelta(days=365)


def add_first_person(node: Node, name: str, *, authority: str, password: str, must_change: bool = False) -> Person:
    """Make an administrator for a year, where nobody could act as one: whoever holds the node's folder may do this.

    The authority is registered where it is not. Raises Conflict where there is an administrator who can sign in.
    """
    today = node.clock().date()
    grant = Grant(Role.ADMINISTRATOR, today + _LIFE)
    check_account(node, name, password, (grant,), None)
    hashed = hash_password(password)

    def describe(action: Action, owner: Authority, made: Touched) -> Act:
        return Act(Verb.COLLECTION, action.value, name, owner.code, reason=_REASON, touched=(made,), rule="node.holder")

    with node.store.writing() as tx:
        if find_administrator(node, tx) is not None:
            raise Conflict(
                "people.administrator-there",
                "There is an administrator on this node already. Sign in as one, and add people with `semblance "
                "people add`.",
            )
        require_free(tx, name)
        known = people.find_authority(tx, authority)
        owner = known or check_authority(Authority(AuthorityCode(authority), node.name, "", None, admitted=True))
        if not owner.admitted:
            raise Conflict(
                "operator.people.authority-not-admitted",
                "The authority {authority} is not admitted here; name another with --authority.",
                authority=authority,
            )
        if known is None:
            people.add_authority(tx, owner)
            ledger.append(tx, describe(Action.AUTHORITY_MANAGE, owner, touch_authority(owner)), at=node.clock())
        new = Person(PersonId(make_id()), name, owner, (grant,), None, False, must_change, node.clock())
        people.add_person(tx, new, password=hashed)
        ledger.append(tx, describe(Action.PERSON_MANAGE, owner, touch_person(new)), at=node.clock())
    return new


def find_administrator(node: Node, tx: Transaction) -> Person | None:
    """Return somebody who can act as administrator now, or None."""
    today, years = node.clock().date(), node.accounts.training_years
    for person in people.list_holders(tx, Role.ADMINISTRATOR):
        in_force = find_roles_in_force(person, today, training_years=years)
        if person.may_sign_in and person.authority.admitted and Role.ADMINISTRATOR in in_force:
            return person
    return None
