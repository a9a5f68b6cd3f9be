"""The ledger as a data-protection officer meets it: on a real node, and in a file on a machine without one."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from semblance.bootstrap.node import create_node, run_node
from semblance.cli.exit_codes import CODES
from semblance.cli.main import cli
from semblance.errors import ConfigurationError, IntakeError, NotFound, VerificationError

FAULT = CODES[VerificationError]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_node(tmp_path / "node", name="FR bureau", authority="FR", suitability={"inter_eye_distance": 40.0})
    with run_node(tmp_path / "node"):
        pass
    return tmp_path / "node"


@pytest.fixture
def used(home: Path, astronaut_path: Path) -> Path:
    assert run(home, "enrol", str(astronaut_path), "--subject", "Jane Roe", "--person", "emil").exit_code == 0
    reason = "The order against her was lifted"
    assert run(home, "delete", "Jane Roe", "--person", "emil", "--reason", reason, "--yes").exit_code == 0
    return home


def run(home: Path, *words: str) -> Result:
    result = CliRunner().invoke(cli, [*words, "--home", str(home)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_node_that_did_nothing_has_an_empty_ledger(home: Path) -> None:
    assert "empty" in run(home, "ledger", "verify").output
    assert run(home, "ledger", "prove", "0").exit_code == CODES[NotFound]


def test_acts_are_logged_and_the_erasure_is_proven(used: Path) -> None:
    entries = json.loads(run(used, "ledger", "list", "--json").output)["entries"]
    assert [(entry["verb"], entry["action"], entry["person"]) for entry in entries] == [
        ("erasure", "subject.delete", "emil"),
        ("collection", "photo.enrol", "emil"),
    ]
    assert {entry["authority"] for entry in entries} == {"FR"}
    assert entries[0]["reason"] == "The order against her was lifted"
    assert entries[0]["touched"][0] == entries[1]["touched"][0]
    proof = json.loads(run(used, "ledger", "prove", "1").output)
    assert proof["checkpoint"].splitlines()[1] == "2"
    only = json.loads(run(used, "ledger", "list", "--verb", "erasure", "--json").output)["entries"]
    assert [entry["number"] for entry in only] == [1]
    assert json.loads(run(used, "ledger", "list", "--by", "mallory", "--json").output)["entries"] == []


def test_the_bundle_verifies_elsewhere_and_names_nobody(used: Path, tmp_path: Path) -> None:
    bundle, key = tmp_path / "fr.ledger", run(used, "ledger", "key").output.strip()
    assert run(used, "ledger", "export", str(bundle)).exit_code == 0
    assert run(used, "ledger", "export", str(bundle)).exit_code == CODES[IntakeError]
    shutil.rmtree(used)
    assert "Verified: 2 entries" in run(used, "ledger", "verify", str(bundle), "--key", key).output
    assert "Compare it" in run(used, "ledger", "verify", str(bundle)).output
    other = tmp_path / "other"
    create_node(other, name="FR bureau")
    stranger = run(other, "ledger", "key").output.strip()
    assert run(used, "ledger", "verify", str(bundle), "--key", stranger).exit_code == FAULT
    lines = bundle.read_text().splitlines(keepends=True)
    (tmp_path / "cut").write_text("".join(lines[:-1]))
    assert run(used, "ledger", "verify", str(tmp_path / "cut")).exit_code == FAULT
    (tmp_path / "no").write_bytes(b"\xff\xfe")
    assert run(used, "ledger", "verify", str(tmp_path / "no")).exit_code == FAULT
    assert run(used, "ledger", "verify", str(tmp_path / "none")).exit_code == CODES[IntakeError]


def test_an_older_copy_of_the_database_does_not_start_unsaid(used: Path, hopper_path: Path, tmp_path: Path) -> None:
    store = used / "semblance.sqlite"
    shutil.copy(store, tmp_path / "backup")
    reason = ("--reason", "Nothing is held under this name, so")
    probe = run(used, "enrol", str(hopper_path), "--subject", "John", "--person", "emil")
    assert probe.exit_code == 0
    shutil.copy(tmp_path / "backup", store)
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    for words in (("show", "node"), ("ledger", "verify"), ("worker", "--once")):
        refused = run(used, *words)
        assert refused.exit_code == FAULT
        assert "older copy" in refused.output
    accepted = run(used, "ledger", "accept-restored", "--person", "carol", *reason)
    assert accepted.exit_code == 0
    assert "Verified: 3 entries" in run(used, "ledger", "verify").output
    last = json.loads(run(used, "ledger", "list", "--limit", "1", "--json").output)["entries"][0]
    assert (last["action"], last["person"], last["touched"][0][0]) == ("ledger.restored", "carol", "checkpoint")


def test_a_lost_or_wrong_key_starts_nothing(used: Path) -> None:
    key = used / "ledger.key"
    kept = key.read_text()
    assert key.stat().st_mode & 0o777 == 0o600
    for wrong in (None, "", "zz", "00" * 31, "00" * 32):
        key.unlink() if wrong is None else key.write_text(wrong)
        result = run(used, "show", "node")
        assert result.exit_code == CODES[ConfigurationError], wrong
        assert "ledger" in result.output
        assert wrong is not None or not key.exists()
    key.write_text(kept)
    assert run(used, "ledger", "verify").exit_code == 0


def test_another_node_cosigns_and_holds_the_ledger_to_it(used: Path, hopper_path: Path, tmp_path: Path) -> None:
    berlin, bundle, note = tmp_path / "berlin", tmp_path / "fr.ledger", tmp_path / "fr.note"
    create_node(berlin, name="DE bureau")
    paris_key, berlin_key = (run(at, "ledger", "key").output.strip() for at in (used, berlin))
    shutil.copytree(used, tmp_path / "older")
    run(used, "ledger", "export", str(bundle))
    signed = run(berlin, "ledger", "cosign", str(bundle), "--key", paris_key)
    assert signed.exit_code == 0
    note.write_text(signed.output)
    against = ("--against", str(note), "--witness-key", berlin_key)
    assert run(used, "enrol", str(hopper_path), "--subject", "John", "--person", "emil").exit_code == 0
    assert run(used, "ledger", "verify", *against).exit_code == 0
    assert run(used, "ledger", "verify", str(bundle), *against).exit_code == 0
    later = tmp_path / "later.ledger"
    run(used, "ledger", "export", str(later))
    assert run(berlin, "ledger", "cosign", str(later), "--key", paris_key).exit_code == 0
    # Mallory has the database, the witness and the key, and writes another past
    forged, rewritten = tmp_path / "forged.ledger", tmp_path / "older"
    (rewritten / "semblance.sqlite").unlink()
    (rewritten / "ledger-checkpoint").unlink()
    kept = (rewritten / "ledger.key").read_text()
    for _ in range(2):
        name = f"Nobody {_}"
        assert run(rewritten, "enrol", str(hopper_path), "--subject", name, "--person", "emil").exit_code == 0
    assert (rewritten / "ledger.key").read_text() == kept
    run(rewritten, "ledger", "export", str(forged))
    for words in (
        ("ledger", "verify", *against),
        ("ledger", "verify", str(forged), *against),
    ):
        refused = run(rewritten, *words)
        assert refused.exit_code == FAULT
        assert "does not go on" in refused.output
    assert run(berlin, "ledger", "cosign", str(forged), "--key", paris_key).exit_code == FAULT
    # an older bundle than the one signed last is no continuation either
    assert run(berlin, "ledger", "cosign", str(bundle), "--key", paris_key).exit_code == FAULT
    assert run(used, "ledger", "cosign", str(later), "--key", paris_key).exit_code == FAULT
    wrong = ("--against", str(note), "--witness-key", paris_key.replace("fr-bureau", "de-bureau"))
    assert run(used, "ledger", "verify", *wrong).exit_code == FAULT
    assert run(used, "ledger", "verify", "--against", str(note)).exit_code == 2


def test_a_damaged_witness_is_said_and_can_be_gone_on_without(used: Path) -> None:
    witness = used / "ledger-checkpoint"
    for damage in (b"", b"semblance", b"\xff\xfe"):
        witness.write_bytes(damage)
        refused = run(used, "show", "node")
        assert refused.exit_code != 0
        assert "ledger-checkpoint" in refused.output
    witness.write_bytes(b"")
    words = ("--person", "carol", "--reason", "The disk was full when it was written")
    assert run(used, "ledger", "accept-restored", *words).exit_code == 0
    assert "Verified: 3 entries" in run(used, "ledger", "verify").output
