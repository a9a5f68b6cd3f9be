"""What people do with their own accounts: another password, the second factor, API tokens."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.entry import Act, Touched, Verb
from semblance.errors import Conflict, IntakeError, NotFound, PolicyError, UnusableText
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.passwords import (
    find_password_fault,
    find_step,
    hash_password,
    hash_recovery_code,
    hold_place,
    is_password,
    make_recovery_codes,
    make_totp_secret,
    write_totp_address,
)
from semblance.people.person import Person
from semblance.people.token import (
    LABEL_CAP,
    TOKEN_PREFIX,
    Token,
    find_life_fault,
    hash_secret,
    is_token_secret,
    make_token_secret,
)
from semblance.store import credentials, ledger, people, sessions
from semblance.store.credentials import NO_TRIES
from semblance.store.engine import Transaction
from semblance.terms.ids import make_id
from semblance.terms.permission import Action, Actor, Means, Refusal
from semblance.terms.text import find_text_fault, says_nothing
from semblance.workflows.accounts.people import require_person_named, touch_person
from semblance.workflows.accounts.sign_in import (
    SignedIn,
    count_try,
    describe_refused_sign_in,
    find_holder,
    open_session,
)
from semblance.workflows.permission import Permitted, ask, log_act, record_refusal

_BY_TOKEN = Refusal("token.by-token", "a token cannot make tokens; sign in with the password to make one")
_SHOWN = len(TOKEN_PREFIX) + 6


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """How somebody's own account stands; ``duty`` says what must be done before anything else."""

    person: Person
    duty: Message | None
    has_password: bool
    recovery_codes: int


@dataclass(frozen=True, slots=True)
class NewSecondFactor:
    """What an app must be told; the secret counts once a code has confirmed it."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token and its secret, which is shown this once and is not kept."""

    secret: str
    token: Token


def read_own_account(node: Node, secret: str) -> OwnAccount:
    """Return how the account of whoever holds the session stands; raises NotSignedIn."""
    holder = find_holder(node, _require_session(secret))
    with node.store.reading() as tx:
        known = credentials.read_credentials(tx, holder.person.id)
        left = credentials.count_recovery_codes(tx, holder.person.id)
    return OwnAccount(holder.person, holder.duty, known.password is not None, left)


@hold_place()
def change_password(node: Node, secret: str, old: str, new: str) -> SignedIn:
    """Change one's own password. All sessions end, and a new one is opened.

    Raises PolicyError where the old password is wrong, IntakeError where the new one is no good.
    """
    person = find_holder(node, _require_session(secret)).person
    if (fault := find_password_fault(new, name=person.name)) is not None:
        raise IntakeError("password.new-unusable", "The new password {fault}.", fault=fault)
    if new == old:
        raise IntakeError("password.unchanged", "The new password is the old one; choose another.")
    _require_password(node, person, old)
    hashed = hash_password(new)
    with node.store.writing() as tx:
        credentials.set_password(tx, person.id, hashed, must_change=False)
        sessions.drop_sessions(tx, person.id)
        _log(node, tx, person, Message("password.changed", "changed the own password"))
        changed = people.find_person(tx, person.id)
        assert changed is not None
        return open_session(node, tx, changed, vouched=False)


def begin_second_factor(node: Node, secret: str) -> NewSecondFactor:
    """Make a secret for the app, or return the one that waits to be confirmed; the present one counts until then."""
    person = _require_own_password(node, secret)
    with node.store.writing() as tx:
        waiting = credentials.read_new_totp(tx, person.id)
        if waiting is None:
            waiting = make_totp_secret()
            credentials.set_new_totp(tx, person.id, waiting)
    return NewSecondFactor(waiting, write_totp_address(waiting, name=person.name, node=node.name))


def confirm_second_factor(node: Node, secret: str, code: str, *, password: str | None = None) -> tuple[str, ...]:
    """Make the waiting secret count, where the code is its; return the codes on paper, which are shown this once.

    Whoever has a second factor already proves with the password that they may replace it. Raises PolicyError where code
    or password is wrong, Conflict where no secret waits.
    """
    person = _require_own_password(node, secret)
    if person.second_factor:
        _require_password(node, person, password or "")
    codes = make_recovery_codes()
    with node.store.writing() as tx:
        waiting = credentials.read_new_totp(tx, person.id)
        if waiting is None:
            raise Conflict(
                "second-factor.none-waits", "No second factor waits to be confirmed. Begin anew on the account page."
            )
        step = find_step(waiting, code, node.clock(), after=0)
        if step is None:
            raise PolicyError(
                "second-factor.code-wrong",
                "That is not the code that the app shows now. Check the phone's clock, and try again.",
            )
        credentials.set_totp(tx, person.id, waiting, step=step)
        credentials.set_recovery_codes(tx, person.id, [hash_recovery_code(person.id, code) for code in codes])
        _log(node, tx, person, Message("second-factor.set-up", "set up a second factor"))
    return codes


