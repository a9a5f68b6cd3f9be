"""Measures missing against found on made-up sets: pairs found, pairs offered, and the work beside comparing by hand.

The faces are those of evaluation sets; everything else that is written of somebody is made up, alike on both sides of a
true pair.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from semblance.benchmarks.timing import Progress
from semblance.cases.reconciliation.compare import compare
from semblance.cases.reconciliation.side import Side, Verdict
from semblance.errors import IntakeError, UnreadableFile
from semblance.exchange.evaluation_set import read_evaluation_set
from semblance.faces.extractor import Extractor
from semblance.search.index import IndexRow
from semblance.search.pairs import RankedPair, rank_pairs
from semblance.terms.description import Description, HairColour, Tooth, ToothState
from semblance.terms.ids import AuthorityCode, ReferenceId, SubjectId
from semblance.terms.record import RecordFacts, RecordKind, RecordState, Sex
from semblance.terms.samples import Template


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    """One record of a made-up set: whose face, its template (None where none could be made), and what is written."""

    face: str
    template: Template | None
    side: Side


@dataclass(frozen=True, slots=True)
class OfferFigures:
    """What is offered where at most ``most`` pairs of a record are, each way.

    ``found`` counts true pairs among the ``offered``; ``excluded`` counts false pairs, and ``excluded_true`` true ones,
    of which a field excludes: that is shown after the opinion on the faces.
    """

    most: int
    offered: int
    found: int
    excluded: int
    excluded_true: int

    @property
    def work(self) -> float:
        """Return the pairs that people look at for each true one that is found."""
        return self.offered / self.found if self.found else float("inf")


@dataclass(frozen=True, slots=True)
class ReconciliationFigures:
    """The figures of a run; ``by_hand`` is every missing person beside everybody who was found."""

    missing: int
    found: int
    true_pairs: int
    unusable: int
    by_hand: int
    offers: tuple[OfferFigures, ...]


def measure_reconciliation(
    missing: Sequence[MadeUpPerson], found: Sequence[MadeUpPerson], limits: Sequence[int]
) -> ReconciliationFigures:
    """Return what is offered of two sets under each limit."""
    rows = [
        list(_make_rows(people, kind)) for people, kind in ((missing, RecordKind.YELLOW), (found, RecordKind.BLACK))
    ]
    sides = {f"{kind}/{person.face}": person.side for kind, people in _name_sets(missing, found) for person in people}
    faces = {person.face for person in missing} & {person.face for person in found}
    offers = []
    for most in limits:
        pairs = rank_pairs(*rows, most=most, may_pair=lambda _one, _other: True)
        excluding = [pair for pair in pairs if _excludes(pair, sides)]
        true = [pair for pair in pairs if _is_true(pair)]
        excluded_true = sum(map(_is_true, excluding))
        offers.append(OfferFigures(most, len(pairs), len(true), len(excluding) - excluded_true, excluded_true))
    unusable = sum(person.template is None for person in (*missing, *found))
    return ReconciliationFigures(
        len(missing), len(found), len(faces), unusable, len(missing) * len(found), tuple(offers)
    )


def make_sets(
    extractor: Extractor,
    folders: Sequence[Path],
    *,
    missing: int,
    found: int,
    true_pairs: int,
    seed: int,
    on_progress: Progress | None = None,
) -> tuple[list[MadeUpPerson], list[MadeUpPerson]]:
    """Return two made-up sets with so many people in both, by two photos each; everybody else is in one of them only.

    Raises UnreadableFile where the folders hold too few people.
    """
    chance = random.Random(seed)  # noqa: S311 - made-up people, not secrets
    twice, once = _list_people(folders)
    chance.shuffle(twice)
    single = [(name, paths[0]) for name, paths in twice[true_pairs:]] + once
    chance.shuffle(single)
    if len(twice) < true_pairs or len(single) < missing + found - 2 * true_pairs:
        raise UnreadableFile(
            "operator.benchmarks.too-few-people", "The folders hold too few people; name more evaluation sets."
        )
    chosen: list[tuple[bool, str, Path, Side]] = []
    for name, paths in twice[:true_pairs]:
        before = make_up_missing(chance)
        chosen += [(True, name, paths[0], before), (False, name, paths[1], make_up_found(chance, before))]
    for place, (name, path) in enumerate(single[: missing + found - 2 * true_pairs]):
        lost = place < missing - true_pairs
        side = make_up_missing(chance)
        chosen.append((lost, name, path, side if lost else make_up_found(chance, side)))
    made: tuple[list[MadeUpPerson], list[MadeUpPerson]] = ([], [])
    for done, (lost, name, path, side) in enumerate(chosen, start=1):
        made[not lost].append(MadeUpPerson(name, _extract(extractor, path), side))
        if on_progress is not None:
            on_progress("templates", done, len(chosen))
    return made


def _list_people(folders: Sequence[Path]) -> tuple[list[tuple[str, tuple[Path, Path]]], list[tuple[str, Path]]]:
    """Return people of whom there are a reference and a probe, and those of whom there is one photo."""
    twice, once = [], []
    for folder in folders:
        photos = read_evaluation_set(folder)
        references = {photo.subject: folder / photo.path for photo in reversed(photos.references)}
        probes = {photo.subject: folder / photo.path for photo in reversed(photos.probes)}
        for subject in sorted(references.keys() | probes.keys()):
            name = f"{folder.name}/{subject}"
            if subject in references and subject in probes:
                twice.append((name, (references[subject], probes[subject])))
            else:
                once.append((name, references.get(subject) or probes[subject]))
    return twice, once


def _extract(extractor: Extractor, path: Path) -> Template | None:
    try:
        return extractor.extract(path.read_bytes(), name=path.name, choose="largest").template
    except IntakeError:
        return None


def make_up_missing(chance: random.Random) -> Side:
    """Return what is written of a missing person; some fields are left out, as people leave them out."""
    age, height = chance.randint(18, 80), chance.randint(150, 195)
    seen = date(2024, 1, 1) + timedelta(days=chance.randrange(700))
    born = f"{seen.year - age}-{chance.randint(1, 12):02}"
    gone = [Tooth(number, ToothState.MISSING) for number in chance.sample([16, 26, 36, 46, 14, 24], 2)]
    described = Description(
        shortest=height,
        tallest=height,
        hair=(chance.choice(list(HairColour)),),
        teeth=tuple(gone) if chance.random() < 0.3 else (),
    )
    sex = chance.choice([Sex.FEMALE, Sex.MALE]) if chance.random() < 0.95 else None
    return Side(seen.isoformat(), "Lyon", "FR", sex, (born,), description=described)


def make_up_found(chance: random.Random, before: Side) -> Side:
    """Return what is written of the same person when found: estimated spans, the same gaps in the teeth, and more."""
    assert before.event_date is not None
    finding = date.fromisoformat(before.event_date) + timedelta(days=chance.randrange(1, 300))
    age = finding.year - int(before.birth_dates[0][:4])
    height = (before.description.shortest or 170) + chance.randint(-3, 3)
    teeth = (*before.description.teeth, Tooth(11, ToothState.FILLED))
    described = replace(
        before.description,
        youngest=max(0, age - chance.randint(2, 8)),
        oldest=age + chance.randint(2, 8),
        shortest=height - 4,
        tallest=height + 4,
        teeth=teeth if chance.random() < 0.5 else (),
    )
    return Side(finding.isoformat(), None, "FR", before.sex, (), description=described)


def _name_sets(
    missing: Sequence[MadeUpPerson], found: Sequence[MadeUpPerson]
) -> tuple[tuple[RecordKind, Sequence[MadeUpPerson]], ...]:
    return (RecordKind.YELLOW, missing), (RecordKind.BLACK, found)


def _make_rows(people: Sequence[MadeUpPerson], kind: RecordKind) -> Iterator[IndexRow]:
    facts = RecordFacts(AuthorityCode("FR"), RecordState.ACTIVE, kind=kind, retain_until=date.max)
    for sequence, person in enumerate(people, start=1):
        if person.template is not None:
            name = f"{kind}/{person.face}"
            yield IndexRow(ReferenceId(name), SubjectId(name), sequence, person.template, facts)


def _is_true(pair: RankedPair) -> bool:
    return pair.missing.subject.partition("/")[2] == pair.found.subject.partition("/")[2]


def _excludes(pair: RankedPair, sides: dict[str, Side]) -> bool:
    lines = compare(sides[pair.missing.subject], sides[pair.found.subject])
    return any(line.verdict is Verdict.EXCLUDES for line in lines)
