"""The embedded index answers as brute force does: the same subjects, the same order, the same scores."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semblance.errors import PackConflict
from semblance.search.embedded.index import EmbeddedIndex
from semblance.search.embedded.planes import Planes
from semblance.search.embedded.quantizer import encode_rows, learn_quantizer
from semblance.search.index import Found, IndexRow, Question, Scored, TemplateIndex
from semblance.search.templates import score_matrix
from semblance.terms.ids import AuthorityCode, PackDigest, ReferenceId, SubjectId
from semblance.terms.record import UNRESTRICTED, RecordFacts, RecordKind, RecordState, Restriction, RestrictionMode
from semblance.terms.samples import Metric, Template
from semblance.terms.search import CANDIDATE_CAP

PACK = PackDigest("a" * 64)
PATCHED = [HealthCheck.function_scoped_fixture]
"""The fixture below sets the same for every example of a test."""


@pytest.fixture(params=["as it is", "in small pieces"], autouse=True)
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small galleries take the way of large ones, too: many blocks, a sample, a bar, and stored rows in parts."""
    if request.param == "in small pieces":
        for name, value in (
            ("answering._SAMPLE", 32),
            ("answering._LEAST", 8),
            ("index._AT_ONCE", 16),
            ("answering._AT_ONCE", 16),
            ("batch._LONGEST", 16),
            ("planes._LOOKED_AT", 48),
            ("planes._RUN", 5),
        ):
            monkeypatch.setattr(f"semblance.search.embedded.{name}", value)
        monkeypatch.setattr("semblance.search.embedded.batch._SAMPLE", 32)
        for module in ("planes", "stored_rows"):
            monkeypatch.setattr(f"semblance.search.embedded.{module}.ROWS_PER_BLOCK", 64)


def template(values: object, metric: Metric = Metric.COSINE, pack: PackDigest = PACK) -> Template:
    row = np.asarray(values, dtype="<f4")
    return Template(pack, metric, len(row), row.tobytes())


def brute_force(rows: Sequence[IndexRow], probe: Template, limit: int) -> tuple[Scored, ...]:
    if not rows:
        return ()
    scores = score_matrix([probe], [row.template for row in rows])[0]
    ordered = sorted(zip(rows, scores, strict=True), key=lambda pair: (-float(pair[1]), pair[0].sequence))
    best: dict[SubjectId, Scored] = {}
    for row, score in ordered:
        best.setdefault(row.subject, Scored(row.subject, row.reference, row.sequence, float(score)))
    return tuple(best.values())[: min(limit, CANDIDATE_CAP)]


def make_facts(subject: int) -> RecordFacts:
    """Return the facts of one of seven kinds of record, the same for all references of a subject."""
    kind = (RecordKind.RED, RecordKind.YELLOW)[subject % 2]
    hidden = Restriction(RestrictionMode.EXCEPT, frozenset({AuthorityCode("FR")}))
    state = RecordState.BLOCKED if subject % 7 == 3 else RecordState.ACTIVE
    until = date(2029, 1, 1 + subject % 3)
    rule = hidden if subject % 5 == 2 else UNRESTRICTED
    return RecordFacts(AuthorityCode("DE"), state, rule, kind=kind, retain_until=until)


def make_rows(values: np.ndarray, subjects: Sequence[int], metric: Metric) -> list[IndexRow]:
    return [
        IndexRow(
            ReferenceId(f"{n:032x}"),
            SubjectId(f"{1 << 64 | subject:032x}"),
            n + 1,
            template(row, metric),
            make_facts(subject),
        )
        for n, (row, subject) in enumerate(zip(values, subjects, strict=True))
    ]


def everything(_facts: RecordFacts) -> bool:
    return True


def for_france(facts: RecordFacts) -> bool:
    return facts.state is RecordState.ACTIVE and facts.is_visible_to(AuthorityCode("FR"))


