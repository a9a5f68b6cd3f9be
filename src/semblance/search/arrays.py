"""Templates as arrays, checked on the way in."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from semblance.errors import ModelError, PackConflict
from semblance.messages.message import Message
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
