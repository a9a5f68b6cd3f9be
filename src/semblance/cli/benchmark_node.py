"""``semblance bench-node``: measure a node that enrols photos, is killed meanwhile, starts, and serves many clients."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import click

from semblance.benchmarks.load import Load, find_share, open_benchmark_case, put_load, search_once
from semblance.benchmarks.node import Shares, measure_shares, prepare_node, write_varied_photos
from semblance.benchmarks.templates import list_photos
from semblance.bootstrap.config import copy_environment, default_models
from semblance.bootstrap.node import create_node, run_node
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import FOLDER
from semblance.cli.output import Line, Reply, answering, draw_stages, make_facts
from semblance.errors import PeerError, UnreadableFile
from semblance.faces.degrade import make_changed_copy
from semblance.store import gallery

_COMMAND: Final = (sys.executable, "-m", "semblance.cli.main")
_TERMS: Final = (
    *("--kind", "blue", "--asked", "Who is this person?", "--basis", "none: a measurement"),
    *("--retain-until", "2029-01-01", "--obtained", "for a measurement", "--obtained-on", "2026-01-01"),
    *("--neutral", "yes"),
)
_PROBES: Final = 100
_POLL: Final = 0.5
_LEAST_EYES: Final = 30.0
_MEGABYTE: Final = 1 << 20

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """How the enrolment went: seconds of all runs, their highest memory, how often it was killed."""

    photos: int
    references: int
    seconds: float
    peak_megabytes: float
    kills: int


@click.command("bench-node")
@click.argument("photos", type=click.Path(path_type=Path))
@answering
@click.option("--pack", default="embedded", show_default=True, help="The model pack.")
@click.option("--number", type=click.IntRange(10), default=1_000, show_default=True, help="Photos that are enrolled.")
@click.option("--kills", type=click.IntRange(0, 10), default=2, show_default=True, help="How often it is killed.")
@click.option("--clients", type=click.IntRange(1, 100), default=20, show_default=True, help="Clients at once.")
@click.option("--seconds", type=click.IntRange(1, 600), default=30, show_default=True, help="For how long.")
@click.option("--folder", type=FOLDER, help="Keep node and photos here.")
def command(photos: Path, pack: str, number: int, kills: int, clients: int, seconds: int, folder: Path | None) -> Reply:
    """Measure a whole node with the photos in PHOTOS, each many times with small changes.

    It enrols them, is killed meanwhile and goes on; is served; and clients on this machine hand in photos and search.
    """
    sources = list_photos(photos)
    if len(sources) < 2:
        raise UnreadableFile(
            "operator.benchmarks.too-few-photos",
            "{photos} holds too few photos. Name a folder with some.",
            photos=photos,
        )
    with _place(folder) as place, draw_stages() as report:
        home, handed = place / "node", place / "photos"
        create_node(
            home,
            name="measurement",
            authority="FR",
            pack=pack,
            second_factor="offered",
            suitability={"inter_eye_distance": _LEAST_EYES},
        )
        with run_node(home) as node:
            passwords, tokens = prepare_node(node)
        handed.mkdir()
        number = write_varied_photos(
            sources, handed, number, on_progress=lambda at, of: report(f"writing photos: {at} of {of}")
        )
        enrolled = _enrol(home, handed, tokens["emil"], number, kills, report)
        probes = [make_changed_copy(photo.read_bytes(), name=photo.name) for photo in sources[:_PROBES]]
        with _serve(home) as (address, begun):
            case = open_benchmark_case(address, tokens["alice"])
            search_once(address, tokens["alice"], case, probes[0])
            first = time.monotonic() - begun
            load = put_load(
                address,
                tokens["alice"],
                case,
                probes,
                clients=clients,
                seconds=seconds,
                on_progress=lambda done: report(f"{clients} clients: {done} searches"),
            )
        report("one search after the other")
        with run_node(home) as node:
            shares = measure_shares(node, passwords, probes)
    return Reply(_write(enrolled, first, load, shares), *_list_lines(enrolled, first, load, shares))


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    """Give a folder that is gone afterwards, or the one that is to be kept."""
    if folder is not None:
        folder.mkdir(parents=True)
        yield folder.absolute()
        return
    made = Path(tempfile.mkdtemp(prefix="semblance-benchmark-", dir=Path.cwd()))
    try:
        yield made
    finally:
        shutil.rmtree(made)


def _enrol(home: Path, handed: Path, token: str, number: int, kills: int, report: Report) -> _Enrolled:
    """Enrol the folder; kill the process each time when another share is done, and begin again."""
    seconds, peak, killed = 0.0, 0.0, 0
    with run_node(home) as node:
        while True:
            due = number * (killed + 1) / (kills + 1) if killed < kills else None
            began = time.monotonic()
            process = _start("enrol", handed, "--home", home, *_TERMS, token=token)
            while process.poll() is None:
                time.sleep(_POLL)
                peak = max(peak, _read_peak(process.pid))
                with node.store.reading() as tx:
                    done = gallery.read_version(tx)
                report(f"enrolling: {done} of {number}, killed {killed} times")
                if due is not None and done >= due:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
            seconds += time.monotonic() - began
            if process.returncode == -signal.SIGKILL and killed < kills:
                killed += 1
                continue
            if process.returncode not in (DONE, INCOMPLETE):
                raise PeerError(
                    "operator.benchmarks.enrolment-ended",
                    "The enrolment ended with {returncode}.",
                    returncode=process.returncode,
                )
            with node.store.reading() as tx:
                references = gallery.read_state(tx).references
            return _Enrolled(number, references, seconds, peak / _MEGABYTE, killed)


@contextmanager
def _serve(home: Path) -> Iterator[tuple[str, float]]:
    """Give the address of the served node, and when its process was started."""
    begun = time.monotonic()
    process = _start("serve", "--home", home, "--port", 0, "--json")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise PeerError("operator.benchmarks.not-served", "The node was not served; `semblance serve` says why.")
        yield json.loads(line)["address"], begun
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _start(*words: object, token: str = "") -> "subprocess.Popen[str]":
    environment = copy_environment(SEMBLANCE_MODELS=str(default_models()))
    if token:
        environment["SEMBLANCE_TOKEN"] = token
    served = words[0] == "serve"
    out, errors = (subprocess.PIPE, subprocess.DEVNULL) if served else (subprocess.DEVNULL, None)
    return subprocess.Popen(  # noqa: S603 - this program itself
        [*_COMMAND, *map(str, words)], stdout=out, stderr=errors, text=True, env=environment
    )


def _read_peak(pid: int) -> float:
    """Return the most memory that a process had, in bytes; 0 where the machine does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((1024.0 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0.0)


def _write(enrolled: _Enrolled, first: float, load: Load, shares: Shares) -> dict[str, Any]:
    return {
        "enrolled": asdict(enrolled),
        "photos_per_second": enrolled.photos / enrolled.seconds,
        "first_search_seconds": first,
        "clients": load.clients,
        "seconds": load.seconds,
        "searches": len(load.whole),
        "errors": list(load.errors),
        "p50_ms": {name: find_share(values, 0.5) for name, values in _list_stages(load)},
        "p95_ms": {name: find_share(values, 0.95) for name, values in _list_stages(load)},
        "alone_ms": asdict(shares),
    }


def _list_stages(load: Load) -> tuple[tuple[str, tuple[float, ...]], ...]:
    return ("whole", load.whole), ("photo handed in", load.submitted), ("search", load.searched)


def _list_lines(enrolled: _Enrolled, first: float, load: Load, shares: Shares) -> Iterator[Line]:
    facts: dict[str, object] = {
        "enrolled": f"{enrolled.references} of {enrolled.photos} photos in {enrolled.seconds:.0f} s, "
        f"{enrolled.photos / enrolled.seconds:.1f} a second, killed {enrolled.kills} times",
        "peak memory of enrolling": f"{enrolled.peak_megabytes:.0f} MB",
        "from start to first answer": f"{first:.1f} s",
        "clients": f"{load.clients} for {load.seconds:.0f} s: {len(load.whole)} searches, {len(load.errors)} errors",
    }
    for name, values in _list_stages(load):
        facts[name] = f"p50 {find_share(values, 0.5):.0f} ms, p95 {find_share(values, 0.95):.0f} ms"
    facts["one after the other"] = (
        f"{shares.whole:.0f} ms: extraction {shares.extract:.0f}, index {shares.index:.1f}, "
        f"policy, records and ledger {shares.rest:.0f}"
    )
    yield make_facts(facts)
    yield from (f"Error: {error}" for error in dict.fromkeys(load.errors))
