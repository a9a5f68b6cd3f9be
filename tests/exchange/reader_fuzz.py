"""Mutated files on every reader that is no photo's: only typed errors, and no more memory than a bound.

``python -m tests.exchange.reader_fuzz SECONDS [SEED]`` runs all readers by turns for so long and prints how many
inputs each was given; an input that crashes a reader stops it, and lies in ``fuzz-crash`` in the working folder.
"""

import base64
import io
import json
import random
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from tests.audit.test_receipt import KEY, Log
from tests.notices import make_notice

from semblance.audit.bundle import verify_bundle, write_bundle
from semblance.audit.receipt import read_receipt, verify_receipt, write_receipt
from semblance.edge.ledger import read_growth
from semblance.errors import SemblanceError
from semblance.exchange.archive import Archive
from semblance.exchange.evaluation_set import read_evaluation_set
from semblance.exchange.interpol_notices.notices import Notice, open_notices
from semblance.exchange.manifest import read_manifest
from semblance.exchange.record_document import read_draft, write_draft
from semblance.exchange.report.bundle import verify_report, write_report
from semblance.exchange.report.document import ReportDocument
from semblance.gallery.record import ImageSource, Personal, RecordDraft, RecordTerms
from semblance.gallery.record_faults import find_draft_faults
from semblance.search.embedded.saving import read_frame
from semblance.search.template_file import open_template_file
from semblance.terms.preparation import read_steps
from semblance.terms.record import RecordKind

TODAY: Final = date(2026, 3, 1)
TERMS: Final = RecordTerms(RecordKind.RED, "a law", date(2029, 1, 1), ImageSource("DE", "published", TODAY))
MEMORY: Final = 400 * 1024 * 1024
"""What all readers together may take beyond what the program has when it begins."""

Reader = Callable[[bytes, Path], object]
_HUGE: Final = (b"9" * 5000, b"1e999", b"-1", b"18446744073709551616", b"0x10", b"1" + b"0" * 400, b"NaN", b"-0.0")
_ODD: Final = ("\u202e", "\x00", "\ufeff", "\u200b", "\\ud800", "\U000e0001", "\r", '"', "..", "/", "\\", "\x1b[2J")
_STRANGE: Final[tuple[Any, ...]] = (
    *(None, True, -1, 10**400, 1e308, float("inf"), "", "\ud800", "x" * 70_000, [], {}, [[]], {"": {}}, ["a"] * 300),
)


