"""Signing in: who is let in, who is not, and what is recorded of it."""

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from tests.accounts import PASSWORD, add_cast, agree
from tests.cast import ADA, FR

from semblance.audit.entry import read_entry
from semblance.errors import IntakeError, NotSignedIn, PolicyError, RefusedByPolicy, SetUpMissing
from semblance.node.node import Node
from semblance.people.account_rules import AccountRules
from semblance.people.token import hash_secret
from semblance.store import credentials, ledger
from semblance.store.schema.people import person, session, token
from semblance.terms.permission import PersonId, Role
from semblance.workflows.accounts.joint_acts import EnablePerson, ResetPerson
from semblance.workflows.accounts.own_account import (
    begin_second_factor,
    change_password,
    confirm_second_factor,
    drop_own_second_factor,
    read_own_account,
)
from semblance.workflows.accounts.people import disable_person, revoke_role, unlock_person
from semblance.workflows.accounts.sign_in import SignedIn, find_actor, sign_in, sign_out

WHY = "The personnel office asked for it"


@pytest.fixture
def node(make_node: Callable[..., Node]) -> Node:
    made = replace(make_node(), accounts=AccountRules(second_factor="offered"))
    add_cast(made)
    return made


def read_refusals(node: Node) -> list[tuple[str, str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["person"], entry["authority"], entry["rule"]) for entry in entries if entry["verb"] == "refusal"]


def enter(node: Node, name: str = "alice", password: str = PASSWORD, code: str = "") -> SignedIn:
    found = sign_in(node, name, password, code)
    assert isinstance(found, SignedIn)
    return found


def set_up_codes(node: Node, clock: Any, name: str = "alice") -> tuple[pyotp.TOTP, tuple[str, ...]]:
    secret = enter(node, name).secret
    totp = pyotp.TOTP(begin_second_factor(node, secret).secret)
    papers = confirm_second_factor(node, secret, totp.at(clock.now))
    clock.now += timedelta(minutes=1)
    return totp, papers


def be_refused(node: Node, *words: str) -> RefusedByPolicy:
    with pytest.raises(RefusedByPolicy) as refused:
        sign_in(node, *words)
    assert (refused.value.rule, refused.value.field) == ("person.sign-in", None)
    return refused.value


def test_the_right_password_gives_an_actor_with_the_roles_in_force(node: Node) -> None:
    found = find_actor(node, enter(node, " Alice ").secret)
    assert (found.name, found.authority, found.scope) == ("alice", FR, None)
    assert found.roles == {Role.EXAMINER}
    assert not find_actor(node, enter(node, "mallory").secret).admitted


def test_every_wrong_way_gets_the_same_answer_and_only_the_ledger_says_more(node: Node, clock: Any) -> None:
    set_up_codes(node, clock, "bob")
    disable_person(node, ADA, "carol", reason=WHY)
    tries = [("alice", "wrong password!", ""), ("guessed", PASSWORD, ""), ("bob", PASSWORD, ""), ("bob", PASSWORD, "1"),
             ("carol", PASSWORD, ""), ("", "", ""), ("\0\ud800", "\0\ud800" * 400, "\0")]  # fmt: skip
    assert len({be_refused(node, *words).message for words in tries}) == 1
    assert read_refusals(node) == [
        ("alice", "FR", "sign-in.password"),
        ("unknown", "unknown", "sign-in.account"),
        ("bob", "FR", "sign-in.code"),
        ("bob", "FR", "sign-in.code"),
        ("carol", "FR", "sign-in.locked"),
        ("unknown", "unknown", "sign-in.account"),
        ("unknown", "unknown", "sign-in.account"),
    ]


@pytest.mark.skipif(not os.environ.get("SEMBLANCE_TEST_TIMING"), reason="SEMBLANCE_TEST_TIMING is not set")
def test_an_unknown_name_takes_about_as_long(node: Node) -> None:
    def measure(name: str) -> float:
        start = time.perf_counter()
        be_refused(node, name, "wrong password!")
        return time.perf_counter() - start

    measure("nobody-here")
    times = {name: [measure(name) for _ in range(4)] for name in ("alice", "nobody-here")}
    known, unknown = (statistics.median(times[name]) for name in times)
    assert 0.4 < unknown / known < 2.5


