"""One process that decodes: started afresh with nothing of this one's, asked, and ended as a group."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import semblance
from semblance.errors import ConfigurationError
from semblance.faces.sandbox.watch import Watch
from semblance.faces.sandbox.wire import WireBroken, receive_header, receive_into, send

SECONDS: Final = 180.0
"""On the clock, for one photo; the limit of processor time comes first unless the machine is very busy."""

_WATCH: Final = Watch()

_TO_START: Final = 120.0
_PIPE_BYTES: Final = 1024 * 1024
_MAIN: Final = """
import json, sys
sys.path[:] = json.loads(sys.argv.pop())
from semblance.faces.sandbox.{worker} import main
main()
"""
"""Isolated from the environment and from the user's own packages, a process finds only what this one found."""

_ENVIRONMENT: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Without which libraries are not found; of the rest, where secrets may stand, nothing is passed on."""
_FIXED: Final = {
    # every thread would count against the memory that a photo may take
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    # to get memory from the kernel for each photo anew takes half as long as to decode it
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
}


class DecoderEnded(Exception):
    """The process ended before it answered, or answered what it cannot have meant; ``late``: it took too long."""

    def __init__(self, *, late: bool) -> None:
        super().__init__()
        self.late = late


class Decoder:
    """A running process that decodes; asked by one thread at a time, ended by any."""

    def __init__(self, worker: str = "worker") -> None:
        """Start it, with ``main`` of that module; raises ConfigurationError where it does not come up."""
        self.asked = 0
        self._lock = Lock()
        self._late = False
        posix = os.name == "posix"
        theirs, ours = os.pipe() if posix else (None, None)
        path = [str(Path(semblance.__file__).parents[1]), *(str(Path(entry).absolute()) for entry in sys.path if entry)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and the program above
                [
                    sys.executable,
                    "-I",
                    "-S",
                    "-c",
                    _MAIN.replace("{worker}", worker),
                    json.dumps(theirs),
                    json.dumps(path),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | _FIXED,
                cwd=os.sep,
                start_new_session=True,
                pass_fds=() if theirs is None else (theirs,),
            )
        except OSError as error:
            if ours is not None:
                os.close(ours)
            raise _cannot_start(error.strerror or error) from error
        finally:
            if theirs is not None:
                os.close(theirs)
        self._lifeline = ours
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        for pipe in (self._requests, self._answers):
            _widen(pipe.fileno())
        try:
            with self._give_up_after(_TO_START):
                self.confined = receive_header(self._answers)[0].get("confined") is True
        except DecoderEnded as error:
            raise _cannot_start(self._process.returncode) from error

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, header: Mapping[str, Any], data: bytes, *, most: int) -> tuple[dict[str, Any], NDArray[np.uint8]]:
        """Return the answer's header and its pixels, ``most`` at most; raises DecoderEnded.

        Of the header nothing is checked but the size, which is that of the pixels; an answer without has none.
        """
        self.asked += 1
        with self._give_up_after(SECONDS):
            send(self._requests, header, data)
            return self._receive(most)

    def tell(self, header: Mapping[str, Any], data: bytes, *, seconds: float) -> None:
        """Send something that is not answered at once; raises DecoderEnded."""
        with self._give_up_after(seconds):
            send(self._requests, header, data)

    def hear(self, *, most: int, seconds: float) -> tuple[dict[str, Any], NDArray[np.uint8]]:
        """Wait so long for what it says next; returns and raises what ``ask`` does."""
        with self._give_up_after(seconds):
            return self._receive(most)

    def hear_bytes(self, *, most: int, seconds: float) -> tuple[dict[str, Any], bytes]:
        """Wait so long for what it says next, of which bytes are no pixels, ``most`` at most; raises DecoderEnded."""
        with self._give_up_after(seconds):
            answer, length = receive_header(self._answers)
            if length > most:
                raise WireBroken("more than was agreed on")
            data = bytearray(length)
            receive_into(self._answers, memoryview(data))
            return answer, bytes(data)

    def _receive(self, most: int) -> tuple[dict[str, Any], NDArray[np.uint8]]:
        answer, length = receive_header(self._answers)
        height, width = answer.get("height", 0), answer.get("width", 0)
        if not (isinstance(height, int) and isinstance(width, int) and min(height, width) >= 0):
            raise WireBroken("no size")
        if height * width > most or length != height * width * 3:
            raise WireBroken("another size than was agreed on")
        pixels = np.empty((height, width, 3), np.uint8)
        receive_into(self._answers, pixels.reshape(-1).data)
        return answer, pixels

    def end(self) -> None:
        """End the process and whatever it started."""
        with self._lock:
            self._kill()
            self._process.wait()
            for stream in (self._requests, self._answers):
                with contextlib.suppress(OSError):
                    stream.close()
            if self._lifeline is not None:
                os.close(self._lifeline)
                self._lifeline = None

    @contextlib.contextmanager
    def _give_up_after(self, seconds: float) -> Iterator[None]:
        try:
            with _WATCH.waiting(seconds, self._give_up):
                yield
        except (OSError, WireBroken) as error:
            self.end()
            raise DecoderEnded(late=self._late or self._process.returncode == -signal.SIGXCPU) from error
        except BaseException:
            self.end()
            raise

    def _give_up(self) -> None:
        self._late = True
        with self._lock:
            self._kill()

    def _kill(self) -> None:
        if self._process.poll() is not None:
            return
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()


def _widen(pipe: int) -> None:
    """Let whole photos pass in few turns, where the system can widen a pipe and the user may."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _cannot_start(why: object) -> ConfigurationError:
    return ConfigurationError(
        "photo.no-decoder",
        "The process that decodes photos cannot be started ({why}). See what it printed, and whether there is memory "
        "left for another process.",
        why=why,
    )
