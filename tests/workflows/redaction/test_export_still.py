"""A still leaves as it was seen, once its digest is confirmed, with everybody else covered, and the ledger knows it."""

import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.cast import ALICE, BOB, DE, DORA, MALLORY
from tests.workflows.painted import PaintedExtractor, paint
from tests.workflows.searching import open_case, submit

from semblance.audit.entry import read_entry
from semblance.errors import Conflict, IntakeError, NotFound, PolicyError, RefusedByPolicy
from semblance.faces.extractor import FaceChoice
from semblance.messages.stored import read_message
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.ids import ProbeId, Sha256, digest_bytes
from semblance.terms.samples import Box, Extraction, QuarterTurn
from semblance.workflows.cases.cases import close_case
from semblance.workflows.redaction.export_still import BOXES_CAP, StillDraft, export_still, preview_still

WHY = "For the station in Lyon, which looks for him"
SHOWN = StillDraft(face=0)


class Forgetful(PaintedExtractor):
    """Sees nobody to the right of ``edge`` when a photo is handed in, and everybody later."""

    edge = 100.0
    always = False

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        found = super().extract(data, name=name, choose=choose, turned=turned)
        if name != "still":
            return replace(found, faces=tuple(face for face in found.faces if face.box.left < self.edge))
        ghost = replace(found.faces[0], ordinal=9, box=Box(300, 200, 340, 240))
        return replace(found, faces=(*found.faces, ghost)) if self.always else found


@pytest.fixture
def painted(make_node: Callable[..., Node]) -> Node:
    return make_node(PaintedExtractor())


@pytest.fixture
def crowd(painted: Node) -> ProbeId:
    """Return a probe of red, whom everybody looks for, beside green and blue."""
    return submit(painted, paint("red", "green", "blue", side=40))


