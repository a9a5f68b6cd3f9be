"""Requests, reminders and figures on the command line, as the cast."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.cast import EMIL
from tests.days import read_today

from semblance.bootstrap.node import run_node
from semblance.gallery.record import Circumstances, RecordDraft
from semblance.terms.record import RecordKind
from semblance.workflows.records.write_record import create_record, publish_record

Run = Callable[..., Result]

FROM = ("--from", "Jeanne Doe, 1 rue X, Lyon")


@pytest.fixture
def held(home: Path) -> Path:
    """Return the home of a node that holds a published record K-1 of Emil's, which ends in ten days."""
    draft = RecordDraft(
        RecordKind.UNIDENTIFIED,
        "K-1",
        "INTERPOL RPD, article 88",
        read_today() + timedelta(days=10),
        circumstances=Circumstances(summary="found in Lyon"),
    )
    with run_node(home) as node:
        made = create_record(node, EMIL, draft, reason="Found at the station")
        publish_record(node, EMIL, made.subject, neutral=True, reason="Nobody knows them")
    return home


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def receive(run: Run, kind: str, *more: object) -> Any:
    return read(run("request", "receive", "--kind", kind, *FROM, *more, "--json", by="dora"))["request"]


def test_access_from_the_request_to_the_file(run: Run, held: Path, tmp_path: Path) -> None:
    taken = receive(run, "access", "--record", "DE:K-1", "--whom", "myself")
    assert taken["due_on"] == (read_today() + timedelta(days=30)).isoformat()
    assert "30 left" in run("request", "list").stdout
    early = run("request", "answer", taken["id"], "--reason", "All was told")
    assert (early.exit_code, "access-file" in early.stderr) == (49, True)
    file = tmp_path / "answer.zip"
    law = ("--withhold", "searches", "Directive (EU) 2016/680, article 15(1)(b)")
    written = read(run("request", "access-file", taken["id"], file, *law, "--json"))
    assert written["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    assert "record-1/record.json" in names
    assert "record-1/searches.json" not in names
    answered = read(run("request", "answer", taken["id"], "--reason", "All was told", "--json"))
    assert answered["request"]["told_in"] == written["ledger_entry"]
    assert "No request waits" in run("request", "list").stdout
    shown = run("request", "show", taken["id"]).stdout
    for word in ("answered", "K-1", "searches: Directive", "All was told", "Jeanne Doe"):
        assert word in shown
    assert taken["id"] in run("request", "list", "--decided").stdout


def test_a_file_that_is_there_is_not_overwritten(run: Run, held: Path, tmp_path: Path) -> None:
    taken = receive(run, "access", "--record", "DE:K-1")
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam,")
    result = run("request", "access-file", taken["id"], file)
    assert (result.exit_code, "exists already" in result.stderr) == (20, True)
    assert file.read_text() == "Dear Sir or Madam,"
    assert read(run("request", "show", taken["id"], "--json"))["told_in"] is None


def test_a_dispute_and_its_end(run: Run, held: Path) -> None:
    taken = receive(run, "dispute", "--what", "it is my cousin", "--whom", "my cousin")
    linked = run("request", "link", taken["id"], "--record", "DE:K-1")
    assert "1 record is in no search while the dispute is open." in linked.stdout
    assert read(run("oversight", "--json"))["disputed_count"] == 1
    assert "Declined" in run("request", "decline", taken["id"], "--reason", "The papers show it is them").stdout
    assert read(run("oversight", "--json"))["disputed_count"] == 0
    again = run("request", "decline", taken["id"], "--reason", "The papers show it is them")
    assert (again.exit_code, "decided already" in again.stderr) == (49, True)


def test_an_erasure_is_the_owner_s(run: Run, held: Path) -> None:
    taken = receive(run, "erasure", "--record", "DE:K-1")
    refused = run("request", "answer", taken["id"], "--reason", "There is no basis any more")
    assert (refused.exit_code, "DE" in refused.stderr) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("receive", "--kind", "access", "--from", " "), 21, "does not say who asks"),
        (("receive", "--kind", "gossip", *FROM), 2, "gossip"),
        (("receive", "--kind", "access", *FROM, "--record", "nobody"), 44, "nobody"),
        (("receive", "--kind", "access", *FROM, "--whom", "me", "--received-on", "31.12.2025"), 2, "is no day"),
        (("receive", "--kind", "access", *FROM, "--whom", "me", "--received-on", "2999-01-01"), 21, "in the future"),
        (("show", "0" * 32), 44, "semblance request list"),
        (("answer", "0" * 32, "--reason", "Answered"), 44, "semblance request list"),
        (("link", "0" * 32), 2, "Name a record"),
    ],
)
def test_bad_input_ends_in_a_sentence(run: Run, held: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    result = run("request", *arguments, by="dora")
    assert (result.exit_code, said in result.stderr) == (code, True), result.output


def test_others_are_refused(run: Run, held: Path) -> None:
    for name in ("alice", "emil", "ada", "mallory"):
        for arguments in (("request", "list"), ("oversight",)):
            assert run(*arguments, by=name).exit_code == 3


def test_an_owner_is_reminded_and_the_officer_sees_it(run: Run, held: Path) -> None:
    assert "Nothing ends soon" in run("reminders", by="emil").stdout
    assert run("worker", "--once").exit_code == 0
    shown = read(run("reminders", "--json"))
    assert [(one["number"], one["days_left"]) for one in shown["ending"]] == [("K-1", 10)]
    assert "K-1" in run("reminders").stdout
    found = read(run("oversight", "--json", by="dora"))
    assert [(one["number"], one["owner"]) for one in found["ending"]] == [("K-1", "DE")]
    assert found["verified"]["fault"] is None
    said = run("oversight").stdout
    for word in ("ends soon", "K-1", "no fault", "unidentified"):
        assert word in said
