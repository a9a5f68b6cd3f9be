"""INTERPOL notices, handed in as JSON with their images: checked to the last before the first is taken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from semblance.errors import IntakeError, NoticesInvalid, RecordInvalid
from semblance.exchange.files import printable_name
from semblance.exchange.interpol_notices.census import Census
from semblance.exchange.interpol_notices.cleaning import drop_invisible
from semblance.exchange.interpol_notices.draft import read_notice
from semblance.exchange.interpol_notices.fields import Picture
from semblance.exchange.interpol_notices.files import NoticeFile, NoticeFiles, open_notice_files
from semblance.exchange.interpol_notices.gathered import Gathered, find_link_fault
from semblance.exchange.interpol_notices.parsing import JsonFault, iterate_objects
from semblance.exchange.interpol_notices.shapes import Part, Shape, tell_apart
from semblance.gallery.record import RecordDraft, RecordTerms
from semblance.gallery.record_faults import Fault, find_terms_faults
from semblance.messages.message import Message, escape_unprintable
from semblance.terms.record import RecordKind


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

    What the service answered in pieces is put together. ``total`` counts the notices with the faulty ones; ``notes``
    say what was left out and passed over.
    """

    def __init__(self, files: NoticeFiles, terms: RecordTerms, kind: RecordKind | None, today: date) -> None:
        self._files, self._terms, self._kind, self._today = files, terms, kind, today
        self._gathered = Gathered()
        self.total = 0
        self.notes: tuple[Message, ...] = ()

    def __iter__(self) -> Iterator[Notice | FaultyNotice]:
        return self._iterate(Census())

    def check(self, *, all_or_nothing: bool = False, on_checked: Callable[[int], None] | None = None) -> None:
        """Read every notice once, and fill in ``total`` and ``notes``; ``on_checked`` hears how many were read.

        Raises NoticesInvalid with every problem of every notice where all are faulty; with ``all_or_nothing`` where any
        is. An image that is not there is no reason: that notice is passed over when it comes.
        """
        for found in self._iterate_parts():
            if isinstance(found, _PlacedPart):
                self._gathered.add(found.part, found.place)
        census, problems, usable = Census(), list[Message](), 0
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
        if problems and all_or_nothing:
            raise NoticesInvalid(
                "operator.notices.not-all-sound",
                "Nothing was imported: {problems:;}. Correct them, or import the others without --all-or-nothing.",
                problems=problems,
            )
        self.total = census.total
        self.notes = (*self._files.notes, *census.describe(self._files.picture_count))

    def _iterate(self, census: Census) -> Iterator[Notice | FaultyNotice]:
        for found in self._iterate_parts():
            if isinstance(found, FaultyNotice):
                census.total += 1
                yield found
                continue
            census.note(found.place, invisible=found.invisible)
            if found.part.shape is Shape.NOTICE:
                census.total += 1
                yield from self._read(found, census)
                continue
            fault = self._gathered.find_fault(found.part, found.number)
            if fault is None and found.part.shape is Shape.IMAGES:
                fault = find_link_fault(found.part)
            if fault is not None:
                census.total += 1
                yield FaultyNotice(found.place, found.number, (fault,))

    def _iterate_parts(self) -> Iterator["_PlacedPart | FaultyNotice"]:
        """Give what every document holds, in their order; what cannot be read at all as faulty."""
        for file in self._files.documents:
            try:
                for found in iterate_objects(self._files.iterate_bytes(file)):
                    place = file.name if found.place is None else f"{file.name}[{found.place}]"
                    if isinstance(found, JsonFault):
                        yield FaultyNotice(place, "", (found.fault,))
                        continue
                    content, invisible = drop_invisible(found.content)
                    for part in tell_apart(content):
                        yield _PlacedPart(file, place + part.place, part, invisible)
                        invisible = ()
            except IntakeError as error:
                yield FaultyNotice(file.name, "", (error.message,))

    def _read(self, found: "_PlacedPart", census: Census) -> Iterator[Notice | FaultyNotice]:
        part, place = found.part, found.place
        read = read_notice(part.content, terms=self._terms, kind=self._kind, today=self._today)
        census.note(place, unknown=read.unknown, forbidden=read.forbidden)
        if contradiction := self._gathered.find_contradiction(part):
            census.total += 1
            yield FaultyNotice(contradiction[0], escape_unprintable(read.number), (contradiction[1],))
        if read.draft is None:
            yield FaultyNotice(place, escape_unprintable(read.number), read.problems)
            return
        pictures = self._gathered.choose_pictures(part.key, read.listed, read.thumbnail)
        yield from self._find_images(found, read.draft, pictures, census)

    def _find_images(
        self, placed: "_PlacedPart", draft: RecordDraft, pictures: tuple[Picture, ...], census: Census
    ) -> Iterator[Notice | FaultyNotice]:
        place = placed.place
        earlier, same = census.compare(place, draft, tuple(picture.name for picture in pictures))
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
        images: dict[str, NoticeImage] = {}
        missing: list[Message] = []
        for picture in pictures:
            found = self._find_image(placed, picture)
            if isinstance(found, Message):
                missing.append(Fault("_embedded.images", found).message)
            else:
                images[found.name] = found
        census.used.update(images)
        if missing:
            yield FaultyNotice(place, draft.number, tuple(missing), lacks_images=True)
            return
        yield Notice(place, draft, tuple(images.values()))

    def _find_image(self, placed: "_PlacedPart", picture: Picture) -> NoticeImage | Message:
        if picture.data is not None:
            name = f"{placed.place}/{printable_name(picture.name)}"
            return NoticeImage(name, len(picture.data), partial(bytes, picture.data))
        found = self._files.find_picture(placed.file, picture.name)
        if isinstance(found, Message):
            return found
        return NoticeImage(found.name, found.size, partial(self._files.read_picture, found))


@dataclass(frozen=True, slots=True)
class _PlacedPart:
    """A part, the document that it stands in and where; ``invisible`` are the fields that held what nobody sees."""

    file: NoticeFile
    place: str
    part: Part
    invisible: tuple[str, ...]

    @property
    def number(self) -> str:
        number = self.part.content.get("entity_id")
        return escape_unprintable(number if isinstance(number, str) else self.part.key)


@contextmanager
def open_notices(
    path: Path,
    *,
    terms: RecordTerms,
    kind: RecordKind | None = None,
    today: date,
    all_or_nothing: bool = False,
    on_checked: Callable[[int], None] | None = None,
) -> Iterator[Notices]:
    """Open a file of notices, a folder or a zip file for the length of a ``with`` block, and check every notice.

    ``terms`` say once what no notice says: legal basis, last day, restriction, source of the images; ``kind`` is what
    those are that do not say so themselves. Nothing is fetched, and nothing unpacked to disk. ``on_checked`` hears how
    many were checked so far. Faulty ones stop no other. Raises RecordInvalid where the terms cannot be taken,
    UnreadableFile, ArchiveUnsafe, and, where all are faulty or with ``all_or_nothing`` any, NoticesInvalid with every
    problem of every notice, by file and field.
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
        notices.check(all_or_nothing=all_or_nothing, on_checked=on_checked)
        yield notices