def mutate(draw: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Return the bytes with up to four changes: flipped, cut, spliced, in another encoding, with huge numbers."""
    for _ in range(draw.randint(1, 4)):
        data = draw.choice(_CHANGES)(draw, data, others)
    return data[:500_000]


def _flip(draw: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 3, 30)) if changed else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _cut(draw: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    start, end = sorted(draw.choices(range(len(data) + 1), k=2))
    return draw.choice((data[:start], data[start:], data[:start] + data[end:], data[:end] + data[start:]))


def _splice(draw: random.Random, data: bytes, others: list[bytes]) -> bytes:
    other = draw.choice(others)
    place, start = draw.randint(0, len(data)), draw.randint(0, len(other))
    return data[:place] + other[start : start + draw.choice((4, 40, 4000))] + data[draw.choice((place, place + 40)) :]


def _swap_encoding(draw: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    encoding = draw.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252", "utf-32", "utf-7", "cp437"))
    return data.decode("utf-8", "replace").encode(encoding, "replace")


def _grow_number(draw: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    places = [place for place in range(len(data)) if data[place : place + 1].isdigit()]
    if not places:
        return data
    place = draw.choice(places)
    return data[:place] + draw.choice(_HUGE) + data[place + draw.randint(0, 2) :]


def _insert(draw: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    place = draw.randint(0, len(data))
    return data[:place] + draw.choice(_ODD).encode() * draw.choice((1, 1, 2000)) + data[place:]


def _restructure(draw: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    """Put something strange in the place of one value of a JSON document."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    places: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        node = waiting.pop()
        for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            places.append((node, key))
            waiting.append(node[key])
    if places:
        node, key = draw.choice(places)
        node[key] = draw.choice((*_STRANGE, document if draw.random() < 0.02 and node is not document else 0))
    try:
        return json.dumps(document).encode("utf-8", "surrogatepass")
    except ValueError:
        return data


_CHANGES: Final = (_flip, _cut, _splice, _swap_encoding, _grow_number, _insert, _restructure, _restructure)


def _write_matrix() -> bytes:
    file = io.BytesIO()
    np.save(file, np.eye(8, dtype=np.float32))
    return file.getvalue()


_MATRIX: Final = _write_matrix()


def read_zip(data: bytes, folder: Path) -> None:
    (folder / "x.zip").write_bytes(data)
    with Archive(folder / "x.zip") as archive:
        for entry in archive.entries:
            archive.read(entry.name)


def _read_notices(name: str) -> Reader:
    def read(data: bytes, folder: Path) -> None:
        (folder / name).write_bytes(data)
        with open_notices(folder / name, terms=TERMS, today=TODAY) as notices:
            for notice in notices:
                for image in notice.images if isinstance(notice, Notice) else ():
                    image.load()

    return read


def _read_manifest(name: str) -> Reader:
    def read(data: bytes, folder: Path) -> None:
        (folder / name).write_bytes(data)
        for item in read_manifest(folder / name).items:
            item.load()

    return read


def read_set(data: bytes, folder: Path) -> None:
    (folder / "manifest.csv").write_bytes(data)
    read_evaluation_set(folder)


def read_record(data: bytes, _folder: Path) -> None:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return
    find_draft_faults(read_draft(document), today=TODAY)


def _read_templates(name: str, manifest: bytes) -> Reader:
    def read(data: bytes, folder: Path) -> None:
        (folder / "t.json").write_bytes(manifest or data)
        (folder / name).write_bytes(data if manifest else _MATRIX)
        file = open_template_file(folder / "t.json")
        for row in range(min(file.count, 20)):
            file.read(row)

    return read


def read_index(data: bytes, _folder: Path) -> None:
    try:
        read_frame(data)
    except ValueError:
        # its caller builds the index anew then
        return


def _as_text(read: Callable[[str], object]) -> Reader:
    return lambda data, _folder: read(data.decode("utf-8", "replace"))


def make_seeds(folder: Path) -> Iterator[tuple[str, Reader, list[bytes]]]:
    """Give each reader by name with files that it reads; ``folder`` is where what they name lies."""
    draft = RecordDraft(RecordKind.SAMPLE, "1", "a law", date(2029, 1, 1), personal=Personal(family_name="BRADOV"))
    notice = json.dumps(make_notice(1, pictures=["100"])).encode()
    un = json.dumps(make_notice(2, "un", pictures=["100"]), indent=1).encode()
    page = json.dumps({"_embedded": {"notices": [make_notice(3), {"entity_id": "1", "_links": {}}]}}).encode()
    lines = b"\n".join((notice, un.replace(b"\n", b""), page))
    table = b"subject;path;captured;role;age\r\nM\xfcller;A/1.jpg;31.12.1980;reference;3\r\nB;A/2.jpg;2014;probe;4\r\n"
    rows = json.dumps({"photos": [{"subject": "A", "path": "A/1.jpg", "captured": "2014-05", "face": 1}]}).encode()
    (folder / "A").mkdir()
    for name in ("A/1.jpg", "A/2.jpg", "100.jpg"):
        (folder / name).write_bytes(b"jpeg")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in {"red/1.json": notice, "images/100.jpg": b"jpeg" * 300, "Zoë.json": un}.items():
            made.writestr(name, content)
    archive = packed.getvalue()
    yield "zip", read_zip, [archive]
    yield "notices in a zip", _read_notices("n.zip"), [archive]
    yield "notices", _read_notices("n.json"), [notice, un, page, b"[" + notice + b",\n" + un + b"]", lines]
    yield "CSV manifest", _read_manifest("m.csv"), [table, table.decode("cp1252").encode("utf-16")]
    yield "JSON manifest", _read_manifest("m.json"), [rows]
    yield "evaluation set", read_set, [table]
    yield "record document", read_record, [json.dumps(write_draft(draft)).encode()]
    yield "steps", _as_text(read_steps), [b'[{"step": "mirror"}, {"step": "deinterlace", "keep": "upper"}]']
    log = Log()
    receipt = write_receipt(log.receipt()).encode()
    yield "receipt", _as_text(lambda text: verify_receipt(read_receipt(text))), [receipt]
    bundle = write_bundle((entry.data for entry in log.written), log.sign(len(log.written)), KEY.public)
    yield "ledger", _as_text(lambda text: verify_bundle(text.splitlines())), ["".join(bundle).encode()]
    node = base64.b64encode(bytes(32)).decode()
    growth = {"older": 3, "root": node, "path": [node], "checkpoint": str(log.sign(21)), "key": str(KEY.public)}
    yield "proof of growth", _as_text(read_growth), [json.dumps(growth).encode()]
    said: dict[str, Any] = dict.fromkeys(ReportDocument.model_fields, "")
    said |= {name: {} for name in ("case", "search", "probe", "gallery")}
    said |= {name: [] for name in ("examiners", "candidates", "receipts", "limits")}
    said |= {"format": "semblance-report/1", "key": str(KEY.public)}
    report = write_report({"report.json": json.dumps(said).encode(), "receipts/1.json": receipt}, KEY)
    yield "report", lambda data, _folder: verify_report(data), [report]
    yield from _make_numbers()


def _make_numbers() -> Iterator[tuple[str, Reader, list[bytes]]]:
    said = {"pack": "0" * 64, "metric": "cosine", "file": "t.npy"}
    arrays = io.BytesIO()
    np.savez(arrays, said=np.frombuffer(b'{"metric": "cosine"}', dtype=np.uint8), centre=np.eye(2))
    manifest = json.dumps(said).encode()
    yield "template manifest", _read_templates("t.npy", b""), [manifest]
    yield "template matrix", _read_templates("t.npy", manifest), [_MATRIX]
    yield "index frame", read_index, [arrays.getvalue(), _MATRIX]
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return
    table = io.BytesIO()
    parquet.write_table(pyarrow.table({"template": np.eye(8, dtype=np.float32).tolist()}), table)
    manifest = json.dumps(said | {"file": "t.parquet"}).encode()
    yield "template table", _read_templates("t.parquet", manifest), [table.getvalue()]


def run(seconds: float, seed: int) -> Counter[str]:
    """Give every reader mutated files by turns for so long; return how many each was given."""
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        readers = list(make_seeds(folder))
        for _, read, seeds in readers:
            for data in seeds:
                # what is mutated was sound
                read(data, folder)
        everything = [data for _, _, seeds in readers for data in seeds]
        # everything is loaded by now
        before, end, turn = _measure_memory(), time.monotonic() + seconds, 0
        while time.monotonic() < end:
            for title, read, seeds in readers:
                draw = random.Random(f"{seed} {title} {turn}")
                _try(read, mutate(draw, draw.choice(seeds), everything), folder, title)
                counts[title] += 1
            turn += 1
        grown = _measure_memory() - before
        if grown > MEMORY:
            raise MemoryError(f"the readers took {grown >> 20} megabytes")
    return counts


def _try(read: Reader, data: bytes, folder: Path, title: str) -> None:
    try:
        read(data, folder)
    except SemblanceError as error:
        # its sentence can be said, and sent
        str(error).encode("utf-8")
    except BaseException:
        Path("fuzz-crash").write_bytes(data)
        sys.stderr.write(f"{title}: {len(data)} bytes, kept in fuzz-crash\n")
        raise


def _measure_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    try:
        found = run(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    except BaseException:  # noqa: BLE001 - whatever it is, it is what was looked for
        traceback.print_exc()
        sys.exit(1)
    sys.stdout.write("".join(f"{title}: {count}\n" for title, count in found.items()))
