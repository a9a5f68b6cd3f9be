"""What programs are told of an import of notices."""

from pydantic import BaseModel

from semblance.workflows.enrolment.import_report import ImportReport, NoticeRow


class WantingNotice(BaseModel):
    """A notice of which something was not taken, and why."""

    place: str
    number: str
    status: str
    reasons: list[str]


class ImportDocument(BaseModel):
    """How many notices and photos ended how; ``wanting`` are the first 200 of ``incomplete``."""

    person: str
    pack: str
    seconds: float
    interrupted: bool
    notices: dict[str, int]
    photos: dict[str, int]
    incomplete: int
    wanting: list[WantingNotice]
    notes: list[str]


def describe_import(report: ImportReport, notes: tuple[str, ...]) -> ImportDocument:
    """Return the document of a report."""
    return ImportDocument(
        person=report.person,
        pack=report.pack,
        seconds=round(report.seconds, 3),
        interrupted=report.interrupted,
        notices={status.value: count for status, count in report.notices.items()},
        photos={status.value: count for status, count in report.photos.items()},
        incomplete=report.incomplete,
        wanting=[_describe(row) for row in report.wanting],
        notes=list(notes),
    )


def _describe(row: NoticeRow) -> WantingNotice:
    photos = [f"{photo.name}: {reason}" for photo in row.photos for reason in photo.reasons]
    return WantingNotice(place=row.place, number=row.number, status=row.status.value, reasons=[*row.reasons, *photos])