def read_pixels(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        assert not image.info
        return np.asarray(image)


def read_ledger(node: Node) -> list[tuple[dict[str, Any], str]]:
    """Return the entries of what left, with what they say."""
    with node.store.reading() as tx:
        entries = [(number, read_entry(entry)) for number, entry in ledger.iterate_entries(tx)]
        return [
            (entry, str(read_message(json.loads(opening.text))))
            for number, entry in entries
            if entry["action"] == "redaction.export"
            for opening in ledger.read_openings(tx, number)
            if opening.label == "message" and entry["verb"] == "disclosure"
        ]


def colours(pixels: NDArray[np.uint8]) -> set[str]:
    names = {"red": (220, 30, 30), "green": (30, 220, 30), "blue": (30, 30, 220)}
    return {name for name, colour in names.items() if (pixels == colour).all(axis=2).any()}


def test_what_leaves_is_what_was_seen_and_the_ledger_says_so(painted: Node, crowd: ProbeId) -> None:
    seen = preview_still(painted, ALICE, crowd, SHOWN)
    assert read_ledger(painted) == []
    assert (seen.others, seen.missed, seen.still.hidden) == (2, (), 0)
    left = export_still(painted, ALICE, crowd, SHOWN, serial=seen.serial, seen=seen.sha256, reason=WHY)
    assert left.still.data == seen.still.data
    assert digest_bytes(left.still.data) == seen.sha256
    pixels = read_pixels(left.still.data)
    assert colours(pixels) == {"red"}
    assert pixels.shape == (328, 400, 3)
    ((entry, said),) = read_ledger(painted)
    assert (entry["person"], entry["verb"], entry["case"]) == ("alice", "disclosure", "FR-2026-17")
    assert sorted(kind for kind, _ in entry["touched"]) == ["case", "probe", "still"]
    assert said == (f"{WHY} ({seen.reference}: face 0 shown; faces covered: 2, boxes: 0; SHA-256 {seen.sha256})")


def test_a_preview_is_its_own_and_nobody_chooses_its_number(painted: Node, crowd: ProbeId) -> None:
    first, second = (preview_still(painted, ALICE, crowd, SHOWN) for _ in range(2))
    assert first.reference != second.reference
    assert preview_still(painted, ALICE, crowd, SHOWN, serial=first.serial).sha256 == first.sha256
    # nor does what one person saw go out in another's name
    assert preview_still(painted, BOB, crowd, SHOWN, serial=first.serial).reference != first.reference
    with pytest.raises(IntakeError, match="no serial"):
        preview_still(painted, ALICE, crowd, SHOWN, serial="R-2026")


@pytest.mark.parametrize(
    "changed",
    [StillDraft(face=1), StillDraft(face=0, boxes=(Box(300, 200, 350, 250),)), StillDraft(face=0, still_format="jpeg")],
)
def test_nothing_leaves_that_was_not_seen(painted: Node, crowd: ProbeId, changed: StillDraft) -> None:
    seen = preview_still(painted, ALICE, crowd, SHOWN)
    with pytest.raises(Conflict, match="not the picture that was confirmed"):
        export_still(painted, ALICE, crowd, changed, serial=seen.serial, seen=seen.sha256, reason=WHY)
    with pytest.raises(Conflict, match="not the picture that was confirmed"):
        export_still(painted, ALICE, crowd, SHOWN, serial=seen.serial, seen=Sha256("0" * 64), reason=WHY)
    with pytest.raises(PolicyError, match="Say why"):
        export_still(painted, ALICE, crowd, SHOWN, serial=seen.serial, seen=seen.sha256, reason=" ")
    assert read_ledger(painted) == []


def test_no_pixel_of_who_is_covered_reaches_the_still(painted: Node) -> None:
    pictures = []
    for other in ("green", "blue"):
        probe = submit(painted, paint("red", other, side=40))
        pictures.append(read_pixels(preview_still(painted, ALICE, probe, SHOWN).still.data)[:300])
    assert (pictures[0] == pictures[1]).all()


def test_a_box_covers_whom_the_detector_missed(make_node: Callable[..., Node]) -> None:
    extractor = Forgetful()
    extractor.edge = 130.0
    node = make_node(extractor)
    probe = submit(node, paint("red", "green", side=40))
    boxes = (Box(130, 50, 190, 110),)
    seen = preview_still(node, ALICE, probe, StillDraft(face=0, boxes=boxes))
    assert (seen.others, seen.missed) == (0, ())
    assert colours(read_pixels(seen.still.data)) == {"red"}


def test_the_last_look_covers_whom_nobody_marked(make_node: Callable[..., Node]) -> None:
    node = make_node(Forgetful())
    probe = submit(node, paint("red", "green", "blue", side=40))
    seen = preview_still(node, ALICE, probe, SHOWN)
    assert (seen.others, len(seen.missed)) == (0, 2)
    assert colours(read_pixels(seen.still.data)) == {"red"}


def test_what_is_always_seen_does_not_leave(make_node: Callable[..., Node]) -> None:
    extractor = Forgetful()
    extractor.always = True
    node = make_node(extractor)
    probe = submit(node, paint("red", side=40))
    with pytest.raises(Conflict, match="However much is covered"):
        preview_still(node, ALICE, probe, SHOWN)


def test_covering_wins_over_the_chosen_face_and_that_is_told(painted: Node) -> None:
    probe = submit(painted, paint("red", "green", side=90))
    seen = preview_still(painted, ALICE, probe, SHOWN)
    assert 0.05 < seen.still.hidden < 0.5
    assert colours(read_pixels(seen.still.data)) == {"red"}


def test_a_jpeg_has_no_metadata_either(painted: Node, crowd: ProbeId) -> None:
    data = preview_still(painted, ALICE, crowd, StillDraft(face=0, still_format="jpeg")).still.data
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
        assert not {"exif", "icc_profile", "comment", "photoshop"} & image.info.keys()


@pytest.mark.parametrize(
    "box",
    [
        Box(10, 10, 10, 20),
        Box(20, 20, 10, 10),
        Box(math.nan, 0, 10, 10),
        Box(0, 0, math.inf, 10),
        Box(500, 10, 600, 20),
        Box(-30, -30, -1, -1),
    ],
)
def test_a_box_that_covers_nothing_is_said(painted: Node, crowd: ProbeId, box: Box) -> None:
    with pytest.raises(IntakeError, match="Box 2 covers nothing"):
        preview_still(painted, ALICE, crowd, StillDraft(face=0, boxes=(Box(0, 0, 5, 5), box)))


def test_what_cannot_be_shown_is_said(painted: Node, crowd: ProbeId) -> None:
    with pytest.raises(NotFound, match="has no face 3"):
        preview_still(painted, ALICE, crowd, StillDraft(face=3))
    with pytest.raises(IntakeError, match="101 boxes"):
        preview_still(painted, ALICE, crowd, StillDraft(0, (Box(0, 0, 5, 5),) * (BOXES_CAP + 1)))


def test_only_who_may_in_an_open_case(painted: Node, crowd: ProbeId) -> None:
    seen = preview_still(painted, ALICE, crowd, SHOWN)
    with pytest.raises(NotFound):
        preview_still(painted, replace(ALICE, authority=DE), crowd, SHOWN)
    for refused in (MALLORY, DORA):
        with pytest.raises(RefusedByPolicy):
            preview_still(painted, refused, crowd, SHOWN)
    close_case(painted, ALICE, open_case(painted).id, reason="It is over")
    with pytest.raises(Conflict, match="open cases only"):
        export_still(painted, ALICE, crowd, SHOWN, serial=seen.serial, seen=seen.sha256, reason=WHY)
    assert read_ledger(painted) == []
