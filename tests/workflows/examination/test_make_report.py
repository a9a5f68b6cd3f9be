"""A report holds all that was asked, seen and thought; changed in one byte it is none."""

import json
import os
import random
import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from tests.cast import ALICE, BOB, CAROL, DORA, EMIL
from tests.site_fixtures import COLLINS, REASON, Served, changed_copy, site, two_faces  # noqa: F401 - fixtures
from tests.workflows.searching import POTENTIAL, conclude, find_pseudonym

from semblance.audit.checkpoint import SigningKey
from semblance.cases.opinion import Mark, Spot
from semblance.errors import Conflict, NotFound, RefusedByPolicy, VerificationError
from semblance.exchange.report.bundle import DOCUMENT, MANIFEST, PDF, verify_report, write_report
from semblance.store import examinations
from semblance.terms.ids import ExaminationId
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.examination.comparison import read_comparison
from semblance.workflows.examination.make_report import Report, make_report
from semblance.workflows.examination.opinions import close_review, give_opinion
from semblance.workflows.examination.reviews import begin_review
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe


def examine(served: Served, data: bytes, *, potential: bool) -> tuple[ExaminationId, str]:
    node = served.node
    probe = submit_probe(node, ALICE, served.case, data, name="probe.jpg").id
    answer = search_probe(node, ALICE, probe, reason=REASON)
    assert isinstance(answer, SearchAnswer)
    assert answer.examination is not None
    name = find_pseudonym(node, answer.search, COLLINS)
    if not potential:
        conclude(node, answer.search)
        return answer.examination.id, name
    for actor in (ALICE, BOB):
        for pseudonym in begin_review(node, actor, answer.examination.id).ordering:
            found = read_comparison(node, actor, answer.examination.id, pseudonym)
            if pseudonym == name:
                eye, other = found.probe.face.landmarks.left_eye, found.reference.face.landmarks.left_eye
                marked = Mark(1, Spot(eye.x, eye.y), Spot(other.x, other.y))
                written = POTENTIAL.__class__(
                    POTENTIAL.conclusion, POTENTIAL.reason, frozenset(), POTENTIAL.checklist, (marked,)
                )
                give_opinion(node, actor, answer.examination.id, name, written, version=found.version)
        close_review(node, actor, answer.examination.id)
    return answer.examination.id, name


@pytest.fixture(scope="module")
def lead(site: Served, changed_copy: bytes) -> tuple[Report, str]:  # noqa: F811
    # the end of the file is missing, which decoding notes
    which, name = examine(site, changed_copy[:-2], potential=True)
    return make_report(site.node, ALICE, which), name


def test_it_says_what_was_asked_seen_and_thought(site: Served, lead: tuple[Report, str]) -> None:  # noqa: F811
    report, name = lead
    found = verify_report(report.data)
    document = found.document
    assert (document.case["number"], document.search["reason"], document.outcome) == ("FR-2026-0117", REASON, "lead")
    assert document.probe["noted when it was decoded"].startswith("the file lacks its end marker")
    assert document.examiners == ("alice", "bob")
    (candidate,) = [found for found in document.candidates if found.pseudonym == name]
    assert (candidate.result, candidate.rank) == ("lead", 1)
    assert [opinion.conclusion for opinion in candidate.opinions] == ["potential", "potential"]
    assert all(len(opinion.checklist) == 18 and len(opinion.images) == 2 for opinion in candidate.opinions)
    rest = [other for other in document.candidates if other.pseudonym != name]
    assert {other.result for other in rest} == {"no candidate"}
    assert all(opinion.dismissed for other in rest for opinion in other.opinions)
    assert {proof.fields["action"] for proof in found.proven} == {
        "gallery.search",
        "opinion.record",
        "examination.close",
    }
    assert any("lead, not an identity" in limit for limit in document.limits)
    # whoever searched learns nothing from it that its owner did not release
    for part in (report.data, report.pdf):
        assert b"Collins" not in part
    assert report.pdf.startswith(b"%PDF")
    with zipfile.ZipFile(BytesIO(report.data)) as archive:
        assert archive.read(PDF) == report.pdf


def test_the_negative_results_are_reported_too(site: Served, changed_copy: bytes) -> None:  # noqa: F811
    which, _ = examine(site, changed_copy, potential=False)
    document = verify_report(make_report(site.node, CAROL, which).data).document
    assert document.outcome == "no-lead"
    assert len(document.candidates) >= 2
    with pytest.raises(RefusedByPolicy):
        make_report(site.node, DORA, which)
    with pytest.raises(NotFound):
        make_report(site.node, replace(CAROL, authority=EMIL.authority), which)


