"""The rules of accounts: roles in force, passwords, pauses, codes."""

from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from tests.cast import FR

from semblance.people.account_rules import AccountRules, Session, find_duty, find_pause, is_over, is_paused
from semblance.people.passwords import (
    STEP_SECONDS,
    find_password_fault,
    find_step,
    hash_password,
    hash_recovery_code,
    is_password,
    is_recovery_code,
    make_password,
    make_recovery_codes,
    make_totp_secret,
    needs_rehash,
    write_totp_address,
)
from semblance.people.person import (
    Authority,
    Grant,
    Person,
    RoleRules,
    find_grant_fault,
    find_lapse,
    find_name_fault,
    find_roles_in_force,
    find_training_end,
)
from semblance.people.token import (
    find_end,
    find_life_fault,
    hash_secret,
    is_token_secret,
    make_session_secret,
    make_token_secret,
)
from semblance.terms.permission import PersonId, Role

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
BODY = Authority(FR, "Police nationale", "", None, admitted=True)


def _person(*grants: Grant, trained: date | None = None) -> Person:
    return Person(PersonId("a"), "alice", BODY, grants, trained, False, False, NOW)


@pytest.mark.parametrize(("days", "held"), [(-1, False), (0, True), (1, True)])
def test_a_role_is_in_force_through_its_last_day(days: int, *, held: bool) -> None:
    person = _person(Grant(Role.SUPERVISOR, TODAY + timedelta(days=days)))
    assert (Role.SUPERVISOR in find_roles_in_force(person, TODAY, RoleRules(2))) is held


@pytest.mark.parametrize(
    ("trained", "said"),
    [
        (None, "no training"),
        (date(2026, 3, 2), "only on 2026-03-02"),
        (date(2026, 3, 1), None),
        (date(2024, 3, 1), None),
        (date(2024, 2, 29), "older than 2 years"),
    ],
)
def test_an_examiner_needs_training_that_counts(trained: date | None, said: str | None) -> None:
    grant = Grant(Role.EXAMINER, TODAY)
    lapse = find_lapse(_person(grant, trained=trained), grant, TODAY, RoleRules(2))
    assert (lapse is None) if said is None else said in str(lapse)
    # nobody else needs it
    other = Grant(Role.RECORDS_OFFICER, TODAY)
    assert find_lapse(_person(other), other, TODAY, RoleRules(2)) is None


def test_training_of_a_leap_day_and_of_the_last_year() -> None:
    assert find_training_end(date(2024, 2, 29), 2) == date(2026, 2, 28)
    assert find_training_end(date(9998, 5, 1), 20) == date.max


def test_a_token_ends_with_its_last_day_and_the_calendar_has_a_last_one() -> None:
    assert find_end(TODAY) == datetime(2026, 3, 2, tzinfo=UTC)
    assert find_life_fault(find_end(date.max), NOW) is not None


@pytest.mark.parametrize(("days", "fault"), [(-1, "has passed"), (0, None), (5 * 365, None), (2000, "five years")])
def test_a_role_is_given_for_a_time_to_come(days: int, fault: str | None) -> None:
    said = find_grant_fault(TODAY + timedelta(days=days), TODAY)
    assert (said is None) if fault is None else fault in str(said)


@pytest.mark.parametrize(
    "password",
    ["", "short", "elevenchars", "x" * 201, "aaaaaaaaaaaaaaaa", "alice-and-her-cat", "ALICEALICEALICE", "password1234",
     "1234567890123", "abcdefghijklmnop", "qwertyuiopasdf", "semblance2026", "catcatcatcatcat", "pass-word-12345",
     "Password!Password!"],
)  # fmt: skip
def test_a_password_that_is_too_easy_is_not_taken(password: str) -> None:
    assert find_password_fault(password, name="alice") is not None


@pytest.mark.parametrize("password", ["seven green bicycles", "ßüß écoute 東京の夜", "correct horse battery staple"])
def test_length_counts_and_any_sign_may_be_used(password: str) -> None:
    assert find_password_fault(password, name="alice") is None


def test_a_made_password_is_taken_and_never_twice() -> None:
    made = {make_password() for _ in range(50)}
    assert len(made) == 50
    assert all(find_password_fault(password, name="alice") is None for password in made)


def test_only_the_right_password_opens_its_hash() -> None:
    hashed = hash_password("seven green bicycles")
    assert hashed.startswith("$argon2id$")
    assert hashed != hash_password("seven green bicycles")
    assert is_password(hashed, "seven green bicycles")
    for wrong in ("", "seven green bicycle", "Seven green bicycles", "seven green bicycles "):
        assert not is_password(hashed, wrong)
    assert is_password(hash_password("écoute" * 3), "e\u0301coute" * 3)
    assert not is_password(None, "seven green bicycles")
    assert not is_password("not a hash", "seven green bicycles")
    assert not needs_rehash(hashed)
    assert needs_rehash(hashed.replace("t=3", "t=2"))


