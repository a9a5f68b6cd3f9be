"""An enrolment that is killed at any moment leaves a whole prefix, and going on completes the same gallery."""

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from semblance.store.engine import Store, open_store
from semblance.store.schema import face, intake_outcome, photo, photo_bytes, reference, subject
from semblance.terms.ids import digest_bytes

KILLS = int(os.environ.get("SEMBLANCE_TEST_KILLS", "4"))
"""The final check is made with 30."""


def start(url: str, material: tuple[str, ...]) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).parent / "killed_enrolment.py"), url, *material]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def read_gallery(store: Store) -> list[tuple[str, str, int, int, str, bytes]]:
    """Return everything about the gallery that is not random, in the order of enrolment."""
    asked = (
        sa.select(
            subject.c.key, photo.c.name, reference.c.sequence, reference.c.ordinal, photo.c.sha256, reference.c.template
        )
        .join(photo, reference.c.photo_id == photo.c.id)
        .join(subject, reference.c.subject_id == subject.c.id)
        .order_by(reference.c.sequence)
    )
    with store.reading() as tx:
        return [(row[0], row[1], row[2], row[3], row[4], bytes(row[5])) for row in tx.connection.execute(asked)]


def read_outcomes(store: Store) -> list[tuple[str, ...]]:
    columns = intake_outcome.c
    asked = sa.select(columns.subject_key, columns.name, columns.sha256, columns.status, columns.reasons)
    with store.reading() as tx:
        return sorted(tuple(row) for row in tx.connection.execute(asked))


def check_whole(store: Store) -> None:
    """Nothing is half-written: every photo has its bytes, faces and outcome, every subject a photo."""
    with store.reading() as tx:
        photos = tx.connection.execute(sa.select(photo.c.id, photo.c.sha256, photo.c.status)).all()
        for photo_id, sha256, status in photos:
            data = tx.connection.scalar(sa.select(photo_bytes.c.data).where(photo_bytes.c.photo_id == photo_id))
            assert data is not None
            assert digest_bytes(bytes(data)) == sha256
            assert tx.connection.scalar(sa.select(sa.func.count()).where(face.c.photo_id == photo_id))
            held = tx.connection.scalar(sa.select(sa.func.count()).where(reference.c.photo_id == photo_id))
            assert held == (status == "enrolled")
        without = sa.select(subject.c.id).where(~sa.exists().where(photo.c.subject_id == subject.c.id))
        assert tx.connection.execute(without).all() == []
        if store.kind == "SQLite":
            assert tx.connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"


@dataclass(frozen=True)
class Undisturbed:
    """What an enrolment that nobody disturbed leaves, and how long it took."""

    material: tuple[str, ...]
    gallery: list[tuple[str, str, int, int, str, bytes]]
    outcomes: list[tuple[str, ...]]
    seconds: float


@pytest.fixture(scope="module", params=["drawn", "real"])
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    material: tuple[str, ...] = ("150",)
    if request.param == "real":
        photos = request.getfixturevalue("test_data") / "congress"
        material = ("80", str(photos), str(tmp_path_factory.mktemp("models")))
    url = f"sqlite:///{tmp_path_factory.mktemp('undisturbed') / 'store.db'}"
    process = start(url, material)
    began = time.perf_counter()
    assert process.stdout is not None
    assert process.stdout.readline() == "finished\n"
    seconds = time.perf_counter() - began
    process.wait()
    process.stdout.close()
    store = open_store(url)
    gallery, outcomes = read_gallery(store), read_outcomes(store)
    store.close()
    assert len({outcome[3] for outcome in outcomes}) > 1
    return Undisturbed(material, gallery, outcomes, seconds)


def test_killed_at_random_moments_and_resumed_it_is_the_same_gallery(store_url: str, undisturbed: Undisturbed) -> None:
    chance = random.Random(2026)
    progress = []
    for _ in range(KILLS):
        process = start(store_url, undisturbed.material)
        time.sleep(chance.uniform(0, 1.5 * undisturbed.seconds / KILLS))
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        store = open_store(store_url)
        check_whole(store)
        gallery = read_gallery(store)
        store.close()
        # what is there is a prefix of the undisturbed run
        assert gallery == undisturbed.gallery[: len(gallery)]
        progress.append(len(gallery))
    assert progress == sorted(progress)
    last = start(store_url, undisturbed.material)
    assert last.wait(120) == 0
    assert last.stdout is not None
    last.stdout.close()
    store = open_store(store_url)
    check_whole(store)
    assert read_gallery(store) == undisturbed.gallery
    assert read_outcomes(store) == undisturbed.outcomes
    store.close()
