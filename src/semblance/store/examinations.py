"""Examinations: candidates under pseudonyms, who reviewed them, and opinions, sealed under the search's own key."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from semblance.cases.examination import OPEN_STATES, Examination, ExaminationState, ExaminedCandidate, Review
from semblance.store.encoding import read_strings, write_strings
from semblance.store.engine import Transaction
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed, take_sealed
from semblance.store.rows import (
    add_row,
    add_rows,
    change_rows,
    count_groups,
    delete_rows,
    find_first,
    read_row,
    read_values,
    write_row,
)
from semblance.store.schema.examination import (
    examination,
    examination_candidate,
    report_made,
    sitting,
    sitting_candidate,
)
from semblance.store.schema.gallery import probe, search
from semblance.terms.ids import AuthorityCode, CaseId, ExaminationId, ReviewId, SearchId, SubjectId


def add_examination(tx: Transaction, made: Examination, candidates: Sequence[ExaminedCandidate]) -> None:
    """Add the examination of a search, with its candidates under their pseudonyms."""
    add_row(tx, examination, made)
    rows = (
        write_row(examination_candidate, candidate) | {"lure": candidate.known_non_mate} for candidate in candidates
    )
    add_rows(tx, examination_candidate, rows, examination_id=made.id)


def find_examination(
    tx: Transaction, which: ExaminationId, authority: AuthorityCode | None = None
) -> Examination | None:
    """Return the examination with that id; where an authority is named, only if it is that one's."""
    require_sealed(tx, PowerKind.EXAMINATION, [which])
    asked = sa.select(examination).where(examination.c.id == which)
    if authority is not None:
        asked = asked.where(examination.c.authority == authority)
    return find_first(read_values(tx, Examination, asked))


def find_of_search(tx: Transaction, search_id: SearchId) -> Examination | None:
    """Return the examination of a search; None where none was asked for."""
    return find_of_searches(tx, [search_id]).get(search_id)


def find_of_searches(tx: Transaction, searches: Collection[SearchId]) -> dict[SearchId, Examination]:
    """Return the examinations of these searches; those without one are missing from the answer."""
    require_sealed(tx, PowerKind.SEARCH, searches)
    asked = sa.select(examination).where(examination.c.search_id.in_(list(searches)))
    return {found.search: found for found in read_values(tx, Examination, asked)}


def list_open(
    tx: Transaction, authority: AuthorityCode, *, states: Collection[ExaminationState] = (), limit: int
) -> tuple[Examination, ...]:
    """Return an authority's open examinations in these states, or in all, the one that waits longest first."""
    mine = (examination.c.authority == authority) & examination.c.state.in_(list(states) or OPEN_STATES)
    asked = sa.select(examination).where(mine).order_by(examination.c.opened_at, examination.c.id)
    rows = take_sealed(tx, PowerKind.EXAMINATION, asked, lambda row: row.id, limit)
    return tuple(read_row(Examination, row) for row in rows)


def list_candidates(tx: Transaction, which: ExaminationId) -> tuple[ExaminedCandidate, ...]:
    """Return the candidates in the order of their pseudonyms."""
    require_sealed(tx, PowerKind.EXAMINATION, [which])
    mine = examination_candidate.c.examination_id == which
    rows = tx.connection.execute(
        sa.select(examination_candidate).where(mine).order_by(examination_candidate.c.pseudonym)
    )
    return tuple(read_row(ExaminedCandidate, row, known_non_mate=row.lure) for row in rows)


def move_examination(tx: Transaction, which: ExaminationId, state: ExaminationState, at: datetime | None) -> None:
    """Move an examination to another state; ``at`` is when it was concluded."""
    change_rows(tx, examination, examination.c.id == which, state=state, concluded_at=at)


def count_states(tx: Transaction, *, since: datetime) -> tuple[tuple[AuthorityCode, ExaminationState, int], ...]:
    """Return how many examinations that were opened since then stand in which state, by authority."""
    rows = count_groups(tx, examination.c.authority, examination.c.state, where=examination.c.opened_at >= since)
    return tuple((row[0], ExaminationState(row[1]), row[2]) for row in rows)


def count_disagreements(tx: Transaction, *, since: datetime) -> tuple[tuple[AuthorityCode, int], ...]:
    """Return in how many examinations opened since then two people disagreed, so that a third had to look."""
    third = sa.exists().where(sitting.c.examination_id == examination.c.id, sitting.c.number == 3)
    differed = (examination.c.opened_at >= since) & (third | (examination.c.state == ExaminationState.THIRD))
    return tuple((row[0], row[1]) for row in count_groups(tx, examination.c.authority, where=differed))


