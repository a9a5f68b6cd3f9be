"""The ledger as a data-protection officer meets it: on a real node, and in a file on a machine without one."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.accounts import PASSWORD
from tests.cli.conftest import ASKED, TERMS, Run, sign_in_cast

from semblance.audit.entry import Act, Verb
from semblance.bootstrap.node import create_node, run_node
from semblance.cli.exit_codes import CODES, REFUSED
from semblance.errors import ConfigurationError, IntakeError, NotFound, NotSignedIn, VerificationError
from semblance.messages.message import Message
from semblance.store import ledger, people

FAULT = CODES[VerificationError]
REASON = "The order against her was lifted"


@pytest.fixture
def used(run: Run, home: Path, astronaut_path: Path) -> Path:
    """Return the home of a node on which Emil enrolled one person and erased her; Dora is at the keyboard."""
    assert run("enrol", astronaut_path, "--subject", "Jane Roe", *TERMS, by="emil").exit_code == 0
    erased = run("record", "erase", "Jane Roe", "--reason", REASON, "--yes")
    assert erased.exit_code == 0, erased.output
    run("token", "list", by="dora")
    return home


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def count(result: Result) -> int:
    assert result.exit_code == 0, result.output
    return int(result.output.split()[1])


def test_a_node_that_did_nothing_has_an_empty_ledger(run: Run, home: Path) -> None:
    assert "empty" in run("ledger", "verify", by="dora").output
    assert run("ledger", "prove", "0").exit_code == CODES[NotFound]


@pytest.mark.parametrize("who", ["alice", "carol", "emil", "mallory", "ada"])
def test_only_the_data_protection_officer_reads_the_ledger(run: Run, used: Path, who: str, tmp_path: Path) -> None:
    for words in (("verify",), ("list",), ("export", tmp_path / "fr.ledger"), ("prove", "1"), ("prove-growth", "1")):
        assert run("ledger", *words, by=who).exit_code == REFUSED, words
    assert not (tmp_path / "fr.ledger").exists()
    entries = read(run("ledger", "list", "--verb", "refusal", "--by", who, "--json", by="dora"))["entries"]
    assert [entry["action"] for entry in entries] == ["ledger.read"] * 5


def test_nobody_reads_it_without_signing_in(run: Run, used: Path) -> None:
    assert run("ledger", "list", by="nobody").exit_code == CODES[NotSignedIn]
    assert run("ledger", "key").exit_code == 0


def test_acts_are_logged_and_the_erasure_is_proven(run: Run, used: Path) -> None:
    entries = read(run("ledger", "list", "--by", "emil", "--json"))["entries"]
    told = [(entry["verb"], entry["action"], entry["rule"]) for entry in entries]
    assert told[0] == ("erasure", "record.erase", "actions.record.erase")
    assert ("collection", "photo.enrol", "actions.photo.enrol") in told
    assert {entry["authority"] for entry in entries} == {"DE"}
    # why another authority acted, and on whom, is its own
    for entry in entries:
        assert (entry["reason"], entry["withheld"], {name for _, name in entry["touched"]}) == (None, True, {None})
    number = entries[0]["number"]
    proof = read(run("ledger", "prove", number))
    assert int(proof["checkpoint"].splitlines()[1]) > number
    only = read(run("ledger", "list", "--verb", "erasure", "--json"))["entries"]
    assert [entry["number"] for entry in only] == [number]
    # looking through it was an act, too
    assert read(run("ledger", "list", "--by", "dora", "--json"))["entries"][0]["action"] == "ledger.read"


def test_a_receipt_proves_the_erasure_to_somebody_who_has_nothing_else(run: Run, used: Path, tmp_path: Path) -> None:
    (erasure,) = read(run("ledger", "list", "--verb", "erasure", "--json"))["entries"]
    paper, key = tmp_path / "jane.receipt", run("ledger", "key").output.strip()
    assert run("ledger", "receipt", erasure["number"], paper, by="alice").exit_code == REFUSED
    assert not paper.exists()
    # whoever did it has the receipt without the right to read the rest
    assert run("ledger", "receipt", erasure["number"], paper, by="emil").exit_code == 0
    assert run("ledger", "receipt", erasure["number"], paper).exit_code == CODES[IntakeError]
    shutil.rmtree(used)
    found = read(run("ledger", "verify-receipt", paper, "--key", key, "--json"))
    assert (found["verb"], found["person"], found["reason"]) == ("erasure", "emil", REASON)
    assert [kind for kind, _ in found["touched"]] == [kind for kind, _ in erasure["touched"]] == ["subject"]
    assert found["touched"][0][1] is not None
    shown = run("ledger", "verify-receipt", paper)
    assert REASON in shown.output
    assert "Compare it" in shown.output
    paper.write_text(paper.read_text().replace(REASON, "Nobody asked for it"))
    assert run("ledger", "verify-receipt", paper).exit_code == FAULT
    for name, data in (("no", b"\xff\xfe"), ("empty", b""), ("list", b"[]")):
        (tmp_path / name).write_bytes(data)
        assert run("ledger", "verify-receipt", tmp_path / name).exit_code == FAULT
    assert run("ledger", "verify-receipt", tmp_path / "none").exit_code == CODES[IntakeError]


def test_a_typed_reason_is_told_from_what_the_node_says(run: Run, home: Path, tmp_path: Path) -> None:
    typed = "the deadline of THE MINISTER requests has passed"
    said = Message("requests.deadline-passed", "the deadline of {n} requests has passed", n=3)
    with run_node(home) as node, node.store.writing() as tx:
        numbers = [
            ledger.append(tx, Act(Verb.CONSULTATION, "x", "dora", "FR", reason=reason), at=node.clock())
            for reason in (typed, said)
        ]
    run("token", "list", by="dora")
    found = []
    for number in numbers:
        paper = tmp_path / f"{number}.receipt"
        assert run("ledger", "receipt", number, paper).exit_code == 0
        found.append(read(run("ledger", "verify-receipt", paper, "--json")))
    assert [(entry["reason"], entry["message"]) for entry in found] == [
        (typed, None),
        (str(said), {"id": said.identifier, "text": str(said), "values": {"n": 3}}),
    ]
    assert str(said) in run("ledger", "verify-receipt", paper).output


def test_the_bundle_verifies_elsewhere_and_names_nobody(run: Run, used: Path, tmp_path: Path) -> None:
    bundle, key = tmp_path / "fr.ledger", run("ledger", "key").output.strip()
    assert run("ledger", "export", bundle).exit_code == 0
    assert run("ledger", "export", bundle).exit_code == CODES[IntakeError]
    assert REASON not in bundle.read_text()
    shutil.rmtree(used)
    assert "Verified: " in run("ledger", "verify", bundle, "--key", key).output
    assert "Compare it" in run("ledger", "verify", bundle).output
    create_node(tmp_path / "other", name="FR bureau")
    stranger = run("ledger", "key", "--home", tmp_path / "other").output.strip()
    assert run("ledger", "verify", bundle, "--key", stranger).exit_code == FAULT
    lines = bundle.read_text().splitlines(keepends=True)
    (tmp_path / "cut").write_text("".join(lines[:-1]))
    assert run("ledger", "verify", tmp_path / "cut").exit_code == FAULT
    (tmp_path / "no").write_bytes(b"\xff\xfe")
    assert run("ledger", "verify", tmp_path / "no").exit_code == FAULT
    assert run("ledger", "verify", tmp_path / "none").exit_code == CODES[IntakeError]


@pytest.fixture
def restore(home: Path, tmp_path: Path) -> Callable[[], None]:
    """Return what puts back the copy of the store that it made at first."""
    store = home / "semblance.sqlite"
    shutil.copy(store, tmp_path / "backup")

    def put_back() -> None:
        shutil.copy(tmp_path / "backup", store)
        for suffix in ("-wal", "-shm"):
            store.with_name(store.name + suffix).unlink(missing_ok=True)

    return put_back


def let_in(home: Path, tmp_path: Path) -> None:
    """Let everybody's account in a restored copy count, as tests/cli/test_restored_accounts.py does with two people."""
    with run_node(home) as node, node.store.writing() as tx:
        for person in people.list_people(tx, after=None, limit=100)[0]:
            people.trust(tx, person.id)
    sign_in_cast(home, tmp_path / "state")


