"""The command line as real processes, and what the store holds after them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from semblance.bootstrap.node import run_node
from semblance.store import photos, records, templates
from semblance.store.schema.gallery import reference

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


def read_templates(home: Path) -> list[tuple[str, str, int | None, bytes]]:
    """Return every reference of a node: number, SHA-256 of the photo, face, template; in an order of its own."""
    asked = sa.select(reference.c.id, reference.c.photo_id)
    with run_node(home) as node, node.store.reading() as tx:
        photo_of = {row.id: row.photo_id for row in tx.connection.execute(asked)}
        rows = [row for rows in templates.iterate_references(tx, after=0) for row in rows]
        headings = records.read_headings(tx, [row.subject for row in rows])
        held = [(row, photos.find_photo(tx, photo_of[row.reference])) for row in rows]
        return sorted(
            (headings[row.subject].number, one.facts.sha256, one.chosen, row.template.values)
            for row, one in held
            if one is not None
        )
