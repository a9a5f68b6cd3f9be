"""Signing in, here or at another body's provider, and out, and finding out who asks."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NoReturn

from semblance.audit.entry import Act, Touched, Verb
from semblance.errors import NotSignedIn, RefusedByPolicy, SetUpMissing, VerificationError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.account_rules import WRONG_CODES, Session, find_duty, find_pause, is_over, is_paused
from semblance.people.passwords import (
    find_step,
    hash_password,
    hash_recovery_code,
    hold_place,
    is_password,
    is_recovery_code,
    needs_rehash,
)
from semblance.people.person import Person, find_roles_in_force
from semblance.people.token import hash_secret, is_token_secret, make_session_secret
from semblance.store import credentials, ledger, people, sessions
from semblance.store.credentials import NO_TRIES, Credentials, Tries
from semblance.store.engine import Transaction
from semblance.store.sessions import OutsideSignIn
from semblance.terms.permission import Action, Actor, Means
from semblance.workflows.accounts.devices import is_device, make_device

_SIGN_IN: Final = "person.sign-in"
_UNKNOWN: Final = "unknown"

_NOT_LET_IN: Final = Message(
    "sign-in.not-let-in",
    "the name, the password or the code is not right, or the account waits after wrong tries: after the fifth it "
    "takes a minute, then longer; ask an administrator where it stays so",
)
"""One answer for all: nobody learns which names exist, nor which part was wrong."""

_LOCKED: Final = Message("sign-in.locked", "the account is disabled, or locked after wrong codes")

_DOUBTED: Final = Message(
    "sign-in.doubted", "the account is that of a restored copy, and two people have not confirmed it yet"
)

_TOUCH: Final = timedelta(minutes=1)
_OUTSIDE_LIFE: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open session; ``secret`` proves it. ``duty`` says what the person must do before anything else, or is None.

    ``device`` is what a browser keeps, so that it is known the next time; empty where none was asked for.
    """

    secret: str
    person: Person
    duty: Message | None
    device: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose secret it is. ``actor`` acts; ``duty`` says what must be done first, if there is something."""

    person: Person
    actor: Actor
    duty: Message | None


@hold_place()
def sign_in(node: Node, name: str, password: str, code: str = "", *, device: str = "") -> SignedIn:
    """Open a session for whoever knows the password and, where one is set up, has the second factor.

    The try is counted before it is judged, so that many at once get no more of them: apart from strangers' where
    ``device`` is what the person's browser was given before, or the code is right. What was wrong is recorded, then
    RefusedByPolicy is raised, which always says the same. Raises Busy, before anything is counted, where too many
    passwords are at work.
    """
    try:
        return _sign_in(node, name, password, code, device)
    except VerificationError as damaged:
        # of whom something was changed in the database by hand: at the door that is told nobody
        _refuse(node, None, "changed-by-hand", damaged.message)


def _sign_in(node: Node, name: str, password: str, code: str, device: str) -> SignedIn:
    login, now = name.strip().casefold(), node.clock()
    by_device = known_here = waits = False
    with node.store.writing() as tx:
        person = people.find_person_named(tx, login)
        known = None if person is None else credentials.read_credentials(tx, person.id)
        if person is not None and known is not None:
            by_device = is_device(tx, person.id, known, device, now)
            known_here = by_device or _fits_code(tx, person, known, code, now)
            waits = not count_try(tx, person, known, now, known_here=known_here)
    right = is_password(None if known is None else known.password, password)
    if person is None or known is None or known.password is None:
        nobody = Message("sign-in.no-account", "there is no account with a password under this name")
        _refuse(node, person, "account", nobody)
    if is_doubted(node, person):
        _refuse(node, person, "doubted", _DOUBTED)
    if not _may_enter(person, by_device=by_device):
        _refuse(node, person, "locked", _LOCKED)
    if waits:
        _refuse(node, person, "paused", Message("sign-in.paused", "the account waits after wrong tries"))
    if not right:
        _refuse(node, person, "password", Message("sign-in.password", "the password was wrong"))
    renewed = hash_password(password) if needs_rehash(known.password) else None
    with node.store.writing() as tx:
        now, newest = node.clock(), people.find_person(tx, person.id)
        present = credentials.read_credentials(tx, person.id)
        if newest is None or not _may_enter(newest, by_device=by_device) or present.password != known.password:
            fault: Message | None = Message("sign-in.changed-meanwhile", "somebody changed the account meanwhile")
        else:
            fault = _find_code_fault(tx, newest, present, code, now, known_here=known_here)
        if newest is not None and fault is None:
            _forgive(tx, newest)
            if renewed is not None:
                credentials.renew_hash(tx, newest.id, renewed)
            opened = open_session(node, tx, newest, vouched=False)
            return replace(opened, device=make_device(tx, newest.id, present, now))
        assert fault is not None
        # in the transaction that counted the wrong code, which must be kept
        ledger.append(tx, describe_refused_sign_in(newest, "code", fault), at=now)
    raise RefusedByPolicy(_SIGN_IN, _NOT_LET_IN)


def begin_outside_sign_in(node: Node, *, nonce: str, verifier: str, onward: str) -> str:
    """Keep what must come back, and return the state that is sent along: a secret of its own, good for ten minutes."""
    state, now = make_session_secret(), node.clock()
    with node.store.writing() as tx:
        sessions.forget_outside_sign_ins(tx, before=now - _OUTSIDE_LIFE)
        sessions.add_outside_sign_in(tx, hash_secret(state), OutsideSignIn(nonce, verifier, onward, now))
    return state


def take_outside_sign_in(node: Node, state: str) -> OutsideSignIn:
    """Return what was kept under the state, once; raises VerificationError where it is unknown, used or too old."""
    with node.store.writing() as tx:
        found = sessions.take_outside_sign_in(tx, hash_secret(state))
    if found is None or node.clock() - found.started_at > _OUTSIDE_LIFE:
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
            told = Message(
                "sign-in.linked-with-nobody",
                "the account {account} of {issuer} is linked with nobody here; an administrator can link it",
                account=subject,
                issuer=issuer,
            )
        else:
            act = describe_refused_sign_in(person, "locked", _LOCKED)
            told = Message(
                "sign-in.account-closed", "the account on this node is disabled or locked; ask an administrator"
            )
        ledger.append(tx, act, at=node.clock())
    raise RefusedByPolicy(_SIGN_IN, told)


def record_failed_outside_sign_in(node: Node, reason: Message) -> None:
    """Write into the ledger that what came back from the provider was not taken."""
    with node.store.writing() as tx:
        ledger.append(tx, describe_refused_sign_in(None, "provider", reason), at=node.clock())


def open_session(node: Node, tx: Transaction, person: Person, *, vouched: bool) -> SignedIn:
    """Open a session for somebody whose identity was established, in the transaction in hand."""
    now, secret = node.clock(), make_session_secret()
    rules = node.accounts
    sessions.forget_sessions(tx, seen_before=now - rules.idle, started_before=now - rules.session)
    sessions.add_session(tx, hash_secret(secret), Session(person.id, now, now, vouched))
    return SignedIn(secret, person, find_duty(person, rules, vouched=vouched))


def sign_out(node: Node, secret: str) -> None:
    """End the session; one that has ended already stays so."""
    with node.store.writing() as tx:
        sessions.drop_session(tx, hash_secret(secret))


def find_actor(node: Node, secret: str) -> Actor:
    """Return who acts with this secret of a session or token, with the roles in force now.

    Raises NotSignedIn where it is not valid (any more), SetUpMissing where its owner must do something else first.
    """
    holder = find_holder(node, secret)
    if holder.duty is not None:
        raise SetUpMissing(holder.duty)
    return holder.actor


def find_holder(node: Node, secret: str) -> Holder:
    """Return whose secret of a session or token this is; raises NotSignedIn."""
    if is_token_secret(secret):
        return _find_token_holder(node, secret)
    digest, now, rules = hash_secret(secret), node.clock(), node.accounts
    with node.store.reading() as tx:
        session = sessions.find_session(tx, digest)
        person = None if session is None else people.find_person(tx, session.person)
    barred = person is None or person.disabled_at is not None or is_doubted(node, person)
    if session is None or person is None or barred or is_over(session, now, rules):
        raise NotSignedIn("sign-in.session-ended", "Nobody is signed in here, or the session has ended. Sign in again.")
    if now - session.seen_at >= min(_TOUCH, rules.idle / 10):
        with node.store.writing() as tx:
            sessions.touch_session(tx, digest, session, now)
    duty = find_duty(person, rules, vouched=session.vouched)
    return Holder(person, make_actor(node, person, now), duty)


def _find_token_holder(node: Node, secret: str) -> Holder:
    now = node.clock()
    with node.store.reading() as tx:
        token = sessions.find_token(tx, hash_secret(secret))
        person = None if token is None else people.find_person(tx, token.person)
    barred = person is None or person.disabled_at is not None or is_doubted(node, person)
    if token is None or person is None or barred or token.revoked_at is not None:
        raise NotSignedIn(
            "token.not-taken",
            "This token is not taken: it is unknown, or was revoked. `semblance token make` makes one.",
        )
    if not token.is_valid(now):
        raise NotSignedIn(
            "token.ended",
            "This token ended on {day}. `semblance token make` makes another.",
            day=token.expires_at.date(),
        )
    return Holder(person, make_actor(node, person, now, means=Means.TOKEN, scope=token.scope), None)


def make_actor(
    node: Node, person: Person, now: datetime, *, means: Means = Means.SESSION, scope: frozenset[Action] | None = None
) -> Actor:
    """Return the person as they may act at that moment; whether they may enter is not asked."""
    roles = find_roles_in_force(person, now.date(), node.role_rules)
    return Actor(
        person.id, person.name, person.authority.code, roles, means, admitted=person.authority.admitted, scope=scope
    )


def count_try(tx: Transaction, person: Person, known: Credentials, now: datetime, *, known_here: bool) -> bool:
    """Return whether a try is allowed now, and count it as wrong until it turns out right.

    ``known_here``: it comes from where the person signed in before, and is counted apart from strangers'.
    """
    tries = known.known if known_here else known.strangers
    if is_paused(tries.paused_until, now):
        return False
    wrong = tries.wrong + 1
    pause = find_pause(wrong)
    counted = Tries(wrong, tries.codes, None if pause is None else now + pause)
    credentials.count_tries(tx, person.id, counted, known=known_here)
    return True


def is_doubted(node: Node, person: Person) -> bool:
    """Return whether the account waits to be confirmed in a restored copy.

    One that is not accepted yet is no node: its people can do nothing but accept it.
    """
    seat = node.store.ledger
    return person.doubted_at is not None and (seat is None or seat.witnesses)


def _may_enter(person: Person, *, by_device: bool) -> bool:
    """Return whether the account is open: strangers' wrong codes lock it for strangers only."""
    return person.disabled_at is None and (person.locked_at is None or by_device)


