"""What the first start after the upgrade takes from the ledger of an older store: who made whose account."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.accounts import PASSWORD, add_cast
from tests.cast import ADA, AXEL, DORA

from semblance.audit.entry import Act, Touched, Verb
from semblance.errors import RefusedByPolicy
from semblance.node.node import Node
from semblance.people.account_rules import AccountRules
from semblance.store import ledger, proposals
from semblance.store.schema.proposal import upgrade_task
from semblance.terms.permission import Action, Actor, Role
from semblance.workflows.accounts.after_upgrade import settle_accounts
from semblance.workflows.accounts.first_person import add_first_person
from semblance.workflows.accounts.joint_acts import GiveRole
from semblance.workflows.accounts.people import list_people
from semblance.workflows.oversight.proposals import confirm_proposal
from semblance.workflows.two_people import propose

WHY = "As it was done then"


def manage(node: Node, actor: Actor, whom: Actor, verb: Verb = Verb.COLLECTION, rule: str = "person.manage") -> None:
    """Write into the ledger what an older version did when one administrator added or changed somebody."""
    act = Act(
        verb,
        Action.PERSON_MANAGE.value,
        actor.name,
        actor.authority,
        reason=WHY,
        touched=(Touched("person", whom.person),),
        rule=f"actions.{rule}",
    )
    with node.store.writing() as tx:
        ledger.append(tx, act, at=node.clock())


@pytest.fixture
def older(make_node: Callable[..., Node]) -> Node:
    node = replace(make_node(), accounts=AccountRules(second_factor="offered"))
    add_cast(node)
    with node.store.writing() as tx:
        tx.connection.execute(sa.insert(upgrade_task).values(name="two-people"))
    return node


def test_an_administrator_whom_the_other_added_is_no_second_person(older: Node) -> None:
    manage(older, ADA, AXEL)
    manage(older, ADA, DORA, Verb.ALTERATION)
    # refused, or a change of one's own, is no hand in it
    manage(older, AXEL, DORA, Verb.REFUSAL)
    manage(older, AXEL, AXEL, Verb.ALTERATION)
    settle_accounts(older)
    with older.store.reading() as tx:
        assert proposals.read_hands(tx, [AXEL.person, DORA.person]) == {
            AXEL.person: {ADA.person},
            DORA.person: {ADA.person},
        }
    assert not list_people(older, ADA).standing.two_administrators
    act = GiveRole("emil", Role.EXAMINER, older.clock().date())
    number = propose(older, ADA, act, reason=WHY).proposal.number
    with pytest.raises(RefusedByPolicy) as refused:
        confirm_proposal(older, AXEL, number)
    assert refused.value.rule == "proposal.not-independent"
    # the folder's holder lets one of them in anew: then nobody alone can be both
    add_first_person(older, "axel", authority="FR", password=PASSWORD)
    assert list_people(older, ADA).standing.two_administrators
    confirm_proposal(older, AXEL, number)


def test_it_is_done_once(older: Node) -> None:
    settle_accounts(older)
    manage(older, ADA, AXEL)
    settle_accounts(older)
    with older.store.reading() as tx:
        assert proposals.read_hands(tx, [AXEL.person]) == {}
    assert list_people(older, ADA).standing.two_administrators


def test_who_writes_the_database_does_not_have_it_done_again(older: Node) -> None:
    settle_accounts(older)
    manage(older, ADA, AXEL)
    with older.store.writing() as tx:
        tx.connection.execute(sa.insert(upgrade_task).values(name="two-people"))
    settle_accounts(older)
    with older.store.reading() as tx:
        assert proposals.read_hands(tx, [AXEL.person]) == {}