def test_nobody_reports_what_is_still_examined(site: Served, changed_copy: bytes) -> None:  # noqa: F811
    probe = submit_probe(site.node, ALICE, site.case, changed_copy, name="probe.jpg").id
    answer = search_probe(site.node, ALICE, probe, reason=REASON)
    assert isinstance(answer, SearchAnswer)
    with site.node.store.reading() as tx:
        held = examinations.find_of_search(tx, answer.search)
    assert held is not None
    with pytest.raises(Conflict, match="still examined"):
        make_report(site.node, ALICE, held.id)


def test_one_byte_changed_is_noticed_wherever_it_is(lead: tuple[Report, str]) -> None:
    data = lead[0].data
    chance = random.Random(7)
    places = {0, len(data) - 1, *(chance.randrange(len(data)) for _ in range(250))}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        places |= {info.header_offset + 40 + len(info.filename) for info in archive.infolist()}
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        with pytest.raises(VerificationError):
            verify_report(bytes(changed))
    for cut in (0, 1, len(data) // 2, len(data) - 1):
        with pytest.raises(VerificationError):
            verify_report(data[:cut])
    for more in (data + b"\0", b"\0" + data):
        with pytest.raises(VerificationError):
            verify_report(more)


def test_each_forgery_has_its_sentence(site: Served, lead: tuple[Report, str]) -> None:  # noqa: F811
    seat = site.node.store.ledger
    assert seat is not None
    with zipfile.ZipFile(BytesIO(lead[0].data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    signed = files.pop(MANIFEST)
    mallory = SigningKey(seat.key.name, b"m" * 32)
    document = json.loads(files[DOCUMENT])
    first = document["receipts"][0]

    def pack(made: dict[str, bytes], key: SigningKey = seat.key) -> bytes:
        return write_report(made, key)

    def repack(made: dict[str, bytes], manifest: bytes = signed, kind: int = zipfile.ZIP_STORED) -> bytes:
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w", kind) as archive:
            for name, content in (*sorted(made.items()), (MANIFEST, manifest)):
                archive.writestr(zipfile.ZipInfo(name), content, kind)
        return buffer.getvalue()

    def edit(**changes: object) -> dict[str, bytes]:
        return {**files, DOCUMENT: json.dumps({**document, **changes}).encode()}

    unsigned = json.dumps({**json.loads(signed), "signature": "AAAA"}).encode()
    forgeries = [
        (pack(edit(), mallory), "names another key"),
        (repack({**files, "extra.txt": b"x"}), "was added to the report or taken out"),
        (repack({name: data for name, data in files.items() if name != PDF}), "was added to the report or taken out"),
        (repack({**files, PDF: b"%PDF-1.4 another"}), "was changed"),
        (repack(files, unsigned), "is not signed by"),
        (repack(files, b"{}"), "is not of the format"),
        (repack(files, kind=zipfile.ZIP_DEFLATED), "packed as no report packs it"),
        (pack({name: data for name, data in files.items() if name != DOCUMENT}), f"has no {DOCUMENT}"),
        (pack({**files, DOCUMENT: b"[]"}), "does not say what a report says"),
        (pack(edit(receipts=["receipts/none.json"])), "does not hold it"),
        (pack(edit(search={**document["search"], "id": "0" * 32})), "not of the report's search"),
        (pack({**files, first: files[first].replace(b'"number": ', b'"number": 1')}), "number"),
        (b"PK\x03\x04 nothing", "is no report"),
    ]
    for forged, sentence in forgeries:
        with pytest.raises(VerificationError, match=sentence):
            verify_report(forged)
    with pytest.raises(VerificationError, match="not by the key that you trust"):
        verify_report(lead[0].data, trusted=mallory.public)
    assert verify_report(lead[0].data, trusted=seat.key.public).key == seat.key.public


def test_the_same_contents_give_the_same_bytes(lead: tuple[Report, str], site: Served) -> None:  # noqa: F811
    seat = site.node.store.ledger
    assert seat is not None
    with zipfile.ZipFile(BytesIO(lead[0].data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}
    assert write_report(files, seat.key) == lead[0].data


def test_it_is_verified_on_a_machine_without_the_node(lead: tuple[Report, str], tmp_path: Path) -> None:
    (tmp_path / "report.zip").write_bytes(lead[0].data)
    (tmp_path / "forged.zip").write_bytes(lead[0].data[:-3] + b"abc")
    outside = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "semblance.cli.main", "report", "verify", *words]
        return subprocess.run(command, cwd=tmp_path, env=outside, capture_output=True, text=True, timeout=60)

    good = run("report.zip")
    assert good.returncode == 0, good.stderr
    assert "Verified" in good.stdout
    assert json.loads(run("report.zip", "--json").stdout)["outcome"] == "lead"
    bad = run("forged.zip")
    assert bad.returncode != 0
    assert "changed" in bad.stderr
    assert not list(tmp_path.glob(".local*"))
