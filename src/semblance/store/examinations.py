"""Examinations: candidates under pseudonyms, who reviewed them, and opinions, sealed under the search's own key."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from semblance.cases.examination import Examination, ExaminationState, ExaminedCandidate, Review
from semblance.store.encoding import read_strings, write_strings
from semblance.store.engine import Transaction
from semblance.store.schema.examination import examination, examination_candidate, sitting, sitting_candidate
from semblance.store.schema.gallery import probe, search
from semblance.terms.ids import AuthorityCode, CaseId, ExaminationId, ReferenceId, ReviewId, SearchId, SubjectId

_OPEN: Final = tuple(state.value for state in (ExaminationState.FIRST, ExaminationState.SECOND, ExaminationState.THIRD))


def add_examination(tx: Transaction, made: Examination, candidates: Sequence[ExaminedCandidate]) -> None:
    """Add the examination of a search, with its candidates under their pseudonyms."""
    tx.connection.execute(
        sa.insert(examination).values(
            id=made.id,
            search_id=made.search,
            case_id=made.case,
            authority=made.authority,
            state=made.state.value,
            opened_at=made.opened_at,
            concluded_at=made.concluded_at,
        )
    )
    for candidate in candidates:
        tx.connection.execute(
            sa.insert(examination_candidate).values(
                examination_id=made.id,
                pseudonym=candidate.pseudonym,
                subject_id=candidate.subject,
                reference_id=candidate.reference,
                lure=candidate.known_non_mate,
            )
        )


def find_examination(tx: Transaction, which: ExaminationId) -> Examination | None:
    """Return the examination with that id."""
    row = tx.connection.execute(sa.select(examination).where(examination.c.id == which)).one_or_none()
    return None if row is None else _read(row)


def find_of_search(tx: Transaction, search_id: SearchId) -> Examination | None:
    """Return the examination of a search; None where none was asked for."""
    return find_of_searches(tx, [search_id]).get(search_id)


def find_of_searches(tx: Transaction, searches: Collection[SearchId]) -> dict[SearchId, Examination]:
    """Return the examinations of these searches; those without one are missing from the answer."""
    rows = tx.connection.execute(sa.select(examination).where(examination.c.search_id.in_(list(searches)))).all()
    return {SearchId(row.search_id): _read(row) for row in rows}


def list_open(
    tx: Transaction, authority: AuthorityCode, *, states: Collection[ExaminationState] = (), limit: int
) -> tuple[Examination, ...]:
    """Return an authority's open examinations in these states, or in all, the one that waits longest first."""
    wanted = [state.value for state in states] or list(_OPEN)
    mine = (examination.c.authority == authority) & examination.c.state.in_(wanted)
    rows = tx.connection.execute(
        sa.select(examination).where(mine).order_by(examination.c.opened_at, examination.c.id).limit(limit)
    )
    return tuple(map(_read, rows.all()))


def list_candidates(tx: Transaction, which: ExaminationId) -> tuple[ExaminedCandidate, ...]:
    """Return the candidates in the order of their pseudonyms."""
    mine = examination_candidate.c.examination_id == which
    rows = tx.connection.execute(
        sa.select(examination_candidate).where(mine).order_by(examination_candidate.c.pseudonym)
    )
    return tuple(
        ExaminedCandidate(row.pseudonym, SubjectId(row.subject_id), ReferenceId(row.reference_id), row.lure)
        for row in rows.all()
    )


def move_examination(tx: Transaction, which: ExaminationId, state: ExaminationState, at: datetime | None) -> None:
    """Move an examination to another state; ``at`` is when it was concluded."""
    moved = {"state": state.value, "concluded_at": at}
    tx.connection.execute(sa.update(examination).where(examination.c.id == which).values(**moved))


def count_states(tx: Transaction, *, since: datetime) -> tuple[tuple[AuthorityCode, ExaminationState, int], ...]:
    """Return how many examinations that were opened since then stand in which state, by authority."""
    columns = (examination.c.authority, examination.c.state)
    rows = tx.connection.execute(
        sa.select(*columns, sa.func.count())
        .where(examination.c.opened_at >= since)
        .group_by(*columns)
        .order_by(*columns)
    )
    return tuple((AuthorityCode(row[0]), ExaminationState(row[1]), row[2]) for row in rows.all())


def count_disagreements(tx: Transaction, *, since: datetime) -> tuple[tuple[AuthorityCode, int], ...]:
    """Return in how many examinations opened since then two people disagreed, so that a third had to look."""
    third = sa.exists().where(sitting.c.examination_id == examination.c.id, sitting.c.number == 3)
    rows = tx.connection.execute(
        sa.select(examination.c.authority, sa.func.count())
        .where(examination.c.opened_at >= since)
        .where(third | (examination.c.state == ExaminationState.THIRD.value))
        .group_by(examination.c.authority)
        .order_by(examination.c.authority)
    )
    return tuple((AuthorityCode(row[0]), row[1]) for row in rows.all())


