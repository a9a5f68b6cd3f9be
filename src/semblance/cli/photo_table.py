"""How commands show photos and the faces in them."""

from typing import Final

from rich.table import Table

from semblance.cli.output import make_table
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import ImageSource
from semblance.store.photos import StoredPhoto
from semblance.terms.samples import FaceSample, PhotoFacts

WORDS: Final = {
    IntakeStatus.ENROLLED: "enrolled",
    IntakeStatus.UNSUITABLE: "unsuitable, refused",
    IntakeStatus.KEPT_UNSUITABLE: "unsuitable, kept without a template",
    IntakeStatus.NO_FACE: "no face found",
    IntakeStatus.SEVERAL_FACES: "several faces, one must be chosen",
    IntakeStatus.UNREADABLE: "unreadable",
    IntakeStatus.DUPLICATE: "duplicate, held already",
    IntakeStatus.BARRED: "barred by the state of the record",
}


def make_photo_table(photos: tuple[StoredPhoto, ...]) -> Table:
    """Return a table of photos, one a line."""
    rows = (
        (photo.id, photo.name, len(photo.faces), WORDS[photo.status], say_source(photo.source), say_notes(photo.facts))
        for photo in photos
    )
    return make_table(("photo", "name", "faces", "outcome", "source", "noted"), rows, numbers={"faces"})


def say_notes(facts: PhotoFacts) -> str:
    """Return what decoding a photo had to guess or ignore."""
    return "; ".join(map(str, facts.notes)) or "-"


def say_source(source: ImageSource) -> str:
    """Return the source of an image in words."""
    return f"{source.obtained} ({source.authority}, {source.on})"


def make_face_table(faces: tuple[FaceSample, ...]) -> Table:
    """Return a table of the faces of a photo, so that one can be chosen by its number."""
    rows = (
        (
            face.ordinal,
            *(f"{edge:.0f}" for edge in (face.box.left, face.box.top, face.box.width, face.box.height)),
            face.quality.unified,
        )
        for face in faces
    )
    columns = "face", "left", "top", "width", "height", "quality"
    return make_table(columns, rows, numbers={"face", "quality"})
