"""Who is let in with what: known first, then read, and only so much of it at once."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.accounts import open_session_of
from tests.accounts_site import COOKIE, Visited

from semblance.api.app import make_api
from semblance.edge import bodies
from semblance.edge.asgi import App, Event
from semblance.edge.bodies import PLAIN_CAP, STRANGERS_CAP, BodyRoom, read_body, replay
from semblance.edge.crowd import Crowd
from semblance.edge.json_shape import DEEPEST, WIDEST, find_shape_fault
from semblance.edge.tries import AddressTries, find_network
from semblance.errors import Busy, RequestProblem, TooManyTries
from semblance.server.site import list_photo_paths, make_site
from semblance.web.app import make_pages
from semblance.web.page.site import Site

Ask = Callable[..., httpx2.Response]


class Unread:
    """A request whose body, if it is asked for, fails the test."""

    def __init__(self, method: str, path: str, *, length: int, secret: str = "") -> None:
        headers = [
            (b"host", b"127.0.0.1:8710"),
            (b"content-length", str(length).encode()),
            (b"content-type", b"application/json"),
            (b"cookie", f"{COOKIE}={secret}".encode()),
        ]
        self.scope: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": headers, "scheme": "http", "server": ("127.0.0.1", 8710), "client": ("127.0.0.1", 4711),
            "http_version": "1.1", "root_path": "",
        }  # fmt: skip
        self.status = 0
        self.asked = 0

    async def receive(self) -> Event:
        self.asked += 1
        await asyncio.sleep(60)
        raise AssertionError

    async def send(self, message: Event) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]


def ask_all(app: App, requests: list[Unread]) -> list[int]:
    """Send every request, some at a time, and return the statuses."""

    async def ask() -> None:
        for first in range(0, len(requests), 20):
            some = requests[first : first + 20]
            await asyncio.gather(*(app(each.scope, each.receive, each.send) for each in some))

    asyncio.run(ask())
    return [each.status for each in requests]


@pytest.fixture(autouse=True)
def _drain_no_longer_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_DRAINING_SECONDS", 0.05)
    monkeypatch.setattr(bodies, "_STRANGERS_SECONDS", 0.05)


def list_sending(node: Any) -> list[tuple[str, str]]:
    """Return every route of pages and API that takes a body, with ids that nothing has."""
    operations = []
    for app in (make_api(node), make_pages(Site(node, 40))):
        for path, methods in app.openapi()["paths"].items():
            filled = path.replace("{", "").replace("}", "")
            operations += [(method.upper(), filled) for method in methods if method != "get"]
    return operations


def test_no_route_reads_a_strangers_body_but_those_that_signing_in_takes(visited: Visited) -> None:
    sending = list_sending(visited.node)
    assert len(sending) > 80
    requests = [Unread(*each, length=100, secret=secret) for each in sending for secret in ("", "smb_unknown")]
    open_ones = set()
    for unread, status in zip(requests, ask_all(visited.app, requests), strict=True):
        path = unread.scope["path"]
        if status == 408:
            open_ones.add(path)
        else:
            assert status == (401 if path.startswith("/api/") else 303), path
    assert open_ones == {"/sign-in", "/sign-out", "/language"}


def test_caps_by_route_and_by_who_asks(visited: Visited) -> None:
    alice = open_session_of(visited.node, "alice")
    photos = [
        path.replace("{", "").replace("}", "").replace(":path", "")
        for app in (make_api(visited.node), make_pages(Site(visited.node, 40)))
        for path in list_photo_paths(app)
    ]
    assert sorted(photos) == [
        "/api/v1/cases/case/probes", "/api/v1/records/record/photos", "/cases/case/probes", "/records/bodies",
        "/records/record/photos", "/submissions/submission/files",
    ]  # fmt: skip
    caps = [(each, 40_100_000 if each[1] in photos else PLAIN_CAP) for each in list_sending(visited.node)]
    requests = [Unread(*each, length=cap + 1, secret=alice) for each, cap in caps]
    requests += [Unread("POST", path, length=STRANGERS_CAP + 1) for path in ("/sign-in", "/language", "/sign-out")]
    assert set(ask_all(visited.app, requests)) == {413}


def test_whoever_was_shut_out_while_sending_acts_no_more(visited: Visited) -> None:
    alice = visited.open_client("alice")
    assert alice.get("/api/v1/me").status_code == 200
    secret = alice.cookies.get(COOKIE)
    assert secret is not None
    unread = Unread("POST", "/api/v1/cases", length=2, secret=secret)

    async def receive() -> Event:
        alice.post("/sign-out")
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def ask() -> None:
        await visited.app(unread.scope, receive, unread.send)

    asyncio.run(ask())
    assert unread.status == 401


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b"[" * DEEPEST + b"]" * DEEPEST, False),
        (b"[" * (DEEPEST + 1), True),
        (b'{"a":' * (DEEPEST + 1), True),
        (b"[" + b"0," * (WIDEST - 2) + b"0]", False),
        (b"[" + b"0," * WIDEST + b"0]", True),
        (b"{" + b'"a":0,' * WIDEST + b'"a":0}', True),
        (b'"' + b"[" * 1_000_000 + b'"', False),
        (b'"' + b'\\"[' * 600_000, False),
        (b'"\\\\"' + b"[" * (DEEPEST + 1), True),
        (b'"\\', False),
        (("[" * 40).encode("utf-16"), True),
        ('"\u2200"[[[['.encode("utf-16-le"), True),
        (b"", False),
        (b"no json", False),
    ],
)
def test_json_is_measured_before_it_is_parsed(body: bytes, refused: bool) -> None:
    assert (find_shape_fault(body) is not None) is refused


def test_a_body_comes_to_the_application_as_it_was_sent() -> None:
    sent = bytes(range(256)) * 5_000

    async def hand_on() -> bytes:
        parts = [sent[:1], sent[1:700_000], sent[700_000:]]

        async def receive() -> Event:
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        give, got, more = replay(await read_body(receive, len(sent), known=True), receive), b"", True
        while more:
            message = await give()
            got, more = got + message["body"], message["more_body"]
        return got

    assert asyncio.run(hand_on()) == sent


def test_a_body_that_is_cut_off_or_longer_than_it_said_is_refused() -> None:
    async def read(*messages: Event) -> None:
        left = list(messages)

        async def receive() -> Event:
            return left.pop(0)

        await read_body(receive, 3, known=True)

    with pytest.raises(RequestProblem) as refused:
        asyncio.run(read({"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}))
    assert refused.value.status == 400
    with pytest.raises(RequestProblem) as refused:
        asyncio.run(read({"type": "http.request", "body": b"abcd", "more_body": True}))
    assert refused.value.status == 413


def test_all_bodies_together_have_a_bound() -> None:
    room = BodyRoom(100)
    with room.holding(60):
        with pytest.raises(Busy), room.holding(41):
            raise AssertionError
        with room.holding(40):
            pass
    with room.holding(100):
        pass


def test_a_crowd_has_a_bound_for_each_kind() -> None:
    crowd = Crowd(strangers=1, known=3, each=2)
    with crowd.entering(None), crowd.entering("alice"), crowd.entering("alice"):
        for who in (None, "alice"):
            with pytest.raises(Busy), crowd.entering(who):
                raise AssertionError
        with crowd.entering("bob"), pytest.raises(Busy), crowd.entering("carol"):
            raise AssertionError
    with crowd.entering(None), crowd.entering("carol"):
        pass


@pytest.mark.parametrize("path", ["/api/v1/me", "/sign-in", "/cases"])
@pytest.mark.parametrize("name", ["alice", None])
def test_beyond_the_bound_an_answer_says_when_to_ask_again(visited: Visited, path: str, name: str | None) -> None:
    visited.app = make_site(visited.node, visited.settings, crowd=Crowd(strangers=0, known=0))
    answer = visited.open_client(name).get(path)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    if path.startswith("/api"):
        assert answer.json()["error"]["code"] == "busy"
    else:
        assert "<h1>" in answer.text
    for public in ("/static/mark.svg", "/api/v1/health", "/api/openapi.json"):
        assert visited.open_client(name).get(public).status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", None),
        ("127.8.9.10", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("testclient", None),
        ("", None),
        (None, None),
    ],
)
def test_what_counts_as_one_address(address: str | None, network: str | None) -> None:
    assert find_network(address) == network


def test_wrong_tries_are_counted_by_address_for_a_while() -> None:
    now = 0.0
    tries = AddressTries(lambda: now)

    def fail(address: str) -> None:
        with pytest.raises(ZeroDivisionError), tries.counting(address):
            raise ZeroDivisionError

    for number in range(30):
        now = number
        with tries.counting("203.0.113.7"):
            pass
        fail("203.0.113.7")
    with pytest.raises(TooManyTries) as refused, tries.counting("203.0.113.7"):
        raise AssertionError
    assert refused.value.seconds == 15 * 60 - 29 + 1
    fail("203.0.113.8")
    now = 15 * 60
    fail("203.0.113.7")
    for _ in range(200):
        fail("::1")


def test_a_flood_of_wrong_passwords_from_one_address_is_answered_429(visited: Visited) -> None:
    client = visited.open_client()
    client._transport.client = ("2001:db8::1", 4711)  # type: ignore[attr-defined]
    statuses = [client.post("/sign-in", data={"name": f"n{n}", "password": "x" * 12}).status_code for n in range(31)]
    assert set(statuses[:30]) == {403}
    assert statuses[30] == 429
    client._transport.client = ("2001:db8::2", 4711)  # type: ignore[attr-defined]
    other = client.post("/sign-in", data={"name": "alice", "password": "x" * 12})
    assert other.status_code == 429
    assert int(other.headers["retry-after"]) > 60
    client._transport.client = ("2001:db8:0:1::2", 4711)  # type: ignore[attr-defined]
    assert client.post("/sign-in", data={"name": "alice", "password": "x" * 12}).status_code == 403