@st.composite
def galleries(draw: st.DrawFn) -> tuple[list[IndexRow], Template]:
    """Galleries full of ties, near ties, duplicates and subjects with many references."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    metric = draw(st.sampled_from(list(Metric)))
    count, dimension = draw(st.integers(0, 400)), draw(st.sampled_from([1, 3, 128]))
    distinct = draw(st.sampled_from([1, 2, 10, 1000]))
    pool = rng.normal(size=(distinct, dimension))
    if draw(st.booleans()):
        # differences that float32 addition cannot tell apart, but exact addition can
        pool = pool[:1] + rng.normal(size=pool.shape) * draw(st.sampled_from([1e-7, 1e-6]))
    if draw(st.booleans()):
        # few directions that matter, so that most are not in the coarse plane; and all templates far from zero
        pool = pool * 0.9 ** np.arange(dimension) + draw(st.sampled_from([0.2, 1e3, 1e6]))
    values = pool[rng.integers(0, distinct, size=count)].astype(np.float32)
    subjects = rng.integers(0, draw(st.sampled_from([1, 5, 60, 400])), size=count).tolist()
    probe = template(pool[0] if draw(st.booleans()) else rng.normal(size=dimension), metric)
    return make_rows(values, subjects, metric), probe


def find(index: TemplateIndex, probe: Template, **options: Any) -> Found:
    """Search with one probe, and with the same one several times in one pass."""
    (found,) = index.search([Question(probe, **options)])
    for many in (3, 13):
        assert index.search([Question(probe, **options)] * many) == (found,) * many
    return found


@given(galleries(), st.integers(1, 60))
@settings(max_examples=150, deadline=None, suppress_health_check=PATCHED)
def test_candidates_and_order_are_those_of_brute_force(case: tuple[list[IndexRow], Template], limit: int) -> None:
    rows, probe = case
    index = EmbeddedIndex()
    index.add(rows)
    assert find(index, probe, limit=limit, allowed=everything).scored == brute_force(rows, probe, limit)


@given(galleries(), st.integers(2, 16), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None, suppress_health_check=PATCHED)
def test_searches_that_share_a_pass_do_not_know_of_each_other(
    case: tuple[list[IndexRow], Template], many: int, seed: int
) -> None:
    rows, probe = case
    rng = np.random.default_rng(seed)
    index = EmbeddedIndex()
    index.add(rows)
    owners = sorted({row.subject for row in rows})
    lets = [everything, lambda facts: facts.kind is RecordKind.RED, lambda _: False]
    among = [None, set(owners[::2]), set(owners[:1]), {SubjectId("e" * 32)}]
    questions = [
        Question(
            probe if rng.random() < 0.5 else template(rng.normal(size=probe.dimension), probe.metric),
            int(rng.integers(1, 40)),
            lets[rng.integers(len(lets))],
            among[rng.integers(len(among))],
        )
        for _ in range(many)
    ]
    together = index.search(questions)
    for question, found in zip(questions, together, strict=True):
        assert index.search([question]) == (found,)
        held = [
            row
            for row in rows
            if question.allowed(row.facts) and (question.among is None or row.subject in question.among)
        ]
        assert found.scored == brute_force(held, question.probe, question.limit)
        assert (found.subjects, found.references) == (len({row.subject for row in held}), len(held))


@given(galleries(), st.randoms(use_true_random=False))
@settings(max_examples=75, deadline=None, suppress_health_check=PATCHED)
def test_the_answer_depends_on_what_is_held_and_not_on_how_it_came_there(
    case: tuple[list[IndexRow], Template], random: Random
) -> None:
    rows, probe = case
    index = EmbeddedIndex()
    index.add(rows)
    gone = {row.reference for row in rows if random.random() < 0.5}
    back = [row for row in rows if row.reference in gone and random.random() < 0.5]
    index.remove(gone)
    random.shuffle(back)
    for row in back:
        index.add([row])
    held = [row for row in rows if row.reference not in gone or row in back]
    assert index.size == len(held)
    assert index.subjects == len({row.subject for row in held})
    assert find(index, probe, limit=50, allowed=everything).scored == brute_force(held, probe, 50)


@given(galleries(), st.integers(1, 60))
@settings(max_examples=150, deadline=None, suppress_health_check=PATCHED)
def test_what_is_not_allowed_leaves_no_trace_in_the_answer(case: tuple[list[IndexRow], Template], limit: int) -> None:
    rows, probe = case
    whole, open_only = EmbeddedIndex(), EmbeddedIndex()
    whole.add(rows)
    open_only.add([row for row in rows if for_france(row.facts)])
    found = find(whole, probe, limit=limit, allowed=for_france)
    assert found == find(open_only, probe, limit=limit, allowed=everything)
    assert (found.subjects, found.references) == (open_only.subjects, open_only.size)


@given(galleries(), st.integers(1, 60), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None, suppress_health_check=PATCHED)
def test_a_search_among_some_subjects_answers_as_if_nobody_else_were_held(
    case: tuple[list[IndexRow], Template], limit: int, random: Random
) -> None:
    rows, probe = case
    whole, narrowed = EmbeddedIndex(), EmbeddedIndex()
    whole.add(rows)
    among = {row.subject for row in rows if random.random() < 0.5}
    narrowed.add([row for row in rows if row.subject in among])
    found = find(whole, probe, limit=limit, allowed=for_france, among={*among, SubjectId("never held")})
    assert found == find(narrowed, probe, limit=limit, allowed=for_france)
    assert find(whole, probe, limit=limit, allowed=for_france, among=()).scored == ()


def test_what_is_overwritten_during_a_search_is_in_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(300, 8)).astype(np.float32)
    rows = make_rows(values, list(range(300)), Metric.COSINE)
    index = EmbeddedIndex()
    index.add(rows)
    probe = template(values[7])
    gone = [rows[7].reference, rows[8].reference]
    passes: list[int] = []
    multiply = Planes.multiply

    def overwrite_once(planes: Planes, probes: Any) -> Any:
        products = multiply(planes, probes)
        passes.append(len(products))
        if len(passes) == 1:
            index.overwrite(gone)
            assert not planes.read_coarse(np.array([7, 8])).any()
            assert not planes.read_rest(np.array([7, 8])).any()
        return products

    monkeypatch.setattr(Planes, "multiply", overwrite_once)
    (found,) = index.search([Question(probe, 20, everything)])
    assert len(passes) == 2
    assert found.scored == brute_force([row for row in rows if row.reference not in gone], probe, 20)
    assert (found.references, index.size) == (298, 298)
    index.remove(gone)
    assert index.size == 298


@given(galleries(), st.randoms(use_true_random=False))
@settings(max_examples=75, deadline=None, suppress_health_check=PATCHED)
def test_a_record_that_changes_counts_as_it_stands_now(case: tuple[list[IndexRow], Template], random: Random) -> None:
    rows, probe = case
    index = EmbeddedIndex()
    index.add(rows)
    find(index, probe, limit=50, allowed=for_france)
    blocked = {row.subject for row in rows if random.random() < 0.3}
    now = [
        replace(row, facts=replace(row.facts, state=RecordState.BLOCKED)) if row.subject in blocked else row
        for row in rows
    ]
    changed = {row.reference: row.facts for row in now if row.subject in blocked}
    index.alter({**changed, ReferenceId("never held"): make_facts(0)})
    anew = EmbeddedIndex()
    anew.add(now)
    assert find(index, probe, limit=50, allowed=for_france) == find(anew, probe, limit=50, allowed=for_france)


def test_each_kind_of_record_is_asked_about_once() -> None:
    rng = np.random.default_rng(3)
    index = EmbeddedIndex()
    index.add(make_rows(rng.normal(size=(5000, 8)), range(5000), Metric.COSINE))
    asked: list[RecordFacts] = []

    def lets(facts: RecordFacts) -> bool:
        asked.append(facts)
        return True

    index.search([Question(template(rng.normal(size=8)), 5, lets)])
    assert len(asked) == len(set(asked)) == len({make_facts(subject) for subject in range(5000)})


def test_where_nothing_is_allowed_there_is_no_candidate() -> None:
    index = EmbeddedIndex()
    index.add(make_rows(np.ones((10, 4), dtype=np.float32), range(10), Metric.COSINE))
    assert find(index, template([1, 1, 1, 1]), limit=5, allowed=lambda _: False) == Found((), 0, 0)


def test_an_empty_gallery_has_no_candidates() -> None:
    assert find(EmbeddedIndex(), template([1.0, 0.0]), limit=10, allowed=everything) == Found((), 0, 0)


def test_no_more_candidates_than_the_cap() -> None:
    rng = np.random.default_rng(1)
    index = EmbeddedIndex()
    index.add(make_rows(rng.normal(size=(200, 16)), range(200), Metric.COSINE))
    assert len(find(index, template(rng.normal(size=16)), limit=10_000, allowed=everything).scored) == CANDIDATE_CAP
    with pytest.raises(ValueError, match="at least one"):
        find(index, template(rng.normal(size=16)), limit=0, allowed=everything)


def test_a_full_tie_is_ordered_by_enrolment() -> None:
    rows = make_rows(np.ones((100, 4), dtype=np.float32), range(100), Metric.COSINE)
    index = EmbeddedIndex()
    index.add(reversed(rows))
    found = find(index, template([1, 1, 1, 1]), limit=5, allowed=everything)
    assert [scored.sequence for scored in found.scored] == [1, 2, 3, 4, 5]


def make_real(rng: np.random.Generator, count: int, dimension: int = 64) -> np.ndarray:
    """Return unit rows of which a few directions carry most, as real templates are."""
    weights = 0.9 ** np.arange(dimension)
    values = rng.normal(size=(count, dimension)) * weights + 0.2
    turn, _ = np.linalg.qr(rng.normal(size=(dimension, dimension)))
    rows: np.ndarray = ((values / np.linalg.norm(values, axis=1, keepdims=True)) @ turn).astype(np.float32)
    return rows


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("memory", [0, 1 << 30])
def test_a_gallery_that_grows_shrinks_and_changes(metric: Metric, memory: int) -> None:
    rng = np.random.default_rng(2)
    count = 6000
    rows = make_rows(make_real(rng, count), (np.arange(count) // 3).tolist(), metric)
    stored = {row.reference: row.template.values for row in rows}
    index = EmbeddedIndex(lambda wanted: [stored[reference] for reference in wanted], memory=memory)
    for start in range(0, count, 1000):
        index.add(rows[start : start + 1000])
    index.remove([row.reference for row in rows[::7]])
    index.add(rows[: count // 2 : 14])
    held = [row for n, row in enumerate(rows) if n % 7 or (n % 14 == 0 and n < count // 2)]
    for turn in range(10):
        near = np.frombuffer(held[turn * 100].template.values, dtype="<f4")
        values = near + 0.05 * rng.normal(size=64) if turn % 2 else make_real(rng, 1)[0]
        probe = template(values, metric)
        limit = (1, 20, 50)[turn % 3]
        assert find(index, probe, limit=limit, allowed=everything).scored == brute_force(held, probe, limit)
        open_rows = [row for row in held if for_france(row.facts)]
        assert find(index, probe, limit=limit, allowed=for_france).scored == brute_force(open_rows, probe, limit)


def test_rows_that_the_grid_does_not_hold_are_compared_in_full() -> None:
    rng = np.random.default_rng(4)
    index = EmbeddedIndex()
    rows = make_rows(make_real(rng, 2000), range(2000), Metric.COSINE)
    index.add(rows)
    strange = rng.normal(size=(50, 64)).astype(np.float32) * np.float32(30)
    more = [
        replace(
            row, reference=ReferenceId(f"{5000 + n:032x}"), subject=SubjectId(f"{5000 + n:032x}"), sequence=5000 + n
        )
        for n, row in enumerate(make_rows(strange, range(50), Metric.COSINE))
    ]
    index.add(more)
    assert index._planes is not None
    assert index._planes.odd_count > 20
    for values in (strange[3], strange[3] - strange[7], make_real(rng, 1)[0]):
        probe = template(values)
        assert find(index, probe, limit=30, allowed=everything).scored == brute_force([*rows, *more], probe, 30)


def test_rows_that_the_grid_does_not_hold_are_read_from_the_store_once() -> None:
    rng = np.random.default_rng(4)
    rows = make_rows(make_real(rng, 2000), range(2000), Metric.COSINE)
    strange = rng.normal(size=(50, 64)).astype(np.float32) * np.float32(30)
    more = [
        replace(row, reference=ReferenceId(f"{m:032x}"), subject=SubjectId(f"{m:032x}"), sequence=m)
        for m, row in enumerate(make_rows(strange, range(50), Metric.COSINE), start=5000)
    ]
    held = {row.reference: row.template.values for row in (*rows, *more)}
    asked: list[ReferenceId] = []

    def fetch(references: Sequence[ReferenceId]) -> list[bytes]:
        asked.extend(references)
        return [held[reference] for reference in references]

    index = EmbeddedIndex(fetch, memory=0)
    index.add(rows)
    index.add(more)
    probe = template(make_real(rng, 1)[0])
    expected = brute_force([*rows, *more], probe, 30)
    odd = {row.reference for row in more}
    for turn in range(2):
        asked.clear()
        (found,) = index.search([Question(probe, 30, everything)])
        assert found.scored == expected
        assert len(odd & set(asked)) == (len(index._odd_rows) if not turn else 0)
    kept = next(iter(index._odd_rows.values()))
    index.overwrite(sorted(odd))
    assert not index._odd_rows
    assert not kept.any()
    (found,) = index.search([Question(probe, 30, everything)])
    assert found.scored == brute_force(rows, probe, 30)


@pytest.mark.parametrize(("metric", "away"), [(Metric.COSINE, 0.0), (Metric.EUCLIDEAN, 0.0), (Metric.EUCLIDEAN, 5.0)])
def test_the_bounds_leave_little_to_compare(monkeypatch: pytest.MonkeyPatch, metric: Metric, away: float) -> None:
    rng = np.random.default_rng(6)
    count = 20_000
    values = make_real(rng, count + 20) + np.float32(away)
    index = EmbeddedIndex()
    index.add(make_rows(values[:count], range(count), metric))
    assert index._planes is not None
    assert index._planes.quantizer.has_tail
    compared: list[int] = []
    read = index._read_stored

    def count_and_read(slots: np.ndarray) -> np.ndarray:
        compared.append(len(slots))
        return read(slots)

    monkeypatch.setattr(index, "_read_stored", count_and_read)
    for probe in values[count:]:
        index.search([Question(template(probe, metric), 20, everything)])
    assert sum(compared) < 20 * 25


@pytest.mark.parametrize("dimension", [16, 40, 64, 128, 200])
@pytest.mark.parametrize("probes", [1, 2, 3, 5])
def test_rows_multiplied_abreast_have_the_products_of_each(dimension: int, probes: int) -> None:
    rng = np.random.default_rng(dimension)
    quantizer = learn_quantizer(rng.normal(size=(300, dimension)).astype(np.float32), Metric.COSINE)
    planes = Planes(quantizer, 2)
    for count in (1, 30, 100, 6):
        values = rng.normal(size=(count, dimension)).astype(np.float32)
        planes.put(encode_rows(quantizer, values), [0] * count, [1] * count, [0] * count)
        asked = rng.integers(-127, 128, size=(probes, quantizer.coarse_width)).astype(np.int8)
        coarse = planes.read_coarse(np.arange(planes.slots))
        expected = coarse.astype(np.int32) @ asked.T.astype(np.int32)
        assert (np.stack(planes.multiply(asked), axis=1) == expected).all()


def test_a_sample_is_of_rows_that_are_there() -> None:
    rng = np.random.default_rng(8)
    quantizer = learn_quantizer(rng.normal(size=(300, 8)).astype(np.float32), Metric.COSINE)
    planes = Planes(quantizer, 1)
    for _ in range(20):
        planes.put(encode_rows(quantizer, rng.normal(size=(7, 8)).astype(np.float32)), [0] * 7, [1] * 7, [0] * 7)
        for wanted in (1, 40, 10_000):
            sample = planes.sample(wanted)
            assert 0 < len(sample) <= planes.slots
            assert (np.diff(sample) > 0).all()
            assert 0 <= sample[0] <= sample[-1] < planes.slots
        assert len(planes.sample(10_000)) == planes.slots


def test_a_removed_template_is_overwritten_in_memory() -> None:
    rng = np.random.default_rng(5)
    index = EmbeddedIndex()
    index.add(make_rows(make_real(rng, 40), range(40), Metric.COSINE))
    assert index._planes is not None
    assert index._stored is not None
    slots = np.array([1, 2])
    index.remove([ReferenceId(f"{1:032x}"), ReferenceId("never held")])
    planes, numbers = index._planes, index._registry.references.ids
    for held in (planes.read_coarse(slots), planes.read_rest(slots), index._stored.read(slots), numbers[slots]):
        assert not held[0].any()
        assert held[1].any()


def test_identifiers_are_random_numbers_in_hexadecimal() -> None:
    (row,) = make_rows(np.ones((1, 4), dtype=np.float32), [0], Metric.COSINE)
    index = EmbeddedIndex()
    for wrong in ("Grace Hopper", "x" * 32):
        with pytest.raises(ValueError, match="hexadecimal"):
            index.add([replace(row, reference=ReferenceId(wrong))])
    assert index.size == 0


def test_templates_beyond_the_range_of_float32_products_are_still_ordered() -> None:
    rows = make_rows(np.array([[1e25, 0], [3e25, 0], [-3e25, 1], [1, 1]], dtype=np.float32), range(4), Metric.COSINE)
    index = EmbeddedIndex()
    index.add(rows)
    probe = template([1e20, 1e20])
    for limit in (1, 2, 3):
        assert find(index, probe, limit=limit, allowed=everything).scored == brute_force(rows, probe, limit)


def test_a_gallery_holds_templates_of_one_pack_only() -> None:
    index = EmbeddedIndex()
    index.add(make_rows(np.ones((2, 4), dtype=np.float32), [0, 1], Metric.COSINE))
    other = template([1, 1, 1, 1], pack=PackDigest("b" * 64))
    with pytest.raises(PackConflict):
        index.add([IndexRow(ReferenceId("a" * 32), SubjectId("b" * 32), 9, other, make_facts(0))])
    with pytest.raises(PackConflict):
        find(index, other, limit=1, allowed=everything)
    assert index.size == 2
    index.remove([ReferenceId(f"{0:032x}"), ReferenceId(f"{1:032x}")])
    index.add([IndexRow(ReferenceId("a" * 32), SubjectId("b" * 32), 9, other, make_facts(0))])
    assert len(find(index, other, limit=1, allowed=everything).scored) == 1


def test_the_same_reference_twice_is_held_once() -> None:
    rows = make_rows(np.ones((2, 4), dtype=np.float32), [0, 1], Metric.COSINE)
    index = EmbeddedIndex()
    index.add([*rows, rows[0]])
    index.add(rows)
    assert index.size == 2
