"""Templates as arrays, checked on the way in: many compared with many others, and several made one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.errors import Conflict, ModelError, PackConflict
from semblance.messages.message import Message
from semblance.search.canonical import canonical_scores
from semblance.terms.samples import Metric, Template


def stack_templates(templates: Sequence[Template]) -> NDArray[np.float32]:
    """Return the values as rows, float32, shape (templates, dimension).

    Raises PackConflict where the templates are of several packs, ModelError where one is not what it says: wrong
    length, or numbers that are not finite.
    """
    if not templates:
        return np.empty((0, 0), dtype=np.float32)
    first = templates[0]
    for template in templates:
        require_same_pack(first, template)
        if len(template.values) != 4 * template.dimension:
            raise ModelError(
                "templates.wrong-length",
                "A template of pack {pack} has {n} bytes where its {dimension} numbers need {needed}; enrol the photo "
                "again.",
                pack=template.pack[:12],
                n=len(template.values),
                dimension=template.dimension,
                needed=4 * template.dimension,
            )
    joined = b"".join(template.values for template in templates)
    # "<f4" is the stored order; asking for float32 turns it into the machine's own where that differs
    rows = np.frombuffer(joined, dtype="<f4").reshape(len(templates), first.dimension).astype(np.float32)
    if not np.isfinite(rows).all():
        raise ModelError(
            "templates.not-finite",
            "A template of pack {pack} holds numbers that are not finite; enrol the photo again.",
            pack=first.pack[:12],
        )
    return rows


def require_same_pack(template: Template, other: Template) -> None:
    """Raise PackConflict unless both templates were made by the same pack."""
    if (template.pack, template.metric, template.dimension) != (other.pack, other.metric, other.dimension):
        raise PackConflict(
            "templates.two-packs",
            "Templates of two packs cannot be compared: {pack} and {other}; enrol the photos again with one pack.",
            pack=_name_kind(template),
            other=_name_kind(other),
        )


def _name_kind(template: Template) -> Message:
    return Message(
        "templates.pack",
        "{pack} ({metric}, {dimension} numbers)",
        pack=template.pack[:12],
        metric=template.metric,
        dimension=template.dimension,
    )


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
    return replace(first, values=mean.astype("<f4").tobytes())
