"""Compare many templates with many others."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.arrays import require_same_pack, stack_templates
from semblance.search.canonical import canonical_scores
from semblance.terms.samples import Template

_PROBES_AT_ONCE: Final = 256
_REFERENCES_AT_ONCE: Final = 4096


def score_matrix(probes: Sequence[Template], references: Sequence[Template]) -> NDArray[np.float32]:
    """Return all comparison scores, float32, shape (probes, references); higher is more alike.

    Beside the result it needs about 100 MB at most. The scores are exact to the last bit and the same on every machine
    (see ``canonical``). Raises PackConflict where templates of two packs meet.
    """
    if not probes or not references:
        return np.empty((len(probes), len(references)), dtype=np.float32)
    require_same_pack(probes[0], references[0])
    left, right, metric = stack_templates(probes), stack_templates(references), probes[0].metric
    scores = np.empty((len(probes), len(references)), dtype=np.float32)
    for top in range(0, len(probes), _PROBES_AT_ONCE):
        rows = slice(top, top + _PROBES_AT_ONCE)
        for start in range(0, len(references), _REFERENCES_AT_ONCE):
            columns = slice(start, start + _REFERENCES_AT_ONCE)
            scores[rows, columns] = canonical_scores(left[rows], right[columns], metric)
    return scores
