"""One made-up clip for all tests of covering, and the people in it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.faces.redaction.scenes import Frame, Person, Walk, draw_scene, follow, list_photos, load_person

from semblance.faces.extraction import PackExtractor
from semblance.faces.redaction.clip import Covering
from semblance.terms.tracks import Track

COUNT = 16


@dataclass(frozen=True)
class Scene:
    """The chosen person between one who stands and is not seen for a while, and one who walks past behind."""

    frames: list[Frame]
    walks: dict[int, Walk]
    tracks: list[Track]

    @property
    def covering(self) -> Covering:
        return Covering(self.tracks, chosen=1)


@pytest.fixture(scope="session")
def people(test_data: Path, published: PackExtractor) -> list[Person]:
    """Return people of the congress set in whose tile the pack `open` sees one face."""
    found = (load_person(name, path, published) for name, path in list_photos(test_data, "probe")[:60])
    return [person for person in found if person is not None]


@pytest.fixture(scope="session")
def scene(people: list[Person]) -> Scene:
    """Return the clip, and tracks that saw its people in some frames only."""
    walks = {
        1: Walk(people[0], (240, 120), (260, 130)),
        2: Walk(people[1], (10, 20), (20, 30)),
        3: Walk(people[2], (480, 160), (380, -10)),
    }
    frames = draw_scene([walks[2], walks[3], walks[1]], COUNT)
    seen = {1: range(0, COUNT, 3), 2: (0, 3, 12, 15), 3: (3, 6, 12)}
    return Scene(frames, walks, [follow(number, walks[number], COUNT, seen[number]) for number in seen])


@pytest.fixture
def grey() -> NDArray[np.uint8]:
    """Return a picture of odd size without anybody in it."""
    return np.full((121, 161, 3), 128, np.uint8)
