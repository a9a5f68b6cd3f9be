"""How commands show photos and the faces in them."""

from rich.table import Table

from semblance.cli.enrol import WORDS
from semblance.cli.output import make_table, open_console
from semblance.gallery.record import ImageSource
from semblance.store.photos import StoredPhoto
from semblance.terms.samples import FaceSample


def make_photo_table(photos: tuple[StoredPhoto, ...]) -> Table:
    """Return a table of photos, one a line."""
    table = make_table("photo", "name", "faces", "outcome", "source", numbers=frozenset({"faces"}))
    for photo in photos:
        table.add_row(photo.id, photo.name, str(len(photo.faces)), WORDS[photo.status], say_source(photo.source))
    return table


def say_source(source: ImageSource) -> str:
    """Return the source of an image in words."""
    return f"{source.obtained} ({source.authority}, {source.on})"


def print_faces(faces: tuple[FaceSample, ...]) -> None:
    """Print the faces of a photo, so that one can be chosen by its number."""
    table = make_table("face", "left", "top", "width", "height", "quality", numbers=frozenset({"face", "quality"}))
    for face in faces:
        box = face.box
        table.add_row(
            str(face.ordinal),
            f"{box.left:.0f}",
            f"{box.top:.0f}",
            f"{box.width:.0f}",
            f"{box.height:.0f}",
            str(face.quality.unified),
        )
    open_console().print(table)
