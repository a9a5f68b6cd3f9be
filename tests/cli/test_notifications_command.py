"""Notifications on the command line: from the settings in a file to a mail and a call that arrived."""

import base64
import json
from pathlib import Path
from typing import Any

from tests.outside import Outside, run_hook, run_smtp

from semblance.bootstrap.node import run_node
from semblance.store.notifications import queue_notification
from semblance.terms.ids import AuthorityCode
from semblance.terms.notification import LeadNotification

WHY = ("--reason", "They asked for it")


def open_ways(home: Path, port: int) -> None:
    (home / "hook.secret").write_text("s" * 64)
    text = (home / "node.toml").read_text()
    ways = (
        'address = "https://semblance.fr.invalid/"\n'
        f'{text}\n[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "node@fr.invalid"\n'
        '[webhook]\nsecret_file = "hook.secret"\n'
    )
    (home / "node.toml").write_text(ways)


def queue(home: Path) -> None:
    with run_node(home) as node, node.store.writing() as tx:
        queue_notification(tx, LeadNotification.WAITING.value, "a" * 32, AuthorityCode("DE"), at=node.clock())


def test_notifications_are_set_up_tested_sent_and_listed(run: Any, home: Path) -> None:
    shut = run("notifications", "test", "--authority", "DE", by="ada")
    assert shut.exit_code == 4
    assert "mail.host" in shut.stdout
    with run_smtp(Outside(starttls=False)) as smtp, run_hook() as hook:
        open_ways(home, smtp.port)
        where = f"http://127.0.0.1:{hook.port}/semblance"
        assert run("authority", "edit", "DE", "--webhook", where, *WHY).exit_code == 0
        assert where in run("authority", "list").stdout
        tested = run("notifications", "test", "--authority", "DE", "--json")
        assert tested.exit_code == 0, tested.output
        assert [one["sent"] for one in json.loads(tested.stdout)["channels"]] == [True, True]
        assert "taken by the other side" in run("notifications", "test", "--authority", "DE").stdout
        hook.answers = [503]
        queue(home)
        assert "not tried yet" in run("notifications", "list").stdout
        run("worker", "--once")
    assert len(smtp.messages) == 3
    assert b"https://semblance.fr.invalid/leads/aaaa" in smtp.messages[-1]
    listed = run("notifications", "list")
    assert "1 notification was sent." in listed.stdout
    assert "503" in listed.stdout
    (waiting,) = json.loads(run("notifications", "list", "--json").stdout)["unsent"]
    assert (waiting["channel"], waiting["tries"], waiting["given_up_at"]) == ("webhook", 1, None)
    key = run("notifications", "key", "--authority", "DE").stdout.strip()
    assert key.startswith("whsec_")
    assert len(base64.b64decode(key.removeprefix("whsec_"), validate=True)) == 32
    assert run("notifications", "key", "--authority", "FR").stdout.strip() != key


def test_only_an_administrator_may(run: Any, home: Path) -> None:
    for arguments in (("list",), ("test", "--authority", "DE"), ("key", "--authority", "DE")):
        assert run("notifications", *arguments, by="emil").exit_code == 3
    assert run("notifications", "test", "--authority", "ZZ", by="ada").exit_code == 44
    assert run("notifications", "key", "--authority", "DE").exit_code == 10


def test_secrets_that_cannot_be_used_are_named(run: Any, home: Path) -> None:
    text = (home / "node.toml").read_text()
    for content, named in ((None, "cannot be read"), ("", "is empty"), ("short", "at least 32")):
        if content is not None:
            (home / "hook.secret").write_text(content)
        (home / "node.toml").write_text(f'{text}\n[webhook]\nsecret_file = "hook.secret"\n')
        refused = run("notifications", "list", by="ada")
        assert refused.exit_code == 10
        assert named in refused.stderr
