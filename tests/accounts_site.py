"""A node with the cast and its whole site, without photos and without a server; for tests of accounts over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.accounts import add_cast, open_session_of

from semblance.bootstrap.config import VARIABLES, read_settings
from semblance.bootstrap.node import create_node, open_node
from semblance.node.node import Node
from semblance.people.account_rules import AccountRules
from semblance.server.site import make_site

ADDRESS = "http://127.0.0.1:8710"
COOKIE = "semblance-session-8710"


class Visited:
    """A site that is asked in this process; ``node`` is what stands behind it."""

    def __init__(self, home: Path, rules: AccountRules) -> None:
        self.settings = read_settings(home)
        self.node: Node = replace(open_node(home), accounts=rules)
        self.app = make_site(self.node, self.settings)

    def open_client(self, name: str | None = None) -> TestClient:
        """Return a browser of somebody who is signed in, or of a stranger."""
        client = TestClient(self.app, base_url=ADDRESS, follow_redirects=False)
        if name is not None:
            client.cookies.set(COOKIE, open_session_of(self.node, name), domain="127.0.0.1", path="/")
        return client


@pytest.fixture
def visited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visited]:
    """Return the site of a fresh node on which a second factor is offered, not required."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    create_node(tmp_path / "node", name="FR bureau", authority="FR")
    found = Visited(tmp_path / "node", AccountRules(second_factor="offered"))
    add_cast(found.node)
    yield found
    found.node.store.close()