def test_five_wrong_tries_pause_and_pauses_grow(node: Node, clock: Any) -> None:
    for _ in range(5):
        be_refused(node, "alice", "wrong password!")
    be_refused(node, "alice", PASSWORD)
    clock.now += timedelta(seconds=58)
    be_refused(node, "alice", PASSWORD)
    clock.now += timedelta(seconds=3)
    be_refused(node, "alice", "wrong password!")
    clock.now += timedelta(seconds=61)
    be_refused(node, "alice", PASSWORD)
    clock.now += timedelta(seconds=61)
    enter(node)
    # and the count began anew
    for _ in range(4):
        be_refused(node, "alice", "wrong password!")
    enter(node)
    assert "sign-in.paused" in {rule for _, _, rule in read_refusals(node)}


def test_many_guesses_at_once_are_no_more_guesses(node: Node) -> None:
    # no more at once than there are places for passwords
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(lambda place: be_refused(node, "alice", f"wrong password {place}"), range(12)))) == 12
    rules = [rule for _, _, rule in read_refusals(node)]
    assert rules.count("sign-in.password") == 5
    assert rules.count("sign-in.paused") == 7


def test_a_code_is_needed_and_taken_once(node: Node, clock: Any) -> None:
    totp, _ = set_up_codes(node, clock)
    be_refused(node, "alice", PASSWORD)
    code = totp.at(clock.now)
    enter(node, code=code)
    be_refused(node, "alice", PASSWORD, code)
    clock.now += timedelta(seconds=30)
    enter(node, code=totp.at(clock.now))


def test_of_two_with_the_same_code_at_once_one_is_let_in(node: Node, clock: Any) -> None:
    totp, _ = set_up_codes(node, clock)
    code = totp.at(clock.now)

    def is_let_in(_: int) -> bool:
        try:
            sign_in(node, "alice", PASSWORD, code)
        except RefusedByPolicy:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(is_let_in, range(4))) == [False, False, False, True]


def test_the_code_that_set_it_up_does_not_sign_in_again(node: Node, clock: Any) -> None:
    secret = enter(node).secret
    totp = pyotp.TOTP(begin_second_factor(node, secret).secret)
    with pytest.raises(PolicyError, match="not the code"):
        confirm_second_factor(node, secret, "000000" if totp.at(clock.now) != "000000" else "111111")
    assert read_own_account(node, secret).recovery_codes == 0
    code = totp.at(clock.now)
    confirm_second_factor(node, secret, code)
    be_refused(node, "alice", PASSWORD, code)


def test_a_code_on_paper_is_taken_once_and_only_from_its_owner(node: Node, clock: Any) -> None:
    _, papers = set_up_codes(node, clock)
    set_up_codes(node, clock, "bob")
    be_refused(node, "bob", PASSWORD, papers[0])
    account = read_own_account(node, enter(node, code=papers[0].upper()).secret)
    assert account.recovery_codes == 9
    be_refused(node, "alice", PASSWORD, papers[0])


def test_ten_wrong_codes_lock_until_an_administrator_unlocks(node: Node, clock: Any) -> None:
    totp, papers = set_up_codes(node, clock)
    for _ in range(10):
        wrong = f"{(int(totp.at(clock.now)) + 5) % 1_000_000:06}"
        be_refused(node, "alice", PASSWORD, wrong)
        clock.now += timedelta(hours=2)
    for code in (totp.at(clock.now), papers[0]):
        be_refused(node, "alice", PASSWORD, code)
    assert read_refusals(node)[-1] == ("alice", "FR", "sign-in.locked")
    unlock_person(node, ADA, "alice", reason=WHY)
    enter(node, code=totp.at(clock.now))


def test_wrong_passwords_never_lock_for_good(node: Node, clock: Any) -> None:
    for _ in range(15):
        be_refused(node, "alice", "wrong password!")
        clock.now += timedelta(hours=1, seconds=1)
    enter(node)


def test_where_a_second_factor_is_required_nothing_is_done_before(node: Node, clock: Any) -> None:
    node = replace(node, accounts=AccountRules())
    opened = enter(node)
    assert opened.duty is not None
    with pytest.raises(SetUpMissing, match="second factor"):
        find_actor(node, opened.secret)
    totp = pyotp.TOTP(begin_second_factor(node, opened.secret).secret)
    confirm_second_factor(node, opened.secret, totp.at(clock.now))
    assert find_actor(node, opened.secret).name == "alice"
    with pytest.raises(PolicyError, match="requires"):
        drop_own_second_factor(node, opened.secret, PASSWORD)


