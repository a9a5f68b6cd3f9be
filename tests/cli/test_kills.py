"""Server and worker are killed while people enrol, search, give opinions and erase: nothing is lost or doubled.

SEMBLANCE_TEST_KILLS says how often; the whole drill is 100.
"""

import io
import itertools
import json
import os
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from PIL import Image
from tests.accounts import add_cast, open_session_of
from tests.cast import EMIL, FR
from tests.cli.clients_under_kills import Notes, people_at_work
from tests.cli.processes import start_process
from tests.workflows.searching import open_case

from semblance.audit.entry import read_entry
from semblance.bootstrap.node import create_node, run_node
from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import examinations, opinions, photos, records, searches
from semblance.store.ledger import iterate_entries
from semblance.terms.ids import ExaminationId, SubjectId
from semblance.terms.record import RecordState
from semblance.workflows.oversight.ledger import recompute_ledger
from semblance.workflows.records.read_record import find_record_id

ACTIONS = {
    "create": "record.create",
    "enrol": "photo.enrol",
    "publish": "record.publish",
    "search": "gallery.search",
    "opinion": "opinion.record",
    "erase": "record.erase",
}
KILLS = int(os.environ.get("SEMBLANCE_TEST_KILLS", "3"))


@pytest.mark.timeout(240 + 30 * KILLS)
def test_whatever_is_killed_what_was_said_done_is_done_once(tmp_path: Path, hopper_path: Path) -> None:
    home = tmp_path / "killed"
    create_node(home, name="FR bureau", suitability={"inter_eye_distance": 20.0}, second_factor="offered")
    portrait, turns, chance = Image.open(hopper_path).convert("RGB"), itertools.count(1), random.Random(2026)

    def draw_photo() -> bytes:
        buffer = io.BytesIO()
        portrait.rotate(next(turns) % 400 / 50).save(buffer, "JPEG", quality=90)
        return buffer.getvalue()

    notes = Notes()
    with run_node(home) as node:
        add_cast(node)
        case = open_case(node)
        worker = None
        for kill in range(1, KILLS + 1):
            server = start_process("serve", "--home", home, "--port", 0, "--json")
            if worker is None or worker.poll() is not None:
                worker = start_process("worker", "--home", home, "--every", 1)
            assert server.stdout is not None
            address = json.loads(server.stdout.readline())["address"]

            def open_client(name: str, address: str = address) -> httpx2.Client:
                session = {f"semblance-session-{address.rpartition(':')[2].strip('/')}": open_session_of(node, name)}
                return httpx2.Client(base_url=address, timeout=60, trust_env=False, cookies=session)

            with people_at_work(notes, open_client, draw_photo, case.id):
                _wait_for_acts(notes, chance.randint(2, 12), every=kill == KILLS)
                time.sleep(chance.uniform(0, 0.3))
                if chance.random() < 0.5:
                    worker.kill()
                server.kill()
            for process in (server, *([worker] if worker.poll() is not None else [])):
                process.communicate()
            assert notes.unexpected == []
            _settle(node, notes)
        assert worker is not None
        worker.kill()
        worker.communicate()
    with run_node(home) as node:
        _settle(node, notes)
        acts = _count_acts(node)
    sys.stdout.write(f"{ {act: len(done) for act, done in notes.done.items()} }\n")
    for act, action in ACTIONS.items():
        assert acts[action] == len(notes.done[act]), action


def _wait_for_acts(notes: Notes, wanted: int, *, every: bool) -> None:
    """Wait until so many acts more are done; or, with ``every``, until each was done at least once."""
    already, deadline = notes.count_done(), time.monotonic() + 90
    while notes.count_done() < already + wanted or (every and not all(notes.done.values())):
        assert notes.unexpected == []
        assert time.monotonic() < deadline, "nobody gets anything done"
        time.sleep(0.01)


def _settle(node: Node, notes: Notes) -> None:
    """Check what was said done, and note as done what was asked for and is done though nobody was told."""
    assert recompute_ledger(node) is not None
    done, asked = notes.done, notes.asked
    for number in asked["create"] - set(done["create"]):
        with suppress(NotFound):
            done["create"][number] = find_record_id(node, EMIL, number)
    with node.store.reading() as tx:
        for subject in map(SubjectId, done["create"].values()):
            facts = records.find_facts(tx, subject)
            if facts is None:
                assert subject in asked["erase"]
                done["erase"][subject] = subject
                continue
            assert subject not in done["erase"]
            stored = photos.list_photos(tx, subject)
            _settle_act(notes, "enrol", subject, times=len(stored))
            assert all(photos.read_photo_bytes(tx, photo.id) for photo in stored)
            _settle_act(notes, "publish", subject, times=int(facts.state is RecordState.ACTIVE))
        found = Counter(row.record.reason for row in searches.list_searches(tx, FR, before=None, limit=100_000))
        for reason in asked["search"]:
            _settle_act(notes, "search", reason, times=found[reason])
        for examination in map(ExaminationId, asked["opinion"]):
            (review,) = examinations.list_reviews(tx, examination)
            given = [line for line in opinions.list_lines(tx, review.id) if line.conclusion is not None]
            _settle_act(notes, "opinion", examination, times=len(given))


def _settle_act(notes: Notes, act: str, key: str, *, times: int) -> None:
    """Check that an act is done once where it was said to be, and at most once where it was asked for."""
    done, asked = notes.done[act], notes.asked[act]
    assert times <= 1, f"{act} of {key} is there {times} times"
    if times and key in asked:
        done.setdefault(key, key)
    assert bool(times) == (key in done), f"{act} of {key} was said to be done and is not there, or the reverse"


def _count_acts(node: Node) -> Counter[str]:
    """Return how often the ledger says each act, refusals left out."""
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in iterate_entries(tx)]
    return Counter(entry["action"] for entry in entries if entry["verb"] != "refusal")
