"""How long a night of standing searches takes on a node: made-up people, templates and unknowns, in its own store."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np

from semblance.benchmarks.node import prepare_people
from semblance.cases.case import Case, CaseDraft, Category
from semblance.cases.standing_search import Coverage, StandingSearch, StandingState
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import (
    Circumstances,
    ImageSource,
    Personal,
    PublishAnswer,
    Record,
    RecordDraft,
    RecordVersion,
)
from semblance.node.node import Node
from semblance.search.standing_batch import Sought, StandingBatch
from semblance.store import calibrations, gallery, photos, probes, records, standing_searches, subjects
from semblance.store.calibrations import Calibration
from semblance.store.engine import Transaction
from semblance.store.new_references import NewRow, iterate_new
from semblance.store.photos import StoredPhoto
from semblance.store.probes import StoredProbe
from semblance.store.schema.gallery import face, gallery_change, gallery_state, photo, reference, subject
from semblance.store.schema.record import audience, record
from semblance.terms.ids import AuthorityCode, CalibrationId, PhotoId, ProbeId, StandingSearchId, digest_bytes, make_id
from semblance.terms.permission import Purpose
from semblance.terms.record import RecordKind, RecordState
from semblance.terms.samples import Box, FaceSample, Landmarks, PhotoFacts, Point, QualityAssessment, Template
from semblance.workflows.cases.cases import open_case
from semblance.workflows.demo.demo_accounts import act_as
from semblance.workflows.standing.plan_night import Planned, plan_night
from semblance.workflows.standing.run_standing import run_standing_searches
from semblance.workflows.standing.sought_face import add_templates

_BATCH: Final = 500
_BULK: Final = 20_000
_OWNER: Final = AuthorityCode("FR")
_PURPOSE: Final = Purpose.MISSING_PERSON
_WHO: Final = "synthetic"
_BASIS: Final = "none: a synthetic record for measurements"
_PHOTO: Final = b"no photo: synthetic"
_FACTS: Final = PhotoFacts(digest_bytes(_PHOTO), "image/jpeg", 100, 100, len(_PHOTO))
_MIDDLE: Final = Point(50.0, 50.0)
_FACE: Final = FaceSample(
    0, Box(20.0, 20.0, 80.0, 80.0), Landmarks(_MIDDLE, _MIDDLE, _MIDDLE, _MIDDLE, _MIDDLE), 0.99, QualityAssessment(())
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of processor time of this process."""

    seconds: float
    processor: float


@dataclass(frozen=True, slots=True)
class NightFigures:
    """What one night took, and its parts; nobody was found in it.

    ``planning`` is reading what is due, how much is new, the operating point, and the templates that are sought;
    ``reading`` is reading and opening the templates that are new, ``writing`` settling each search in a transaction of
    its own. All but writing was measured apart before the night, and read from the disk what the night found in memory:
    the parts do not add up to the night.
    """

    gallery: int
    new: int
    searches: int
    night: Cost
    planning: Cost
    reading: Cost
    comparing: Cost
    writing: Cost


def measure_night(
    node: Node, *, held: int, new: int, searches: int, on_progress: Callable[[str], None]
) -> NightFigures:
    """Fill a new node with people and unknowns, and run one night; the node is nobody's afterwards.

    No score of made-up templates is above the operating point, so that nothing is opened, extracted or examined. Of the
    ``held`` people a night counts rows and opens nothing, so that all but the first have rows with nothing in them.
    """
    passwords, chance = prepare_people(node), np.random.default_rng(7)
    _add_first(node, chance)
    _add_bulk(node, held - 1, on_progress)
    with node.store.reading() as tx:
        version = gallery.read_version(tx)
    case = _begin_searches(node, passwords, searches, version, chance, on_progress)
    _fill(node, held, new, chance, on_progress)
    _calibrate(node, held + new, case)
    on_progress("the night")
    planned: list[Planned] = []
    planning = _time(lambda: planned.extend(add_templates(node, plan_night(node, node.policy.read(), node.clock()))))
    rows: list[tuple[NewRow, ...]] = []
    reading = _time(lambda: rows.extend(_read_new(node, version)))
    comparing = _time(lambda: _compare(planned, rows))
    night = run_standing_searches(node)
    ran: list[int] = []
    # the first one is settled when everything was compared
    begun = _time(lambda: ran.append(next(night)))
    rest = _time(lambda: ran.extend(night))
    share = len(ran) / max(len(ran) - 1, 1)
    with node.store.reading() as tx:
        compared = {row.cost.comparisons for row in standing_searches.list_standing(tx, case.authority, limit=searches)}
    assert compared == {new}, f"the searches were compared with {compared} photos"
    return NightFigures(
        gallery=held,
        new=new,
        searches=sum(ran),
        night=Cost(begun.seconds + rest.seconds, begun.processor + rest.processor),
        planning=planning,
        reading=reading,
        comparing=comparing,
        writing=Cost(rest.seconds * share, rest.processor * share),
    )


