"""The best rivals are those of comparing everybody with everybody, and of nobody who was removed or is not open."""

from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from semblance.errors import PackConflict
from semblance.search.index import IndexRow
from semblance.search.rivals import RivalMatrix
from semblance.search.templates import score_matrix
from semblance.terms.ids import AuthorityCode, PackDigest, ReferenceId, SubjectId
from semblance.terms.record import RecordFacts, RecordKind, RecordState
from semblance.terms.samples import Metric, Template

DE = AuthorityCode("DE")
OPEN = RecordFacts(kind=RecordKind.BLUE, owner=DE, state=RecordState.ACTIVE, retain_until=date(2030, 1, 1))
CLOSED = RecordFacts(kind=RecordKind.BLUE, owner=DE, state=RecordState.BLOCKED, retain_until=date(2030, 1, 1))


def make_rows(count: int, metric: Metric, *, seed: int = 1, each: int = 2) -> list[IndexRow]:
    values = np.random.default_rng(seed).normal(size=(count, 16)).astype("<f4")
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return [
        IndexRow(
            ReferenceId(f"r{n}"),
            SubjectId(f"s{n // each}"),
            n + 1,
            Template(PackDigest("a" * 64), metric, 16, row.tobytes()),
            CLOSED if n % 10 == 9 else OPEN,
        )
        for n, row in enumerate(values)
    ]


def find_highest(rows: list[IndexRow], trial: ReferenceId) -> float:
    probe = next(row for row in rows if row.reference == trial)
    others = [row.template for row in rows if row.subject != probe.subject]
    return float(score_matrix([probe.template], others).max())


def read(scores: bytes) -> NDArray[np.float32]:
    return np.frombuffer(scores, dtype="<f4")


@pytest.mark.parametrize("metric", list(Metric))
def test_scores_are_those_of_comparing_everybody_with_everybody(metric: Metric) -> None:
    rows = make_rows(300, metric)
    matrix = RivalMatrix(lambda facts: facts.state is RecordState.ACTIVE)
    for start in range(0, 300, 70):
        matrix.add(rows[start : start + 70])
    open_rows = [row for row in rows if row.facts is OPEN]
    assert (matrix.subjects, matrix.references) == (150, len(open_rows))
    trials = matrix.draw_trials(100, 4)
    expected = [find_highest(open_rows, trial) for trial in trials]
    assert read(matrix.score_best_rivals(trials)).tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("metric", list(Metric))
def test_what_was_removed_is_nobodys_rival_and_no_trial(metric: Metric) -> None:
    rows = make_rows(60, metric)
    matrix = RivalMatrix(lambda _facts: True)
    matrix.add(rows)
    trials = matrix.draw_trials(1000, 4)
    gone = {row.reference for row in rows[:20]}
    matrix.remove([*gone, ReferenceId("unknown")])
    left = [row for row in rows if row.reference not in gone]
    expected = [find_highest(left, trial) for trial in trials if trial not in gone]
    assert read(matrix.score_best_rivals(trials)).tolist() == pytest.approx(expected, abs=1e-6)


def test_each_subject_is_one_trial_and_a_longer_draw_begins_like_a_shorter() -> None:
    rows = make_rows(90, Metric.COSINE, each=3)
    matrix = RivalMatrix(lambda _facts: True)
    matrix.add(rows)
    owner = {row.reference: row.subject for row in rows}
    drawn = matrix.draw_trials(1000, 4)
    assert len(drawn) == len({owner[reference] for reference in drawn}) == 30
    assert matrix.draw_trials(11, 4) == drawn[:11]
    assert matrix.draw_trials(1000, 5) != drawn
    # not always the first photo of each
    assert len({int(reference[1:]) % 3 for reference in drawn}) == 3


def test_nobody_alone_and_no_two_packs() -> None:
    matrix = RivalMatrix(lambda _facts: True)
    assert matrix.draw_trials(5, 1) == ()
    assert matrix.score_best_rivals([ReferenceId("r0")]) == b""
    matrix.add(make_rows(2, Metric.COSINE))
    assert matrix.score_best_rivals(matrix.draw_trials(5, 1)) == b""
    with pytest.raises(PackConflict):
        matrix.add(make_rows(2, Metric.EUCLIDEAN))
