"""Calls drawn from the OpenAPI document, as each of the cast and as a stranger: never a 5xx, never an unknown status.

Seeded. SEMBLANCE_HOSTILE_SECONDS says for how long, SEMBLANCE_HOSTILE_SEED from where.
"""

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.api.generated_calls import Call, CallMaker
from tests.cast import CAST
from tests.site_fixtures import COLLINS, CREW, HOPPER, Served, serve_site

SECONDS = float(os.environ.get("SEMBLANCE_HOSTILE_SECONDS") or 20)
SEED = int(os.environ.get("SEMBLANCE_HOSTILE_SEED") or 12)


@pytest.fixture(scope="module")
def own_site(
    tmp_path_factory: pytest.TempPathFactory, astronaut_path: Path, hopper_path: Path, two_faces: bytes
) -> Iterator[Served]:
    """Return a site of its own: what is called here leaves no record as it was."""
    with serve_site(tmp_path_factory, astronaut_path, hopper_path, two_faces) as served:
        yield served


def check(call: Call, answer: httpx2.Response, who: str) -> None:
    """Assert that an answer is one of those that the operation documents, in the shape that it documents."""
    at = f"{who}: {call.method} {call.address[:200]} {call.body!r:.500} -> {answer.status_code} {answer.text[:500]}"
    assert answer.status_code < 500, at
    assert str(answer.status_code) in call.operation["responses"], at
    if answer.status_code >= 400:
        assert set(answer.json()["error"]) >= {"code", "id", "message", "values", "problems"}, at
        assert len(answer.content) < 60_000, at
    elif answer.headers.get("content-type", "") == "application/json":
        json.loads(answer.content)


@pytest.mark.timeout(SECONDS + 200)
def test_no_call_fails_and_every_answer_is_documented(own_site: Served, hopper_path: Path, two_faces: bytes) -> None:
    known = [str(own_site.find_record(number)) for number in (COLLINS, HOPPER, CREW)]
    known += [own_site.case, *(actor.name for actor in CAST), "FR", "DE", "0", "3", "examiner"]
    chance = random.Random(SEED)
    clients = {None: own_site.open_client()} | {actor.name: own_site.open_client(actor.name) for actor in CAST}
    openapi = clients[None].get("/api/openapi.json").json()
    maker = CallMaker(openapi, SEED, known=known, photos=[hopper_path.read_bytes(), two_faces])
    seen: Counter[int] = Counter()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        call = maker.draw()
        who = chance.choice([*clients, "alice", "emil"])
        answer = clients[who].request(call.method, call.address, **call.body)
        check(call, answer, who or "a stranger")
        maker.learn(answer.text[:20_000])
        seen[answer.status_code] += 1
    for client in clients.values():
        client.close()
    sys.stdout.write(f"seed {SEED}: {seen.total()} calls, {dict(sorted(seen.items()))}\n")
    assert {200, 401, 403, 404, 422} <= set(seen)