def add_review(tx: Transaction, made: Review) -> None:
    """Add a person's pass over the candidates; none of them is seen yet."""
    add_row(tx, sitting, made, ordering=write_strings(made.ordering))
    rows = ({"pseudonym": pseudonym} for pseudonym in made.ordering)
    add_rows(tx, sitting_candidate, rows, sitting_id=made.id, version=0)


def list_reviews(tx: Transaction, which: ExaminationId) -> tuple[Review, ...]:
    """Return the reviews of an examination in the order in which they were begun."""
    return tuple(list_reviews_of(tx, [which])[which])


def list_reviews_of(tx: Transaction, examinations: Collection[ExaminationId]) -> dict[ExaminationId, list[Review]]:
    """Return the reviews of these examinations."""
    require_sealed(tx, PowerKind.EXAMINATION, examinations)
    found: dict[ExaminationId, list[Review]] = {which: [] for which in examinations}
    rows = tx.connection.execute(
        sa.select(sitting).where(sitting.c.examination_id.in_(list(found))).order_by(sitting.c.number)
    )
    for row in rows.all():
        review = read_row(Review, row, ordering=read_strings(row.ordering))
        found[review.examination].append(review)
    return found


def close_review(tx: Transaction, which: ReviewId, at: datetime) -> None:
    """Close a review: nothing that was thought in it can be changed any more."""
    change_rows(tx, sitting, sitting.c.id == which, closed_at=at)


def delete_review(tx: Transaction, which: ReviewId) -> None:
    """Take a review back that was not closed, with everything that was written in it."""
    delete_rows(tx, sitting_candidate, sitting_candidate.c.sitting_id == which)
    delete_rows(tx, sitting, sitting.c.id == which)


def list_probeless(tx: Transaction, *, limit: int) -> tuple[ExaminationId, ...]:
    """Return open examinations of which the searched probe is not held any more."""
    asked = (
        sa.select(examination.c.id)
        .join(search, search.c.id == examination.c.search_id)
        .outerjoin(probe, probe.c.id == search.c.probe_id)
        .where(examination.c.state.in_(OPEN_STATES), probe.c.id.is_(None))
        .order_by(examination.c.id)
        .limit(limit)
    )
    return tuple(map(ExaminationId, tx.connection.scalars(asked)))


def find_last_end(tx: Transaction) -> datetime | None:
    """Return when the last of the open examinations ends at the latest, with its probe; None where none is open."""
    asked = (
        sa.select(probe.c.expires_at)
        .join(search, search.c.probe_id == probe.c.id)
        .join(examination, examination.c.search_id == search.c.id)
        .where(examination.c.state.in_(OPEN_STATES))
        .order_by(probe.c.expires_at.desc())
        .limit(1)
    )
    return tx.connection.scalar(asked)


def lapse_of_case(tx: Transaction, case: CaseId, at: datetime) -> int:
    """End the open examinations of a case, which nobody can conclude any more; return how many there were."""
    unfinished = (examination.c.case_id == case) & examination.c.state.in_(OPEN_STATES)
    return change_rows(tx, examination, unfinished, state=ExaminationState.LAPSED, concluded_at=at)


def forget_examinations(tx: Transaction, searches: sa.Select[Any]) -> None:
    """Erase who the candidates of these searches were, and what was written of them; conclusions stay as counts do."""
    which = sa.select(examination.c.id).where(examination.c.search_id.in_(searches))
    reviews = sa.select(sitting.c.id).where(sitting.c.examination_id.in_(which))
    change_rows(tx, sitting_candidate, sitting_candidate.c.sitting_id.in_(reviews), sealed=None)
    candidates = examination_candidate.c.examination_id.in_(which)
    change_rows(tx, examination_candidate, candidates, subject_id="", reference_id="")
    unfinished = examination.c.id.in_(which) & examination.c.state.in_(OPEN_STATES)
    change_rows(tx, examination, unfinished, state=ExaminationState.LAPSED)


def forget_subject(tx: Transaction, subject: SubjectId) -> None:
    """Erase what examiners wrote of a subject's photos; that they concluded, and what, stays."""
    pairs = (
        sa.select(sitting.c.id, examination_candidate.c.pseudonym)
        .join(examination_candidate, examination_candidate.c.examination_id == sitting.c.examination_id)
        .where(examination_candidate.c.subject_id == subject)
    )
    for row in tx.connection.execute(pairs).all():
        mine = (sitting_candidate.c.sitting_id == row.id) & (sitting_candidate.c.pseudonym == row.pseudonym)
        change_rows(tx, sitting_candidate, mine, sealed=None)


def add_report(
    tx: Transaction, made: str, which: ExaminationId, *, at: datetime, person: str, sha256: str, entry: int
) -> None:
    """Note that a report, which itself is not kept, was handed out, and the entry of the ledger that says so."""
    add_row(tx, report_made, id=made, examination_id=which, made_at=at, made_by=person, sha256=sha256, entry=entry)
