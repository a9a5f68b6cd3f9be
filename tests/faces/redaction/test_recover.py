"""Who has the clip alone tries to get the covered pixels back: over all frames, edges of blocks, and in the dark."""

import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.faces.redaction.conftest import COUNT, Scene
from tests.faces.redaction.scenes import Walk, decode, draw_scene, follow

from semblance.faces.redaction.clip import Covering, cover_frames
from semblance.faces.redaction.write_clip import write_clip


def stand(scene: Scene) -> tuple[Walk, list[NDArray[np.uint8]], NDArray[np.uint8]]:
    """Return a bystander who stands still, the frames of the covered clip, and one of the frames before."""
    chosen, bystander = scene.walks[1], Walk(scene.walks[2].person, (20, 60), (20, 60))
    frames = draw_scene([bystander, chosen], COUNT)
    tracks = [follow(1, chosen, COUNT, range(COUNT)), follow(2, bystander, COUNT, (0, COUNT - 1))]
    out = io.BytesIO()
    write_clip(out, cover_frames(frames, Covering(tracks, chosen=1)), reference="R-0000-0000-0000")
    return bystander, decode(out.getvalue()), frames[0].pixels


def compare(guess: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Return how alike they are, -1 to 1; 0 where the guess shows nothing."""
    guess, truth = guess - guess.mean(), truth - truth.mean()
    strength = float(np.sqrt((guess**2).sum() * (truth**2).sum()))
    return float((guess * truth).sum()) / strength if strength > 1e-6 else 0.0


@pytest.fixture(scope="module")
def stood(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the face's place in all frames of the clip, (frames, rows, columns), and what was there."""
    bystander, clip, before = stand(scene)
    box = bystander.find_face(0).box
    rows, columns = slice(int(box.top), int(box.bottom)), slice(int(box.left), int(box.right))
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[rows, columns] for frame in [before, *clip]]
    return np.stack(grey[1:]).astype(np.float64), grey[0].astype(np.float64)


def test_the_attack_works_on_what_is_only_blurred(stood: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    played, truth = stood
    coarse = cv2.resize(cv2.resize(truth, (12, 12), interpolation=cv2.INTER_AREA), truth.shape[::-1])
    rng = np.random.default_rng(1)
    pixelated = np.stack([coarse + rng.normal(0, 20, truth.shape) for _ in played])
    assert compare(pixelated.mean(axis=0), truth) > 0.8


@pytest.mark.parametrize("attack", ["average", "spread", "brightest", "first differences", "deblocked", "stretched"])
def test_nothing_comes_back(stood: tuple[NDArray[np.float64], NDArray[np.float64]], attack: str) -> None:
    played, truth = stood
    average = played.mean(axis=0)
    guess = {
        "average": average,
        "spread": played.std(axis=0),
        "brightest": played.max(axis=0),
        "first differences": np.abs(np.diff(played, axis=0)).sum(axis=0),
        "deblocked": cv2.bilateralFilter(average.astype(np.float32), 9, 5, 9).astype(np.float64),
        "stretched": (average - average.min()) / max(1e-9, np.ptp(average)),
    }[attack]
    assert played.max() <= 4
    assert abs(compare(guess, truth)) < 0.15