def test_a_second_factor_is_replaced_or_removed_with_the_password_only(node: Node, clock: Any) -> None:
    totp, _ = set_up_codes(node, clock)
    secret = enter(node, code=totp.at(clock.now)).secret
    other = pyotp.TOTP(begin_second_factor(node, secret).secret)
    with pytest.raises(PolicyError, match="present password"):
        confirm_second_factor(node, secret, other.at(clock.now))
    with pytest.raises(PolicyError, match="present password"):
        drop_own_second_factor(node, secret, "wrong password!")
    confirm_second_factor(node, secret, other.at(clock.now), password=PASSWORD)
    clock.now += timedelta(minutes=1)
    be_refused(node, "alice", PASSWORD, totp.at(clock.now))
    enter(node, code=other.at(clock.now))
    drop_own_second_factor(node, secret, PASSWORD)
    enter(node)


def test_a_session_ends_by_rest_by_age_and_by_leaving(node: Node, clock: Any) -> None:
    secret = enter(node).secret
    for _ in range(24):
        clock.now += timedelta(minutes=29)
        find_actor(node, secret)
    clock.now += timedelta(minutes=25)
    with pytest.raises(NotSignedIn):
        find_actor(node, secret)
    resting = enter(node).secret
    clock.now += timedelta(minutes=31)
    with pytest.raises(NotSignedIn, match="Sign in again"):
        find_actor(node, resting)
    left = enter(node).secret
    sign_out(node, left)
    sign_out(node, left)
    for secret in (left, "", "guess", "\0\ud800"):
        with pytest.raises(NotSignedIn):
            find_actor(node, secret)


def test_what_changes_the_account_ends_its_sessions(node: Node) -> None:
    changes: tuple[Callable[[], object], ...] = (
        lambda: disable_person(node, ADA, "alice", reason=WHY),
        lambda: revoke_role(node, ADA, "alice", Role.EXAMINER, reason=WHY),
        lambda: agree(node, ResetPerson("alice")),
    )
    given: object = ""
    for change in changes:
        secret, other = enter(node).secret, enter(node, "bob").secret
        given = change()
        with pytest.raises(NotSignedIn):
            find_actor(node, secret)
        assert find_actor(node, other).name == "bob"
        agree(node, EnablePerson("alice"))
    first = str(given)
    reset = enter(node, password=first)
    assert reset.duty is not None
    with pytest.raises(PolicyError, match="somebody else"):
        begin_second_factor(node, reset.secret)
    fresh = change_password(node, reset.secret, first, "my own long words")
    assert find_actor(node, fresh.secret).name == "alice"
    with pytest.raises(NotSignedIn):
        find_actor(node, reset.secret)
    with pytest.raises(IntakeError, match="is the old one"):
        change_password(node, fresh.secret, "my own long words", "my own long words")
    with pytest.raises(IntakeError, match="at least 12"):
        change_password(node, fresh.secret, "my own long words", "short")
    with pytest.raises(PolicyError, match="not right"):
        change_password(node, fresh.secret, "not my own words", "again other words")
    enter(node, password="my own long words")


def test_guessing_the_old_password_in_a_stolen_session_pauses_too(node: Node) -> None:
    secret = enter(node).secret
    for _ in range(5):
        with pytest.raises(PolicyError):
            change_password(node, secret, "wrong password!", "again other words")
    with pytest.raises(PolicyError):
        change_password(node, secret, PASSWORD, "again other words")
    # and shuts nobody out who comes from elsewhere
    enter(node)


def test_strangers_pause_strangers_only(node: Node, clock: Any) -> None:
    device = enter(node).device
    for _ in range(20):
        be_refused(node, "alice", "wrong password!")
    be_refused(node, "alice", PASSWORD)
    assert read_refusals(node)[-1] == ("alice", "FR", "sign-in.paused")
    again = sign_in(node, "alice", PASSWORD, device=device)
    assert again.device == device, "the same in every browser that signed in that day"
    # she has had her tries forgiven, and strangers with them
    for _ in range(5):
        be_refused(node, "alice", "wrong password!")
    clock.now += timedelta(days=399)
    assert sign_in(node, "alice", PASSWORD, device=device).device != device