def test_an_older_copy_of_the_database_does_not_start_unsaid(
    run: Run, used: Path, hopper_path: Path, restore: Callable[[], None], tmp_path: Path
) -> None:
    held = count(run("ledger", "verify"))
    assert run("enrol", hopper_path, "--subject", "John", *TERMS, by="emil").exit_code == 0
    restore()
    for words in (("show", "node"), ("ledger", "verify"), ("worker", "--once"), ("sign-in", "--name", "dora")):
        refused = run(*words, by="dora")
        assert refused.exit_code == FAULT, words
        assert "older copy" in refused.output
    # who may not accept it is refused, and it is an older copy still
    assert run("ledger", "accept-restored", "--reason", "no", by="alice").exit_code == REFUSED
    assert run("ledger", "verify", by="dora").exit_code == FAULT
    accepted = run("ledger", "accept-restored", "--reason", "The disk of the store broke")
    assert accepted.exit_code == 0, accepted.output
    assert "Erased again" not in accepted.output
    assert run("ledger", "verify").exit_code == CODES[NotSignedIn]
    let_in(used, tmp_path)
    assert count(run("ledger", "verify")) == held + 3
    doubt, last = read(run("ledger", "list", "--limit", "2", "--json"))["entries"]
    assert (doubt["action"], doubt["person"]) == ("person.doubt", "dora")
    assert (last["action"], last["person"], last["touched"][0][0]) == ("ledger.accept-restored", "dora", "checkpoint")