def _forgive(tx: Transaction, person: Person) -> None:
    if person.locked_at is None:
        credentials.forgive(tx, person.id)
    else:
        # somebody knows the password: for strangers it stays locked
        credentials.count_tries(tx, person.id, NO_TRIES, known=True)


def _fits_code(tx: Transaction, person: Person, known: Credentials, code: str, now: datetime) -> bool:
    """Return whether the code is one that would be taken; it is not used up."""
    secret = credentials.read_totp(tx, person.id) if code.strip() else None
    if secret is None:
        return False
    if find_step(secret, code, now, after=known.last_step) is not None:
        return True
    return is_recovery_code(code) and credentials.has_recovery_code(tx, person.id, hash_recovery_code(person.id, code))


def _find_code_fault(
    tx: Transaction, person: Person, known: Credentials, code: str, now: datetime, *, known_here: bool
) -> Message | None:
    secret = credentials.read_totp(tx, person.id)
    if secret is None:
        return None
    if not code.strip():
        return Message("sign-in.code-missing", "the code of the second factor was missing")
    step = find_step(secret, code, now, after=known.last_step)
    if step is not None:
        credentials.use_step(tx, person.id, step)
        return None
    if is_recovery_code(code) and credentials.use_recovery_code(tx, person.id, hash_recovery_code(person.id, code)):
        return None
    tries = known.known if known_here else known.strangers
    wrong = tries.codes + 1
    credentials.count_tries(tx, person.id, replace(tries, codes=wrong), known=known_here)
    if wrong < WRONG_CODES:
        return Message("sign-in.wrong-code", "wrong code number {n}", n=wrong)
    credentials.lock(tx, person.id, now)
    if known_here:
        credentials.forget_devices(tx, person.id)
    return Message("sign-in.last-wrong-code", "wrong code number {n}; the account is locked now", n=wrong)


def _refuse(node: Node, person: Person | None, rule: str, reason: Message) -> NoReturn:
    with node.store.writing() as tx:
        ledger.append(tx, describe_refused_sign_in(person, rule, reason), at=node.clock())
    raise RefusedByPolicy(_SIGN_IN, _NOT_LET_IN)


def describe_refused_sign_in(person: Person | None, rule: str, reason: Message) -> Act:
    """Return what the ledger is told of a sign-in that was refused: never a name that nobody here has."""
    name, code = (_UNKNOWN, _UNKNOWN) if person is None else (person.name, person.authority.code)
    touched = () if person is None else (Touched("person", person.id),)
    return Act(Verb.REFUSAL, _SIGN_IN, name, code, reason=reason, touched=touched, rule=f"sign-in.{rule}")
