"""The command line as real processes, and what the store holds after them."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

COMMAND = (sys.executable, "-m", "semblance.cli.main")


def run_process(
    *arguments: object, before: tuple[str, ...] = (), prepare: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; ``before`` are words in front of it, ``prepare`` runs in the new process."""
    words = [*before, *COMMAND, *map(str, arguments)]
    return subprocess.run(
        words, capture_output=True, text=True, timeout=300, check=False, env=os.environ, preexec_fn=prepare
    )


def start_process(*arguments: object) -> "subprocess.Popen[str]":
    """Start a command and go on."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )


def as_somebody() -> tuple[str, ...]:
    """Return the words that take the administrator's right to read and write everything, empty for anybody else."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("the administrator may read everything, and there is no setpriv to give that up")
    rights = "-dac_override,-dac_read_search"
    return ("setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}")


def read_templates(home: Path) -> list[tuple[str, str, int, bytes]]:
    """Return every reference of a node: subject, SHA-256 of the photo, face, template; in an order of its own."""
    with contextlib.closing(sqlite3.connect(home / "semblance.sqlite")) as connection:
        return connection.execute(
            "SELECT subject.key, photo.sha256, reference.ordinal, reference.template FROM reference"
            " JOIN photo ON photo.id = reference.photo_id JOIN subject ON subject.id = reference.subject_id"
            " ORDER BY 1, 2, 3"
        ).fetchall()