def _time(work: Callable[[], object]) -> Cost:
    began, worked = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - began, time.process_time() - worked)


def _read_new(node: Node, after: int) -> Iterator[tuple[NewRow, ...]]:
    with node.store.reading() as tx:
        yield from iterate_new(tx, after=after, pack=node.extractor.digest)


def _compare(planned: Sequence[Planned], rows: Sequence[tuple[NewRow, ...]]) -> None:
    batch = StandingBatch(
        [
            Sought(search.template, search.threshold, search.after, search.allowed, {})
            for search in planned
            if search.template is not None
        ]
    )
    for part in rows:
        batch.compare([new.row for new in part], [new.version for new in part])
    batch.answer()


def _fill(node: Node, first: int, count: int, chance: np.random.Generator, on_progress: Callable[[str], None]) -> None:
    for start in range(first, first + count, _BATCH):
        with node.store.writing() as tx:
            for place in range(start, min(start + _BATCH, first + count)):
                _add_person(tx, node, place, _make_template(node, chance))
        on_progress(f"{start - first} of {count} people")


def _add_first(node: Node, chance: np.random.Generator) -> None:
    with node.store.writing() as tx:
        _add_person(tx, node, 0, _make_template(node, chance))


def _add_bulk(node: Node, count: int, on_progress: Callable[[str], None]) -> None:
    """Add people who are rows without contents: nothing of them is sealed, and nobody may open them."""
    for start in range(0, count, _BULK):
        ids = [make_id() for _ in range(start, min(start + _BULK, count))]
        with node.store.writing() as tx:
            version = gallery.read_version(tx)
            rows = _describe_rows(tx, node, ids, version)
            for table, values in rows:
                tx.connection.execute(table.insert(), values)
            tx.connection.execute(gallery_state.update().values(version=version + len(ids)))
        on_progress(f"{start} of {count} people without contents")


def _describe_rows(
    tx: Transaction, node: Node, ids: Sequence[str], version: int
) -> Iterator[tuple[Any, list[dict[str, object]]]]:
    now = node.clock()
    seen = {"created_at": now, "kind": RecordKind.BLUE, "state": RecordState.ACTIVE, "version": 1, "changed_at": now}
    law = {"audience_id": tx.connection.scalar(audience.select()), "retain_until": now.date() + timedelta(days=900)}
    # a node whose store names a key that nobody holds does not open
    key = tx.connection.scalar(subject.select().with_only_columns(subject.c.key_id))
    person = {"key_id": key, "owner": _OWNER, "created_at": now, "created_by": _WHO}
    yield subject, [{"id": made, "blind": made} | person for made in ids]
    yield record, [{"subject_id": made, "heading": b"", "sealed": b""} | law | seen for made in ids]
    shown = {"status": IntakeStatus.ENROLLED, "enrolled_at": now, "enrolled_by": _WHO, "sealed": b""}
    yield photo, [{"id": made, "subject_id": made, "blind": made} | shown for made in ids]
    yield face, [{"photo_id": made, "ordinal": 0, "sample": b""} for made in ids]
    pack = {"pack": node.extractor.digest, "metric": node.extractor.metric, "dimension": node.extractor.dimension}
    of = [(made, version + place) for place, made in enumerate(ids, start=1)]
    kept = {"ordinal": 0, "template": bytes(4 * node.extractor.dimension)} | pack
    yield reference, [{"id": made, "sequence": at, "subject_id": made, "photo_id": made} | kept for made, at in of]
    yield gallery_change, [{"version": at, "kind": gallery.ADDED, "reference_id": made} for made, at in of]


