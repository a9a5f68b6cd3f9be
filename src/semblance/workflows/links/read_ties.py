"""What a record of somebody whom nobody could name is tied to: links with their history, leads, earlier answers."""

from dataclasses import dataclass

from semblance.audit.entry import REASONS, Touched
from semblance.cases.lead_check import Field
from semblance.cases.link_check import NOMINAL, AnsweredPair, LeadPair, RecordLink, check_link
from semblance.node.node import Node
from semblance.store import answered_pairs, leads, ledger, links, records
from semblance.store.engine import Transaction
from semblance.store.records import Heading
from semblance.terms.ids import LeadId, SubjectId
from semblance.terms.permission import Action, Actor
from semblance.workflows.permission import note_reading
from semblance.workflows.records.read_record import ask_for_record, require_held


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link with the other record's heading, None where it was erased since, and why both were linked and parted.

    A reason is empty where it went with a record. ``may_part``: the reader's authority owns one of the two.
    """

    link: RecordLink
    other: Heading | None
    linked_why: str
    parted_why: str
    may_part: bool


@dataclass(frozen=True, slots=True)
class ShownLead:
    """A verified lead between the record and another, which may be linked, or name the person.

    ``released`` are the fields that name somebody, where the other record's owner released some to the reader.
    """

    lead: LeadId
    other: Heading
    linkable: bool
    released: dict[Field, str]


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """Another record of which people said that it is not of this one's person; ``holds``: no photos came since."""

    pair: AnsweredPair
    other: Heading
    holds: bool


@dataclass(frozen=True, slots=True)
class Ties:
    """What a record is tied to, as far as the reader may know of it; leads and answers are told to its owner alone."""

    links: tuple[ShownLink, ...]
    leads: tuple[ShownLead, ...]
    answers: tuple[ShownAnswer, ...]


def read_ties(node: Node, actor: Actor, subject: SubjectId) -> Ties:
    """Return what a record is tied to, and note that it was read; raises NotFound.

    What is tied to a record of which the actor's authority may not know is left out, as if there were no tie.
    """
    permit = ask_for_record(node, actor, Action.RECORD_READ, subject)
    with node.store.reading() as tx:
        owned = require_held(tx, subject).owner == actor.authority
        found = links.list_links(tx, subject, actor.authority)
        pairs = links.list_lead_pairs(tx, subject, actor.authority) if owned else ()
        answered = answered_pairs.list_pairs(tx, subject, actor.authority) if owned else ()
        shown = [link.link.find_other(subject) for link in found]
        shown += [pair.find_other(subject) for pair in pairs]
        shown += [answer.pair.find_other(subject) for answer in answered]
        headings = records.read_headings(tx, shown)
        linked = {link.link.find_other(subject) for link in found if link.link.parted_at is None}
        ties = Ties(
            tuple(_show_link(tx, actor, subject, link.link, headings) for link in found),
            tuple(
                _show_lead(tx, actor, subject, pair, headings[other], linked=other in linked)
                for pair in pairs
                if (other := pair.find_other(subject)) in headings
            ),
            tuple(
                ShownAnswer(answer.pair, headings[other], answer.holds)
                for answer in answered
                if (other := answer.pair.find_other(subject)) in headings
            ),
        )
    touched = (Touched("subject", which) for which in (subject, *headings))
    note_reading(node, permit, *touched, action="unknown.read-ties")
    return ties


def _show_lead(
    tx: Transaction, actor: Actor, subject: SubjectId, pair: LeadPair, other: Heading, *, linked: bool
) -> ShownLead:
    linkable = not linked and check_link(pair, actor.authority) is None
    released = _read_nominal(tx, pair.lead.id, actor) if pair.origin == subject else {}
    return ShownLead(pair.lead.id, other, linkable, released)


def _show_link(
    tx: Transaction, actor: Actor, subject: SubjectId, link: RecordLink, headings: dict[SubjectId, Heading]
) -> ShownLink:
    return ShownLink(
        link,
        headings.get(link.find_other(subject)),
        _read_reason(tx, link.linked_in),
        "" if link.parted_in is None else _read_reason(tx, link.parted_in),
        actor.authority in (link.first_owner, link.second_owner),
    )


def _read_reason(tx: Transaction, entry: int) -> str:
    return next((opening.text for opening in ledger.read_openings(tx, entry) if opening.label in REASONS), "")


def _read_nominal(tx: Transaction, lead: LeadId, actor: Actor) -> dict[Field, str]:
    released = leads.read_released(tx, lead, actor.authority) or {}
    return {field: released[field.value] for field in Field if field in NOMINAL and field.value in released}
