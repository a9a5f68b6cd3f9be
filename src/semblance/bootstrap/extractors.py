"""The extractors that an evaluation names: model packs, and the method they are compared with."""

import os
from collections.abc import Sequence
from pathlib import Path

from semblance.bootstrap.config import default_models, read_settings
from semblance.errors import NodeMissing
from semblance.faces.baseline import BASELINE_NAME, FaceRecognitionExtractor
from semblance.faces.extractor import Extractor
from semblance.faces.packs.opening import open_extractor

DEFAULT_PACK = "embedded"


def open_extractors(names: Sequence[str], home: Path) -> tuple[Extractor, ...]:
    """Return the extractors in the order named; without a pack among the names, the node's comes first.

    An evaluation needs no node: without one in ``home`` the pack is ``embedded``. Raises a kind of ModelError where a
    pack is unknown or its files are missing, DependencyMissing where the baseline is not installed.
    """
    try:
        settings = read_settings(home)
    except NodeMissing:
        models, own = default_models(), DEFAULT_PACK
    else:
        models, own = settings.models, settings.node.pack
    asked = list(dict.fromkeys(names))
    if all(name == BASELINE_NAME for name in asked):
        asked.insert(0, own)
    return tuple(
        FaceRecognitionExtractor(processes=os.cpu_count() or 1) if name == BASELINE_NAME else open_by_name(name, models)
        for name in asked
    )


def open_by_name(name: str, models: Path) -> Extractor:
    """Return one extractor: the baseline by its name, or a model pack."""
    return FaceRecognitionExtractor() if name == BASELINE_NAME else open_extractor(name, models=models)
