"""On real photos: how many held-back probes of strangers show a candidate this strong, and how many were stated."""

import csv
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.cast import ALICE, CAROL
from tests.workflows.record_acts import enrol
from tests.workflows.searching import search

from semblance.cases.check import find_searchable
from semblance.evaluation.calibration import ScoreMeaning, describe_score
from semblance.evaluation.intervals import measure_rate
from semblance.exchange.intake import IntakeItem
from semblance.faces.packs.opening import open_extractor
from semblance.gallery.suitability import SuitabilityLine
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node, PolicyShelf, read_clock
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.terms.permission import Purpose
from semblance.terms.samples import Template
from semblance.workflows.evaluation.calibrate import calibrate_gallery
from semblance.workflows.examination.read_outcome import explain_scores

LINE = SuitabilityLine(**dict.fromkeys(SuitabilityLine.names()))


def open_node(pack: str, models: Path, folder: Path) -> Node:
    store = open_store(
        f"sqlite:///{folder / 'real.db'}", keyring=Keyring(f"sqlite:///{folder / 'real.key'}", b"r" * 32)
    )
    return Node(
        name="real",
        home=folder,
        store=store,
        extractor=open_extractor(pack, models=models),
        index=GalleryIndex(store),
        suitability=LINE,
        policy=PolicyShelf(store),
        clock=read_clock,
    )


@pytest.mark.parametrize("pack", ["embedded", "open"])
def test_the_stated_one_in_k_covers_what_held_back_probes_show(
    pack: str, test_data: Path, request: pytest.FixtureRequest, tmp_path: Path, item: Callable[..., IntakeItem]
) -> None:
    models = tmp_path / "models"
    if pack == "open":
        (models / "open").mkdir(parents=True)
        for file in request.getfixturevalue("model_files").glob("*.onnx"):
            shutil.copyfile(file, models / "open" / file.name)
    with (test_data / "congress" / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    held = {row["subject"] for row in rows if row["role"] == "reference"}
    read = {row["path"]: (test_data / "congress" / row["path"]).read_bytes() for row in rows}
    strangers = [row["path"] for row in rows if row["role"] == "probe" and row["subject"] not in held]
    node = open_node(pack, models, tmp_path)
    references = [row for row in rows if row["role"] == "reference"]
    enrol(node, [item(row["subject"], row["path"], read[row["path"]]) for row in references])
    made = calibrate_gallery(node, CAROL, Purpose.MISSING_PERSON).calibration
    assert made.trials == made.subjects == len(held)

    def find(path: str) -> Template | None:
        return node.extractor.extract(read[path], name=path, choose="largest").template

    with ThreadPoolExecutor() as pool:
        probes = [template for template in pool.map(find, strangers) if template is not None]
    assert len(probes) >= 130
    allowed = find_searchable(node.policy.read(), Purpose.MISSING_PERSON, ALICE.authority, node.clock().date())
    best = [node.index.search(probe, limit=1, pack_name=pack, allowed=allowed).candidates[0].score for probe in probes]
    record = search(node, read[strangers[0]], face=0).record
    trials = np.sort(np.frombuffer(made.scores, "<f4"))
    stated = {}
    with node.store.reading() as tx:
        for k in (3, 5, 10, 20, 50):
            meaning = explain_scores(tx, node.policy.read(), record)(float(trials[-round(len(trials) / k)]))
            assert isinstance(meaning, ScoreMeaning)
            assert meaning.one_in == pytest.approx(k, rel=0.1)
            stated[k] = meaning
    for k, meaning in stated.items():
        score = float(trials[-round(len(trials) / k)])
        seen = measure_rate(sum(one >= score for one in best), len(best))
        said = f"{pack}: {describe_score(meaning)} Seen: {seen.count} of {seen.of}."
        if k <= 20:
            assert meaning.lower <= seen.count / seen.of <= meaning.upper, said
        else:
            # three of so few probes are expected, so that none is no surprise: the two intervals must meet
            assert seen.count / seen.of <= meaning.upper, said
            assert meaning.lower <= seen.upper, said
    node.store.close()
