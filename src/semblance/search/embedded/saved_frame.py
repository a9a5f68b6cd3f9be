"""What an index is besides its rows, as bytes: the pack, the grid, the compartments, and how far rounding went."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from semblance.search.embedded.quantizer import Quantizer
from semblance.search.embedded.saved_rows import Widths
from semblance.search.written_facts import read_facts, write_facts
from semblance.terms.ids import PackDigest
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Metric, Template

_ERRORS: Final = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """An index without its rows.

    ``kind`` is a template without values. ``errors``: coarse, fine and rest error, length and norm of the planes.
    ``facts`` are those of the compartments from 1 on. ``stored``: whether templates as they are stored are in the rows.
    """

    kind: Template
    quantizer: Quantizer
    slots: int
    errors: tuple[float, ...]
    facts: tuple[RecordFacts, ...]
    learnt_from: int
    learnt_at: int
    stored: bool

    @property
    def widths(self) -> Widths:
        """Return how wide the parts of its rows are."""
        stored = self.kind.dimension if self.stored else 0
        return Widths(self.quantizer.coarse_width, self.quantizer.rest_width, stored)


def write_frame(frame: Frame) -> bytes:
    """Return the frame as bytes."""
    grid = frame.quantizer
    facts: dict[str, Any] = {
        "pack": frame.kind.pack,
        "metric": frame.kind.metric.value,
        "dimension": frame.kind.dimension,
        "lead": grid.lead,
        "tail_step": grid.tail_step,
        "slots": frame.slots,
        "errors": frame.errors,
        "facts": [write_facts(fact) for fact in frame.facts],
        "learnt": [frame.learnt_from, frame.learnt_at],
        "stored": frame.stored,
    }
    file = io.BytesIO()
    said_bytes = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    arrays = {"centre": grid.centre, "rotation": grid.rotation, "mean": grid.mean, "steps": grid.steps}
    np.savez(file, allow_pickle=False, said=said_bytes, **arrays)
    return file.getvalue()


def read_frame(data: bytes) -> Frame:
    """Return the frame that was written; raises ValueError where the bytes are none of this version's."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            facts = json.loads(arrays["said"].tobytes())
            centre, rotation, mean, steps = (arrays[name] for name in ("centre", "rotation", "mean", "steps"))
        metric = Metric(facts["metric"])
        from_rows, at = facts["learnt"]
        errors = tuple(map(float, facts["errors"]))
        if len(errors) != _ERRORS:
            raise ValueError(f"a frame has {_ERRORS} errors, not {len(errors)}")
        return Frame(
            kind=Template(PackDigest(facts["pack"]), metric, facts["dimension"], b""),
            quantizer=Quantizer(metric, centre, rotation, mean, steps, facts["lead"], facts["tail_step"]),
            slots=facts["slots"],
            errors=errors,
            facts=tuple(map(read_facts, facts["facts"])),
            learnt_from=from_rows,
            learnt_at=at,
            stored=facts["stored"],
        )
    except (KeyError, TypeError, zipfile.BadZipFile, OSError) as error:
        raise ValueError(f"this is no index of this version ({error})") from error
