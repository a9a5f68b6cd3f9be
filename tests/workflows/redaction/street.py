"""A video in which red, green and blue stand beside one another, and what following found in it."""

import io
import threading
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from tests.workflows.painted import PEOPLE

from semblance.gallery.following import Followed
from semblance.gallery.submission import SubmittedFile
from semblance.node.node import Node
from semblance.store import followings
from semblance.terms.frames import FrameName
from semblance.terms.ids import JobId, PackDigest, Sha256, make_id
from semblance.terms.samples import Box
from semblance.terms.tracks import Sighting, Track
from semblance.workflows.jobs.run_jobs import Pace, run_next_job
from semblance.workflows.redaction.cover_clip import COVER_CLIP

RATE: Final = 10
SECONDS: Final = 1.2
RED, GREEN, BLUE = (20, 140, 260)
"""Where each stands: red is chosen, green has a track, and nobody but the last look sees blue."""


def draw_frame() -> np.ndarray[Any, np.dtype[np.uint8]]:
    canvas = np.full((240, 320, 3), 50, np.uint8)
    for left, colour in ((RED, "red"), (GREEN, "green"), (BLUE, "blue")):
        canvas[100:140, left : left + 40] = PEOPLE[colour]
    return canvas


def film_street() -> bytes:
    """Return the video."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=RATE, options={"crf": "10", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for _ in range(round(SECONDS * RATE)):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(draw_frame(), format="rgb24")))
        output.mux(stream.encode(None))
    return file.getvalue()


def make_track(number: int, left: float, first: float, last: float) -> Track:
    times = np.arange(first, last + 0.01, 0.1)
    name = FrameName(0, 0, Fraction(1, RATE), Sha256("0" * 64))
    return Track(number, tuple(Sighting(name, float(t), Box(left, 100, left + 40, 140), None, 0.9, 50) for t in times))


def follow(node: Node, file: SubmittedFile, *, done: bool = True, reached: float = SECONDS) -> None:
    """Keep what following found: red, seen in the first half only, and green."""
    tracks = make_track(1, RED, 0.0, 0.5), make_track(2, GREEN, 0.0, 1.1)
    found = Followed(file.id, JobId(make_id()), PackDigest("0" * 64), 1280, reached, done, (), tracks)
    with node.store.writing() as tx:
        followings.begin_followed(tx, file.id, found.job)
        followings.keep_followed(tx, found, {})


def work(node: Node) -> bool:
    """Make the clip that waits longest, with no heartbeat in between."""
    return run_next_job(node, threading.Event(), {COVER_CLIP.name: COVER_CLIP}, pace=Pace(beat=3600))
