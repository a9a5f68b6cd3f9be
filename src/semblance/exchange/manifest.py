"""Manifests: a CSV or JSON file that says whose photo each file is."""

from pathlib import Path
from typing import Final

from semblance.exchange.intake import Intake

MANIFEST_NAMES: Final = ("manifest.csv", "manifest.json")
MANIFEST_SUFFIXES: Final = frozenset({".csv", ".json"})


def read_manifest(path: Path) -> Intake:
    """Return the photos that a manifest names; raises ManifestError with every problem in it."""
    raise NotImplementedError
