"""INTERPOL notices, handed in as JSON with their images: checked to the last before the first is taken."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from semblance.errors import IntakeError, NoticesInvalid, RecordInvalid
from semblance.exchange.interpol_notices.draft import read_notice
from semblance.exchange.interpol_notices.files import NoticeFile, NoticeFiles, open_notice_files
from semblance.exchange.interpol_notices.parsing import JsonFault, iterate_objects
from semblance.gallery.record import RecordDraft, RecordTerms
from semblance.gallery.record_faults import Fault, find_terms_faults
from semblance.messages.message import Message, escape_unprintable
from semblance.terms.record import RecordKind

_NOTED: Final = 20


@dataclass(frozen=True, slots=True)
class NoticeImage:
    """One image of a notice; ``name`` is its path, ``load`` reads it and raises a kind of IntakeError."""

    name: str
    size: int
    load: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that can be imported; ``place`` says where it stands: ``red/2009-2344.json``, ``all.json[17]``."""

    place: str
    draft: RecordDraft
    images: tuple[NoticeImage, ...]

    @property
    def size(self) -> int:
        """Return how many bytes its images have."""
        return sum(image.size for image in self.images)


@dataclass(frozen=True, slots=True)
class FaultyNotice:
    """A notice, or a whole file of them, that cannot be imported, and every reason why.

    ``lacks_images``: nothing is wrong with it but that images are not there.
    """

    place: str
    number: str
    problems: tuple[Message, ...]
    lacks_images: bool = False


class Notices:
    """All notices of one file, folder or archive. They are read anew each time that they are iterated over.

    ``total`` counts them with the faulty ones; ``notes`` say what was left out and passed over.
    """

    def __init__(self, files: NoticeFiles, terms: RecordTerms, kind: RecordKind | None, today: date) -> None:
        self._files, self._terms, self._kind, self._today = files, terms, kind, today
        self.total = 0
        self.notes: tuple[Message, ...] = ()

    def __iter__(self) -> Iterator[Notice | FaultyNotice]:
        return self._iterate(_Census())

    def check(self, *, skip_faulty: bool = False, on_checked: Callable[[int], None] | None = None) -> None:
        """Read every notice once, and fill in ``total`` and ``notes``; ``on_checked`` hears how many were read.

        Raises NoticesInvalid with every problem of every notice; with ``skip_faulty`` only where all are faulty.
        An image that is not there is no reason: that notice is passed over when it comes.
        """
        census, problems, usable = _Census(), list[Message](), 0
        for notice in self._iterate(census):
            if on_checked is not None:
                on_checked(census.total)
            if isinstance(notice, FaultyNotice) and not notice.lacks_images:
                problems += [
                    Message("operator.notices.problem", "{place}: {problem}", place=notice.place, problem=problem)
                    for problem in notice.problems
                ]
            else:
                usable += 1
        if not census.total:
            problems = [Message("operator.notices.none", "there is no notice: a file of them ends in .json or .jsonl")]
        if problems and not usable:
            raise NoticesInvalid(
                "operator.notices.all-faulty", "Nothing was imported: {problems:;}.", problems=problems
            )
        if problems and not skip_faulty:
            raise NoticesInvalid(
                "operator.notices.some-faulty",
                "Nothing was imported: {problems:;}. Correct them, or import the others with --skip-faulty.",
                problems=problems,
            )
        self.total = census.total
        self.notes = (*self._files.notes, *census.describe(self._files.picture_count))

    def _iterate(self, census: "_Census") -> Iterator[Notice | FaultyNotice]:
        for file in self._files.documents:
            try:
                for found in iterate_objects(self._files.iterate_bytes(file)):
                    census.total += 1
                    place = file.name if found.place is None else f"{file.name}[{found.place}]"
                    if isinstance(found, JsonFault):
                        yield FaultyNotice(place, "", (found.fault,))
                        continue
                    read = read_notice(found.content, terms=self._terms, kind=self._kind, today=self._today)
                    census.note(place, read.unknown, read.forbidden)
                    number = escape_unprintable(read.number)
                    if read.draft is None:
                        yield FaultyNotice(place, number, read.problems)
                        continue
                    yield from self._find_images(file, place, read.draft, read.pictures, census)
            except IntakeError as error:
                census.total += 1
                yield FaultyNotice(file.name, "", (error.message,))

    def _find_images(
        self, file: NoticeFile, place: str, draft: RecordDraft, names: tuple[str, ...], census: "_Census"
    ) -> Iterator[Notice | FaultyNotice]:
        earlier, same = census.compare(place, draft, names)
        if earlier is not None:
            if not same:
                fault = Fault(
                    "entity_id",
                    "operator.notices.contradicts",
                    "{number!r} stands in {place}, too, and says something else there",
                    number=draft.number,
                    place=earlier,
                )
                yield FaultyNotice(place, draft.number, (fault.message,))
            return
        found = [self._files.find_picture(file, name) for name in names]
        missing = [Fault("_embedded.images", picture).message for picture in found if isinstance(picture, Message)]
        images = [picture for picture in dict.fromkeys(found) if isinstance(picture, NoticeFile)]
        census.used.update(image.name for image in images)
        if missing:
            yield FaultyNotice(place, draft.number, tuple(missing), lacks_images=True)
            return
        read = self._files.read_picture
        yield Notice(place, draft, tuple(NoticeImage(image.name, image.size, partial(read, image)) for image in images))


