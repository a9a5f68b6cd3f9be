"""What the pages of records are given: one frozen dataclass a template, nothing else is in scope there."""

from dataclasses import dataclass

from semblance.gallery.record_changes import FieldChange
from semblance.web.page.contexts import Frame, Option, PhotoView


@dataclass(frozen=True, slots=True)
class RecordRowView:
    """A record in the list."""

    href: str
    number: str
    name: str
    kind: str
    kind_key: str
    owner: str
    state: str
    grade: str
    until: str
    references: int


@dataclass(frozen=True, slots=True)
class WaitingView:
    """A photo that waits for one of its faces to be chosen."""

    name: str
    href: str
    faces: int


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """The records that are open to the reader, and the photos that wait for somebody."""

    frame: Frame
    rows: tuple[RecordRowView, ...]
    waiting: tuple[WaitingView, ...]
    total: int
    total_exact: bool
    kinds: tuple[Option, ...]
    states: tuple[Option, ...]
    text: str
    owner: str
    next_href: str | None
    first: bool
    filtered: bool
    may_create: bool


@dataclass(frozen=True, slots=True)
class RecordPhotoView:
    """A photo in a record with its outcome and facts."""

    photo: str
    view: PhotoView
    name: str
    status: str
    grade: str
    reasons: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    waits: bool


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under one heading."""

    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MoveView:
    """Something that the reader may do with a record as it stands; ``question`` is answered with yes or no."""

    name: str
    title: str
    explanation: str
    button: str
    danger: bool = False
    question: str | None = None
    yes: str = ""
    no: str = ""
    date: str | None = None


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record, its photos, and what may be done with it."""

    frame: Frame
    record: str
    number: str
    name: str
    kind: str
    kind_key: str
    purpose: str
    owner: str
    state: str
    grade: str
    blocked: str | None
    groups: tuple[FactGroup, ...]
    photos: tuple[RecordPhotoView, ...]
    moves: tuple[MoveView, ...]
    may_edit: bool
    may_enrol: bool
    may_export: bool
    today: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of the form; ``kind`` is line, text, list, date or choice, ``needed`` whether it must be filled in."""

    name: str
    label: str
    hint: str
    kind: str
    value: str
    needed: str
    options: tuple[Option, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields under one heading."""

    title: str
    hint: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class RecordFormPage:
    """Writing a record; ``record`` is empty for a new one, ``problems`` are those that belong to no field."""

    frame: Frame
    record: str
    number: str
    kind: str
    kind_key: str
    purpose: str
    kinds: tuple[Option, ...]
    version: int
    groups: tuple[FieldGroup, ...]
    problems: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a record: who changed what, when and why, all of it in words."""

    version: int
    when: str
    person: str
    authority: str
    reason: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """All versions of a record, newest first."""

    frame: Frame
    record: str
    number: str
    versions: tuple[VersionView, ...]


@dataclass(frozen=True, slots=True)
class ErasedPage:
    """The receipt of an erasure."""

    frame: Frame
    number: str
    facts: tuple[tuple[str, str], ...]
    entry: int
