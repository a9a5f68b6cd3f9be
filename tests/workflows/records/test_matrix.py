"""The matrix, done: every role, authority and state tries every act on records for real, and the policy's answer holds.

``tests/cases/test_matrix.py`` holds the answers to the policy file; here the workflows are held to those answers: what
is stated as permitted is done, what is not is refused, recorded, and leaves the store as it was.
"""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cast import DE, FR, OUTSIDE
from tests.workflows import stand_in

from semblance.cases.check import check_action
from semblance.cases.policy import read_default_policy
from semblance.errors import Conflict, NotFound, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import (
    Circumstances,
    Dispute,
    ImageSource,
    Record,
    RecordDraft,
    RecordTerms,
    RecordVersion,
)
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.node.node import Node
from semblance.store import records, subjects
from semblance.terms.ids import AuthorityCode, SubjectId
from semblance.terms.permission import Action, Actor, PersonId, Refusal, Role
from semblance.terms.record import RecordKind, RecordState, Restriction, RestrictionMode
from semblance.workflows.data_subjects.access_file import make_access_file
from semblance.workflows.data_subjects.requests import receive_request
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.records.erase_record import erase_record
from semblance.workflows.records.export_record import export_record
from semblance.workflows.records.read_record import list_history, read_record
from semblance.workflows.records.write_record import (
    create_record,
    decide_dispute,
    dispute_record,
    edit_record,
    extend_record,
    publish_record,
    withdraw_record,
)

WHY = "The matrix tries it"
LAST = date(2028, 1, 1)
BARRED = AuthorityCode("BE")
AUTHORITIES = (DE, FR, BARRED, OUTSIDE)
ROLES = [frozenset[Role](), *(frozenset({role}) for role in Role), frozenset(Role)]
SOURCE = ImageSource("DE", "handed in by the family", date(2026, 2, 14))


@dataclass(frozen=True)
class Target:
    """A record to act on, as the actor has it in front of them."""

    node: Node
    record: Record
    number: int

    @property
    def subject(self) -> SubjectId:
        return self.record.subject


def _enrol(target: Target, actor: Actor) -> object:
    draft = target.record.draft
    terms = RecordTerms(draft.kind, draft.legal_basis, draft.retain_until, SOURCE)
    data = stand_in.draw(f"P{target.number}", take=7)
    item = IntakeItem(target.record.number, "new.jpg", lambda: data)
    return enrol_photos(target.node, actor, [item], terms=terms, into=target.record, workers=1)


def _create(target: Target, actor: Actor) -> object:
    draft = replace(target.record.draft, number=f"new {target.number} {actor.authority}")
    return create_record(target.node, actor, draft, reason=WHY)


def _edit(target: Target, actor: Actor) -> object:
    draft = replace(target.record.draft, legal_basis="Another law")
    return edit_record(target.node, actor, target.subject, draft, version=target.record.version, reason=WHY)


def _tell(target: Target, actor: Actor) -> object:
    asked = RequestDraft(RequestKind.ACCESS, "J. Doe", date(2026, 3, 1), records=(target.subject,))
    request = receive_request(target.node, actor, asked).request
    return make_access_file(target.node, actor, request.id)


ACTS: dict[Action, Callable[[Target, Actor], object]] = {
    Action.RECORD_READ: lambda t, a: (read_record(t.node, a, t.subject), list_history(t.node, a, t.subject))[0],
    Action.RECORD_EDIT: _edit,
    Action.RECORD_PUBLISH: lambda t, a: publish_record(t.node, a, t.subject, neutral=True, reason=WHY),
    Action.RECORD_WITHDRAW: lambda t, a: withdraw_record(t.node, a, t.subject, reason=WHY),
    Action.RECORD_DISPUTE: lambda t, a: dispute_record(t.node, a, t.subject, reason=WHY),
    Action.RECORD_DECIDE: lambda t, a: decide_dispute(t.node, a, t.subject, upheld=False, reason=WHY),
    Action.RECORD_EXTEND: lambda t, a: extend_record(t.node, a, t.subject, retain_until=LAST, reason=WHY),
    Action.RECORD_EXPORT: lambda t, a: export_record(t.node, a, t.subject, reason=WHY),
    Action.PHOTO_ENROL: _enrol,
    Action.SUBJECT_ACCESS: _tell,
    Action.RECORD_ERASE: lambda t, a: erase_record(t.node, a, t.subject, reason=WHY),
}
"""Every act on a record that stands, the one that ends it last; ``record.create`` has none to act on."""


