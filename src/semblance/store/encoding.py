"""Values as they are written in the database, and back."""

import json
from dataclasses import asdict
from typing import Any

from semblance.terms.geometry import Box, Landmarks, Point
from semblance.terms.ids import Sha256
from semblance.terms.quality import QualityAssessment, QualityMeasure, QualityScore
from semblance.terms.samples import FaceSample, PhotoFacts


def write_text(text: str) -> str:
    """Return the text with what no database can hold (NUL, half a surrogate pair) in visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def write_strings(texts: tuple[str, ...]) -> str:
    """Return the texts as a JSON list."""
    return json.dumps([write_text(text) for text in texts], ensure_ascii=False)


def read_strings(text: str) -> tuple[str, ...]:
    """Return the texts that were written."""
    return tuple(json.loads(text))


def write_facts(facts: PhotoFacts) -> str:
    """Return the facts as a JSON object."""
    return json.dumps({**asdict(facts), "notes": [write_text(note) for note in facts.notes]}, ensure_ascii=False)


def read_facts(text: str) -> PhotoFacts:
    """Return the facts that were written."""
    fields = json.loads(text)
    return PhotoFacts(
        sha256=Sha256(fields["sha256"]),
        media_type=fields["media_type"],
        width=fields["width"],
        height=fields["height"],
        size=fields["size"],
        notes=tuple(fields["notes"]),
    )


def write_box(box: Box | None) -> str | None:
    """Return the box as a JSON list: left, top, right, bottom."""
    return None if box is None else json.dumps([float(box.left), float(box.top), float(box.right), float(box.bottom)])


def read_box(text: str | None) -> Box | None:
    """Return the box that was written."""
    return None if text is None else Box(*json.loads(text))


def write_face(face: FaceSample) -> str:
    """Return the face as a JSON object; every float comes back as it was."""
    marks = face.landmarks
    document = {
        "ordinal": face.ordinal,
        "box": [float(value) for value in (face.box.left, face.box.top, face.box.right, face.box.bottom)],
        "landmarks": [
            [float(point.x), float(point.y)]
            for point in (marks.left_eye, marks.right_eye, marks.nose, marks.mouth_left, marks.mouth_right)
        ],
        "detection_score": float(face.detection_score),
        "quality": {
            score.measure.value: [int(score.scalar), None if score.native is None else float(score.native)]
            for score in face.quality
        },
    }
    return json.dumps(document)


def read_face(text: str) -> FaceSample:
    """Return the face that was written."""
    document: dict[str, Any] = json.loads(text)
    return FaceSample(
        ordinal=document["ordinal"],
        box=Box(*document["box"]),
        landmarks=Landmarks(*(Point(x, y) for x, y in document["landmarks"])),
        detection_score=document["detection_score"],
        quality=QualityAssessment(
            tuple(
                QualityScore(QualityMeasure(name), scalar, native)
                for name, (scalar, native) in document["quality"].items()
            )
        ),
    )