def test_what_was_erased_since_the_copy_was_made_is_erased_in_it_again_and_searches_work(
    run: Run, home: Path, case: str, astronaut_path: Path, hopper_path: Path, tmp_path: Path
) -> None:
    for number, photo in (("Jane Roe", astronaut_path), ("John", hopper_path)):
        assert run("enrol", photo, "--subject", number, *TERMS, by="emil").exit_code == 0
    store = home / "semblance.sqlite"
    shutil.copy(store, tmp_path / "backup")
    assert run("record", "erase", "Jane Roe", "--reason", REASON, "--yes").exit_code == 0
    shutil.copy(tmp_path / "backup", store)
    # what was copied is the store alone, as one might who reads no documents
    (home / "ledger-checkpoint").unlink()
    for words in (("show", "node"), ("worker", "--once")):
        refused = run(*words)
        assert (refused.exit_code, "accept-restored" in refused.output) == (FAULT, True), words
    accepted = run("ledger", "accept-restored", "--reason", "The disk of the store broke", "--json", by="ada")
    assert read(accepted)["subjects"] == 1
    let_in(home, tmp_path)
    listed = read(run("record", "list", "--json", by="emil"))
    assert [record["number"] for record in listed["records"]] == ["John"]
    assert run("record", "show", "John").exit_code == 0
    assert run("record", "show", "Jane Roe").exit_code == CODES[NotFound]
    found = read(run("search", hopper_path, *ASKED, "--json", by="alice"))
    assert (len(found["candidates"]), found["gallery_references"]) == (1, 1)
    (again,) = read(run("ledger", "list", "--verb", "erasure", "--json", by="dora"))["entries"]
    assert (again["action"], again["person"]) == ("record.erase", "ada")
    assert "key was destroyed" in again["reason"]
    assert run("ledger", "verify").exit_code == 0


