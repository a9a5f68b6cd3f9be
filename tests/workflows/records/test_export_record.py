"""Exporting: everything that a record holds in one file, and a disclosure in the ledger."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from tests.cast import ALICE, DORA, EMIL, FR
from tests.workflows.record_acts import TERMS, catch_refusal, enrol, find_id
from tests.workflows.records.test_write_record import RED

from semblance.audit.entry import read_entry
from semblance.errors import NotFound, PolicyError
from semblance.exchange.folder import read_intake
from semblance.exchange.intake import IntakeItem
from semblance.exchange.record_document import read_draft
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import ImageSource, Record
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.ids import SubjectId, digest_bytes
from semblance.workflows.records.export_record import export_record
from semblance.workflows.records.read_record import read_record
from semblance.workflows.records.write_record import create_record, edit_record

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]


def test_the_file_holds_everything_as_it_was_handed_in(node: Node, draw: Draw, item: MakeItem) -> None:
    made = create_record(node, EMIL, RED, reason="the warrant came in")
    assert isinstance(made, Record)
    mended = replace(RED, personal=replace(RED.personal, aliases=("Z.",)))
    edit_record(node, EMIL, made.subject, mended, version=1, reason="an alias became known")
    data = draw("A")
    enrol(node, [item("2026/17", "a.jpg", data), item("2026/17", "b.jpg", draw("A", "B"))])
    exported = export_record(node, EMIL, made.subject, reason="asked for by the court")
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        assert archive.testzip() is None
        document = json.loads(archive.read("record.json"))
        images = {image["name"]: (image, archive.read(image["file"])) for image in document["images"]}
        files = {"record.json", "manifest.json", *(image["file"] for image in document["images"])}
        assert set(archive.namelist()) == files
    assert document["format"] == "semblance-record/1"
    record = document["record"]
    assert (record["owner"], record["draft"]["number"], record["state"]) == ("DE", "2026/17", "draft")
    assert record["draft"]["personal"]["aliases"] == ["Z."]
    assert record["draft"]["circumstances"]["warrants"][0]["charge"] == "Raub"
    assert [version["reason"] for version in document["versions"]] == ["an alias became known", "the warrant came in"]
    image, held = images["a.jpg"]
    assert held == data
    assert (image["sha256"], image["status"]) == (digest_bytes(data), "enrolled")
    assert image["source"] == {"authority": "DE", "obtained": "handed in by the family", "on": "2026-02-14"}
    with node.store.reading() as tx:
        entry = read_entry([data for _, data in ledger.iterate_entries(tx)][-1])
    assert (entry["verb"], entry["action"], entry["person"]) == ("disclosure", "record.export", "emil")


def test_who_may_not_hand_it_out_gets_nothing(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))])
    for actor, rule in ((ALICE, "policy.role"), (DORA, "policy.owner")):
        refused = catch_refusal(partial(export_record, node, actor, find_id(node, "A"), reason="for a look"))
        assert refused.rule == rule
    with pytest.raises(NotFound):
        export_record(node, EMIL, SubjectId("0" * 32), reason="for a look")
    with pytest.raises(PolicyError, match="why"):
        export_record(node, EMIL, find_id(node, "A"), reason=" ")


def test_what_was_exported_can_be_taken_in_elsewhere(node: Node, draw: Draw, item: MakeItem, tmp_path: Path) -> None:
    made = create_record(node, EMIL, RED, reason="the warrant came in")
    origin = ImageSource("FR", "taken from the passport file", date(2025, 7, 1))
    one = replace(item("2026/17", "a.jpg", draw("A", "B"), face=1), origin=origin, source="page 3")
    enrol(node, [one, item("2026/17", "b.jpg", draw("A"))])
    exported = export_record(node, EMIL, made.subject, reason="asked for by France")
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        archive.extractall(tmp_path / "export")
    document = json.loads((tmp_path / "export" / "record.json").read_bytes())
    assert read_draft(document["record"]["draft"]) == RED
    fritz = replace(EMIL, authority=FR, name="fritz")
    theirs = create_record(node, fritz, read_draft(document["record"]["draft"]), reason="handed over")
    intake = read_intake(tmp_path / "export")
    report = enrol(node, intake.items, actor=fritz)
    assert [row.status for row in report.rows] == [IntakeStatus.ENROLLED] * 2
    detail = read_record(node, fritz, theirs.subject)
    assert {(photo.source, photo.note, photo.chosen) for photo in detail.photos} == {
        (origin, "page 3", 1),
        (TERMS.source, None, 0),
    }