def drop_own_second_factor(node: Node, secret: str, password: str) -> None:
    """Remove one's own second factor; raises PolicyError where the node requires one, or the password is wrong."""
    person = _require_own_password(node, secret)
    if node.accounts.second_factor_required:
        raise PolicyError(
            "second-factor.required", "This node requires a second factor; replace it by another instead."
        )
    _require_password(node, person, password)
    with node.store.writing() as tx:
        credentials.drop_second_factor(tx, person.id)
        _log(node, tx, person, Message("second-factor.removed", "removed the second factor"))


def make_token(node: Node, actor: Actor, *, label: str, scope: frozenset[Action], expires_at: datetime) -> MadeToken:
    """Make a token that may do what is in ``scope``, as far as its owner may at that moment.

    Raises IntakeError where the label is empty, the scope is, or the end has passed or is more than a year away.
    """
    permit = ask(node, actor, Action.TOKEN_MAKE, owner=actor.authority)
    if actor.means is not Means.SESSION:
        raise record_refusal(node, actor, Action.TOKEN_MAKE, _BY_TOKEN)
    now = node.clock()
    if (fault := find_text_fault(label, cap=LABEL_CAP)) is not None:
        raise UnusableText("token.label-unusable", "The token's label {fault}; write it anew.", fault=fault)
    if says_nothing(label):
        raise IntakeError("token.unlabelled", "A token needs a label; say what it is for.")
    if not scope:
        raise IntakeError("token.allows-nothing", "A token needs a scope; name the acts that it shall allow.")
    if (fault := find_life_fault(expires_at, now)) is not None:
        raise IntakeError("token.end-unusable", "The token's end, {fault}.", fault=fault)
    secret = make_token_secret()
    new = Token(make_id(), actor.person, label.strip(), secret[:_SHOWN], scope, now, expires_at)
    with node.store.writing() as tx:
        sessions.add_token(tx, hash_secret(secret), new)
        reason = Message("token.made", "it allows {actions}", actions=sorted(scope))
        log_act(tx, permit, Verb.COLLECTION, Touched("token", new.id), at=now, reason=reason)
    return MadeToken(secret, new)


def list_tokens(node: Node, actor: Actor, *, name: str | None = None) -> tuple[Token, ...]:
    """Return one's own tokens, newest first, or with ``name`` those of somebody else, as an administrator."""
    if name is None:
        name = actor.name
    if name == actor.name and actor.reaches(Action.TOKEN_MAKE):
        with node.store.reading() as tx:
            return sessions.list_tokens(tx, actor.person)
    ask(node, actor, Action.PERSON_MANAGE)
    with node.store.reading() as tx:
        return sessions.list_tokens(tx, require_person_named(tx, name).id)


def revoke_token(node: Node, actor: Actor, token_id: str, *, reason: str = "") -> Token:
    """Let a token be taken no more: one's own, or as an administrator anybody's. Raises NotFound."""
    now = node.clock()
    touched = (Touched("token", token_id),)
    with node.store.reading() as tx:
        token = sessions.find_token_by_id(tx, token_id)
        owner = None if token is None else people.find_person(tx, token.person)
    if token is not None and token.person == actor.person and actor.means is Means.SESSION:
        permit = Permitted("account.own", actor, Action.TOKEN_MAKE)
    else:
        code = None if owner is None else owner.authority.code
        permit = ask(node, actor, Action.PERSON_MANAGE, owner=code, touched=touched)
    if token is None:
        raise NotFound("token.unknown", "There is no such token; `semblance token list` shows yours with their ids.")
    with node.store.writing() as tx:
        sessions.revoke_token(tx, token.id, now)
        log_act(tx, permit, Verb.ALTERATION, *touched, at=now, action=Action.TOKEN_MAKE, reason=reason)
        revoked = sessions.find_token_by_id(tx, token.id)
        assert revoked is not None
        return revoked


def _require_session(secret: str) -> str:
    if is_token_secret(secret):
        raise PolicyError("account.by-token", "An API token cannot change an account. Sign in with the password.")
    return secret


def _require_own_password(node: Node, secret: str) -> Person:
    holder = find_holder(node, _require_session(secret))
    if holder.duty is not None and holder.person.must_change:
        raise PolicyError(holder.duty)
    return holder.person


@hold_place()
def _require_password(node: Node, person: Person, password: str) -> None:
    with node.store.writing() as tx:
        known = credentials.read_credentials(tx, person.id)
        # whoever is signed in is no stranger
        waits = not count_try(tx, person, known, node.clock(), known_here=True)
    right = is_password(known.password, password)
    with node.store.writing() as tx:
        if right and not waits:
            credentials.count_tries(tx, person.id, NO_TRIES, known=True)
            return
        reason = Message("password.present-was-wrong", "the present password was wrong")
        ledger.append(tx, describe_refused_sign_in(person, "password", reason), at=node.clock())
    raise PolicyError(
        "password.present-wrong",
        "The present password is not right, or the account waits after wrong tries; nothing was changed. Check it.",
    )


def _log(node: Node, tx: Transaction, person: Person, reason: Message) -> None:
    who, code, touched = person.name, person.authority.code, (touch_person(person),)
    act = Act(
        Verb.ALTERATION, Action.PERSON_MANAGE.value, who, code, reason=reason, touched=touched, rule="account.own"
    )
    ledger.append(tx, act, at=node.clock())
