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

from semblance.store import photos, records, subjects, templates, vault
from semblance.store.engine import Store, open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store.schema.gallery import intake_outcome, photo, reference, subject
from semblance.terms.ids import PhotoId, digest_bytes

KILLS = int(os.environ.get("SEMBLANCE_TEST_KILLS", "4"))
"""The final check is made with 30."""


def start(url: str, keyring: str, material: tuple[str, ...]) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).parents[1] / "killed_enrolment.py"), url, keyring, *material]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def open_sealed(url: str, keyring: str) -> Store:
    return open_store(url, keyring=Keyring(keyring, b"n" * 32))


def read_gallery(store: Store) -> list[tuple[str, str, int, int | None, str, bytes]]:
    """Return everything about the gallery that is not random, in the order of enrolment."""
    asked = sa.select(reference.c.id, reference.c.photo_id).order_by(reference.c.sequence)
    with store.reading() as tx:
        rows = {row.sequence: row for rows in templates.iterate_references(tx, after=0) for row in rows}
        headings = records.read_headings(tx, list({row.subject for row in rows.values()}))
        held = [photos.find_photo(tx, PhotoId(row.photo_id)) for row in tx.connection.execute(asked)]
        return [
            (headings[row.subject].number, one.name, number, one.chosen, one.facts.sha256, row.template.values)
            for (number, row), one in zip(sorted(rows.items()), held, strict=True)
            if one is not None
        ]


def read_outcomes(store: Store) -> list[tuple[str, str]]:
    """Return how the photos' intakes ended; what they were called is not held in clear."""
    with store.reading() as tx:
        found = []
        for row in tx.connection.execute(sa.select(intake_outcome)).all():
            key = subjects.find_seal(tx, row.subject_blind)
            assert key is not None
            found.append((row.status, vault.unseal_text(tx, key, f"outcome/{row.id}", row.reasons)))
        return sorted(found)


def check_whole(store: Store) -> None:
    """Nothing is half-written: every photo has its bytes, faces and outcome, every subject a record and a photo."""
    with store.reading() as tx:
        for photo_id, status in tx.connection.execute(sa.select(photo.c.id, photo.c.status)).all():
            stored, data = photos.find_photo(tx, photo_id), photos.read_photo_bytes(tx, photo_id)
            assert stored is not None
            assert data is not None
            assert digest_bytes(data) == stored.facts.sha256
            assert stored.faces
            held = tx.connection.scalar(sa.select(sa.func.count()).where(reference.c.photo_id == photo_id))
            assert held == (status == "enrolled")
        without = sa.select(subject.c.id).where(~sa.exists().where(photo.c.subject_id == subject.c.id))
        assert tx.connection.execute(without).all() == []
        for subject_id in tx.connection.scalars(sa.select(subject.c.id)).all():
            assert records.find_record(tx, subject_id) is not None
            assert len(records.list_versions(tx, subject_id)) == 1
        if store.kind == "SQLite":
            assert tx.connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"


@dataclass(frozen=True)
class Undisturbed:
    """What an enrolment that nobody disturbed leaves, and how long it took."""

    material: tuple[str, ...]
    gallery: list[tuple[str, str, int, int | None, str, bytes]]
    outcomes: list[tuple[str, str]]
    seconds: float


@pytest.fixture(scope="module", params=["drawn", "real"])
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    material: tuple[str, ...] = ("150",)
    if request.param == "real":
        photos = request.getfixturevalue("test_data") / "congress"
        material = ("80", str(photos), str(tmp_path_factory.mktemp("models")))
    folder = tmp_path_factory.mktemp("undisturbed")
    url, keyring = f"sqlite:///{folder / 'store.db'}", f"sqlite:///{folder / 'keyring.db'}"
    process = start(url, keyring, material)
    began = time.perf_counter()
    assert process.stdout is not None
    assert process.stdout.readline() == "finished\n"
    seconds = time.perf_counter() - began
    process.wait()
    process.stdout.close()
    store = open_sealed(url, keyring)
    enrolled, outcomes = read_gallery(store), read_outcomes(store)
    store.close()
    assert len({status for status, _ in outcomes}) > 1
    return Undisturbed(material, enrolled, outcomes, seconds)


def test_killed_at_random_moments_and_resumed_it_is_the_same_gallery(
    store_url: str, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    keyring = f"sqlite:///{tmp_path / 'keyring.db'}"
    chance = random.Random(2026)
    progress = []
    for _ in range(KILLS):
        process = start(store_url, keyring, undisturbed.material)
        time.sleep(chance.uniform(0, 1.5 * undisturbed.seconds / KILLS))
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        store = open_sealed(store_url, keyring)
        check_whole(store)
        enrolled = read_gallery(store)
        store.close()
        # what is there is a prefix of the undisturbed run
        assert enrolled == undisturbed.gallery[: len(enrolled)]
        progress.append(len(enrolled))
    assert progress == sorted(progress)
    last = start(store_url, keyring, undisturbed.material)
    assert last.wait(120) == 0
    assert last.stdout is not None
    last.stdout.close()
    store = open_sealed(store_url, keyring)
    check_whole(store)
    assert read_gallery(store) == undisturbed.gallery
    assert read_outcomes(store) == undisturbed.outcomes
    store.close()
