"""People at work on a node whose server is killed under them, and a note of what each was told before."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
from tests.workflows.searching import POTENTIAL

from semblance.web.examination.opinion_form import write_draft

_DRAFT: Final = {
    "kind": "yellow",
    "legal_basis": "RPD article 90; report of 12 March 2026",
    "retain_until": "2028-03-12",
    "personal": {"family_name": "Muster", "given_names": "Erika"},
    "circumstances": {"event_date": "2026-03-12", "event_place": "Lyon"},
}
_SOURCE: Final = {"source": "DE", "obtained": "handed in by the family", "obtained_on": "2026-03-13"}


ACTS: Final = ("create", "enrol", "publish", "search", "opinion", "erase")


class Unexpected(Exception):
    """An answer that no kill explains."""


@dataclass
class Notes:
    """What was asked of the node and what it said was done, by everybody; ``asked`` includes what was said done."""

    asked: dict[str, set[str]] = field(default_factory=lambda: {act: set() for act in ACTS})
    done: dict[str, dict[str, str]] = field(default_factory=lambda: {act: {} for act in ACTS})
    unexpected: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def count_done(self) -> int:
        return sum(map(len, self.done.values()))

    def ask(self, act: str, key: str, send: Callable[[], httpx2.Response], *, id_in: str | None = None) -> str:
        """Note that the act is asked for, ask, and note that it was done; return the id that the answer names."""
        self.asked[act].add(key)
        answer = send()
        if not answer.is_success and answer.status_code != 303:
            raise Unexpected(f"{act} of {key}: {answer.status_code} {answer.text[:500]}")
        found = key if id_in is None else str(answer.json()[id_in])
        self.done[act][key] = found
        return found


def enrol(notes: Notes, emil: httpx2.Client, _alice: httpx2.Client, photo: bytes, _case: str) -> None:
    """Make a record, give it a photo, publish it."""
    number = f"K-{next(notes.numbers)}"
    document = {"draft": {**_DRAFT, "number": number}, "reason": "Reported"}
    record = notes.ask("create", number, lambda: emil.post("/api/v1/records", json=document), id_in="id")
    files = {"photo": ("a.jpg", photo, "image/jpeg")}

    def send() -> httpx2.Response:
        answer = emil.post(f"/api/v1/records/{record}/photos", files=files, data=_SOURCE)
        if answer.is_success and (status := answer.json()["photos"][0]["status"]) != "enrolled":
            raise Unexpected(f"the photo of {record} is {status}: {answer.text[:500]}")
        return answer

    notes.ask("enrol", record, send)
    answer = {"neutral": True, "reason": "Not political"}
    notes.ask("publish", record, lambda: emil.post(f"/api/v1/records/{record}/publication", json=answer))


def search(notes: Notes, _emil: httpx2.Client, alice: httpx2.Client, photo: bytes, case: str) -> None:
    """Hand in a probe, search it, and record an opinion on the first candidate."""
    files = {"photo": ("a.jpg", photo, "image/jpeg")}
    probe = _read(alice.post(f"/api/v1/cases/{case}/probes", files=files))["probe"]
    asked = {"probe": probe, "reason": f"Found at the station, {next(notes.numbers)}", "limit": 3}
    found = notes.ask("search", asked["reason"], lambda: alice.post("/api/v1/searches", json=asked), id_in="search")
    answer = _read(alice.get(f"/api/v1/searches/{found}"))
    if not answer["candidates"]:
        return
    examination = answer["examination"]
    alice.post(f"/examinations/{examination}/begin")
    headers = {"content-type": "application/json"}
    opinion = write_draft(POTENTIAL).replace("{", '{"version": 0, ', 1)
    address = f"/examinations/{examination}/candidates/C-01/opinion"
    notes.ask("opinion", examination, lambda: alice.post(address, content=opinion, headers=headers))


def erase(notes: Notes, emil: httpx2.Client, _alice: httpx2.Client, _photo: bytes, _case: str) -> None:
    """Erase a record that is published and not being erased."""
    waiting = sorted(set(notes.done["publish"]) - notes.asked["erase"])
    if waiting:
        address, reason = f"/api/v1/records/{waiting[0]}", {"reason": "Asked for by the family"}
        notes.ask("erase", waiting[0], lambda: emil.request("DELETE", address, json=reason))


def _read(answer: httpx2.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise Unexpected(f"{answer.request.url.path}: {answer.status_code} {answer.text[:500]}")
    document: dict[str, Any] = answer.json()
    return document


@contextmanager
def people_at_work(
    notes: Notes, open_client: Callable[[str], httpx2.Client], photo: Callable[[], bytes], case: str
) -> Iterator[None]:
    """Have an officer enrol, another erase, and an examiner search until the server is gone."""

    gone = threading.Event()

    def work(act: Callable[[Notes, httpx2.Client, httpx2.Client, bytes, str], None]) -> None:
        with open_client("emil") as emil, open_client("alice") as alice:
            try:
                while not gone.wait(0.02):
                    act(notes, emil, alice, photo(), case)
            except httpx2.TransportError:
                # the server was killed
                return
            except (Unexpected, LookupError, ValueError) as error:
                notes.unexpected.append(repr(error))
                return

    threads = [threading.Thread(target=work, args=(act,), daemon=True) for act in (enrol, search, erase)]
    for thread in threads:
        thread.start()
    yield
    gone.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "somebody still waits for a server that was killed"
