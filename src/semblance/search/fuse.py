"""One template from several photos of the same person."""

from collections.abc import Sequence

import numpy as np

from semblance.errors import Conflict
from semblance.search.arrays import stack_templates
from semblance.terms.samples import Metric, Template


def fuse_templates(templates: Sequence[Template]) -> Template:
    """Return the mean of the templates, each of the same weight, of unit length again where the metric is cosine.

    One template is returned as it is. Raises PackConflict where they are of different packs, Conflict where they cancel
    each other out, ValueError where there is none.
    """
    if not templates:
        raise ValueError("there is no template to fuse")
    first = templates[0]
    if len(templates) == 1:
        return first
    mean = stack_templates(templates).astype(np.float64).mean(axis=0)
    if first.metric is Metric.COSINE:
        length = float(np.linalg.norm(mean))
        if length < 1e-6:
            raise Conflict(
                "templates.nothing-in-common",
                "These photos have nothing in common that could be searched; search them one by one.",
            )
        mean /= length
    return Template(first.pack, first.metric, first.dimension, mean.astype("<f4").tobytes())
