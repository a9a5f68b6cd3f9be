"""What examiners wrote of candidates: drafts that are saved as they are written, and recorded opinions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.cases.examination import Review
from semblance.cases.opinion import Conclusion, Opinion, OpinionDraft
from semblance.errors import Conflict
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed
from semblance.store.rows import change_rows, read_row
from semblance.store.schema.examination import examination, examination_candidate, sitting, sitting_candidate
from semblance.store.vault import seal, unseal
from semblance.terms.ids import AuthorityCode, ReviewId

_DRAFT: Final = TypeAdapter(OpinionDraft)


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """How far one person has come with one candidate; ``written``: something was saved of it.

    ``version`` counts what was saved. ``conclusion`` is the recorded one, None where none was recorded.
    """

    pseudonym: str
    seen_at: datetime | None
    version: int
    conclusion: Conclusion | None
    decided_at: datetime | None
    written: bool


@dataclass(frozen=True, slots=True)
class NonMateTally:
    """How often one examiner took known non-mates for what; all of them wrong but ``none``."""

    person: str
    shown: int
    potential: int
    inconclusive: int


def list_lines(tx: Transaction, which: ReviewId) -> tuple[ReviewLine, ...]:
    """Return how far the review has come, in the order of the pseudonyms."""
    require_sealed(tx, PowerKind.REVIEW, [which])
    mine = sitting_candidate.c.sitting_id == which
    rows = tx.connection.execute(sa.select(sitting_candidate).where(mine).order_by(sitting_candidate.c.pseudonym))
    return tuple(read_row(ReviewLine, row, written=row.sealed is not None) for row in rows.all())


def mark_seen(tx: Transaction, which: ReviewId, pseudonym: str, at: datetime) -> None:
    """Note that the candidate was looked at beside the probe; the first time counts."""
    mine = _find_line(which, pseudonym) & sitting_candidate.c.seen_at.is_(None)
    change_rows(tx, sitting_candidate, mine, seen_at=at)


def read_draft(tx: Transaction, which: ReviewId, pseudonym: str, key: KeyId | None) -> tuple[OpinionDraft, int]:
    """Return what was saved of a candidate and its version; an empty draft where nothing was, or where it is erased."""
    row = tx.connection.execute(sa.select(sitting_candidate).where(_find_line(which, pseudonym))).one()
    if row.sealed is None or key is None:
        return OpinionDraft(), row.version
    return _DRAFT.validate_json(unseal(tx, key, _place(which, pseudonym), bytes(row.sealed))), row.version


def save_draft(
    tx: Transaction,
    which: ReviewId,
    pseudonym: str,
    draft: OpinionDraft,
    key: KeyId,
    *,
    version: int,
    recorded_at: datetime | None = None,
) -> int:
    """Keep what was written and return its new version: with ``recorded_at`` as the person's opinion.

    Without it a recorded conclusion is taken back. Raises Conflict where another version than ``version`` was saved
    last: by another tab, or on another machine.
    """
    sealed = seal(tx, key, _place(which, pseudonym), _DRAFT.dump_json(draft))
    decided = {"conclusion": None if recorded_at is None else draft.conclusion, "decided_at": recorded_at}
    unchanged = _find_line(which, pseudonym) & (sitting_candidate.c.version == version)
    if change_rows(tx, sitting_candidate, unchanged, version=version + 1, sealed=sealed, **decided) != 1:
        raise Conflict(
            "opinion.saved-elsewhere",
            "Another tab has saved something else of {pseudonym} since this one was opened; nothing was "
            "overwritten. Load the page anew to go on from there.",
            pseudonym=pseudonym,
        )
    return version + 1


def dismiss_rest(tx: Transaction, which: ReviewId, at: datetime) -> tuple[str, ...]:
    """Record no candidate for everybody who was looked at and not taken further; return their pseudonyms."""
    rest = (sitting_candidate.c.sitting_id == which) & sitting_candidate.c.conclusion.is_(None)
    names = tuple(tx.connection.scalars(sa.select(sitting_candidate.c.pseudonym).where(rest)).all())
    change_rows(tx, sitting_candidate, rest, conclusion=Conclusion.NO_CANDIDATE, decided_at=at, sealed=None)
    return names


def read_opinions(
    tx: Transaction, reviews: Collection[Review], key: KeyId | None = None
) -> dict[str, tuple[Opinion, ...]]:
    """Return the opinions given in these reviews by pseudonym, each person's in the order of the reviews.

    Their reasons are read with the search's key, and left empty without it.
    """
    found: dict[str, tuple[Opinion, ...]] = {}
    for review in sorted(reviews, key=lambda review: review.number):
        for line in list_lines(tx, review.id):
            if line.conclusion is None or line.decided_at is None:
                continue
            # an opinion that was recorded has its reasons: where nothing is written the candidate was dismissed
            reason = read_draft(tx, review.id, line.pseudonym, key)[0].reason if line.written else ""
            opinion = Opinion(
                review.person,
                line.pseudonym,
                line.conclusion,
                line.decided_at,
                dismissed=not line.written,
                reason=reason,
            )
            found[line.pseudonym] = (*found.get(line.pseudonym, ()), opinion)
    return found


def count_known_non_mates(tx: Transaction, authority: AuthorityCode) -> tuple[NonMateTally, ...]:
    """Return how each examiner of an authority did on known non-mates, in reviews that are closed."""
    conclusion = sitting_candidate.c.conclusion
    rows = tx.connection.execute(
        sa.select(
            sitting.c.person,
            sa.func.count(),
            sa.func.sum(sa.case((conclusion == Conclusion.POTENTIAL, 1), else_=0)),
            sa.func.sum(sa.case((conclusion == Conclusion.INCONCLUSIVE, 1), else_=0)),
        )
        .join(sitting, sitting.c.id == sitting_candidate.c.sitting_id)
        .join(
            examination_candidate,
            (examination_candidate.c.examination_id == sitting.c.examination_id)
            & (examination_candidate.c.pseudonym == sitting_candidate.c.pseudonym),
        )
        .where(
            examination_candidate.c.lure,
            sitting.c.closed_at.is_not(None),
            sitting.c.examination_id.in_(sa.select(examination.c.id).where(examination.c.authority == authority)),
        )
        .group_by(sitting.c.person)
        .order_by(sitting.c.person)
    )
    return tuple(NonMateTally(row[0], row[1], int(row[2]), int(row[3])) for row in rows.all())


def _find_line(which: ReviewId, pseudonym: str) -> sa.ColumnElement[bool]:
    return (sitting_candidate.c.sitting_id == which) & (sitting_candidate.c.pseudonym == pseudonym)


def _place(which: ReviewId, pseudonym: str) -> str:
    return f"opinion/{which}/{pseudonym}"
