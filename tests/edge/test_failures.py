"""What the machine's own failures tell: a page or a document, a number for the log, and nothing of the machine."""

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from structlog.testing import capture_logs
from tests.accounts import PASSWORD
from tests.accounts_site import Visited
from tests.messages import find_messages
from tests.outside import find_closed_port

from semblance.edge.failures import tell_failure
from semblance.errors import (
    ConfigurationError,
    ModelError,
    NotFound,
    SemblanceError,
    StoreError,
    StoreFull,
    VerificationError,
)
from semblance.node.trace import write_trace
from semblance.store import database, failures, sessions
from semblance.store.failures import describe_full

SECRETS = ("someone", "archive", "127.0.0.1:", "/srv/", "refused", "psycopg", "Traceback")
OTHERS = ("/", "/cases", "/records", "/ledger", "/people", "/account", "/nowhere", "/sign-in")


@pytest.fixture
def away(visited: Visited, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visited]:
    """Return the site of a node whose database server does not answer."""
    url = f"postgresql+psycopg://someone@127.0.0.1:{find_closed_port()}/archive"
    engine = sa.create_engine(url)
    visited.clients = {name: visited.open_client(name) for name in ("alice", None)}  # type: ignore[attr-defined]
    monkeypatch.setattr(visited.node.store, "_engine", engine)
    monkeypatch.setattr(visited.node.store, "_place", url)
    yield visited
    engine.dispose()


def read_client(found: Visited, name: str | None) -> TestClient:
    client = found.clients[name]  # type: ignore[attr-defined]
    assert isinstance(client, TestClient)
    return client


@pytest.mark.parametrize("path", OTHERS)
def test_with_the_database_away_pages_say_so_on_a_page(away: Visited, path: str) -> None:
    with capture_logs() as logged:
        answer = read_client(away, "alice").get(path)
    assert answer.status_code == 503
    assert "<h1>The node cannot do that now</h1>" in answer.text
    number = answer.headers["x-request-id"]
    assert number in answer.text
    assert not [word for word in SECRETS if word in answer.text]
    (line,) = logged
    assert (line["request"], line["status"], line["error"]) == (number, 503, "store.unreachable")
    assert "sign_in.py" in line["trace"]
    assert "psycopg.OperationalError" in line["trace"]


def test_with_the_database_away_the_api_answers_its_document(away: Visited) -> None:
    for name, path in (("alice", "/api/v1/cases"), ("alice", "/api/v1/me"), (None, "/api/v1/health")):
        with capture_logs() as logged:
            answer = read_client(away, name).get(path)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["id"]) == (503, "store", "failure.store")
        assert error["request"] == answer.headers["x-request-id"]
        assert error["values"] == {}
        assert not [word for word in SECRETS if word in answer.text]
        assert [line["request"] for line in logged] == [error["request"]]


def test_a_form_that_meets_a_database_that_is_away_is_answered_in_the_readers_language(away: Visited) -> None:
    answer = read_client(away, None).post(
        "/sign-in", data={"name": "alice", "password": PASSWORD}, headers={"accept-language": "fr"}
    )
    assert answer.status_code == 503
    assert '<html lang="fr">' in answer.text
    assert "<span lang=" not in answer.text


def test_what_nobody_foresaw_leaves_its_way_in_the_log_and_nothing_of_what_was_worked_on(
    visited: Visited, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("Grace Höpper, born 1906")

    client = visited.open_client("alice")
    monkeypatch.setattr(sessions, "find_session", fail)
    for path in ("/cases", "/api/v1/me"):
        with capture_logs() as logged:
            answer = client.get(path)
        assert answer.status_code == 500
        number = answer.headers["x-request-id"]
        assert number in answer.text
        (line,) = logged
        assert (line["request"], line["status"]) == (number, 500)
        assert "builtins.ValueError" in line["trace"]
        assert "test_failures.py" in line["trace"]
        assert "Höpper" not in str(line) + answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "content-security-policy" in answer.headers


def test_a_full_disk_is_told_by_its_kind_and_by_the_nodes_health(
    visited: Visited, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, client = visited.node.store, visited.open_client("alice")
    assert client.get("/api/v1/health").json()["status"] == "ok"
    sa.event.listen(store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 1"))
    draft = {"number": "A", "purpose": "missing-person", "category": "missing", "aim": "x" * 900, "link": "x" * 900}
    for number in range(200):
        answer = client.post("/api/v1/cases", json={**draft, "number": f"A{number}"})
        if answer.status_code != 201:
            break
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "store.full")
    assert str(visited.settings.home) not in answer.text
    health = visited.open_client().get("/api/v1/health")
    assert (health.status_code, health.json()["error"]["code"]) == (507, "store.full")
    assert str(visited.settings.home) not in health.text


def test_a_disk_that_is_nearly_full_is_told_before_an_act_fails(
    visited: Visited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((4096, 4096, 10**6, 3, 3, 9, 9, 9, 0, 255)))
    assert visited.open_client().get("/api/v1/health").status_code == 507


def test_no_failure_of_the_machine_tells_a_place_a_host_or_a_cause() -> None:
    """Every message that names one is replaced, whichever kind of error it comes with."""
    places = {"path", "place", "why", "home", "folder", "host", "url", "error"}
    told = 0
    for message in find_messages():
        named = dict.fromkeys(re.findall(r"{(\w+)", message.text), "/srv/archive")
        for kind in (StoreError, StoreFull, ModelError, ConfigurationError):
            if named.keys() & places:
                told += 1
                assert "/srv/archive" not in str(tell_failure(kind(message.identifier, message.text, **named)))
    assert told > 100
    altered = VerificationError("test.witness", "The file {path} is damaged.", path="/srv/archive")
    assert "/srv" not in str(tell_failure(altered))
    kept = NotFound("test.record", "There is no record {number}.", number="A-1")
    assert str(tell_failure(kept)) == "There is no record A-1."


def test_a_trace_names_what_led_to_an_error_without_its_words() -> None:
    def fail() -> None:
        try:
            dict[str, str]()["Höpper"]
        except KeyError as error:
            raise SemblanceError("test.x", "{name}", name="Collins") from error

    with pytest.raises(SemblanceError) as raised:
        fail()
    trace = write_trace(raised.value)
    assert trace.index("SemblanceError") < trace.index("KeyError")
    assert "test_failures.py" in trace
    assert "Höpper" not in trace
    assert "Collins" not in trace


def test_a_full_disk_is_a_full_store_wherever_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StoreFull):
        database.make_private_file(Path("/srv/x"), "the store")
    monkeypatch.setattr(failures, "has_room", lambda _: False)
    for code in (sqlite3.SQLITE_CANTOPEN, 4874, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_FULL):
        assert isinstance(failures._translate_sqlite(code, "disk I/O error", "/srv/x"), StoreFull)
    assert "make room" in str(describe_full("/srv/x", "y")).lower()
