"""What one person proposes and another confirms: who may, when, what becomes of it, and what the ledger says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.accounts import PASSWORD, add_cast, agree, open_session_of
from tests.cast import ADA, ALICE, AXEL, CAROL, DORA

from semblance.audit.entry import read_entry
from semblance.errors import Conflict, NotFound, NotSignedIn, PolicyError, RefusedByPolicy
from semblance.node.node import Node
from semblance.people.account_rules import AccountRules
from semblance.people.passwords import join_halves
from semblance.people.person import Grant
from semblance.people.proposal import LIFE, ProposalState, are_independent, trace_hands
from semblance.store import ledger, people, proposals
from semblance.terms.permission import Action, Means, PersonId, Role
from semblance.workflows.accounts.joint_acts import AddPerson, GiveRole, LinkPerson, ResetPerson
from semblance.workflows.accounts.people import disable_person, read_person
from semblance.workflows.accounts.sign_in import find_actor, sign_in
from semblance.workflows.oversight.proposals import confirm_proposal, decline_proposal, list_proposals
from semblance.workflows.two_people import Stepped, propose

WHY = "She takes over the team"


@pytest.fixture
def node(make_node: Callable[..., Node]) -> Node:
    made = replace(make_node(), accounts=AccountRules(second_factor="offered"))
    add_cast(made)
    return made


def propose_role(node: Node) -> Stepped:
    return propose(node, ADA, GiveRole("emil", Role.EXAMINER, node.clock().date() + timedelta(days=9)), reason=WHY)


def read_acts(node: Node) -> list[tuple[str, ...]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [
        (entry["verb"], entry["action"], entry["person"], entry["rule"], *sorted(kind for kind, _ in entry["touched"]))
        for entry in entries
    ]


def list_roles(node: Node, name: str) -> set[Role]:
    with node.store.reading() as tx:
        found = people.find_person_named(tx, name)
    assert found is not None
    return {grant.role for grant in found.grants}


def test_nothing_is_done_before_the_second_person_and_each_step_is_recorded(node: Node) -> None:
    made = propose_role(node)
    assert list_roles(node, "emil") == {Role.RECORDS_OFFICER}
    (waiting,) = list_proposals(node, DORA)
    assert (str(waiting.what), waiting.name, waiting.reason) == (
        f"give emil the role examiner until {node.clock().date() + timedelta(days=9)}",
        "ada",
        WHY,
    )
    done = confirm_proposal(node, AXEL, made.proposal.number)
    assert (done.proposal.state, done.proposal.decided_by) == (ProposalState.CONFIRMED, "axel")
    assert list_roles(node, "emil") == {Role.RECORDS_OFFICER, Role.EXAMINER}
    assert list_proposals(node, DORA) == ()
    assert read_acts(node) == [
        ("collection", "proposal.make", "ada", "actions.person.manage", "person", "proposal"),
        ("consultation", "person.read", "dora", "actions.person.read", "proposal"),
        ("alteration", "person.manage", "axel", "actions.person.manage", "person", "proposal"),
        ("consultation", "person.read", "dora", "actions.person.read"),
    ]
    with node.store.reading() as tx:
        (reason,) = (opening.text for opening in ledger.read_openings(tx, 2) if opening.label == "message")
    assert WHY in reason
    assert '"ada"' in reason


def test_nobody_else_and_nobody_twice_confirms(node: Node) -> None:
    number = propose_role(node).proposal.number
    for actor, rule in (
        (ADA, "proposal.same-person"),
        (ALICE, "policy.role"),
        (DORA, "policy.role"),
        (replace(AXEL, means=Means.TOKEN, scope=frozenset({Action.PERSON_MANAGE})), "proposal.by-token"),
        (replace(AXEL, admitted=False), "authority.not-admitted"),
    ):
        with pytest.raises(RefusedByPolicy) as refused:
            confirm_proposal(node, actor, number)
        assert refused.value.rule == rule
        assert read_acts(node)[-1] == ("refusal", "person.manage", actor.name, rule, "person", "proposal")
    confirm_proposal(node, AXEL, number)
    with pytest.raises(Conflict, match="confirmed"):
        confirm_proposal(node, AXEL, number)
    with pytest.raises(NotFound):
        confirm_proposal(node, AXEL, number + 1)
    with pytest.raises(RefusedByPolicy):
        confirm_proposal(node, ALICE, number + 1)


def test_it_lapses_is_withdrawn_and_declined(node: Node, clock: Any) -> None:
    lapsing = propose_role(node).proposal.number
    with pytest.raises(Conflict, match=f"number {lapsing}"):
        propose_role(node)
    clock.now += LIFE
    with pytest.raises(Conflict, match="lapsed"):
        confirm_proposal(node, AXEL, lapsing)
    for actor in (ADA, AXEL):
        number = propose_role(node).proposal.number
        with pytest.raises(PolicyError, match="Say why"):
            decline_proposal(node, actor, number, reason=" ")
        with pytest.raises(RefusedByPolicy):
            decline_proposal(node, CAROL, number, reason=WHY)
        assert decline_proposal(node, actor, number, reason=WHY).proposal.state is ProposalState.DECLINED
        with pytest.raises(Conflict, match="declined"):
            confirm_proposal(node, AXEL, number)
    assert list_roles(node, "emil") == {Role.RECORDS_OFFICER}
    states = [found.find_state(clock.now) for found in list_proposals(node, ADA, decided=True)]
    assert states == [ProposalState.DECLINED, ProposalState.DECLINED, ProposalState.LAPSED]


def test_whoever_lost_the_power_to_propose_it_has_not_proposed_it(node: Node) -> None:
    number = propose_role(node).proposal.number
    disable_person(node, AXEL, "ada", reason=WHY)
    with pytest.raises(Conflict, match="ada, who proposed this"):
        confirm_proposal(node, AXEL, number)
    assert list_roles(node, "emil") == {Role.RECORDS_OFFICER}


def test_a_new_password_is_known_to_its_owner_alone(node: Node) -> None:
    made = propose(node, ADA, AddPerson("grace", "FR"), reason=WHY)
    done = confirm_proposal(node, AXEL, made.proposal.number)
    assert made.half is not None
    assert done.half is not None
    for half in (made.half, done.half, join_halves(done.half, made.half)):
        with pytest.raises(RefusedByPolicy):
            sign_in(node, "grace", half)
    assert sign_in(node, "grace", join_halves(made.half, done.half)).duty is not None
    kept = [found.half for found in list_proposals(node, ADA, decided=True)]
    assert kept == [None], "what was decided keeps no half"


def test_the_policy_keeps_roles_apart(node: Node) -> None:
    until = node.clock().date() + timedelta(days=9)
    for act in (
        GiveRole("ada", Role.EXAMINER, until),
        GiveRole("ada", Role.DATA_PROTECTION_OFFICER, until),
        GiveRole("dora", Role.SUPERVISOR, until),
        GiveRole("carol", Role.ADMINISTRATOR, until),
    ):
        with pytest.raises(RefusedByPolicy, match="keeps apart") as refused:
            propose(node, ADA, act, reason=WHY)
        assert refused.value.rule == "roles.apart"
    # what was allowed when it was proposed is looked at once more
    first = propose(node, ADA, GiveRole("emil", Role.EXAMINER, until), reason=WHY)
    agree(node, GiveRole("emil", Role.DATA_PROTECTION_OFFICER, until))
    with pytest.raises(RefusedByPolicy, match="keeps apart"):
        confirm_proposal(node, AXEL, first.proposal.number)
    agree(node, GiveRole("alice", Role.SUPERVISOR, until))


def test_roles_joined_by_hand_are_not_in_force(node: Node) -> None:
    until = node.clock().date() + timedelta(days=9)
    with node.store.writing() as tx:
        people.set_grant(tx, PersonId("ada"), Grant(Role.EXAMINER, until))
    lapses = [given.lapse for given in read_person(node, AXEL, "ada").grants]
    assert [lapse and lapse.identifier for lapse in lapses] == ["role.joined", "role.joined"]


def test_hands_are_followed_through_every_account() -> None:
    def name(*texts: str) -> frozenset[PersonId]:
        return frozenset(map(PersonId, texts))

    t, x, c, p = (PersonId(text) for text in "txcp")
    hands = {c: name("x"), x: name("t"), t: name("t")}
    assert trace_hands(c, hands) == {c, x, t}
    assert not are_independent(t, c, hands), "who made who made it"
    assert not are_independent(c, t, hands)
    assert not are_independent(x, c, hands)
    assert not are_independent(c, p, {c: name("t"), p: name("t")}), "one person made both"
    assert are_independent(c, p, hands)
    assert not are_independent(p, p, {})


def test_an_account_in_somebody_s_hands_is_no_second_person(node: Node) -> None:
    with node.store.writing() as tx:
        proposals.add_hands(tx, AXEL.person, (ADA.person,))
    number = propose_role(node).proposal.number
    with pytest.raises(RefusedByPolicy) as refused:
        confirm_proposal(node, AXEL, number)
    assert refused.value.rule == "proposal.not-independent"
    # two others give Axel a password that neither of them knows: then nobody alone can be both
    with node.store.writing() as tx:
        people.set_grant(tx, CAROL.person, Grant(Role.ADMINISTRATOR, node.clock().date()))
        people.drop_grant(tx, CAROL.person, Role.SUPERVISOR)
    carol = replace(CAROL, roles=frozenset({Role.ADMINISTRATOR}))
    agree(node, ResetPerson("axel"), second=carol)
    confirm_proposal(node, AXEL, number)


def test_a_reset_takes_every_way_in_away(node: Node) -> None:
    agree(node, LinkPerson("alice", "https://id.invalid", "a-17"))
    secret = open_session_of(node, "alice")
    password = agree(node, ResetPerson("alice"))
    with node.store.reading() as tx:
        assert people.find_linked(tx, "https://id.invalid", "a-17") is None
    with pytest.raises(RefusedByPolicy):
        sign_in(node, "alice", PASSWORD)
    with pytest.raises(NotSignedIn):
        find_actor(node, secret)
    assert sign_in(node, "alice", password).duty is not None
