"""A restored copy lets nobody in as it has them: some were disabled since, or lost a token, a role, a password."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.accounts import PASSWORD
from tests.cast import CAST

from semblance.cli.exit_codes import CODES, REFUSED
from semblance.errors import Conflict, NotSignedIn

SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
WHY = ("--reason", "The disk of the store broke")
ANEW = "four quiet herons"


def read(result: Any) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def token(run: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a token that was revoked, in a copy that was made before that, and before people were changed."""
    with (home / "node.toml").open("a") as file:
        file.write('[accounts]\nsecond_factor = "offered"\n')
    made = read(run("token", "make", "--label", "old", "--allow", "person.read", "--until", SOON, "--json", by="dora"))
    read(run("people", "grant", "emil", "examiner", "--until", SOON, *WHY, "--json", by="ada"))
    shutil.copy(home / "semblance.sqlite", tmp_path / "backup")
    assert run("token", "revoke", made["id"], by="dora").exit_code == 0
    assert run("people", "disable", "bob", *WHY, by="ada").exit_code == 0
    assert run("people", "revoke", "alice", "examiner", *WHY).exit_code == 0
    shutil.copy(tmp_path / "backup", home / "semblance.sqlite")
    for suffix in ("-wal", "-shm"):
        (home / f"semblance.sqlite{suffix}").unlink(missing_ok=True)
    accepted = run("ledger", "accept-restored", *WHY, by="ada")
    assert accepted.exit_code == 0, accepted.output
    assert "people add NAME --first" in accepted.output
    secret: str = made["secret"]
    return secret


def sign_in(run: Any, name: str, password: str = PASSWORD) -> Any:
    return run("sign-in", "--name", name, by=name, env={"SEMBLANCE_PASSWORD": password})


def test_nobody_is_let_in_before_they_are_confirmed(
    run: Any, home: Path, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for actor in CAST:
        assert run("people", "list", by=actor.name).exit_code == CODES[NotSignedIn], actor.name
        assert sign_in(run, actor.name).exit_code == REFUSED, actor.name
    monkeypatch.setenv("SEMBLANCE_TOKEN", token)
    assert run("people", "list").exit_code == CODES[NotSignedIn]


def test_two_whom_the_holder_lets_in_confirm_the_others(run: Any, home: Path, token: str) -> None:
    for name in ("ada", "axel"):
        made = run("people", "add", name, "--first", env={"SEMBLANCE_PASSWORD": ANEW})
        assert made.exit_code == 0, made.output
        assert sign_in(run, name).exit_code == REFUSED, "the password of the copy is gone"
        assert read(run("sign-in", "--name", name, "--json", by=name, env={"SEMBLANCE_PASSWORD": ANEW}))["roles"] == [
            "administrator"
        ]
    third = run("people", "add", "grace", "--first", env={"SEMBLANCE_PASSWORD": ANEW})
    assert third.exit_code == CODES[Conflict]
    assert "to be confirmed" in run("people", "list", by="ada").output
    assert "Nothing waits" in run("proposal", "list").output, "what waited in the copy has lapsed"
    proposed = run("people", "confirm", "dora", *WHY, "--json", by="ada")
    number = read(proposed)["number"]
    assert "data-protection-officer until" in run("proposal", "list").output
    assert sign_in(run, "dora").exit_code == REFUSED
    assert run("proposal", "confirm", number, by="ada").exit_code == REFUSED
    assert run("proposal", "confirm", number, by="axel").exit_code == 0
    assert sign_in(run, "dora").exit_code == 0
    assert run("people", "confirm", "dora", *WHY, by="ada").exit_code == CODES[Conflict]
    # what two people did not see they do not confirm
    number = read(run("people", "confirm", "alice", *WHY, "--json"))["number"]
    assert run("people", "revoke", "alice", "examiner", *WHY).exit_code == 0
    assert run("proposal", "confirm", number, by="axel").exit_code == CODES[Conflict]
    assert run("people", "disable", "bob", *WHY).exit_code == 0
    number = read(run("people", "confirm", "bob", *WHY, "--json"))["number"]
    assert "disabled" in run("proposal", "list").output
    assert run("proposal", "confirm", number, by="ada").exit_code == 0
    for name in ("alice", "bob", "emil"):
        assert sign_in(run, name).exit_code == REFUSED
