"""Templates as arrays, checked on the way in."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from semblance.errors import ModelError, PackConflict
from semblance.terms.samples import Template


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
                f"a template of pack {template.pack[:12]} has {len(template.values)} bytes where its "
                f"{template.dimension} numbers need {4 * template.dimension}; enrol the photo again"
            )
    joined = b"".join(template.values for template in templates)
    # "<f4" is the stored order; asking for float32 turns it into the machine's own where that differs
    rows = np.frombuffer(joined, dtype="<f4").reshape(len(templates), first.dimension).astype(np.float32)
    if not np.isfinite(rows).all():
        raise ModelError(
            f"a template of pack {first.pack[:12]} holds numbers that are not finite; enrol the photo again"
        )
    return rows


def require_same_pack(one: Template, other: Template) -> None:
    """Raise PackConflict unless both templates were made by the same pack."""
    if (one.pack, one.metric, one.dimension) != (other.pack, other.metric, other.dimension):
        raise PackConflict(
            f"templates of two packs cannot be compared: {one.pack[:12]} ({one.metric}, {one.dimension} numbers) and "
            f"{other.pack[:12]} ({other.metric}, {other.dimension} numbers); enrol the photos again with one pack"
        )
