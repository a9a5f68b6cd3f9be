"""The exact index answers as brute force does: the same subjects, the same order, the same scores."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semblance.errors import PackConflict
from semblance.search.compare import score_matrix
from semblance.search.exact import ExactIndex
from semblance.search.index import Found, IndexRow, Scored, TemplateIndex
from semblance.terms.authority import AuthorityCode
from semblance.terms.candidates import CANDIDATE_CAP
from semblance.terms.ids import PackDigest, ReferenceId, SubjectId
from semblance.terms.record import UNRESTRICTED, RecordFacts, RecordKind, RecordState, Restriction, RestrictionMode
from semblance.terms.samples import Metric, Template

PACK = PackDigest("a" * 64)


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
    return RecordFacts(kind, AuthorityCode("DE"), state, until, hidden if subject % 5 == 2 else UNRESTRICTED)


def make_rows(values: np.ndarray, subjects: Sequence[int], metric: Metric) -> list[IndexRow]:
    return [
        IndexRow(ReferenceId(f"r{n}"), SubjectId(f"s{subject}"), n + 1, template(row, metric), make_facts(subject))
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
    values = pool[rng.integers(0, distinct, size=count)].astype(np.float32)
    subjects = rng.integers(0, draw(st.sampled_from([1, 5, 60, 400])), size=count).tolist()
    probe = template(pool[0] if draw(st.booleans()) else rng.normal(size=dimension), metric)
    return make_rows(values, subjects, metric), probe


def find(index: TemplateIndex, probe: Template, **options: Any) -> Found:
    """Search with one probe."""
    (found,) = index.search([probe], **options)
    return found


@given(galleries(), st.integers(1, 60))
@settings(max_examples=150, deadline=None)
def test_candidates_and_order_are_those_of_brute_force(case: tuple[list[IndexRow], Template], limit: int) -> None:
    rows, probe = case
    index = ExactIndex()
    index.add(rows)
    assert find(index, probe, limit=limit, allowed=everything).scored == brute_force(rows, probe, limit)


@given(galleries(), st.randoms(use_true_random=False))
@settings(max_examples=75, deadline=None)
def test_the_answer_depends_on_what_is_held_and_not_on_how_it_came_there(
    case: tuple[list[IndexRow], Template], random: Random
) -> None:
    rows, probe = case
    index = ExactIndex()
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
@settings(max_examples=150, deadline=None)
def test_what_is_not_allowed_leaves_no_trace_in_the_answer(case: tuple[list[IndexRow], Template], limit: int) -> None:
    rows, probe = case
    whole, open_only = ExactIndex(), ExactIndex()
    whole.add(rows)
    open_only.add([row for row in rows if for_france(row.facts)])
    found = find(whole, probe, limit=limit, allowed=for_france)
    assert found == find(open_only, probe, limit=limit, allowed=everything)
    assert (found.subjects, found.references) == (open_only.subjects, open_only.size)


@given(galleries(), st.integers(1, 60), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_search_among_some_subjects_answers_as_if_nobody_else_were_held(
    case: tuple[list[IndexRow], Template], limit: int, random: Random
) -> None:
    rows, probe = case
    whole, narrowed = ExactIndex(), ExactIndex()
    whole.add(rows)
    among = {row.subject for row in rows if random.random() < 0.5}
    narrowed.add([row for row in rows if row.subject in among])
    found = find(whole, probe, limit=limit, allowed=for_france, among={*among, SubjectId("never held")})
    assert found == find(narrowed, probe, limit=limit, allowed=for_france)
    assert find(whole, probe, limit=limit, allowed=for_france, among=()).scored == ()


@given(galleries(), st.randoms(use_true_random=False))
@settings(max_examples=75, deadline=None)
def test_a_record_that_changes_counts_as_it_stands_now(case: tuple[list[IndexRow], Template], random: Random) -> None:
    rows, probe = case
    index = ExactIndex()
    index.add(rows)
    find(index, probe, limit=50, allowed=for_france)
    blocked = {row.subject for row in rows if random.random() < 0.3}
    now = [
        replace(row, facts=replace(row.facts, state=RecordState.BLOCKED)) if row.subject in blocked else row
        for row in rows
    ]
    changed = {row.reference: row.facts for row in now if row.subject in blocked}
    index.alter({**changed, ReferenceId("never held"): make_facts(0)})
    anew = ExactIndex()
    anew.add(now)
    assert find(index, probe, limit=50, allowed=for_france) == find(anew, probe, limit=50, allowed=for_france)


def test_each_kind_of_record_is_asked_about_once() -> None:
    rng = np.random.default_rng(3)
    index = ExactIndex()
    index.add(make_rows(rng.normal(size=(5000, 8)), range(5000), Metric.COSINE))
    asked: list[RecordFacts] = []

    def lets(facts: RecordFacts) -> bool:
        asked.append(facts)
        return True

    find(index, template(rng.normal(size=8)), limit=5, allowed=lets)
    assert len(asked) == len(set(asked)) == len({make_facts(subject) for subject in range(5000)})


def test_where_nothing_is_allowed_there_is_no_candidate() -> None:
    index = ExactIndex()
    index.add(make_rows(np.ones((10, 4), dtype=np.float32), range(10), Metric.COSINE))
    assert find(index, template([1, 1, 1, 1]), limit=5, allowed=lambda _: False) == Found((), 0, 0)


def test_an_empty_gallery_has_no_candidates() -> None:
    assert find(ExactIndex(), template([1.0, 0.0]), limit=10, allowed=everything) == Found((), 0, 0)


def test_no_more_candidates_than_the_cap() -> None:
    rng = np.random.default_rng(1)
    index = ExactIndex()
    index.add(make_rows(rng.normal(size=(200, 16)), range(200), Metric.COSINE))
    assert len(find(index, template(rng.normal(size=16)), limit=10_000, allowed=everything).scored) == CANDIDATE_CAP
    with pytest.raises(ValueError, match="at least one"):
        find(index, template(rng.normal(size=16)), limit=0, allowed=everything)


def test_a_full_tie_is_ordered_by_enrolment() -> None:
    rows = make_rows(np.ones((100, 4), dtype=np.float32), range(100), Metric.COSINE)
    index = ExactIndex()
    index.add(reversed(rows))
    found = find(index, template([1, 1, 1, 1]), limit=5, allowed=everything)
    assert [scored.sequence for scored in found.scored] == [1, 2, 3, 4, 5]


def test_more_than_one_block_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semblance.search.rows.ROWS_PER_BLOCK", 1000)
    rng = np.random.default_rng(2)
    count = 2100
    values = rng.normal(size=(count, 32)).astype(np.float32)
    rows = make_rows(values, (np.arange(count) // 3).tolist(), Metric.EUCLIDEAN)
    index = ExactIndex()
    index.add(rows)
    assert index._rows is not None
    assert len(index._rows._blocks) == 3
    index.remove([row.reference for row in rows[::7]])
    probe = template(rng.normal(size=32), Metric.EUCLIDEAN)
    held = [row for n, row in enumerate(rows) if n % 7]
    assert find(index, probe, limit=50, allowed=everything).scored == brute_force(held, probe, 50)


def test_a_removed_template_is_overwritten_in_memory() -> None:
    index = ExactIndex()
    index.add(make_rows(np.full((3, 4), 7.0, dtype=np.float32), [0, 1, 2], Metric.COSINE))
    assert index._rows is not None
    index.remove([ReferenceId("r1"), ReferenceId("never held")])
    block = index._rows._blocks[0]
    assert not block[1].any()
    assert block[0].all()


def test_templates_beyond_the_range_of_float32_products_are_still_ordered() -> None:
    rows = make_rows(np.array([[1e25, 0], [3e25, 0], [-3e25, 1], [1, 1]], dtype=np.float32), range(4), Metric.COSINE)
    index = ExactIndex()
    index.add(rows)
    probe = template([1e20, 1e20])
    for limit in (1, 2, 3):
        assert find(index, probe, limit=limit, allowed=everything).scored == brute_force(rows, probe, limit)


def test_a_gallery_holds_templates_of_one_pack_only() -> None:
    index = ExactIndex()
    index.add(make_rows(np.ones((2, 4), dtype=np.float32), [0, 1], Metric.COSINE))
    other = template([1, 1, 1, 1], pack=PackDigest("b" * 64))
    with pytest.raises(PackConflict):
        index.add([IndexRow(ReferenceId("x"), SubjectId("x"), 9, other, make_facts(0))])
    with pytest.raises(PackConflict):
        find(index, other, limit=1, allowed=everything)
    assert index.size == 2
    index.remove([ReferenceId("r0"), ReferenceId("r1")])
    index.add([IndexRow(ReferenceId("x"), SubjectId("x"), 9, other, make_facts(0))])
    assert len(find(index, other, limit=1, allowed=everything).scored) == 1


def test_the_same_reference_twice_is_held_once() -> None:
    rows = make_rows(np.ones((2, 4), dtype=np.float32), [0, 1], Metric.COSINE)
    index = ExactIndex()
    index.add([*rows, rows[0]])
    index.add(rows)
    assert index.size == 2
