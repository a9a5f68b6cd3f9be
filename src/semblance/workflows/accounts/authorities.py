"""Authorities: registering them, saying how they are reached, and excluding their people."""

from dataclasses import replace

from semblance.audit.checkpoint import read_key
from semblance.audit.entry import Touched, Verb
from semblance.errors import Conflict, IntakeError, NotFound, UnusableText, VerificationError
from semblance.exchange.delivery.webhook import Network, parse_webhook
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.person import Authority
from semblance.store import people
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode, find_code_fault
from semblance.terms.permission import Action, Actor
from semblance.terms.text import find_text_fault, says_nothing
from semblance.workflows.permission import ask, log_act, require_reason

_LENGTH_CAP = 200


def add_authority(
    node: Node, actor: Actor, code: str, *, name: str, contact: str, key: str | None = None, webhook: str | None = None
) -> Authority:
    """Register an authority, whose people are refused everything until two people have it admitted.

    ``key`` is what `semblance ledger key` prints on its node.

    It is told of leads on its records at the contact, where that is one plain e-mail address, and at the webhook.

    Raises IntakeError, or a kind of it, where a field is no good, Conflict where the code is taken.
    """
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    new = check_authority(Authority(AuthorityCode(code), name, contact, key, False, webhook), _list_networks(node))
    with node.store.writing() as tx:
        if people.find_authority(tx, new.code) is not None:
            raise Conflict(
                "authority.registered-already",
                "The authority {authority} is registered already; choose another code.",
                authority=new.code,
            )
        people.add_authority(tx, new)
        log_act(tx, permit, Verb.COLLECTION, touch_authority(new), at=node.clock())
    return new


def exclude_authority(node: Node, actor: Actor, code: str, *, reason: str) -> Authority:
    """Exclude an authority's people: they are refused everything, at once. Raises NotFound."""
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    require_reason(reason, Message("authority.exclusion-unexplained", "Say why the authority is excluded."))
    with node.store.writing() as tx:
        require_authority(tx, code)
        people.set_admitted(tx, AuthorityCode(code), admitted=False)
        changed = require_authority(tx, code)
        log_act(tx, permit, Verb.ALTERATION, touch_authority(changed), at=node.clock(), reason=reason)
    return changed


def set_reach(
    node: Node, actor: Actor, code: str, *, contact: str | None = None, webhook: str | None = None, reason: str
) -> Authority:
    """Say anew how an authority is reached; None leaves what stands, an empty text takes it away.

    Raises NotFound, and IntakeError, or a kind of it, where a field is no good.
    """
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    require_reason(reason, Message("authority.reach-unexplained", "Say why the authority is reached another way."))
    with node.store.writing() as tx:
        known = require_authority(tx, code)
        contact = known.contact if contact is None else contact
        webhook = known.webhook if webhook is None else webhook
        changed = check_authority(replace(known, contact=contact, webhook=webhook), _list_networks(node))
        people.set_reach(tx, known.code, contact=changed.contact, webhook=changed.webhook)
        log_act(tx, permit, Verb.ALTERATION, touch_authority(changed), at=node.clock(), reason=reason)
    return changed


def list_authorities(node: Node, actor: Actor) -> tuple[Authority, ...]:
    """Return all authorities in the order of their codes."""
    ask(node, actor, Action.PERSON_READ)
    with node.store.reading() as tx:
        return people.list_authorities(tx)


def require_authority(tx: Transaction, code: str) -> Authority:
    """Return the authority with that code; raises NotFound."""
    found = people.find_authority(tx, code)
    if found is None:
        raise NotFound(
            "authority.unknown",
            "No authority {authority} is registered here; `semblance authority list` names those that are.",
            authority=code,
        )
    return found


def check_authority(draft: Authority, networks: tuple[Network, ...] = ()) -> Authority:
    """Return the authority as it is kept; raises IntakeError, or a kind of it, naming the field that is wrong.

    ``networks`` are the private ones that its webhook may lead into.
    """
    if (fault := find_code_fault(draft.code)) is not None:
        raise IntakeError("authority.code-unusable", "The authority's code cannot be taken: {fault}.", fault=fault)
    for field, text in (("name", draft.name), ("contact", draft.contact)):
        if (fault := find_text_fault(text, cap=_LENGTH_CAP, breaks=field == "contact")) is not None:
            raise UnusableText(
                "authority.text-unusable", "The authority's {field} {fault}; write it anew.", field=field, fault=fault
            )
    if says_nothing(draft.name):
        raise IntakeError("authority.nameless", "An authority needs a name; write what it is called.")
    try:
        key = None if draft.key is None else str(read_key(draft.key))
    except VerificationError as error:
        raise IntakeError(
            "authority.key-invalid", "The authority's public key is not one. {why}", why=error.message
        ) from None
    webhook = (draft.webhook or "").strip() or None
    if webhook is not None:
        parse_webhook(webhook, networks)
    return replace(draft, name=draft.name.strip(), contact=draft.contact.strip(), key=key, webhook=webhook)


def _list_networks(node: Node) -> tuple[Network, ...]:
    return () if node.channels.webhook is None else node.channels.webhook.networks


def touch_authority(authority: Authority) -> Touched:
    """Return the authority as the ledger is told of it."""
    return Touched("authority", authority.code)
