"""The matrix: every role, authority, action and record state, held to what the policy file itself says.

What is expected is worked out here from the file's text alone, by other means than the program's.
"""

import itertools
import tomllib
from collections import Counter
from datetime import date
from typing import Any

import pytest
from tests.cast import DE, FR, OUTSIDE

from semblance.cases.check import check_action
from semblance.cases.policy import read_default_policy, read_policy
from semblance.errors import PolicyInvalid
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Action, Actor, Permit, PersonId, Refusal, Role
from semblance.terms.record import RecordFacts, RecordKind, RecordState, Restriction, RestrictionMode

POLICY = read_default_policy()
STATED: dict[str, Any] = tomllib.loads(POLICY.text)["actions"]
OTHER = AuthorityCode("BE")
OWNER = DE
RESTRICTIONS = {
    "open": Restriction(),
    "only FR": Restriction(RestrictionMode.ONLY, frozenset({FR})),
    "except FR": Restriction(RestrictionMode.EXCEPT, frozenset({FR})),
}
# who may know of a record of DE under each restriction, written down by hand; a draft nobody but DE
SEEN = {"open": {DE, FR, OTHER}, "only FR": {DE, FR}, "except FR": {DE, OTHER}}
DRAFTS_SEEN = {DE}
ROLE_SETS = [frozenset[Role](), *(frozenset({role}) for role in Role), frozenset(Role)]


def make_actor(authority: AuthorityCode, roles: frozenset[Role], scope: frozenset[Action] | None = None) -> Actor:
    return Actor(PersonId("p"), "p", authority, roles, admitted=authority != OUTSIDE, scope=scope)


def make_record(state: RecordState, restriction: str) -> RecordFacts:
    return RecordFacts(OWNER, state, RESTRICTIONS[restriction], kind=RecordKind.RED, retain_until=date(2030, 1, 1))


def expect(authority: AuthorityCode, roles: frozenset[Role], action: Action, state: str, restriction: str) -> bool:
    stated = STATED[action.value]
    if authority == OUTSIDE or not {role.value for role in roles} & set(stated["roles"]):
        return False
    if stated["whose"] == "own" and authority != OWNER:
        return False
    if authority not in (DRAFTS_SEEN if state == "draft" else SEEN[restriction]):
        return False
    return state in stated["states"]


def test_the_policy_states_every_action_and_nothing_else() -> None:
    assert set(STATED) == {action.value for action in Action}
    assert {role for stated in STATED.values() for role in stated["roles"]} <= {role.value for role in Role}


@pytest.mark.parametrize("action", list(Action))
def test_every_cell_answers_as_stated(action: Action) -> None:
    authorities = (DE, FR, OTHER, OUTSIDE)
    cells = Counter[bool]()
    for authority, roles, state, restriction in itertools.product(authorities, ROLE_SETS, RecordState, RESTRICTIONS):
        answer = check_action(POLICY, make_actor(authority, roles), action, record=make_record(state, restriction))
        permitted = expect(authority, roles, action, state.value, restriction)
        assert isinstance(answer, Permit if permitted else Refusal), (authority, roles, state, restriction, answer)
        assert answer.rule
        cells[permitted] += 1
    assert cells.total() == len(authorities) * len(ROLE_SETS) * len(RecordState) * len(RESTRICTIONS)
    # a rule about records lets somebody do it in each state that it names; the others are about cases and people
    assert bool(cells[True]) == bool(STATED[action.value]["states"])


@pytest.mark.parametrize("action", list(Action))
def test_without_a_record_roles_and_authorities_decide(action: Action) -> None:
    for authority, roles, owner in itertools.product((DE, FR, OUTSIDE), ROLE_SETS, (None, DE, FR)):
        stated = STATED[action.value]
        held = bool({role.value for role in roles} & set(stated["roles"]))
        near = stated["whose"] == "any" or owner in {None, authority}
        answer = check_action(POLICY, make_actor(authority, roles), action, owner=owner)
        assert isinstance(answer, Permit) == (authority != OUTSIDE and held and near), (authority, roles, owner)


@pytest.mark.parametrize("action", list(Action))
def test_the_outsider_is_refused_everywhere_even_what_is_hers(action: Action) -> None:
    mallory = make_actor(OUTSIDE, frozenset(Role))
    for state in RecordState:
        own = RecordFacts(OUTSIDE, state, kind=RecordKind.RED, retain_until=date(2030, 1, 1))
        for record in (own, make_record(state, "open"), None):
            for owner in (None, OUTSIDE, DE):
                answer = check_action(POLICY, mallory, action, record=record, owner=owner)
                assert isinstance(answer, Refusal)
                assert answer.rule == "authority.not-admitted"


@pytest.mark.parametrize("action", list(Action))
def test_a_token_does_what_its_scope_names_and_nothing_else(action: Action) -> None:
    record = make_record(RecordState.ACTIVE, "open")
    whole = check_action(POLICY, make_actor(DE, frozenset(Role)), action, record=record)
    for scope in (frozenset[Action](), frozenset({action}), frozenset(Action) - {action}):
        answer = check_action(POLICY, make_actor(DE, frozenset(Role), scope), action, record=record)
        if action in scope:
            assert answer == whole
        else:
            assert isinstance(answer, Refusal)
            assert answer.rule == "token.scope"


def test_what_a_policy_does_not_name_nobody_may() -> None:
    text = POLICY.text
    start = text.index('[actions."record.erase"]')
    shorter = text[:start] + text[text.index("[actions.", start + 1) :]
    answer = check_action(read_policy(shorter, source="shorter"), make_actor(DE, frozenset(Role)), Action.RECORD_ERASE)
    assert isinstance(answer, Refusal)
    assert answer.rule == "policy.action"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("candidates = 20", 'candidates = "20"', "candidates"),
        ("searches-per-day = 500", "searches-per-day = 500.5", "searches-per-day"),
        ('authorised-by = ["supervisor"]', 'authorised-by = ["examiner"]', "may grant"),
        ('authorised-by = ["supervisor"]', "authorised-by = []", "nobody in `authorised-by`"),
        (
            '[actions."policy.replace"]\nroles = ["data-protection-officer"]',
            '[actions."policy.replace"]\nroles = []',
            "replace",
        ),
    ],
)
def test_a_policy_that_cannot_be_meant_is_not_taken(old: str, new: str, words: str) -> None:
    assert old in POLICY.text
    with pytest.raises(PolicyInvalid, match=words):
        read_policy(POLICY.text.replace(old, new, 1), source="policy.toml")
