"""Link two records of the same unknown person after a verified lead, and part them again; both stay what they are."""

from datetime import datetime

from semblance.audit.entry import Touched, Verb
from semblance.cases.link_check import LeadPair, RecordLink, check_link
from semblance.errors import Conflict, NotFound, RefusedByPolicy
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import links
from semblance.terms.ids import LeadId, LinkId, make_id
from semblance.terms.permission import Action, Actor, Refusal
from semblance.workflows.permission import (
    Permitted,
    ask,
    log_act,
    name_touched,
    record_refusal,
    refuse_missing,
    require_reason,
)


def ask_for_lead_pair(node: Node, actor: Actor, action: Action, which: LeadId) -> tuple[LeadPair, Permitted]:
    """Return the two records of a lead, and the permit to do the action.

    Raises NotFound where the actor's authority owns neither, or may not know of the other: in the same words, for the
    same work.
    """
    named = name_touched("lead", which)
    permit = ask(node, actor, action, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        pair = links.find_lead_pair(tx, which, actor.authority)
    if pair is None:
        refuse_missing(node, actor, action, named)
        raise missing_pair(which)
    return pair, permit


def link_records(node: Node, actor: Actor, which: LeadId, *, reason: str) -> RecordLink:
    """Say that the two records of a verified lead are of the same unknown person.

    Each keeps its owner, key, retention and restrictions. Refused by ``check_link``'s rules. Raises NotFound, and
    Conflict where they are linked already.
    """
    require_reason(reason, Message("link.reason-missing", "Say why the two records are linked."))
    pair, permit = ask_for_lead_pair(node, actor, Action.UNKNOWN_LINK, which)
    if refusal := check_link(pair, actor.authority):
        raise _refuse(node, actor, Action.UNKNOWN_LINK, refusal, pair)
    now = node.clock()
    with node.store.writing() as tx:
        # asked again inside the transaction: a record may have been withdrawn or closed to the other meanwhile
        current = links.find_lead_pair(tx, which, actor.authority)
        if current is None:
            raise missing_pair(which)
        late = check_link(current, actor.authority)
        if late is None:
            held = links.find_current(tx, current.origin, current.lead.subject)
            if held is not None:
                raise Conflict(
                    "link.held",
                    "{person} linked these two records already; nothing was changed.",
                    person=held.linked_by,
                )
            entry = log_act(tx, permit, Verb.COMBINATION, *_touch(current), at=now, reason=reason)
            made = _make_link(current, actor, entry, now=now)
            links.add_link(tx, made)
            return made
    raise _refuse(node, actor, Action.UNKNOWN_LINK, late, pair)


def part_records(node: Node, actor: Actor, which: LinkId, *, reason: str) -> RecordLink:
    """Part two linked records again; that they were linked, by whom and why, stays.

    Raises NotFound where the actor's authority owns neither, or may not know of the other; Conflict where they were
    parted already.
    """
    require_reason(reason, Message("link.parting-unexplained", "Say why the two records are parted."))
    named = name_touched("link", which)
    permit = ask(node, actor, Action.UNKNOWN_PART, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        link = links.find_link(tx, which, actor.authority)
    if link is None:
        refuse_missing(node, actor, Action.UNKNOWN_PART, named)
        raise missing_link(which)
    now = node.clock()
    with node.store.writing() as tx:
        current = links.find_link(tx, which, actor.authority)
        if current is None:
            raise missing_link(which)
        if current.parted_at is not None:
            raise Conflict(
                "link.parted",
                "{person} parted these two records already; nothing was changed.",
                person=current.parted_by,
            )
        touched = Touched("subject", current.first), Touched("subject", current.second), Touched("link", which)
        entry = log_act(tx, permit, Verb.ALTERATION, *touched, at=now, reason=reason)
        links.part_link(tx, which, at=now, person=actor.name, entry=entry)
        parted = links.find_link(tx, which, actor.authority)
        assert parted is not None
    return parted


def missing_pair(which: str) -> NotFound:
    """Return the error for a lead between no two records of which the actor's authority owns one."""
    return NotFound(
        "link.lead-unknown", "There is no lead {lead} between a record of your authority and another.", lead=which
    )


def missing_link(which: str) -> NotFound:
    """Return the error for a link that is not held, or of which nothing may be known."""
    return NotFound("link.unknown", "There is no link {link} of a record of your authority.", link=which)


def _make_link(pair: LeadPair, actor: Actor, entry: int, *, now: datetime) -> RecordLink:
    assert pair.origin_facts is not None
    assert pair.candidate_facts is not None
    owners = {pair.origin: pair.origin_facts.owner, pair.lead.subject: pair.candidate_facts.owner}
    first, second = links.order_pair(pair.origin, pair.lead.subject)
    return RecordLink(
        LinkId(make_id()), first, second, owners[first], owners[second], pair.lead.id, now, actor.name, entry
    )


def _refuse(node: Node, actor: Actor, action: Action, refusal: Refusal, pair: LeadPair) -> RefusedByPolicy:
    return record_refusal(node, actor, action, refusal, touched=_touch(pair))


def _touch(pair: LeadPair) -> tuple[Touched, ...]:
    return Touched("subject", pair.origin), Touched("subject", pair.lead.subject), Touched("lead", pair.lead.id)