def add_review(tx: Transaction, made: Review) -> None:
    """Add a person's pass over the candidates; none of them is seen yet."""
    tx.connection.execute(
        sa.insert(sitting).values(
            id=made.id,
            examination_id=made.examination,
            number=made.number,
            person=made.person,
            opened_at=made.opened_at,
            ordering=write_strings(made.ordering),
        )
    )
    for pseudonym in made.ordering:
        tx.connection.execute(sa.insert(sitting_candidate).values(sitting_id=made.id, pseudonym=pseudonym, version=0))


def list_reviews(tx: Transaction, which: ExaminationId) -> tuple[Review, ...]:
    """Return the reviews of an examination in the order in which they were begun."""
    return tuple(list_reviews_of(tx, [which])[which])


def list_reviews_of(tx: Transaction, examinations: Collection[ExaminationId]) -> dict[ExaminationId, list[Review]]:
    """Return the reviews of these examinations."""
    found: dict[ExaminationId, list[Review]] = {which: [] for which in examinations}
    rows = tx.connection.execute(
        sa.select(sitting).where(sitting.c.examination_id.in_(list(found))).order_by(sitting.c.number)
    )
    for row in rows.all():
        found[ExaminationId(row.examination_id)].append(_read_review(row))
    return found


def close_review(tx: Transaction, which: ReviewId, at: datetime) -> None:
    """Close a review: nothing that was thought in it can be changed any more."""
    tx.connection.execute(sa.update(sitting).where(sitting.c.id == which).values(closed_at=at))


def delete_review(tx: Transaction, which: ReviewId) -> None:
    """Take a review back that was not closed, with everything that was written in it."""
    tx.connection.execute(sa.delete(sitting_candidate).where(sitting_candidate.c.sitting_id == which))
    tx.connection.execute(sa.delete(sitting).where(sitting.c.id == which))


def list_probeless(tx: Transaction, *, limit: int) -> tuple[ExaminationId, ...]:
    """Return open examinations of which the searched probe is not held any more."""
    asked = (
        sa.select(examination.c.id)
        .join(search, search.c.id == examination.c.search_id)
        .outerjoin(probe, probe.c.id == search.c.probe_id)
        .where(examination.c.state.in_(_OPEN), probe.c.id.is_(None))
        .order_by(examination.c.id)
        .limit(limit)
    )
    return tuple(map(ExaminationId, tx.connection.scalars(asked)))


def forget_examinations(tx: Transaction, searches: sa.Select[Any]) -> None:
    """Erase who the candidates of these searches were, and what was written of them; conclusions stay as counts do."""
    which = sa.select(examination.c.id).where(examination.c.search_id.in_(searches))
    reviews = sa.select(sitting.c.id).where(sitting.c.examination_id.in_(which))
    tx.connection.execute(
        sa.update(sitting_candidate).where(sitting_candidate.c.sitting_id.in_(reviews)).values(sealed=None)
    )
    tx.connection.execute(
        sa.update(examination_candidate)
        .where(examination_candidate.c.examination_id.in_(which))
        .values(subject_id="", reference_id="")
    )
    lapsed = {"state": ExaminationState.LAPSED.value}
    tx.connection.execute(
        sa.update(examination).where(examination.c.id.in_(which), examination.c.state.in_(_OPEN)).values(**lapsed)
    )


def forget_subject(tx: Transaction, subject: SubjectId) -> None:
    """Erase what examiners wrote of a subject's photos; that they concluded, and what, stays."""
    pairs = (
        sa.select(sitting.c.id, examination_candidate.c.pseudonym)
        .join(examination_candidate, examination_candidate.c.examination_id == sitting.c.examination_id)
        .where(examination_candidate.c.subject_id == subject)
    )
    for row in tx.connection.execute(pairs).all():
        mine = (sitting_candidate.c.sitting_id == row.id) & (sitting_candidate.c.pseudonym == row.pseudonym)
        tx.connection.execute(sa.update(sitting_candidate).where(mine).values(sealed=None))


def _read(row: Any) -> Examination:
    return Examination(
        id=ExaminationId(row.id),
        search=SearchId(row.search_id),
        case=CaseId(row.case_id),
        authority=AuthorityCode(row.authority),
        state=ExaminationState(row.state),
        opened_at=row.opened_at,
        concluded_at=row.concluded_at,
    )


def _read_review(row: Any) -> Review:
    return Review(
        id=ReviewId(row.id),
        examination=ExaminationId(row.examination_id),
        number=row.number,
        person=row.person,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        ordering=read_strings(row.ordering),
    )
