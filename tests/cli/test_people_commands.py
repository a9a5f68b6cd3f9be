"""Accounts on the command line: the first administrator, signing in, people, authorities, tokens."""

import json
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from tests.accounts import PASSWORD

WHY = ("--reason", "The personnel office asked for it")
SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def read(result: Any) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def bare(run: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Make a node with two administrators and nobody else, where a second factor is required; return what it says."""
    monkeypatch.setenv("SEMBLANCE_PASSWORD", PASSWORD)
    made: dict[str, Any] = read(run("init", "--authority", "FR", "--admin", "ada", "--admin", "axel", "--json"))
    monkeypatch.delenv("SEMBLANCE_PASSWORD")
    return made


def sign_in(run: Any, name: str, password: str, *, by: str | None = None) -> tuple[Any, pyotp.TOTP, str]:
    """Sign in for the first time: the key is read from what the command prints, and its code is typed.

    Returned beside what it printed: the key, and the code that was typed.
    """
    first = run("sign-in", "--name", name, input=f"{password}\n\n", by=by)
    key = re.search(r"key: +(\w+)", first.output)
    assert key is not None, first.output
    totp = pyotp.TOTP(key[1])
    code = totp.now()
    return run("sign-in", "--name", name, input=f"{password}\n\n{code}\n", by=by), totp, code


def set_up(run: Any, name: str, first: str) -> Any:
    """Sign in with a password that must be changed, and set up a second factor."""
    words = f"{first}\n\nmy own long words\nmy own long words\n"
    asked = run("sign-in", "--name", name, input=words, by=name)
    totp = pyotp.TOTP(re.search(r"key: +(\w+)", asked.output)[1])  # type: ignore[index]
    return run("sign-in", "--name", name, input=f"my own long words\n\n{totp.now()}\n", by=name)


def test_from_an_empty_folder_to_a_third_person(run: Any, bare: dict[str, Any], tmp_path: Path) -> None:
    assert bare["administrators"] == ["ada", "axel"]
    signed, _, _ = sign_in(run, "ada", PASSWORD, by="ada")
    assert signed.exit_code == 0, signed.output
    assert "administrator" in signed.output
    assert len(re.findall(r"^  \w{5}-\w{5}$", signed.output, re.MULTILINE)) == 10
    (kept,) = (tmp_path / "state" / "ada" / "semblance" / "sessions").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    asked = ("--role", "examiner", "--until", SOON, "--trained", "2026-01-05", *WHY)
    proposed = read(run("people", "add", "alice", *asked, "--json", by="ada"))
    assert run("proposal", "confirm", proposed["number"]).exit_code == 3
    assert "Signed in as axel" in set_up(run, "axel", bare["password"]).output
    assert "add alice of FR; examiner until" in run("proposal", "list", by="axel").output
    done = read(run("proposal", "confirm", proposed["number"], "--json"))
    listed = {person["name"]: person for person in read(run("people", "list", "--json"))["people"]}
    assert listed["ada"]["second_factor"]
    assert listed["alice"]["must_change_password"]
    assert "examiner until" in run("people", "list").stdout
    assert "Nothing waits" in run("proposal", "list").output
    # Alice must choose her own password, and set up a second factor
    signed = set_up(run, "alice", f"{proposed['password_half']}-{done['password_half']}")
    assert "Signed in as alice of FR: examiner." in signed.output
    assert run("people", "list").exit_code == 3


def test_the_password_and_the_code_are_asked_for_or_given(
    run: Any, bare: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, totp, used = sign_in(run, "ada", PASSWORD)
    monkeypatch.setenv("SEMBLANCE_PASSWORD", PASSWORD)
    # the code that set it up is used up already
    again = run("sign-in", "--name", "ada", "--code", used)
    assert again.exit_code == 3
    assert "not right" in again.output
    later = totp.at(datetime.now(UTC) + timedelta(seconds=30))
    assert read(run("sign-in", "--name", "ada", "--code", later, "--json"))["roles"] == ["administrator"]
    monkeypatch.setenv("SEMBLANCE_PASSWORD", "wrong password!")
    refused = run("sign-in", "--name", "ada", "--json")
    assert refused.exit_code == 3
    assert json.loads(refused.stderr)["error"]["code"] == "policy.refused"


def test_signing_out_ends_the_session(run: Any, home: Path) -> None:
    assert run("authority", "list", by="dora").exit_code == 0
    assert "Signed out" in run("sign-out").output
    refused = run("authority", "list")
    assert refused.exit_code == 41
    assert "semblance sign-in" in refused.stderr
    assert "Nobody was signed in" in run("sign-out").output


def test_a_session_that_ended_in_the_middle_is_said(run: Any, home: Path) -> None:
    assert run("authority", "list", by="carol").exit_code == 0
    assert run("people", "revoke", "carol", "supervisor", *WHY, by="ada").exit_code == 0
    ended = run("authority", "list", by="carol")
    assert ended.exit_code == 41
    assert "Sign in again" in ended.stderr


def test_there_are_two_first_administrators(run: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMBLANCE_PASSWORD", PASSWORD)
    assert run("people", "add", "grace", "--first").exit_code == 49
    assert run("people", "add", "grace", "--first", "--role", "examiner").exit_code == 2
    assert run("people", "disable", "axel", *WHY, by="ada").exit_code == 0
    made = run("people", "add", "grace", "--first")
    assert made.exit_code == 0, made.output
    assert "administrator until" in made.output
    assert run("people", "add", "zoe", "--first").exit_code == 49


@pytest.mark.parametrize(
    ("words", "password", "code"),
    [
        (("--admin", "ada", "--admin", "axel"), PASSWORD, 10),
        (("--admin", "ada", "--admin", "axel", "--authority", "France"), PASSWORD, 10),
        (("--admin", "Ada", "--admin", "axel", "--authority", "FR"), PASSWORD, 20),
        (("--admin", "ada", "--admin", "Axel", "--authority", "FR"), PASSWORD, 20),
        (("--admin", "ada", "--admin", "axel", "--authority", "FR"), "short", 20),
        (("--admin", "ada", "--authority", "FR"), PASSWORD, 2),
        (("--admin", "ada", "--admin", "ada", "--authority", "FR"), PASSWORD, 2),
    ],
)
def test_init_with_a_faulty_administrator_makes_nothing(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], password: str, code: int
) -> None:
    monkeypatch.setenv("SEMBLANCE_PASSWORD", password)
    result = run("init", *words)
    assert result.exit_code == code, result.output
    assert not (tmp_path / "home").exists()


def test_people_are_changed_by_administrators(run: Any, home: Path) -> None:
    for words in (
        ("grant", "bob", "supervisor", "--until", SOON, *WHY),
        ("revoke", "bob", "examiner", *WHY),
        ("train", "bob", "--on", "2026-01-05", *WHY),
        ("disable", "bob", *WHY),
        ("enable", "bob", *WHY),
        ("unlock", "bob", *WHY),
        ("link", "bob", "--issuer", "https://id.invalid", "--subject", "b", *WHY),
        ("unlink", "bob", *WHY),
        ("reset", "bob", *WHY),
    ):
        assert run("people", *words, by="carol").exit_code == 3, words
        changed = read(run("people", *words, "--json", by="ada"))
        if "number" in changed:
            assert words[0] not in {"revoke", "disable", "unlock", "unlink"}
            done = run("proposal", "confirm", changed["number"], by="axel")
            assert done.exit_code == 0, done.output
            assert ("half of the password" in done.output) is words[0].startswith("reset")
    declined = run("people", "grant", "bob", "examiner", "--until", SOON, *WHY, by="ada").output
    number = re.search(r"proposal confirm (\d+)", declined)[1]  # type: ignore[index]
    assert "Declined" in run("proposal", "decline", number, *WHY, by="axel").output
    assert "declined by axel" in run("proposal", "list", "--decided").output
    assert run("people", "grant", "zoe", "supervisor", "--until", SOON, *WHY).exit_code == 44
    assert run("people", "grant", "bob", "king", "--until", SOON, *WHY).exit_code == 2
    assert run("people", "grant", "bob", "examiner", "--until", "soon", *WHY).exit_code == 2
    assert run("people", "grant", "bob", "examiner", "--until", "2001-01-01", *WHY).exit_code == 20
    joined = run("people", "grant", "bob", "administrator", "--until", SOON, *WHY)
    assert (joined.exit_code, "keeps apart" in joined.output) == (3, True)
    assert run("people", "add", "zoe", "--role", "examiner").exit_code == 2
    assert run("people", "add", "zoe", "--authority", "ES", *WHY).exit_code == 44
    assert run("people", "add", "zoe").exit_code == 40
    assert "password_half" not in run("people", "add", "zoe", "--no-password", *WHY).output


def test_authorities_are_registered_admitted_and_excluded(run: Any, home: Path) -> None:
    key = run("ledger", "key", by="ada").output.strip()
    added = read(run("authority", "add", "IT", "--name", "Polizia", "--contact", "Roma", "--key", key, "--json"))
    assert (added["code"], added["admitted"], added["key"]) == ("IT", False, key)
    assert not read(run("authority", "exclude", "DE", *WHY, "--json"))["admitted"]
    refused = run("people", "list", by="mallory")
    assert refused.exit_code == 3
    assert "not admitted" in refused.stderr
    assert "not admitted" in run("token", "make", "--label", "x1", "--allow", "record.read", "--until", SOON).stderr
    number = read(run("authority", "admit", "DE", *WHY, "--json", by="ada"))["number"]
    assert "Done: admit the people of DE" in run("proposal", "confirm", number, by="axel").output
    assert run("authority", "add", "IT", "--name", "Polizia").exit_code == 49
    assert run("authority", "add", "ES", "--name", "Policia", "--key", "no").exit_code == 20
    assert "Polizia" in run("authority", "list").stdout


def test_a_token_stands_in_for_a_session(run: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = ("token", "make", "--label", "nightly", "--allow", "person.read", "--until", SOON)
    made = read(run(*make, "--json", by="dora"))
    assert run(*make).stdout.strip().startswith("semblance_")
    monkeypatch.setenv("SEMBLANCE_TOKEN", made["secret"])
    # whoever is signed in, the token wins
    assert run("people", "list", by="alice").exit_code == 0
    narrowed = run(*make)
    assert narrowed.exit_code == 3
    assert "does not allow token.make" in narrowed.stderr
    monkeypatch.delenv("SEMBLANCE_TOKEN")
    assert "nightly" in run("token", "list", by="dora").stdout
    assert run("token", "list", "--name", "dora", by="alice").exit_code == 3
    assert run("token", "revoke", made["id"], by="alice").exit_code == 3
    assert run("token", "revoke", made["id"], by="dora").exit_code == 0
    monkeypatch.setenv("SEMBLANCE_TOKEN", made["secret"])
    assert run("people", "list").exit_code == 41
    assert run(*make[:5], "everything", *make[6:]).exit_code == 2