@contextmanager
def open_notices(
    path: Path,
    *,
    terms: RecordTerms,
    kind: RecordKind | None = None,
    today: date,
    skip_faulty: bool = False,
    on_checked: Callable[[int], None] | None = None,
) -> Iterator[Notices]:
    """Open a file of notices, a folder or a zip file for the length of a ``with`` block, and check every notice.

    ``terms`` say once what no notice says: legal basis, last day, restriction, source of the images; ``kind`` is what
    those are that do not say so themselves. Nothing is fetched, and nothing unpacked to disk. ``on_checked`` hears how
    many were checked so far. Raises RecordInvalid where the terms cannot be taken, UnreadableFile, ArchiveUnsafe, or
    NoticesInvalid with every problem of every notice, by file and field; with ``skip_faulty`` the others go on.
    """
    faults = find_terms_faults(terms, today=today)
    if faults:
        raise RecordInvalid(
            "operator.notices.bad-terms",
            "Nothing can be imported like that: {problems:;}.",
            problems=[fault.message for fault in faults],
        )
    with open_notice_files(path) as files:
        notices = Notices(files, terms, kind, today)
        notices.check(skip_faulty=skip_faulty, on_checked=on_checked)
        yield notices


class _Census:
    """What was met with in one pass: how many, which numbers, and what was left out."""

    def __init__(self) -> None:
        self.total = 0
        self.used: set[str] = set()
        self._numbers: dict[str, tuple[str, bytes]] = {}
        self._twice = 0
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}

    def compare(self, place: str, draft: RecordDraft, images: tuple[str, ...]) -> tuple[str | None, bool]:
        """Return where the number stood before, if it did, and whether it said the same there."""
        digest = hashlib.sha256(repr((draft, images)).encode("utf-8", "backslashreplace")).digest()[:16]
        earlier = self._numbers.setdefault(draft.number, (place, digest))
        if earlier[0] == place:
            return None, True
        self._twice += earlier[1] == digest
        return earlier[0], earlier[1] == digest

    def note(self, place: str, unknown: tuple[str, ...], forbidden: tuple[str, ...]) -> None:
        for what, names in (("unknown", unknown), ("forbidden", forbidden)):
            for name in names:
                key = (what, escape_unprintable(name[:100]))
                if key in self._first or len(self._first) < 1000:
                    self._first.setdefault(key, place)
                    self._left_out[key] += 1

    def describe(self, pictures: int) -> Iterator[Message]:
        for what, why in _LEFT_OUT.items():
            fields = [(name, count) for (kind, name), count in self._left_out.most_common() if kind == what]
            for name, count in fields[:_NOTED]:
                place = self._first[what, name]
                yield (
                    Message(
                        "operator.notices.fields-left-out",
                        "{name} in {place} and {n} more: {why}",
                        name=name,
                        place=place,
                        n=count - 1,
                        why=why,
                    )
                    if count > 1
                    else Message(
                        "operator.notices.field-left-out", "{name} in {place}: {why}", name=name, place=place, why=why
                    )
                )
            if len(fields) > _NOTED:
                yield Message(
                    "operator.notices.other-fields", "{n} other fields: {why}", n=len(fields) - _NOTED, why=why
                )
        if self._twice:
            yield Message(
                "operator.notices.twice",
                "{n} notices stand there more than once, word for word, and are taken once",
                n=self._twice,
            )
        if len(self.used) < pictures:
            yield Message(
                "operator.notices.unused-files",
                "{n} files are named by no notice and were passed over",
                n=pictures - len(self.used),
            )


_LEFT_OUT: Final = {
    "forbidden": Message("operator.notices.forbidden", "no record says this of anybody: it was dropped"),
    "unknown": Message("operator.notices.unknown", "there is no such field: it was left out"),
}
