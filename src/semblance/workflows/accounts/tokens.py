"""API tokens: making, listing and revoking them."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.entry import Touched, Verb
from semblance.errors import IntakeError, NotFound, UnusableText
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.token import LABEL_CAP, TOKEN_PREFIX, Token, find_life_fault, hash_secret, make_token_secret
from semblance.store import ledger, tokens
from semblance.store import people as people_store
from semblance.terms.ids import make_id
from semblance.terms.permission import Action, Actor, Means, Permit, Refusal
from semblance.terms.text import find_text_fault, says_nothing
from semblance.workflows.accounts.people import require_person_named
from semblance.workflows.permission import ask, describe_act, record_refusal

_BY_TOKEN = Refusal("token.by-token", "a token cannot make tokens; sign in with the password to make one")
_SHOWN = len(TOKEN_PREFIX) + 6


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token and its secret, which is shown this once and is not kept."""

    secret: str
    token: Token


def make_token(node: Node, actor: Actor, *, label: str, scope: frozenset[Action], expires_at: datetime) -> MadeToken:
    """Make a token that may do what is in ``scope``, as far as its owner may at that moment.

    Raises IntakeError where the label is empty, the scope is, or the end has passed or is more than a year away.
    """
    permit = ask(node, actor, Action.TOKEN_MAKE, owner=actor.authority)
    if actor.means is not Means.SESSION:
        raise record_refusal(node, actor, Action.TOKEN_MAKE, _BY_TOKEN)
    now = node.clock()
    fault = find_text_fault(label, cap=LABEL_CAP)
    if fault is not None:
        raise UnusableText("token.label-unusable", "The token's label {fault}; write it anew.", fault=fault)
    if says_nothing(label):
        raise IntakeError("token.unlabelled", "A token needs a label; say what it is for.")
    if not scope:
        raise IntakeError("token.allows-nothing", "A token needs a scope; name the acts that it shall allow.")
    fault = find_life_fault(expires_at, now)
    if fault is not None:
        raise IntakeError("token.end-unusable", "The token's end, {fault}.", fault=fault)
    secret = make_token_secret()
    new = Token(make_id(), actor.person, label.strip(), secret[:_SHOWN], scope, now, expires_at)
    with node.store.writing() as tx:
        tokens.add_token(tx, hash_secret(secret), new)
        reason = Message("token.made", "it allows {actions}", actions=sorted(scope))
        touched = (Touched("token", new.id),)
        act = describe_act(actor, permit, Verb.COLLECTION, Action.TOKEN_MAKE, reason=reason, touched=touched)
        ledger.append(tx, act, at=now)
    return MadeToken(secret, new)


def list_tokens(node: Node, actor: Actor, *, name: str | None = None) -> tuple[Token, ...]:
    """Return one's own tokens, newest first, or with ``name`` those of somebody else, as an administrator."""
    if name is None or name == actor.name:
        with node.store.reading() as tx:
            return tokens.list_tokens(tx, actor.person)
    ask(node, actor, Action.PERSON_MANAGE)
    with node.store.reading() as tx:
        return tokens.list_tokens(tx, require_person_named(tx, name).id)


def revoke_token(node: Node, actor: Actor, token_id: str, *, reason: str = "") -> Token:
    """Let a token be taken no more: one's own, or as an administrator anybody's. Raises NotFound."""
    now = node.clock()
    touched = (Touched("token", token_id),)
    with node.store.reading() as tx:
        token = tokens.find_token_by_id(tx, token_id)
        owner = None if token is None else people_store.find_person(tx, token.person)
    if token is not None and token.person == actor.person and actor.means is Means.SESSION:
        permit = Permit("account.own")
    else:
        permit = ask(
            node, actor, Action.PERSON_MANAGE, owner=None if owner is None else owner.authority.code, touched=touched
        )
    if token is None:
        raise NotFound("token.unknown", "There is no such token; `semblance token list` shows yours with their ids.")
    with node.store.writing() as tx:
        tokens.revoke_token(tx, token.id, now)
        act = describe_act(actor, permit, Verb.ALTERATION, Action.TOKEN_MAKE, reason=reason, touched=touched)
        ledger.append(tx, act, at=now)
        revoked = tokens.find_token_by_id(tx, token.id)
        assert revoked is not None
        return revoked