def test_a_newer_session_is_not_needed_to_accept_an_older_copy(
    run: Run, home: Path, hopper_path: Path, restore: Callable[[], None], tmp_path: Path
) -> None:
    # the copy was made before anybody of them signed in again
    assert run("enrol", hopper_path, "--subject", "John", *TERMS, by="emil").exit_code == 0
    restore()
    words = ("ledger", "accept-restored", "--reason", "The disk of the store broke")
    assert run(*words, by="nobody").exit_code == CODES[NotSignedIn]
    wrong = run(*words, "--name", "dora", env={"SEMBLANCE_PASSWORD": "seven red bicycles"})
    assert wrong.exit_code == REFUSED
    assert run("ledger", "verify", by="dora").exit_code == FAULT
    text = (home / "node.toml").read_text()
    (home / "node.toml").write_text(text + '[accounts]\nsecond_factor = "offered"\n')
    right = run(*words, "--name", "dora", by="nobody", env={"SEMBLANCE_PASSWORD": PASSWORD})
    assert right.exit_code == 0, right.output
    let_in(home, tmp_path)
    assert run("ledger", "verify", by="dora").exit_code == 0


def test_a_lost_or_wrong_key_starts_nothing(run: Run, used: Path) -> None:
    key = used / "ledger.key"
    kept = key.read_text()
    assert key.stat().st_mode & 0o777 == 0o600
    for wrong in (None, "", "zz", "00" * 31, "00" * 32):
        key.unlink() if wrong is None else key.write_text(wrong)
        result = run("ledger", "verify")
        assert result.exit_code == CODES[ConfigurationError], wrong
        assert "ledger" in result.output
        assert wrong is not None or not key.exists()
    key.write_text(kept)
    assert run("ledger", "verify").exit_code == 0


def forget_the_past(home: Path) -> None:
    """Take away everything that says what this node signed, as somebody can who has all of it."""
    (home / "semblance.sqlite").unlink()
    (home / "ledger-checkpoint").unlink()
    with sqlite3.connect(home / "keyring.sqlite") as keyring:
        keyring.execute("DELETE FROM anchor")
    keyring.close()


def test_another_node_cosigns_and_holds_the_ledger_to_it(
    run: Run, used: Path, hopper_path: Path, tmp_path: Path
) -> None:
    berlin, bundle, note = tmp_path / "berlin", tmp_path / "fr.ledger", tmp_path / "fr.note"
    create_node(berlin, name="DE bureau")
    sign_in_cast(berlin, tmp_path / "state")
    paris_key = run("ledger", "key").output.strip()
    berlin_key = run("ledger", "key", "--home", berlin).output.strip()
    shutil.copytree(used, tmp_path / "older")
    run("ledger", "export", bundle, by="dora")
    cosign = ("ledger", "cosign", "--home", berlin, "--key", paris_key)
    assert run(*cosign, bundle, by="alice").exit_code == REFUSED
    signed = run(*cosign, bundle, by="dora")
    assert signed.exit_code == 0, signed.output
    note.write_text(signed.output)
    against = ("--against", note, "--witness-key", berlin_key)
    assert run("enrol", hopper_path, "--subject", "John", *TERMS, by="emil").exit_code == 0
    assert run("ledger", "verify", *against, by="dora").exit_code == 0
    assert run("ledger", "verify", bundle, *against).exit_code == 0
    later = tmp_path / "later.ledger"
    run("ledger", "export", later)
    assert run(*cosign, later).exit_code == 0
    # Mallory has the database, the witness, the keyring and every key, and writes another past
    forged, rewritten = tmp_path / "forged.ledger", tmp_path / "older"
    forget_the_past(rewritten)
    sign_in_cast(rewritten, tmp_path / "state")
    for number in range(20):
        assert run("ledger", "list", "--home", rewritten).exit_code == 0, number
    run("ledger", "export", forged, "--home", rewritten)
    for words in (("--home", rewritten, *against), (forged, *against)):
        refused = run("ledger", "verify", *words)
        assert refused.exit_code == FAULT
        assert "does not go on" in refused.output
    assert run(*cosign, forged).exit_code == FAULT
    # an older bundle than the one signed last is no continuation either
    assert run(*cosign, bundle).exit_code == FAULT
    assert run("ledger", "cosign", later, "--key", paris_key).exit_code == FAULT
    wrong = ("--against", note, "--witness-key", paris_key.replace("fr-bureau", "de-bureau"))
    assert run("ledger", "verify", *wrong).exit_code == FAULT
    assert run("ledger", "verify", "--witness-key", berlin_key).exit_code == 2


