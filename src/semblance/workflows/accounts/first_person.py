"""The first two administrators, and whoever takes the place of one: made by whoever holds the node's folder."""

from datetime import timedelta
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.errors import Conflict, IntakeError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.passwords import find_password_fault, hash_password
from semblance.people.person import Authority, Grant, Person, find_joined
from semblance.store import ledger, people
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode, make_id
from semblance.terms.permission import Action, PersonId, Role
from semblance.workflows.accounts.authorities import check_authority, touch_authority
from semblance.workflows.accounts.joint_acts import close_every_way_in
from semblance.workflows.accounts.people import check_account, touch_person
from semblance.workflows.accounts.standing import has_two_administrators

_REASON: Final = Message("people.first-administrator", "An administrator was made by whoever holds the node's folder.")
_LIFE: Final = timedelta(days=365)


def add_first_person(node: Node, name: str, *, authority: str, password: str, must_change: bool = False) -> Person:
    """Make an administrator for a year, or let one who is known in anew: whoever holds the node's folder may do this.

    The authority is registered where it is not. Raises Conflict where two independent administrators can act already:
    then these two make others.
    """
    grant = Grant(Role.ADMINISTRATOR, node.clock().date() + _LIFE)
    check_account(node, name, (grant,), None)
    if (fault := find_password_fault(password, name=name)) is not None:
        raise IntakeError("password.unusable", "The password {fault}.", fault=fault)
    hashed = hash_password(password)
    with node.store.writing() as tx:
        if has_two_administrators(node, tx):
            raise Conflict(
                "people.administrators-there",
                "Two administrators on this node can act already. Sign in as one of them, and add people with "
                "`semblance people add`.",
            )
        known = people.find_person_named(tx, name)
        owner = known.authority if known is not None else _require_authority(node, tx, authority, name)
        if not owner.admitted:
            raise Conflict(
                "operator.people.authority-not-admitted",
                "The authority {authority} is not admitted here; name another with --authority.",
                authority=owner.code,
            )
        if known is None:
            made = Person(PersonId(make_id()), name, owner, (grant,), None, False, must_change, node.clock())
            people.add_person(tx, made, password=hashed)
        else:
            made = _let_in_anew(node, tx, known, grant, hashed, must_change=must_change)
        verb = Verb.COLLECTION if known is None else Verb.ALTERATION
        _log(node, tx, verb, Action.PERSON_MANAGE, made.name, owner, touch_person(made))
    return made


def _require_authority(node: Node, tx: Transaction, code: str, name: str) -> Authority:
    known = people.find_authority(tx, code)
    if known is not None:
        return known
    new = check_authority(Authority(AuthorityCode(code), node.name, "", None, admitted=True))
    people.add_authority(tx, new)
    _log(node, tx, Verb.COLLECTION, Action.AUTHORITY_MANAGE, name, new, touch_authority(new))
    return new


def _let_in_anew(node: Node, tx: Transaction, known: Person, grant: Grant, hashed: str, *, must_change: bool) -> Person:
    """Give somebody who is known the role and a password; every other way in goes.

    In a restored copy the other roles go, too: nobody has confirmed them.
    """
    held = tuple(other for other in known.grants if other.until >= node.clock().date())
    if known.doubted_at is not None:
        for other in held:
            people.drop_grant(tx, known.id, other.role)
        held = ()
    roles = {grant.role, *(other.role for other in held)}
    joined = find_joined(roles, node.policy.read().roles.apart)
    if known.disabled_at is not None or joined:
        raise Conflict(
            "people.first-unfit",
            "{name} cannot be the administrator: the account is disabled, or holds a role that the policy keeps apart "
            "from it. Name somebody else.",
            name=known.name,
        )
    people.set_grant(tx, known.id, grant)
    close_every_way_in(node, tx, known, hashed, must_change=must_change)
    people.trust(tx, known.id)
    changed = people.find_person(tx, known.id)
    assert changed is not None
    return changed


def _log(
    node: Node, tx: Transaction, verb: Verb, action: Action, name: str, owner: Authority, touched: Touched
) -> None:
    act = Act(verb, action.value, name, owner.code, reason=_REASON, touched=(touched,), rule="node.holder")
    ledger.append(tx, act, at=node.clock())
