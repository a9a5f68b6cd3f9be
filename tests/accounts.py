"""The cast with accounts on a real node: authorities, roles, passwords, and sessions for tests that need no sign-in."""

from datetime import timedelta

from tests.cast import ADA, AXEL, CAST, DE, FR, OUTSIDE

from semblance.node.node import Node
from semblance.people.passwords import hash_password, join_halves
from semblance.people.person import Authority, Grant, Person
from semblance.store import people
from semblance.terms.permission import Actor, PersonId
from semblance.workflows.accounts.sign_in import open_session
from semblance.workflows.oversight.proposals import confirm_proposal
from semblance.workflows.two_people import JointAct, propose

PASSWORD = "seven green bicycles"
NAMES = {FR: "Police nationale", DE: "Bundeskriminalamt", OUTSIDE: "Somewhere else"}

_HASHES: list[str] = []


def add_cast(node: Node) -> None:
    """Give everybody of the cast an account with the password above; roles last a year, training was last week."""
    if not _HASHES:
        _HASHES.append(hash_password(PASSWORD))
    now = node.clock()
    with node.store.writing() as tx:
        bodies = {
            code: Authority(code, name, f"desk@{code.lower()}.invalid", None, code != OUTSIDE)
            for code, name in NAMES.items()
        }
        for body in bodies.values():
            if people.find_authority(tx, body.code) is None:
                people.add_authority(tx, body)
        for actor in CAST:
            if people.find_person_named(tx, actor.name) is not None:
                continue
            until = now.date() + timedelta(days=365)
            # Mallory has every role, as an older version let somebody
            joined = until if len(actor.roles) > 1 else None
            grants = tuple(Grant(role, until, joined) for role in sorted(actor.roles))
            trained = now.date() - timedelta(days=7)
            people.add_person(
                tx,
                Person(PersonId(actor.name), actor.name, bodies[actor.authority], grants, trained, False, False, now),
                password=_HASHES[0],
            )


def agree(node: Node, act: JointAct, *, by: Actor = ADA, second: Actor = AXEL) -> str:
    """Let two people do an act; return the password that it makes, or an empty text."""
    made = propose(node, by, act, reason="The personnel office asked for it")
    done = confirm_proposal(node, second, made.proposal.number)
    return join_halves(made.half, done.half) if made.half and done.half else ""


def open_session_of(node: Node, name: str) -> str:
    """Return the secret of a session of somebody of the cast, as if a second factor had been given elsewhere."""
    with node.store.writing() as tx:
        person = people.find_person_named(tx, name)
        assert person is not None
        return open_session(node, tx, person, vouched=True).secret
