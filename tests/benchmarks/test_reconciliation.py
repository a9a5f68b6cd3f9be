"""Missing against found on made-up sets: every figure follows from the faces that were handed in."""

import random

import numpy as np

from semblance.benchmarks.reconciliation import MadeUpPerson, make_up_found, make_up_missing, measure_reconciliation
from semblance.cases.reconciliation.compare import compare
from semblance.cases.reconciliation.side import Verdict
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Metric, Template


def make_template(row: np.ndarray) -> Template:
    unit = (row / np.linalg.norm(row)).astype("<f4")
    return Template(PackDigest("p" * 64), Metric.COSINE, len(unit), unit.tobytes())


def test_true_pairs_are_counted_among_what_is_offered() -> None:
    chance, numbers = random.Random(7), np.random.default_rng(7)
    faces = numbers.normal(size=(12, 64))
    missing, found = [], []
    for number, face in enumerate(faces):
        side = make_up_missing(chance)
        if number < 8:
            missing.append(MadeUpPerson(f"{number}", make_template(face), side))
        if not 3 <= number < 8:
            later = make_template(face + 0.1 * numbers.normal(size=64))
            found.append(MadeUpPerson(f"{number}", None if number == 0 else later, make_up_found(chance, side)))
    figures = measure_reconciliation(missing, found, (1, 7))
    assert (figures.missing, figures.found, figures.true_pairs, figures.unusable) == (8, 7, 3, 1)
    assert figures.by_hand == 56
    few, every = figures.offers
    assert few.found == every.found == 2
    assert every.offered == 8 * 6
    assert 8 <= few.offered <= 8 + 6
    assert every.excluded_true == 0
    assert every.excluded > 0


def test_what_is_made_up_of_one_person_never_excludes_them() -> None:
    chance = random.Random(3)
    for _ in range(200):
        before = make_up_missing(chance)
        assert not any(line.verdict is Verdict.EXCLUDES for line in compare(before, make_up_found(chance, before)))
