"""What a process that decodes gives up before it sees the first byte from outside.

Everywhere: nothing but the pipes to the process that asks is open. Where the system has resource limits: memory,
processor time, files. On Linux besides: it ends with the process that asks, and the kernel refuses it every call that
decoding does not need, so that it opens no file and no socket, starts no program, and reaches no other process.
"""

import contextlib
import ctypes
import io
import os
import platform
import select
import struct
import sys
import time
from typing import BinaryIO, Final

MEMORY: Final = 1024 * 1024 * 1024
"""Bytes that a photo may take while it is decoded, beside what the process itself takes."""

VIDEO_MEMORY: Final = 2 * MEMORY
"""Bytes that a video may take: a decoder keeps up to 17 pictures, of which others are made."""

CPU_SECONDS: Final = 60
"""For one photo; 44 megapixels of noise, as JPEG 2000, take a third of it."""

_OPEN_FILES: Final = 32

_AUDIT_ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_CALLS: Final = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "poll": (7, None),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "readv": (19, 65),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "exit": (60, 93),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "ppoll": (271, 73),
    "set_robust_list": (273, 99),
    "getcpu": (309, 168),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "rseq": (334, 293),
}
"""System calls that decoding needs, by their numbers on x86-64 and on 64-bit ARM; every other one is answered as if the
kernel did not have it."""
_CLONE: Final = (56, 220)
_CLONE_THREAD: Final = 0x10000
"""A decoder may have threads; another process would not be counted."""
_PRLIMIT: Final = (302, 261)
"""For the process itself, which lowers its limit of processor time for each photo."""

_SET_NO_NEW_PRIVILEGES: Final = 38
_SET_FILTER, _FILTER_MODE = 22, 2
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _NO_SUCH_CALL = 0x7FFF0000, 0x00050000 | 38
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16


def limit_resources(memory: int = MEMORY) -> None:
    """Set what the process may take in all, ``memory`` bytes beside what it has; unset where the system sets none."""
    try:
        import resource
    except ImportError:
        return
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    with contextlib.suppress(OSError):
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - pathlib is one import more
            taken = int(file.read().split()[0]) * resource.getpagesize()
        _lower(resource.RLIMIT_AS, taken + memory)


def limit_cpu(seconds: float | None = None) -> None:
    """Let the process end if it takes more than CPU_SECONDS, or so many, from now on."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = int(time.process_time() + (CPU_SECONDS if seconds is None else max(0.0, seconds))) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _lower(kind: int, value: int) -> None:
    import resource

    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(kind)
        lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (lowered, lowered))


def keep_apart(number: int) -> BinaryIO:
    """Return what stood under that number; under it, and where errors go, nothing is heard of what libraries print."""
    kept = os.fdopen(os.dup(number), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for silenced in (number, 2):
        os.dup2(nowhere, silenced)
    os.close(nowhere)
    assert isinstance(kept, io.RawIOBase)
    return kept


def end_with(pipe: int) -> None:
    """Let the kernel end this process when nobody holds the other end of the pipe any more; nothing is written to it.

    A process that waits for the next photo ends by itself then; this is for one that decodes. Where the system has no
    such signal for pipes, the limit of processor time has to do.
    """
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
        gone = select.poll()
        gone.register(pipe)
        if gone.poll(0):
            raise SystemExit


def refuse_calls() -> bool:
    """Have the kernel refuse whatever decoding does not need, for good; return False where it cannot.

    Nothing can be imported afterwards.
    """
    if sys.platform != "linux" or platform.machine() not in _AUDIT_ARCHITECTURES:
        return False
    place, architecture = _AUDIT_ARCHITECTURES[platform.machine()]
    program = _write_filter(place, architecture)
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    holder = ctypes.create_string_buffer(described, len(described))
    return bool(prctl(_SET_FILTER, _FILTER_MODE, ctypes.addressof(holder), 0, 0) == 0)


def _write_filter(place: int, architecture: int) -> bytes:
    """Return the filter in the kernel's words: instruction, steps if true, steps if false, operand."""
    allowed = [numbers[place] for numbers in _CALLS.values() if numbers[place] is not None]
    steps: list[tuple[int, int | str, int | str, int | None]] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 0, "refuse", architecture),
        (_LOAD, 0, 0, _NUMBER_AT),
        *((_EQUAL, "allow", 0, number) for number in allowed),
        (_EQUAL, 1, 0, _CLONE[place]),
        (_EQUAL, 2, "refuse", _PRLIMIT[place]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_ANY_BIT, "allow", "refuse", _CLONE_THREAD),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_EQUAL, "allow", "refuse", 0),
        (_RETURN, 0, 0, _NO_SUCH_CALL),
        (_RETURN, 0, 0, _ALLOW),
    ]
    ends = {"refuse": len(steps) - 2, "allow": len(steps) - 1}

    def count(target: int | str, now: int) -> int:
        return target if isinstance(target, int) else ends[target] - now - 1

    return b"".join(
        struct.pack("=HBBI", code, count(true, now), count(false, now), operand)
        for now, (code, true, false, operand) in enumerate(steps)
    )