def test_every_action_on_records_is_in_the_matrix() -> None:
    about = {action for action in Action if action.value.startswith("record.")}
    about |= {Action.PHOTO_ENROL, Action.SUBJECT_ACCESS}
    assert about == {*ACTS, Action.RECORD_CREATE}


def make_actor(authority: AuthorityCode, roles: frozenset[Role]) -> Actor:
    return Actor(PersonId("p"), f"p of {authority}", authority, roles, admitted=authority != OUTSIDE)


class Records:
    """Makes records of DE in any state, which BE may not see."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.made = 0

    def make(self, state: RecordState) -> Target:
        self.made += 1
        now = self.node.clock()
        draft = RecordDraft(
            kind=RecordKind.BLUE,
            number=f"DE/{self.made}",
            legal_basis="INTERPOL RPD, article 88",
            retain_until=date(2027, 1, 1),
            restriction=Restriction(RestrictionMode.EXCEPT, frozenset({BARRED})),
            circumstances=Circumstances(asked="Who is this person?"),
        )
        with self.node.store.writing() as tx:
            subject = subjects.add_subject(tx, DE, draft.number, at=now, person="emil")
            dispute = Dispute("It is not he", "dora", FR, now) if state is RecordState.BLOCKED else None
            record = Record(subject.id, DE, draft, state, 1, now, "emil", now, dispute=dispute)
            records.add_record(tx, RecordVersion(record, "emil", DE, now, WHY))
        return Target(self.node, record, self.made)


def read_state(node: Node, subject: SubjectId) -> tuple[Any, ...]:
    with node.store.reading() as tx:
        held = records.find_record(tx, subject)
        photos = tx.connection.scalar(sa.text("SELECT count(*) FROM photo"))
    return held, photos


def count_refusals(node: Node) -> int:
    with node.store.reading() as tx:
        found = tx.connection.scalars(sa.text("SELECT data FROM ledger_entry"))
        return sum(b'"verb":"refusal"' in bytes(data) for data in found)


@pytest.mark.parametrize("action", list(ACTS), ids=str)
def test_what_is_permitted_is_done_and_what_is_not_leaves_no_trace_but_its_refusal(node: Node, action: Action) -> None:
    policy, act, made = read_default_policy(), ACTS[action], Records(node)
    cells = Counter[str]()
    for state, authority in itertools.product(RecordState, AUTHORITIES):
        target = made.make(state)
        # written down by hand: who may know of such a record at all, whatever they want to do
        known = authority == DE or (authority == FR and state is not RecordState.DRAFT)
        for roles in ROLES:
            actor = make_actor(authority, roles)
            before = read_state(node, target.subject)
            stated = check_action(policy, actor, action, record=target.record.facts)
            refusals = count_refusals(node)
            refused = True
            try:
                act(target, actor)
                refused = False
            except RefusedByPolicy:
                pass
            except NotFound:
                # what must not be known of is answered like what is not there
                assert not known
            assert refused == isinstance(stated, Refusal), (state, authority, roles)
            assert refused or known, (state, authority, roles)
            if refused:
                assert read_state(node, target.subject) == before
                assert count_refusals(node) > refusals
                cells["refused"] += 1
            else:
                cells["done"] += 1
                target = made.make(state)
    assert cells.total() == len(RecordState) * len(AUTHORITIES) * len(ROLES)
    assert cells["done"] > 0


def test_who_may_make_records(node: Node) -> None:
    target = Records(node).make(RecordState.DRAFT)
    for authority, roles in itertools.product(AUTHORITIES, ROLES):
        actor = make_actor(authority, roles)
        stated = check_action(read_default_policy(), actor, Action.RECORD_CREATE, owner=authority)
        refused = False
        try:
            _create(target, actor)
        except RefusedByPolicy:
            refused = True
        except Conflict:
            # two sets of roles of one authority may: the second finds the number taken
            pass
        assert refused == isinstance(stated, Refusal), (authority, roles)