def test_a_ledger_is_held_to_an_older_checkpoint_of_its_own(
    run: Run, used: Path, hopper_path: Path, tmp_path: Path
) -> None:
    note, bundle, proof = tmp_path / "older.note", tmp_path / "fr.ledger", tmp_path / "growth.json"
    shutil.copyfile(used / "ledger-checkpoint", note)
    older = int(note.read_text().split("\n")[1])
    shutil.copytree(used, tmp_path / "rewritten")
    assert run("enrol", hopper_path, "--subject", "John", *TERMS, by="emil").exit_code == 0
    key = run("ledger", "key").output.strip()
    grown = run("ledger", "prove-growth", str(older), by="dora")
    assert grown.exit_code == 0, grown.output
    proof.write_text(grown.stdout)
    run("ledger", "export", bundle)
    verified = run("ledger", "verify", "--against", note)
    assert count(verified) > older
    assert count(run("ledger", "verify", bundle, "--against", note, "--key", key)) > older
    found = run("ledger", "verify-growth", proof, "--against", note, "--key", key)
    assert f"goes on from the {older}." in found.output, found.output
    assert "the proof's own" in run("ledger", "verify-growth", proof, "--against", note).output
    assert read(run("ledger", "verify-growth", proof, "--against", note, "--json"))["entries"] > older
    # somebody with the database, the witness, the keyring and the key writes another past
    rewritten, forged = tmp_path / "rewritten", tmp_path / "forged.ledger"
    forget_the_past(rewritten)
    sign_in_cast(rewritten, tmp_path / "state")
    run("token", "list", "--home", rewritten, by="dora")
    for number in range(older):
        assert run("ledger", "list", "--home", rewritten).exit_code == 0, number
    run("ledger", "export", forged, "--home", rewritten)
    told = run("ledger", "prove-growth", str(older), "--home", rewritten)
    forged_proof = tmp_path / "forged.json"
    forged_proof.write_text(told.stdout)
    for words in (
        ("verify", "--home", rewritten, "--against", note),
        ("verify", forged, "--against", note),
        ("verify-growth", forged_proof, "--against", note),
    ):
        refused = run("ledger", *words)
        assert refused.exit_code == FAULT, refused.output
        assert "does not go on" in refused.output
    # a checkpoint that the ledger's key did not sign proves nothing, be its head the right one
    unsigned, body = tmp_path / "unsigned.note", note.read_text().partition("\n\n")[0]
    other = (rewritten / "ledger-checkpoint").read_text().partition("\n\n")[2]
    unsigned.write_text(f"{body}\n\n{other}")
    for what in (("verify",), ("verify", bundle), ("verify-growth", proof)):
        refused = run("ledger", *what, "--against", unsigned)
        assert refused.exit_code == FAULT, refused.output
        assert "is not signed by" in refused.output


def test_a_damaged_witness_is_said_and_can_be_gone_on_without(run: Run, used: Path) -> None:
    witness = used / "ledger-checkpoint"
    for damage in (b"", b"semblance", b"\xff\xfe"):
        witness.write_bytes(damage)
        refused = run("ledger", "verify")
        assert refused.exit_code != 0
        assert "ledger-checkpoint" in refused.output
    witness.write_bytes(b"")
    assert run("ledger", "accept-restored", "--reason", "The disk was full when it was written").exit_code == 0
    assert "Verified: " in run("ledger", "verify").output
