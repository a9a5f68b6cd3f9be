"""What is handed in for enrolment, whatever form it came in."""

from collections.abc import Callable
from dataclasses import dataclass

from semblance.gallery.outcome import CaptureDate
from semblance.gallery.record import ImageSource, RecordDraft
from semblance.messages.message import Message
from semblance.terms.samples import Template


@dataclass(frozen=True, slots=True)
class IntakeItem:
    """One photo of one subject.

    ``name`` is what reports and errors call the photo: its path as it was given. ``load`` reads the bytes when they
    are needed and raises a kind of IntakeError. ``face`` is the ordinal of the chosen face, None to take the only one.
    ``row`` is where its template stands in a file of templates, ``ready`` that template.
    ``source`` is a note on where the photo comes from; ``origin`` its source, where it is another than that of the
    whole enrolment; ``draft`` the record that the photo came with, where it came with one.
    """

    subject_key: str
    name: str
    load: Callable[[], bytes]
    captured: CaptureDate | None = None
    face: int | None = None
    source: str | None = None
    draft: RecordDraft | None = None
    origin: ImageSource | None = None
    row: int | None = None
    ready: "ReadyTemplate | None" = None


@dataclass(frozen=True, slots=True)
class ReadyTemplate:
    """A template that came with a photo.

    ``load`` reads it when it is needed and raises a kind of IntakeError. ``checked``: it is compared with what the
    pack makes of the photo.
    """

    load: Callable[[], Template]
    checked: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything that one folder, manifest or file hands in.

    ``notes`` say what was found there and not taken (a probe in a manifest, a file that is no photo).
    """

    items: tuple[IntakeItem, ...]
    notes: tuple[Message, ...] = ()
