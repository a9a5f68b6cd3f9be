"""Clips are encoded by a process that sees covered frames alone, with sound only where it was asked for."""

import io
import os
import signal
import sys
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from semblance.errors import DecoderFailed, IntakeError, UnsupportedVideo
from semblance.faces.redaction.clip import CoveredFrame
from semblance.faces.redaction.write_clip import write_clip
from semblance.faces.sandbox import clips
from semblance.faces.sandbox.clips import EncodedClip, encode_clip
from semblance.faces.sandbox.process import Decoder
from semblance.faces.sandbox.videos import read_sound
from semblance.faces.video.sound import SOUND_RATE, Sound
from semblance.terms.byte_source import MemorySource

REFERENCE = "R-1234-5678-9ABC"
TONE, LATER = 440.0, 1760.0


def draw(count: int, size: tuple[int, int] = (120, 160)) -> list[CoveredFrame]:
    """Return frames of a grey that changes, 25 a second from second 7 on."""
    return [CoveredFrame(7 + n / 25, np.full((*size, 3), 60 + n % 100, np.uint8), n % 2) for n in range(count)]


def encode(frames: list[CoveredFrame], sound: Sound | None = None) -> tuple[EncodedClip, bytes]:
    with encode_clip(REFERENCE, sound) as encoder:
        for frame in frames:
            encoder.add(frame)
        made = encoder.finish()
        return made, b"".join(made.pieces)


def make_tone(seconds: float) -> NDArray[np.float32]:
    """Return a tone at 44.1 kHz that becomes two octaves higher in the middle."""
    times = np.arange(round(seconds * 44_100)) / 44_100
    return np.asarray(0.5 * np.sin(2 * np.pi * np.where(times < seconds / 2, TONE, LATER) * times), np.float32)


