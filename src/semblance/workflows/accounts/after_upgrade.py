"""Once, at the first start after acts began to need two people: what older accounts came from, and joined roles."""

from collections import defaultdict
from datetime import timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb, read_entry, read_touched
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.person import list_joined
from semblance.store import ledger, people, proposals
from semblance.store.engine import Transaction
from semblance.terms.permission import Action, PersonId
from semblance.workflows.accounts.people import touch_person
from semblance.workflows.worker_acts import log_due

JOINED_DAYS: Final = 90
"""For so many days roles that an older version joined in one person stay in force."""

_TASK: Final = "two-people"
_MANAGED: Final = f'"action":"{Action.PERSON_MANAGE.value}"'.encode()
_BY_ONE: Final = f"actions.{Action.PERSON_MANAGE.value}"


def settle_accounts(node: Node) -> None:
    """Note who alone had a hand in which older account, and until when roles that are kept apart stay joined."""
    with node.store.reading() as tx:
        if proposals.is_upgraded(tx, _TASK):
            return
    with node.store.writing() as tx:
        if proposals.take_upgrade_task(tx, _TASK):
            _note_hands(tx)
            _note_joined(node, tx)


def _note_hands(tx: Transaction) -> None:
    """Take from the ledger who added or changed whom: none of it needed a second person."""
    hands: dict[PersonId, set[PersonId]] = defaultdict(set)
    for number, data in ledger.iterate_entries(tx):
        if _MANAGED not in data:
            continue
        entry = read_entry(data)
        by = people.find_person_named(tx, entry["person"]) if entry["rule"] == _BY_ONE else None
        if by is None or entry["verb"] not in {Verb.COLLECTION, Verb.ALTERATION}:
            continue
        openings = {opening.label: opening.text for opening in ledger.read_openings(tx, number)}
        for kind, touched in read_touched(entry, openings):
            if kind == "person" and touched is not None and touched != by.id:
                hands[PersonId(touched)].add(by.id)
    for person_id, alone in hands.items():
        if people.find_person(tx, person_id) is not None:
            proposals.add_hands(tx, person_id, alone)


def _note_joined(node: Node, tx: Transaction) -> None:
    today, apart = node.clock().date(), node.policy.read().roles.apart
    until, touched = today + timedelta(days=JOINED_DAYS), list[Touched]()
    for person in people.list_holders_of_several(tx):
        if joined := list_joined(person, today, apart):
            people.note_joined(tx, person.id, joined, until)
            touched.append(touch_person(person))
    if touched:
        reason = Message(
            "role.joined-until",
            "{n} people hold roles that the policy keeps apart, from before; these roles end on {day}",
            n=len(touched),
            day=until,
        )
        act = Action.PERSON_MANAGE.value
        log_due(
            tx, node, Verb.ALTERATION, act, rule="roles.apart", reason=reason, touched=tuple(touched), at=node.clock()
        )
