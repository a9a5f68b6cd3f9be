"""Recordings by real cameras: what each is, which way up it is, and the same frame again in another process."""

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from semblance.errors import DamagedVideo
from semblance.faces.sandbox.videos import find_frame, iterate_frames, read_video_facts
from semblance.terms.byte_source import MemorySource


@pytest.fixture(scope="module")
def folder(test_data: Path) -> Path:
    if not (test_data / "video" / "openmpf_video_01.mp4").is_file():
        pytest.skip(f"{test_data} has no videos")
    return test_data / "video"


@pytest.mark.parametrize(
    ("file", "container", "codec", "seconds", "count"),
    [
        ("openmpf_meds_S029_ff-region-face-motion.avi", "AVI", "MJPEG", 3.37, 101),
        ("openmpf_video_01.mp4", "MP4", "H.264", 3.04, 90),
        ("openmpf_video_01_h265.mp4", "MP4", "H.265", 1.03, 31),
        ("openmpf_video_01_vp8.webm", "WebM", "VP8", 1.04, None),
    ],
)
def test_real_clips_are_read_to_the_end(
    folder: Path, file: str, container: str, codec: str, seconds: float, count: int | None
) -> None:
    source = MemorySource((folder / file).read_bytes())
    facts = read_video_facts(source, name=file)
    assert (facts.container, facts.codec, facts.width, facts.height) == (container, codec, 640, 480)
    assert facts.seconds == pytest.approx(seconds, abs=0.01)
    with iterate_frames(source, name=file, longest=64) as frames:
        given = list(frames)
    assert frames.notes == ()
    assert count is None or len(given) == count
    assert len({frame.name for frame in given}) == len(given) >= 25


def test_a_telephone_held_upright_gives_upright_pictures(folder: Path) -> None:
    """Its file says that pictures lie by a quarter turn; the sky is above, and the ground below, when that is done."""
    source = MemorySource((folder / "openmpf_new_face_video-90.mp4").read_bytes())
    facts = read_video_facts(source, name="x")
    assert (facts.rotation, facts.width, facts.height) == (90, 640, 480)
    with iterate_frames(source, name="x", start=16.5, longest=160) as frames:
        pixels = next(frames).pixels.astype(int)
    assert pixels[:40].mean() > pixels[80:].mean() + 60
    assert abs(pixels[:, :40].mean() - pixels[:, 120:].mean()) < 30


def test_a_copy_that_went_through_a_text_program_says_so(folder: Path) -> None:
    source = MemorySource((folder / "openmpf_video_01_invalid.mp4").read_bytes())
    with pytest.raises(DamagedVideo, match="took it for text on its way"):
        read_video_facts(source, name="x")


def test_half_of_a_real_clip_gives_half_of_its_frames(folder: Path) -> None:
    data = (folder / "openmpf_video_01.mp4").read_bytes()
    with iterate_frames(MemorySource(data[: len(data) // 2]), name="x", longest=64) as frames:
        given = list(frames)
    assert 20 < len(given) < 60
    assert [note.identifier for note in frames.notes] == ["video.pictures-damaged", "video.ends-early"]


def test_the_same_frame_is_found_by_its_written_name_in_another_process(folder: Path) -> None:
    path = folder / "openmpf_video_01.mp4"
    with iterate_frames(MemorySource(path.read_bytes()), name="x", start=1.5, every=0.5) as frames:
        wanted = list(frames)[1]
    code = """
        import sys
        from pathlib import Path
        from semblance.faces.sandbox.videos import find_frame
        from semblance.terms.byte_source import MemorySource
        from semblance.terms.frames import read_frame_name
        found = find_frame(MemorySource(Path(sys.argv[1]).read_bytes()), read_frame_name(sys.argv[2]), name="x")
        print(found.name, found.pixels.sum())
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(path), str(wanted.name)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(wanted.name), str(wanted.pixels.sum(dtype=np.uint64))]
    assert find_frame(MemorySource(path.read_bytes()), wanted.name, name="x").seconds == wanted.seconds