def film(*, seconds: float = 4.0, codec: str = "aac", container: str = "mp4", sound: bool = True) -> bytes:
    """Return a video with that tone, at another rate and in two channels, and a title that nobody is to know."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        output.metadata["title"] = "Stairs of the north exit"
        pictures = output.add_stream("libx264", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        voice: Any = output.add_stream(codec, rate=44_100, layout="stereo") if sound else None
        for number in range(round(seconds * 10)):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, 10)
            output.mux(pictures.encode(picture))
        output.mux(pictures.encode(None))
        if voice is not None:
            tone = make_tone(seconds)
            for start in range(0, len(tone), 1024):
                block = np.asarray(np.stack([tone[start : start + 1024]] * 2), np.float32)
                heard = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                heard.sample_rate, heard.pts, heard.time_base = 44_100, start, Fraction(1, 44_100)
                output.mux(voice.encode(heard))
            output.mux(voice.encode(None))
    return file.getvalue()


def find_pitch(samples: NDArray[np.int16]) -> float:
    """Return the strongest frequency."""
    strengths = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(strengths) * SOUND_RATE / len(samples))


def listen(clip: bytes) -> NDArray[np.int16]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SOUND_RATE)
    with av.open(io.BytesIO(clip), "r") as container:
        parts = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray().reshape(-1) for part in parts])


def test_the_process_writes_what_would_be_written_here() -> None:
    frames = draw(12)
    out = io.BytesIO()
    facts = write_clip(out, frames, reference=REFERENCE)
    made, data = encode(frames)
    assert data == out.getvalue()
    assert (made.frames, made.missed, made.size) == (12, 6, len(data))
    assert made.seconds == facts.seconds == pytest.approx(11 / 25)


def encode_until_killed(started: list[Decoder]) -> None:
    with encode_clip(REFERENCE) as encoder:
        assert started[0].confined
        for number, frame in enumerate(draw(200, (480, 640))):
            encoder.add(frame)
            if number == 3:
                os.kill(started[0].pid, signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="what Linux forbids")
def test_the_process_is_confined_and_a_killed_one_costs_its_clip_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Decoder] = []

    class Seen(Decoder):
        def __init__(self, worker: str) -> None:
            super().__init__(worker)
            started.append(self)

    monkeypatch.setattr(clips, "Decoder", Seen)
    with pytest.raises(DecoderFailed) as failed:
        encode_until_killed(started)
    assert failed.value.message.identifier == "redaction.encoder-failed"
    assert not started[0].alive
    assert encode(draw(2))[0].frames == 2
    assert not started[1].alive


def test_a_clip_of_too_many_bytes_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "semblance.faces.sandbox.process._MAIN",
        "import json, sys\nsys.path[:] = json.loads(sys.argv.pop())\n"
        "from semblance.faces.sandbox import {worker} as w\nw.MOST_BYTES = 5000\nw.main()\n",
    )
    rng = np.random.default_rng(1)
    frames = [CoveredFrame(n / 25, rng.integers(0, 256, (120, 160, 3)).astype(np.uint8), 0) for n in range(80)]
    with pytest.raises(IntakeError) as refused:
        encode(frames)
    assert refused.value.message.identifier == "redaction.clip-too-large"


def test_frames_that_change_their_size_are_fitted_into_the_first() -> None:
    made, data = encode([*draw(2), *draw(2, (60, 90)), *draw(1, (240, 160))])
    assert made.frames == 5
    with av.open(io.BytesIO(data), "r") as container:
        assert len({(frame.height, frame.width) for frame in container.decode(video=0)}) == 1


def test_no_frame_is_no_clip() -> None:
    with pytest.raises(DecoderFailed):
        encode([])


def test_sound_is_decoded_and_encoded_anew_from_the_moment_of_the_first_frame() -> None:
    sound = read_sound(MemorySource(film()), name="x", start=1.0, until=3.0)
    assert len(sound.samples) == 2 * SOUND_RATE
    assert find_pitch(sound.samples[: SOUND_RATE - 4800]) == pytest.approx(TONE, abs=3)
    assert find_pitch(sound.samples[SOUND_RATE + 4800 :]) == pytest.approx(LATER, abs=3)
    # the first picture comes half a second after the sound begins: what is heard before it goes
    frames = [CoveredFrame(1.5 + n / 25, np.full((48, 64, 3), n, np.uint8), 0) for n in range(26)]
    _, data = encode(frames, sound)
    heard = listen(data)
    assert len(heard) / SOUND_RATE == pytest.approx(26 / 25, abs=0.06)
    assert find_pitch(heard[2000:22_000]) == pytest.approx(TONE, abs=6)
    assert find_pitch(heard[27_000:]) == pytest.approx(LATER, abs=6)
    with av.open(io.BytesIO(data), "r") as container:
        assert [(stream.type, stream.codec_context.name) for stream in container.streams] == [
            ("video", "h264"),
            ("audio", "aac"),
        ]
        assert not {"encoder", "creation_time", "title", "comment"} & container.metadata.keys()


@pytest.mark.parametrize(("codec", "container"), [("libmp3lame", "matroska"), ("pcm_s16le", "avi"), ("ac3", "mov")])
def test_other_sound_is_read(codec: str, container: str) -> None:
    sound = read_sound(MemorySource(film(codec=codec, container=container)), name="x", start=0.5, until=1.5)
    assert find_pitch(sound.samples) == pytest.approx(TONE, abs=3)


def test_what_lies_beyond_the_sound_is_silence_and_a_video_without_any_is_said_to_have_none() -> None:
    sound = read_sound(MemorySource(film()), name="x", start=3.0, until=6.0)
    assert np.abs(sound.samples[: SOUND_RATE // 2]).max() > 8000
    assert not sound.samples[round(1.2 * SOUND_RATE) :].any()
    with pytest.raises(UnsupportedVideo) as refused:
        read_sound(MemorySource(film(sound=False)), name="x", start=0, until=1)
    assert refused.value.message.identifier == "video.no-sound"


def test_damaged_sound_costs_what_is_damaged() -> None:
    whole = bytearray(film(codec="pcm_s16le", container="avi"))
    cut = bytes(whole[: len(whole) * 3 // 5])
    sound = read_sound(MemorySource(cut), name="x", start=0.0, until=3.5)
    assert np.abs(sound.samples[:SOUND_RATE]).max() > 8000
