"""A chosen face is told by its place, whatever number another pack gives it."""

from dataclasses import replace
from typing import Any

import pytest

from semblance.errors import Conflict
from semblance.faces.extractor import FaceChoice, extract_face, measure_overlap
from semblance.terms.samples import Box, Extraction, QuarterTurn


def test_the_numbering_of_another_pack_does_not_matter(extractor_type: Any, draw: Any) -> None:
    usual = extractor_type()

    class Renumbering(extractor_type):  # type: ignore[misc]
        """Numbers the same faces from the right."""

        def extract(
            self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
        ) -> Extraction:
            mirrored = 2 - choose if isinstance(choose, int) else choose
            extraction: Extraction = super().extract(data, name=name, choose=mirrored, turned=turned)
            faces = tuple(replace(face, ordinal=2 - face.ordinal) for face in extraction.faces[::-1])
            chosen = None if extraction.chosen is None else 2 - extraction.chosen
            return replace(extraction, faces=faces, chosen=chosen)

    data = draw("A", "B", "C")
    for face in usual.extract(data, name="x").faces:
        found = extract_face(Renumbering(), data, name="x", face=face)
        assert found.template == usual.extract(data, name="x", choose=face.ordinal).template


def test_a_face_that_is_not_there_is_a_conflict(extractor_type: Any, draw: Any) -> None:
    face = extractor_type().extract(draw("A"), name="x").faces[0]
    elsewhere = replace(face, box=Box(1000, 1000, 1100, 1100))
    with pytest.raises(Conflict, match="finds no face where"):
        extract_face(extractor_type(), draw("A"), name="x", face=elsewhere)
    beyond = replace(elsewhere, ordinal=5)
    with pytest.raises(Conflict):
        extract_face(extractor_type(), draw("A"), name="x", face=beyond)


def test_overlap() -> None:
    box = Box(0, 0, 10, 10)
    assert measure_overlap(box, box) == 1.0
    assert measure_overlap(box, Box(5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert measure_overlap(box, Box(20, 20, 30, 30)) == 0.0
    assert measure_overlap(Box(1, 1, 1, 1), Box(1, 1, 1, 1)) == 0.0
