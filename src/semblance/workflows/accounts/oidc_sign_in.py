"""Signing in at another body's provider: what is kept while somebody is there, and whom its word lets in."""

from datetime import timedelta
from typing import Final

from semblance.errors import RefusedByPolicy, VerificationError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.token import hash_secret, make_session_secret
from semblance.store import ledger, people, sessions
from semblance.store.sessions import OutsideSignIn
from semblance.workflows.accounts.sign_in import LOCKED, SIGN_IN, SignedIn, describe_refused_sign_in, open_session

_LIFE: Final = timedelta(minutes=10)


def begin_outside_sign_in(node: Node, *, nonce: str, verifier: str, onward: str) -> str:
    """Keep what must come back, and return the state that is sent along: a secret of its own, good for ten minutes."""
    state, now = make_session_secret(), node.clock()
    with node.store.writing() as tx:
        sessions.forget_outside_sign_ins(tx, before=now - _LIFE)
        sessions.add_outside_sign_in(tx, hash_secret(state), OutsideSignIn(nonce, verifier, onward, now))
    return state


def take_outside_sign_in(node: Node, state: str) -> OutsideSignIn:
    """Return what was kept under the state, once; raises VerificationError where it is unknown, used or too old."""
    with node.store.writing() as tx:
        found = sessions.take_outside_sign_in(tx, hash_secret(state))
    if found is None or node.clock() - found.started_at > _LIFE:
        raise VerificationError(
            "sign-in.not-begun-here",
            "This sign-in was not begun here, is used already, or took too long. Begin it anew.",
        )
    return found


def sign_in_linked(node: Node, *, issuer: str, subject: str) -> SignedIn:
    """Open a session for the person whom an administrator linked with the account; nobody is made by signing in.

    A refusal is recorded, then raised as RefusedByPolicy.
    """
    with node.store.writing() as tx:
        person = people.find_linked(tx, issuer, subject)
        if person is not None and person.may_sign_in:
            return open_session(node, tx, person, vouched=True)
        if person is None:
            reason = Message(
                "sign-in.no-link", "no link for the account {account} of {issuer}", account=subject, issuer=issuer
            )
            act = describe_refused_sign_in(None, "link", reason)
        else:
            act = describe_refused_sign_in(person, "locked", LOCKED)
        ledger.append(tx, act, at=node.clock())
    if person is None:
        raise RefusedByPolicy(
            SIGN_IN,
            Message(
                "sign-in.linked-with-nobody",
                "the account {account} of {issuer} is linked with nobody here; an administrator can link it",
                account=subject,
                issuer=issuer,
            ),
        )
    raise RefusedByPolicy(
        SIGN_IN,
        Message("sign-in.account-closed", "the account on this node is disabled or locked; ask an administrator"),
    )


def record_failed_outside_sign_in(node: Node, reason: Message) -> None:
    """Write into the ledger that what came back from the provider was not taken."""
    with node.store.writing() as tx:
        ledger.append(tx, describe_refused_sign_in(None, "provider", reason), at=node.clock())