def _make_template(node: Node, chance: np.random.Generator) -> Template:
    row = chance.normal(size=node.extractor.dimension)
    values = (row / np.linalg.norm(row)).astype("<f4").tobytes()
    return Template(node.extractor.digest, node.extractor.metric, node.extractor.dimension, values)


def _add_person(tx: Transaction, node: Node, place: int, template: Template) -> None:
    now, number = node.clock(), f"{_OWNER}-2026-{place:07}"
    added = subjects.add_subject(tx, _OWNER, number, at=now, person=_WHO).id
    source = ImageSource(_OWNER, "synthetic", now.date())
    draft = RecordDraft(
        kind=RecordKind.BLUE,
        number=number,
        legal_basis=_BASIS,
        retain_until=now.date() + timedelta(days=900),
        personal=Personal(),
        circumstances=Circumstances(asked="Who is this person?"),
    )
    made = Record(
        subject=added,
        owner=_OWNER,
        draft=draft,
        state=RecordState.ACTIVE,
        version=1,
        created_at=now,
        created_by=_WHO,
        changed_at=now,
        answer=PublishAnswer(True, _WHO, _OWNER, now),
    )
    records.add_record(tx, RecordVersion(made, _WHO, _OWNER, now, _BASIS))
    shown = PhotoId(make_id())
    stored = StoredPhoto(
        id=shown,
        subject=added,
        owner=_OWNER,
        name="synthetic.jpg",
        status=IntakeStatus.ENROLLED,
        reasons=(),
        facts=_FACTS,
        captured=None,
        source=source,
        note="",
        enrolled_at=now,
        enrolled_by=_WHO,
        faces=(_FACE,),
        chosen=None,
    )
    photos.add_photo(tx, stored, _PHOTO)
    gallery.add_reference(tx, owner=added, photo=shown, ordinal=0, template=template, pack_name=node.extractor.name)


def _begin_searches(
    node: Node,
    passwords: Mapping[str, str],
    count: int,
    version: int,
    chance: np.random.Generator,
    on_progress: Callable[[str], None],
) -> Case:
    draft = CaseDraft("BENCHMARK-1", _PURPOSE, Category.MISSING, _BASIS, link="none")
    case = open_case(node, act_as(node, "alice", passwords), draft)
    policy = node.policy.read().digest
    for start in range(0, count, _BATCH):
        with node.store.writing() as tx:
            for _ in range(start, min(start + _BATCH, count)):
                _add_search(tx, node, case, Coverage(version, node.extractor.digest, policy), chance)
        on_progress(f"{start} of {count} standing searches")
    return case


def _add_search(tx: Transaction, node: Node, case: Case, covered: Coverage, chance: np.random.Generator) -> None:
    now = node.clock()
    until = now + timedelta(days=30)
    probe = StoredProbe(ProbeId(make_id()), case.id, "synthetic.jpg", _FACTS, (_FACE,), now, _WHO, until)
    probes.add_probe(tx, probe, _PHOTO)
    made = StandingSearch(
        id=StandingSearchId(make_id()),
        case=case.id,
        probe=probe.id,
        face=0,
        prepared=None,
        authority=case.authority,
        purpose=_PURPOSE,
        reason=_BASIS,
        asked_at=now,
        asked_by=_WHO,
        last_day=(now + timedelta(days=20)).date(),
        state=StandingState.RUNNING,
        covered=covered,
    )
    standing_searches.add_standing(tx, made)
    standing_searches.keep_template(tx, made, _make_template(node, chance))


def _calibrate(node: Node, people: int, case: Case) -> None:
    """Keep a calibration by which no made-up template is like another."""
    now = node.clock()
    with node.store.writing() as tx:
        made = Calibration(
            id=CalibrationId(make_id()),
            started_at=now,
            finished_at=now,
            person=_WHO,
            authority=case.authority,
            pack=node.extractor.digest,
            purpose=_PURPOSE,
            gallery_version=gallery.read_version(tx),
            subjects=people,
            references=people,
            asked=100,
            seed=1,
            scores=np.full(100, 0.99, dtype="<f4").tobytes(),
        )
        calibrations.add_calibration(tx, made)
