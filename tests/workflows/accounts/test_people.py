"""Authorities, accounts, roles and tokens: who may change them, and what a change does at once."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.accounts import PASSWORD, add_cast, agree, open_session_of
from tests.cast import ADA, ADMINISTRATORS, ALICE, CAST, DORA, MALLORY

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import read_entry
from semblance.errors import Conflict, IntakeError, NotFound, NotSignedIn, PolicyError, RefusedByPolicy, UnusableText
from semblance.node.node import Node
from semblance.people.account_rules import AccountRules
from semblance.people.person import Grant
from semblance.store import ledger
from semblance.terms.permission import Action, Actor, Means, Permit, Role
from semblance.workflows.accounts import people
from semblance.workflows.accounts.authorities import add_authority, exclude_authority, list_authorities
from semblance.workflows.accounts.first_person import add_first_person
from semblance.workflows.accounts.joint_acts import (
    AddPerson,
    AdmitAuthority,
    EnablePerson,
    GiveRole,
    LinkPerson,
    NoteTraining,
    ResetPerson,
)
from semblance.workflows.accounts.own_account import MadeToken, list_tokens, make_token, revoke_token
from semblance.workflows.accounts.sign_in import SignedIn, find_actor, sign_in
from semblance.workflows.permission import ask
from semblance.workflows.two_people import JointAct, propose

WHY = "The personnel office asked for it"


@pytest.fixture
def empty(make_node: Callable[..., Node]) -> Node:
    return replace(make_node(), accounts=AccountRules(second_factor="offered"))


@pytest.fixture
def node(empty: Node) -> Node:
    add_cast(empty)
    return empty


def read_acts(node: Node) -> list[tuple[str, str, str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["verb"], entry["action"], entry["person"], entry["rule"]) for entry in entries]


def act_as(node: Node, name: str) -> Actor:
    return find_actor(node, open_session_of(node, name))


def make(node: Node, *scope: Action, name: str = "alice", days: int = 30) -> MadeToken:
    end = node.clock() + timedelta(days=days)
    made = make_token(node, act_as(node, name), label="nightly import", scope=frozenset(scope), expires_at=end)
    assert isinstance(made, MadeToken)
    return made


def test_the_first_two_administrators_are_made_and_recorded(empty: Node) -> None:
    made = add_first_person(empty, "ada", authority="FR", password=PASSWORD)
    assert [grant.role for grant in made.grants] == [Role.ADMINISTRATOR]
    add_first_person(empty, "axel", authority="FR", password=PASSWORD)
    with pytest.raises(Conflict, match="administrators"):
        add_first_person(empty, "mallory", authority="FR", password=PASSWORD)
    assert read_acts(empty) == [
        ("collection", "authority.manage", "ada", "node.holder"),
        ("collection", "person.manage", "ada", "node.holder"),
        ("collection", "person.manage", "axel", "node.holder"),
    ]
    opened = sign_in(empty, "ada", PASSWORD)
    assert isinstance(opened, SignedIn)
    assert find_actor(empty, opened.secret).roles == {Role.ADMINISTRATOR}


def test_whoever_holds_the_folder_can_make_another_where_one_administrator_is_left(empty: Node, clock: Any) -> None:
    for name in ("ada", "axel"):
        add_first_person(empty, name, authority="FR", password=PASSWORD)
    ada = act_as(empty, "ada")
    people.disable_person(empty, ada, "axel", reason=WHY)
    with pytest.raises(Conflict, match="somebody else"):
        add_first_person(empty, "axel", authority="FR", password=PASSWORD)
    add_first_person(empty, "grace", authority="FR", password=PASSWORD)
    clock.now += timedelta(days=366)
    # her role has ended: she is let in anew, and whatever let her in before is gone
    add_first_person(empty, "ada", authority="FR", password="another long one 47")
    with pytest.raises(RefusedByPolicy):
        sign_in(empty, "ada", PASSWORD)
    assert sign_in(empty, "ada", "another long one 47").person.grants[0].until > clock.now.date()


@pytest.mark.parametrize(
    ("name", "authority", "password"),
    [("Ada", "FR", PASSWORD), ("ada", "France", PASSWORD), ("ada", "FR", "short"), ("ada", "FR", "ada and her cat")],
)
def test_a_first_administrator_that_cannot_be_made_leaves_nothing(
    empty: Node, name: str, authority: str, password: str
) -> None:
    with pytest.raises(IntakeError):
        add_first_person(empty, name, authority=authority, password=password)
    assert read_acts(empty) == []


def test_only_administrators_manage_people_and_authorities(node: Node) -> None:
    until = node.clock().date() + timedelta(days=10)
    joint: tuple[Callable[[Actor], JointAct], ...] = (
        lambda actor: AddPerson(f"new-{actor.name}", "FR"),
        lambda actor: GiveRole("emil", Role.EXAMINER, until + timedelta(days=len(actor.name))),
        lambda actor: NoteTraining("bob", node.clock().date() - timedelta(days=len(actor.name))),
        lambda actor: LinkPerson("bob", "https://id.invalid", actor.name),
    )
    acts: tuple[Callable[[Actor], object], ...] = (
        *(lambda actor, make=make: propose(node, actor, make(actor), reason=WHY) for make in joint),
        lambda actor: people.disable_person(node, actor, "bob", reason=WHY),
        lambda actor: people.unlock_person(node, actor, "bob", reason=WHY),
        lambda actor: people.unlink_person(node, actor, "bob", reason=WHY),
        lambda actor: add_authority(node, actor, "IT" if actor is ADA else "PT", name="Polizia", contact=""),
        lambda actor: exclude_authority(node, actor, "DE", reason=WHY),
    )
    for actor in CAST:
        for act in acts:
            with nullcontext() if actor in ADMINISTRATORS else pytest.raises(RefusedByPolicy):
                act(actor)
    entries = read_acts(node)
    assert {(person, verb) for verb, _, person, _ in entries if person not in {"ada", "axel"}} == {
        (actor.name, "refusal") for actor in CAST if actor not in ADMINISTRATORS
    }
    assert [rule for _, _, person, rule in entries if person == "mallory"] == ["authority.not-admitted"] * len(acts)


def test_the_list_is_an_entry_and_says_why_a_role_is_not_in_force(node: Node, clock: Any) -> None:
    for actor in CAST:
        with pytest.raises(RefusedByPolicy) if actor.name in {"alice", "bob", "emil", "mallory"} else nullcontext():
            people.list_people(node, actor)
    with pytest.raises(RefusedByPolicy):
        list_authorities(node, ALICE)
    clock.now += timedelta(days=364)
    page = people.list_people(node, DORA)
    shown = {shown.person.name: shown for shown in page.people}
    assert shown["alice"].grants[0].lapse is None
    clock.now += timedelta(days=2)
    page = people.list_people(node, DORA, limit=2)
    assert ([one.person.name for one in page.people], page.next_after) == (["ada", "alice"], "alice")
    assert "ended" in str(page.people[1].grants[0].lapse)
    rest = people.list_people(node, DORA, after=page.next_after)
    assert [one.person.name for one in rest.people] == ["axel", "bob", "carol", "dora", "emil", "mallory"]


def test_a_role_that_ended_and_training_that_lapsed_let_nobody_act(node: Node, clock: Any) -> None:
    assert act_as(node, "alice").roles == {Role.EXAMINER}
    today = node.clock().date()
    agree(node, GiveRole("alice", Role.EXAMINER, today + timedelta(days=1500)))
    for name in ("ada", "axel"):
        agree(node, GiveRole(name, Role.ADMINISTRATOR, today + timedelta(days=1500)))
    clock.now += timedelta(days=3 * 366)
    lapsed = act_as(node, "alice")
    assert lapsed.roles == frozenset()
    with pytest.raises(RefusedByPolicy) as refused:
        ask(node, lapsed, Action.GALLERY_SEARCH, owner=lapsed.authority)
    assert refused.value.rule == "policy.role"
    agree(node, NoteTraining("alice", node.clock().date()))
    assert act_as(node, "alice").roles == {Role.EXAMINER}
    clock.now += timedelta(days=500)
    assert act_as(node, "alice").roles == frozenset()


def test_an_authority_that_is_excluded_is_refused_at_once(node: Node) -> None:
    emil = open_session_of(node, "emil")
    assert find_actor(node, emil).admitted
    exclude_authority(node, ADA, "DE", reason=WHY)
    excluded = find_actor(node, emil)
    with pytest.raises(RefusedByPolicy) as refused:
        ask(node, excluded, Action.POLICY_READ)
    assert refused.value.rule == "authority.not-admitted"
    agree(node, AdmitAuthority("DE"))
    assert isinstance(ask(node, find_actor(node, emil), Action.POLICY_READ), Permit)


def test_authorities_are_registered_with_a_checked_key(node: Node) -> None:
    key = str(SigningKey("semblance.invalid/it", b"i" * 32).public)
    added = add_authority(node, ADA, "IT-PS", name=" Polizia ", contact="desk\nRoma", key=f" {key}\n")
    assert (added.name, added.key, added.admitted) == ("Polizia", key, False)
    for code, name, line, error in [
        ("IT-PS", "Polizia", None, Conflict),
        ("it", "Polizia", None, IntakeError),
        ("ITA", "Polizia", None, IntakeError),
        ("ES", " ", None, IntakeError),
        ("ES", "Pol\0icia", None, UnusableText),
        ("ES", "x" * 201, None, UnusableText),
        ("ES", "Policia", key[:-4] + "AAA=", IntakeError),
        ("ES", "Policia", "hello", IntakeError),
    ]:
        with pytest.raises(error):
            add_authority(node, ADA, code, name=name, contact="", key=line)
    with pytest.raises(NotFound):
        propose(node, ADA, AdmitAuthority("ES"), reason=WHY)
    with pytest.raises(NotFound):
        exclude_authority(node, ADA, "ES", reason=WHY)
    found = list_authorities(node, ADA)
    assert [authority.code for authority in found] == ["DE", "FR", "IT-PS", "XX"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"person": "alice"}, Conflict),
        ({"person": "Bad Name"}, IntakeError),
        ({"authority": "ES"}, NotFound),
        ({"grants": (Grant(Role.SUPERVISOR, date(2026, 2, 1)),)}, IntakeError),
        ({"grants": (Grant(Role.SUPERVISOR, date(2036, 2, 1)),)}, IntakeError),
        ({"trained_on": date(2027, 1, 1)}, IntakeError),
    ],
)
def test_a_faulty_account_is_not_added(node: Node, fields: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        propose(node, ADA, AddPerson(**{"person": "newcomer", "authority": "FR", **fields}), reason=WHY)
    page = people.list_people(node, ADA)
    assert len(page.people) == len(CAST)


def test_changes_of_nobody_or_of_nothing_are_said(node: Node) -> None:
    today = node.clock().date()
    with pytest.raises(NotFound, match="Nobody here is called 'zoe'"):
        people.disable_person(node, ADA, "zoe", reason=WHY)
    with pytest.raises(NotFound, match="was not given"):
        people.revoke_role(node, ADA, "bob", Role.SUPERVISOR, reason=WHY)
    with pytest.raises(PolicyError, match="Say why"):
        people.disable_person(node, ADA, "bob", reason=" ")
    with pytest.raises(IntakeError, match="has passed"):
        propose(node, ADA, GiveRole("bob", Role.EXAMINER, today - timedelta(days=1)), reason=WHY)
    with pytest.raises(IntakeError, match="is to come"):
        propose(node, ADA, NoteTraining("bob", today + timedelta(days=1)), reason=WHY)
    with pytest.raises(NotFound, match="'zoe'"):
        propose(node, ADA, ResetPerson("zoe"), reason=WHY)
    agree(node, LinkPerson("bob", "https://id.invalid", "b"))
    with pytest.raises(Conflict, match="linked with bob"):
        propose(node, ADA, LinkPerson("alice", "https://id.invalid", "b"), reason=WHY)


def test_a_token_acts_for_its_owner_within_its_scope_only(node: Node) -> None:
    made = make(node, Action.PROBE_SUBMIT, Action.KEY_ROTATE)
    actor = find_actor(node, made.secret)
    assert (actor.name, actor.means, actor.roles) == ("alice", Means.TOKEN, frozenset({Role.EXAMINER}))
    assert isinstance(ask(node, actor, Action.PROBE_SUBMIT, owner=actor.authority), Permit)
    with pytest.raises(RefusedByPolicy) as narrowed:
        ask(node, actor, Action.GALLERY_SEARCH, owner=actor.authority)
    assert narrowed.value.rule == "token.scope"
    # what the scope names, the role does not give
    with pytest.raises(RefusedByPolicy) as wider:
        ask(node, actor, Action.KEY_ROTATE)
    assert wider.value.rule == "policy.role"


def test_a_stolen_token_is_revoked_and_an_old_one_ends(node: Node, clock: Any) -> None:
    stolen, old, third = (make(node, Action.PROBE_SUBMIT) for _ in range(3))
    alice = act_as(node, "alice")
    revoke_token(node, alice, stolen.token.id)
    with pytest.raises(NotSignedIn, match="revoked"):
        find_actor(node, stolen.secret)
    revoke_token(node, ADA, third.token.id, reason="Found in a log")
    with pytest.raises(NotSignedIn):
        find_actor(node, third.secret)
    for secret in (stolen.secret[:-1], stolen.secret + "x", "semblance_", old.secret.upper()):
        with pytest.raises(NotSignedIn):
            find_actor(node, secret)
    clock.now += timedelta(days=29)
    assert find_actor(node, old.secret).name == "alice"
    clock.now += timedelta(days=1)
    with pytest.raises(NotSignedIn, match="ended"):
        find_actor(node, old.secret)


def test_a_token_never_outlives_what_its_owner_may(node: Node) -> None:
    made = make(node, Action.PROBE_SUBMIT)
    people.revoke_role(node, ADA, "alice", Role.EXAMINER, reason=WHY)
    assert find_actor(node, made.secret).roles == frozenset()
    people.disable_person(node, ADA, "alice", reason=WHY)
    with pytest.raises(NotSignedIn):
        find_actor(node, made.secret)
    agree(node, EnablePerson("alice"))
    with pytest.raises(NotSignedIn, match="revoked"):
        find_actor(node, made.secret)


def test_tokens_make_no_tokens_and_touch_no_others(node: Node) -> None:
    made = make(node, Action.TOKEN_MAKE)
    program = find_actor(node, made.secret)
    end = node.clock() + timedelta(days=1)
    with pytest.raises(RefusedByPolicy) as refused:
        make_token(node, program, label="more", scope=frozenset(Action), expires_at=end)
    assert refused.value.rule == "token.by-token"
    assert ("refusal", "token.make", "alice", "token.by-token") in read_acts(node)
    other = make(node, Action.PROBE_SUBMIT, name="bob")
    for actor in (program, act_as(node, "alice"), MALLORY):
        with pytest.raises(RefusedByPolicy):
            revoke_token(node, actor, other.token.id)
        with pytest.raises(RefusedByPolicy):
            list_tokens(node, actor, name="bob")
    assert find_actor(node, other.secret).name == "bob"
    own = list_tokens(node, act_as(node, "alice"))
    assert [token.id for token in own] == [made.token.id]
    assert made.secret.startswith(own[0].start)
    assert made.secret not in str(own)
    with pytest.raises(NotFound):
        revoke_token(node, ADA, "nothing")


@pytest.mark.parametrize(
    ("label", "scope", "end"),
    [
        ("", {Action.PROBE_SUBMIT}, datetime(2026, 4, 1, tzinfo=UTC)),
        ("x" * 81, {Action.PROBE_SUBMIT}, datetime(2026, 4, 1, tzinfo=UTC)),
        ("import", set(), datetime(2026, 4, 1, tzinfo=UTC)),
        ("import", {Action.PROBE_SUBMIT}, datetime(2026, 3, 1, tzinfo=UTC)),
        ("import", {Action.PROBE_SUBMIT}, datetime(2027, 4, 1, tzinfo=UTC)),
    ],
)
def test_a_faulty_token_is_not_made(node: Node, label: str, scope: set[Action], end: datetime) -> None:
    alice = act_as(node, "alice")
    with pytest.raises(IntakeError):
        make_token(node, alice, label=label, scope=frozenset(scope), expires_at=end)
    assert list_tokens(node, alice) == ()


def test_mallory_makes_no_token(node: Node) -> None:
    end = node.clock() + timedelta(days=1)
    with pytest.raises(RefusedByPolicy):
        make_token(node, MALLORY, label="x1", scope=frozenset(Action), expires_at=end)