@pytest.mark.parametrize(
    "forge",
    [
        lambda _device: "",
        lambda device: device[:-1] + ("0" if device[-1] != "0" else "1"),
        lambda device: device.replace("2026-03-01", "2026-03-02"),
        lambda device: device.partition(".")[2],
        lambda _device: "2026-03-01.",
        lambda _device: "é.\ud800",
    ],
)
def test_what_no_browser_was_given_is_a_stranger_s(node: Node, forge: Callable[[str], str]) -> None:
    device = enter(node).device
    for _ in range(5):
        be_refused(node, "alice", "wrong password!")
    with pytest.raises(RefusedByPolicy):
        sign_in(node, "alice", PASSWORD, device=forge(device))


def test_a_browser_is_known_to_its_person_and_for_a_time(node: Node, clock: Any) -> None:
    bob, alice = enter(node, "bob").device, enter(node).device
    for _ in range(5):
        be_refused(node, "alice", "wrong password!")
    with pytest.raises(RefusedByPolicy):
        sign_in(node, "alice", PASSWORD, device=bob)
    agree(node, ResetPerson("bob"))
    for days, known in ((400, True), (1, False)):
        clock.now += timedelta(days=days)
        for _ in range(5):
            be_refused(node, "alice", "wrong password!")
        if known:
            sign_in(node, "alice", PASSWORD, device=alice)
        else:
            with pytest.raises(RefusedByPolicy):
                sign_in(node, "alice", PASSWORD, device=alice)


def test_the_second_factor_given_first_is_counted_apart(node: Node, clock: Any) -> None:
    totp, papers = set_up_codes(node, clock)
    for _ in range(20):
        be_refused(node, "alice", "wrong password!")
    be_refused(node, "alice", PASSWORD, "000000" if totp.at(clock.now) != "000000" else "111111")
    enter(node, code=totp.at(clock.now))
    for _ in range(5):
        be_refused(node, "alice", "wrong password!")
    enter(node, code=papers[0])
    # whoever has the code gets no more tries at the password than anybody
    clock.now += timedelta(minutes=1)
    for _ in range(5):
        be_refused(node, "alice", "wrong password!", totp.at(clock.now))
    be_refused(node, "alice", PASSWORD, totp.at(clock.now))
    assert read_refusals(node)[-1][2] == "sign-in.paused"
    be_refused(node, "alice", PASSWORD, papers[0])


def test_wrong_codes_of_strangers_lock_out_strangers(node: Node, clock: Any) -> None:
    totp, _ = set_up_codes(node, clock)
    device = enter(node, code=totp.at(clock.now)).device

    def guess(device: str = "") -> None:
        clock.now += timedelta(hours=2)
        wrong = f"{(int(totp.at(clock.now)) + 5) % 1_000_000:06}"
        with pytest.raises(RefusedByPolicy):
            sign_in(node, "alice", PASSWORD, wrong, device=device)

    for _ in range(10):
        guess()
    with pytest.raises(RefusedByPolicy):
        sign_in(node, "alice", PASSWORD, totp.at(clock.now))
    sign_in(node, "alice", PASSWORD, totp.at(clock.now), device=device)
    clock.now += timedelta(minutes=1)
    be_refused(node, "alice", PASSWORD, totp.at(clock.now))
    # a thief of her browser and her password guesses no longer than a stranger
    for _ in range(10):
        guess(device)
    with pytest.raises(RefusedByPolicy):
        sign_in(node, "alice", PASSWORD, totp.at(clock.now), device=device)
    unlock_person(node, ADA, "alice", reason=WHY)
    enter(node, code=totp.at(clock.now))


def test_the_hash_is_renewed_when_its_parameters_change(node: Node) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with node.store.writing() as tx:
        credentials.renew_hash(tx, PersonId("alice"), weak)
    enter(node)
    with node.store.reading() as tx:
        renewed = tx.connection.scalar(sa.select(person.c.password).where(person.c.name == "alice"))
    assert renewed != weak
    enter(node)


def test_no_secret_stands_in_the_store(node: Node, clock: Any) -> None:
    totp, papers = set_up_codes(node, clock)
    secret = enter(node, code=totp.at(clock.now)).secret
    begin_second_factor(node, secret)
    with node.store.reading() as tx:
        rows = [str(row) for table in (person, session, token) for row in tx.connection.execute(sa.select(table))]
        assert tx.connection.scalar(sa.select(sa.func.count()).where(session.c.digest == hash_secret(secret))) == 1
    everything = " ".join(rows)
    for hidden in (PASSWORD, secret, totp.secret, papers[0]):
        assert hidden not in everything
