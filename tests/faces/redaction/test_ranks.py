"""Whoever is covered cannot be searched for: where the face was, the right person ranks by chance."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import binomtest
from tests.faces.redaction.scenes import Frame, Person, Walk, as_photo, decode, draw_scene, follow, list_photos

from semblance.faces.detection.detector import Detection
from semblance.faces.extraction import PackExtractor
from semblance.faces.redaction.clip import Covering, cover_frames
from semblance.faces.redaction.write_clip import write_clip

SIZE, FIRST = 400, 20


def encode(extractor: PackExtractor, pixels: NDArray[np.uint8], face: Detection) -> NDArray[np.float32]:
    values = extractor.encoder.encode(extractor.aligner.align(pixels, face)).values
    return np.asarray(values / np.linalg.norm(values), np.float32)


@pytest.fixture(scope="module")
def gallery(test_data: Path, published: PackExtractor, people: list[Person]) -> dict[str, NDArray[np.float32]]:
    """Return the templates of 400 people, those of the clips among them."""
    shown = {person.name for person in people}
    photos = sorted(list_photos(test_data, "reference"), key=lambda photo: photo[0] not in shown)
    found: dict[str, NDArray[np.float32]] = {}
    for name, path in photos:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"))
        faces = published.find(as_photo(pixels))
        if faces and len(found) < SIZE:
            found[name] = encode(published, pixels, faces[0])
    assert len(found) == SIZE
    return found


def rank(gallery: dict[str, NDArray[np.float32]], template: NDArray[np.float32], name: str) -> int:
    names = list(gallery)
    scores = np.stack([gallery[held] for held in names]) @ template
    return int((scores > scores[names.index(name)]).sum()) + 1


def play(frames: Sequence[Frame], covering: Covering) -> list[NDArray[np.uint8]]:
    out = io.BytesIO()
    write_clip(out, cover_frames(frames, covering), reference="R-0000-0000-0000")
    return decode(out.getvalue())


def test_bystanders_rank_no_better_than_by_chance_where_they_were_covered(
    people: list[Person], gallery: dict[str, NDArray[np.float32]], published: PackExtractor
) -> None:
    chosen, others = people[0], [person for person in people[1:] if person.name in gallery]
    open_ranks, covered_ranks = [], []
    for left, right in zip(others[::2], others[1::2], strict=False):
        walks = [Walk(left, (10, 80), (16, 90)), Walk(right, (460, 90), (452, 80)), Walk(chosen, (240, 60), (240, 60))]
        frames = draw_scene(walks, 5)
        tracks = [follow(number, walk, 5, (0, 4)) for number, walk in enumerate(walks)]
        played = play(frames, Covering(tracks, chosen=2))
        for walk in walks[:2]:
            face, name = walk.find_face(0.5), walk.person.name
            open_ranks.append(rank(gallery, encode(published, frames[2].pixels, face), name))
            covered_ranks.append(rank(gallery, encode(published, played[2], face), name))
    assert len(covered_ranks) >= 16
    found = sum(place <= FIRST for place in covered_ranks)
    # shown, most of them are found; covered, no more than one in twenty would be by chance
    assert sum(place <= FIRST for place in open_ranks) > 0.6 * len(open_ranks)
    assert binomtest(found, len(covered_ranks), FIRST / SIZE, alternative="greater").pvalue > 0.05
    assert np.median(covered_ranks) > SIZE / 5