def test_pauses_grow_to_an_hour() -> None:
    minutes = [find_pause(wrong) for wrong in range(4, 14)]
    assert minutes[0] is None
    assert [pause // timedelta(minutes=1) for pause in minutes[1:] if pause] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert find_pause(100_000) == timedelta(hours=1)


def test_a_code_is_taken_once_and_near_its_time_only() -> None:
    secret = make_totp_secret()
    code = pyotp.TOTP(secret).at(NOW)
    step = find_step(secret, code, NOW, after=0)
    assert step == int(NOW.timestamp()) // STEP_SECONDS
    assert find_step(secret, code, NOW, after=step) is None
    assert find_step(secret, f" {code[:3]} {code[3:]} ", NOW + timedelta(seconds=30), after=0) == step
    assert find_step(secret, code, NOW - timedelta(seconds=30), after=0) == step
    for seconds in (-61, 61, 3600):
        assert find_step(secret, code, NOW + timedelta(seconds=seconds), after=0) is None
    assert find_step(make_totp_secret(), code, NOW, after=0) is None
    for wrong in ("", "12345", "abcdef", "١٢٣٤٥٦"):
        assert find_step(secret, wrong, NOW, after=0) is None


def test_a_code_used_by_a_clock_that_was_ahead_bars_none_after_it_was_put_right() -> None:
    secret = make_totp_secret()
    totp, ahead = pyotp.TOTP(secret), NOW + timedelta(days=3)
    used = find_step(secret, totp.at(ahead), ahead, after=0)
    assert used is not None
    step = find_step(secret, totp.at(NOW), NOW, after=used)
    assert step == int(NOW.timestamp()) // STEP_SECONDS
    assert find_step(secret, totp.at(NOW), NOW, after=step) is None
    # the code to come, taken early, is not taken again
    early = find_step(secret, totp.at(NOW + timedelta(seconds=30)), NOW, after=step)
    assert early == step + 1
    assert find_step(secret, totp.at(NOW + timedelta(seconds=30)), NOW, after=early) is None


def test_pauses_and_sessions_of_a_clock_that_was_ahead_end_when_it_is_put_right() -> None:
    assert is_paused(NOW + timedelta(hours=1), NOW)
    assert not is_paused(NOW, NOW)
    assert not is_paused(NOW + timedelta(days=3), NOW)
    ahead = NOW + timedelta(days=3)
    session = Session(PersonId("p"), ahead, ahead)
    assert not is_over(session, ahead, AccountRules())
    assert is_over(session, NOW, AccountRules())


def test_the_address_for_the_app_names_node_and_person() -> None:
    address = write_totp_address("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", name="alice", node="FR bureau")
    assert address.startswith("otpauth://totp/")
    assert "secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" in address
    assert "alice" in address


def test_codes_on_paper_are_told_from_those_of_the_app_and_bound_to_their_owner() -> None:
    codes = make_recovery_codes()
    assert len(set(codes)) == 10
    assert all(is_recovery_code(code) for code in codes)
    assert not is_recovery_code("123456")
    written = codes[0].upper().replace("-", " ")
    assert hash_recovery_code("a", written) == hash_recovery_code("a", codes[0])
    assert hash_recovery_code("b", codes[0]) != hash_recovery_code("a", codes[0])


def test_secrets_are_long_told_apart_and_kept_as_digests() -> None:
    session, token = make_session_secret(), make_token_secret()
    assert len(session) >= 43
    assert is_token_secret(token)
    assert not is_token_secret(session)
    assert session not in hash_secret(session)
    assert hash_secret("\ud800") == hash_secret("\ud800")


@pytest.mark.parametrize(
    ("idle", "age", "over"), [(30, 60, False), (31, 60, True), (0, 720, False), (0, 721, True), (1, 800, True)]
)
def test_a_session_ends_by_rest_and_by_age(idle: int, age: int, *, over: bool) -> None:
    session = Session(PersonId("a"), NOW - timedelta(minutes=age), NOW - timedelta(minutes=idle))
    assert is_over(session, NOW, AccountRules()) is over


def test_what_must_be_done_first() -> None:
    person = _person()
    assert "second factor" in str(find_duty(person, AccountRules(), vouched=False))
    assert find_duty(person, AccountRules(second_factor="offered"), vouched=False) is None
    assert find_duty(person, AccountRules(), vouched=True) is None


@pytest.mark.parametrize(("days", "fault"), [(0, "passed"), (-1, "passed"), (1, None), (366, None), (367, "a year")])
def test_a_token_lasts_a_year_at_most(days: int, fault: str | None) -> None:
    said = find_life_fault(NOW + timedelta(days=days), NOW)
    assert (said is None) if fault is None else fault in str(said)


@pytest.mark.parametrize("name", ["", "a", "Alice", "al ice", "x" * 65, "unknown", "semblance-worker", "-a", "é" * 4])
def test_names_that_nobody_can_have(name: str) -> None:
    assert find_name_fault(name) is not None


@pytest.mark.parametrize("name", ["alice", "fr-1204", "a.b_c", "alice@fr.invalid", "7of9"])
def test_names_that_people_have(name: str) -> None:
    assert find_name_fault(name) is None
