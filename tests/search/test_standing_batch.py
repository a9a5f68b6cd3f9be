"""A batch of standing searches finds what each would by itself, in whatever parts its references come."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from semblance.search.embedded.index import EmbeddedIndex
from semblance.search.index import IndexRow, Question
from semblance.search.standing_batch import Sought, StandingBatch
from semblance.terms.ids import AuthorityCode, PackDigest, ReferenceId, SubjectId
from semblance.terms.record import RecordFacts, RecordKind, RecordState
from semblance.terms.samples import Metric, Template
from semblance.terms.search import CANDIDATE_CAP

DIMENSION = 16
PACK = PackDigest("p" * 64)
KINDS = (RecordKind.YELLOW, RecordKind.BLACK)


def make_template(chance: np.random.Generator, metric: Metric) -> Template:
    # coarse numbers, so that equal scores are common
    values = chance.integers(-2, 3, size=DIMENSION).astype("<f4")
    return Template(PACK, metric, DIMENSION, values.tobytes())


def make_rows(chance: np.random.Generator, metric: Metric, count: int) -> list[IndexRow]:
    rows = []
    for number in range(count):
        owner = int(chance.integers(0, max(1, count // 2)))
        facts = RecordFacts(
            AuthorityCode("DE"), RecordState.ACTIVE, kind=KINDS[owner % 2], retain_until=date(2030, 1, 1)
        )
        names = ReferenceId(f"{number:032x}"), SubjectId(f"{owner:032x}")
        rows.append(IndexRow(*names, number + 1, make_template(chance, metric), facts))
    return rows


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(Metric), st.integers(1, 40), st.integers(1, 12), st.integers(1, 17))
def test_the_answer_is_that_of_each_search_by_itself(
    seed: int, metric: Metric, count: int, searches: int, part: int
) -> None:
    chance = np.random.default_rng(seed)
    rows = make_rows(chance, metric, count)
    rules = (lambda facts: facts.kind is KINDS[0], lambda _: True)
    sought = []
    for number in range(searches):
        probe, after = make_template(chance, metric), int(chance.integers(0, count + 1))
        examined = {row.subject: int(chance.integers(0, count)) for row in rows if chance.random() < 0.2}
        threshold = float(np.float32(chance.normal() * 3))
        sought.append(Sought(probe, threshold, after, rules[number % 2], examined))
    batch = StandingBatch(sought)
    for start in range(0, count, part):
        some = rows[start : start + part]
        batch.compare(some, [row.sequence for row in some])
    for search, answer in zip(sought, batch.answer(), strict=True):
        new = [row for row in rows if row.sequence > search.after]
        index = EmbeddedIndex()
        index.add(row for row in new if row.sequence > search.passed_over.get(row.subject, 0))
        alone = index.search([Question(search.template, CANDIDATE_CAP, search.allowed)])[0].scored if index.size else ()
        assert answer.scored == tuple(found for found in alone if found.score >= search.threshold)
        assert answer.comparisons == sum(search.allowed(row.facts) for row in new)
