"""Authorities: registering them, admitting and excluding their people."""

from semblance.audit.checkpoint import read_key
from semblance.audit.entry import Act, Touched, Verb
from semblance.errors import Conflict, IntakeError, NotFound, UnusableText, VerificationError
from semblance.exchange.delivery.webhook import parse_webhook
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.person import Authority
from semblance.store import authorities, ledger
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode, find_code_fault
from semblance.terms.permission import Action, Actor
from semblance.terms.text import find_text_fault, says_nothing
from semblance.workflows.permission import ask, describe_act, require_reason

_LENGTH_CAP = 200


def add_authority(
    node: Node,
    actor: Actor,
    code: str,
    *,
    name: str,
    contact: str,
    key: str | None = None,
    admitted: bool = True,
    webhook: str | None = None,
) -> Authority:
    """Register an authority; ``key`` is what `semblance ledger key` prints on its node.

    It is told of leads on its records at the contact, where that is one plain e-mail address, and at the webhook.

    Raises IntakeError, or a kind of it, where a field is no good, Conflict where the code is taken.
    """
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    new = check_authority(code, name=name, contact=contact, key=key, admitted=admitted, webhook=webhook)
    with node.store.writing() as tx:
        if authorities.find_authority(tx, new.code) is not None:
            raise Conflict(
                "authority.registered-already",
                "The authority {authority} is registered already; choose another code.",
                authority=new.code,
            )
        authorities.add_authority(tx, new)
        touched = (_touch(new),)
        act = describe_act(actor, permit, Verb.COLLECTION, Action.AUTHORITY_MANAGE, touched=touched)
        ledger.append(tx, act, at=node.clock())
    return new


def set_admitted(node: Node, actor: Actor, code: str, *, admitted: bool, reason: str) -> Authority:
    """Admit an authority's people, or exclude them: then they are refused everything, at once. Raises NotFound."""
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    require_reason(reason, Message("authority.admission-unexplained", "Say why the authority is admitted or excluded."))
    with node.store.writing() as tx:
        require_authority(tx, code)
        authorities.set_admitted(tx, AuthorityCode(code), admitted=admitted)
        changed = require_authority(tx, code)
        act = describe_act(
            actor, permit, Verb.ALTERATION, Action.AUTHORITY_MANAGE, reason=reason, touched=(_touch(changed),)
        )
        ledger.append(tx, act, at=node.clock())
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
        changed = check_authority(
            known.code,
            name=known.name,
            contact=known.contact if contact is None else contact,
            key=known.key,
            admitted=known.admitted,
            webhook=known.webhook if webhook is None else webhook,
        )
        authorities.set_reach(tx, known.code, contact=changed.contact, webhook=changed.webhook)
        act = describe_act(
            actor, permit, Verb.ALTERATION, Action.AUTHORITY_MANAGE, reason=reason, touched=(_touch(changed),)
        )
        ledger.append(tx, act, at=node.clock())
    return changed


def list_authorities(node: Node, actor: Actor) -> tuple[Authority, ...]:
    """Return all authorities in the order of their codes."""
    ask(node, actor, Action.PERSON_READ)
    with node.store.reading() as tx:
        return authorities.list_authorities(tx)


def require_authority(tx: Transaction, code: str) -> Authority:
    """Return the authority with that code; raises NotFound."""
    found = authorities.find_authority(tx, code)
    if found is None:
        raise NotFound(
            "authority.unknown",
            "No authority {authority} is registered here; `semblance authority list` names those that are.",
            authority=code,
        )
    return found


def ensure_authority(tx: Transaction, code: str, *, name: str) -> Authority:
    """Return the authority with that code, registered now where it was not; raises IntakeError for what is no code."""
    found = authorities.find_authority(tx, code)
    if found is None:
        found = check_authority(code, name=name, contact="", key=None, admitted=True)
        authorities.add_authority(tx, found)
    return found


def check_authority(
    code: str, *, name: str, contact: str, key: str | None, admitted: bool, webhook: str | None = None
) -> Authority:
    """Return the authority that the fields describe; raises IntakeError, or a kind of it, naming the wrong one."""
    fault = find_code_fault(code)
    if fault is not None:
        raise IntakeError("authority.code-unusable", "The authority's code cannot be taken: {fault}.", fault=fault)
    for field, text in (("name", name), ("contact", contact)):
        fault = find_text_fault(text, cap=_LENGTH_CAP, breaks=field == "contact")
        if fault is not None:
            raise UnusableText(
                "authority.text-unusable", "The authority's {field} {fault}; write it anew.", field=field, fault=fault
            )
    if says_nothing(name):
        raise IntakeError("authority.nameless", "An authority needs a name; write what it is called.")
    if key is not None:
        try:
            key = str(read_key(key))
        except VerificationError as error:
            raise IntakeError(
                "authority.key-invalid", "The authority's public key is not one. {why}", why=error.message
            ) from None
    webhook = (webhook or "").strip() or None
    if webhook is not None:
        parse_webhook(webhook)
    return Authority(AuthorityCode(code), name.strip(), contact.strip(), key, admitted, webhook)


def describe_first(authority: Authority, *, person: str, reason: Message) -> Act:
    """Return what the ledger is told where the node's holder, not an administrator, registered an authority."""
    return Act(
        Verb.COLLECTION,
        Action.AUTHORITY_MANAGE.value,
        person,
        authority.code,
        reason=reason,
        touched=(_touch(authority),),
        rule="node.holder",
    )


def _touch(authority: Authority) -> Touched:
    return Touched("authority", authority.code)
