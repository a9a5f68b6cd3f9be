"""The demonstration: accounts for the cast, samples of one authority, a search by another, and nothing else."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from semblance.bootstrap.node import run_node
from semblance.cases.policy import read_default_policy, read_policy
from semblance.terms.permission import Purpose
from semblance.workflows.demo.demo_accounts import CAST, write_demo_policy


@pytest.fixture
def demo(run: Any, tmp_path: Path) -> Path:
    found = run("demo", "--once", "--home", tmp_path / "demo")
    assert found.exit_code == 0, found.output
    assert "The right person stands first" in found.output
    return tmp_path / "demo"


def read_passwords(demo: Path) -> dict[str, str]:
    lines = (demo / "accounts.txt").read_text().splitlines()
    return {words[0]: words[1] for words in (line.split(maxsplit=2) for line in lines)}


def test_everybody_of_the_cast_can_sign_in(run: Any, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stat.S_IMODE((demo / "accounts.txt").stat().st_mode) == 0o600
    passwords = read_passwords(demo)
    assert set(passwords) == {player.name for player in CAST}
    assert len(set(passwords.values())) == len(CAST)
    for player in CAST:
        monkeypatch.setenv("SEMBLANCE_PASSWORD", passwords[player.name])
        signed = run("sign-in", "--name", player.name, "--home", demo, "--json", by=player.name)
        me = json.loads(signed.stdout)
        assert (me["authority"], me["admitted"]) == (player.authority, player.name != "mallory")
        assert me["roles"] == sorted(role.value for role in player.roles)


def test_it_runs_again_and_enrols_nothing_twice(run: Any, demo: Path) -> None:
    before = read_passwords(demo)
    again = run("demo", "--once", "--home", demo, "--json")
    assert again.exit_code == 0, again.output
    document = json.loads(again.stdout)
    assert document["right_first"]
    assert all(row["resumed"] for row in document["enrolments"][0]["photos"])
    assert read_passwords(demo) == before


def test_a_node_that_is_no_demonstration_is_left_alone(run: Any, home: Path, demo: Path) -> None:
    refused = run("demo", "--once", "--home", home)
    assert refused.exit_code == 49
    assert "no demonstration" in refused.output
    (demo / "accounts.txt").write_text("alice\n\xff", encoding="latin-1")
    assert run("demo", "--once", "--home", demo).exit_code == 49


def test_where_somebody_chose_another_password_it_says_so(run: Any, demo: Path) -> None:
    text = (demo / "accounts.txt").read_text()
    (demo / "accounts.txt").write_text(text.replace(read_passwords(demo)["emil"], "another-password"))
    refused = run("demo", "--once", "--home", demo)
    assert refused.exit_code == 49
    assert "semblance serve" in refused.output


def test_its_policy_knows_samples_only(demo: Path) -> None:
    policy = read_policy(write_demo_policy(), source="demo")
    shipped = read_default_policy()
    assert set(policy.purposes) == {Purpose.DEMONSTRATION}
    assert (policy.actions, policy.retention) == (shipped.actions, shipped.retention)
    with run_node(demo) as node:
        assert node.policy.read() == policy
