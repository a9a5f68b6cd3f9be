"""The processes that decode for this one: a few, started when they are needed, kept warm, and replaced."""

import atexit
import os
from collections.abc import Mapping
from threading import BoundedSemaphore, Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.sandbox.process import Decoder, DecoderEnded

_FEWEST, _MOST = 2, 8
_PHOTOS_EACH: Final = 1000
"""Until a process is replaced: whoever took one over has it no longer, and what a library forgot to free is free."""


def count_places() -> int:
    """Return how many photos from outside are worked on at once: about as many as there are processors, but few.

    Decoding is a small share of the work, and each may take a gigabyte.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(max(cores, _FEWEST), _MOST)


class DecoderPool:
    """Asks processes that decode, ``most`` at once, whoever asks; thread-safe."""

    def __init__(self, most: int) -> None:
        self._room = BoundedSemaphore(most)
        self._lock = Lock()
        self._idle: list[Decoder] = []
        self._all: set[Decoder] = set()
        atexit.register(self.end)

    @property
    def decoders(self) -> tuple[Decoder, ...]:
        """Return the processes that run now."""
        with self._lock:
            return tuple(self._all)

    def ask(self, header: Mapping[str, Any], data: bytes, *, most: int) -> tuple[dict[str, Any], NDArray[np.uint8]]:
        """Do what Decoder.ask does, with whichever process is free; waits until one is.

        Raises DecoderEnded, ConfigurationError where no process can be started.
        """
        with self._room:
            decoder = self._take()
            try:
                answer = decoder.ask(header, data, most=most)
            except DecoderEnded:
                self._drop(decoder)
                raise
            if decoder.asked >= _PHOTOS_EACH:
                self._drop(decoder)
            else:
                with self._lock:
                    self._idle.append(decoder)
            return answer

    def end(self) -> None:
        """End all processes; the next photo starts another."""
        for decoder in self.decoders:
            self._drop(decoder)

    def _take(self) -> Decoder:
        with self._lock:
            while self._idle:
                decoder = self._idle.pop()
                if decoder.alive:
                    return decoder
                self._all.discard(decoder)
                decoder.end()
        decoder = Decoder()
        with self._lock:
            self._all.add(decoder)
        return decoder

    def _drop(self, decoder: Decoder) -> None:
        decoder.end()
        with self._lock:
            self._all.discard(decoder)
            if decoder in self._idle:
                self._idle.remove(decoder)
