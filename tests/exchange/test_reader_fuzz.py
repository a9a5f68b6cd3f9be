"""Whatever is done to a file, its reader ends in what it says or in a typed error, within a bound of memory.

SEMBLANCE_FUZZ_SECONDS says for how long, SEMBLANCE_FUZZ_SEED from where.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

SECONDS: Final = os.environ.get("SEMBLANCE_FUZZ_SECONDS", "20")


@pytest.mark.timeout(float(SECONDS) + 200)
def test_every_reader_survives_mutated_files(tmp_path: Path) -> None:
    seed = os.environ.get("SEMBLANCE_FUZZ_SEED", "1")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        # a process of its own: its memory is measured
        [sys.executable, "-m", "tests.exchange.reader_fuzz", SECONDS, seed],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counts = dict(line.rpartition(": ")[::2] for line in done.stdout.splitlines())
    assert len(counts) > 12
    assert all(int(count) > 0 for count in counts.values())
