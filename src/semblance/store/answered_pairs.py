"""Pairs of records of which people said that they are not of the same person, so that nobody is asked again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from semblance.cases.link_check import AnsweredPair, PairConclusion
from semblance.store.encoding import read_strings, write_strings
from semblance.store.engine import Transaction
from semblance.store.links import keep_rows_of, order_pair, read_sides
from semblance.store.photos import blind_bytes
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed
from semblance.store.rows import add_row, delete_rows, read_row
from semblance.store.schema.gallery import photo, reference
from semblance.store.schema.link import answered_pair
from semblance.terms.ids import AuthorityCode, ExaminationId, PairId, ReferenceId, Sha256, SubjectId, make_id

_CHUNK: Final = 500

Pair = tuple[SubjectId, SubjectId]
"""Two records, in either order."""


@dataclass(frozen=True, slots=True)
class FoundPair:
    """A pair that was answered; ``holds``: neither record has a photo that came since."""

    pair: AnsweredPair
    holds: bool


def remember_pair(
    tx: Transaction,
    origin: SubjectId,
    candidate: SubjectId,
    conclusion: PairConclusion,
    *,
    at: datetime,
    examination: ExaminationId | PairId,
    shown: Iterable[ReferenceId],
    probe: Sha256 | None = None,
) -> None:
    """Remember that the two records are not of the same person, as far as the photos that they hold now tell.

    ``shown`` are the references that were compared; ``probe`` is the digest of the photo that was handed in from the
    one, where it was not a reference.
    """
    first, second = order_pair(origin, candidate)
    photos = _list_photos(tx, [first, second])
    blinds = sa.select(photo.c.blind).join(reference, reference.c.photo_id == photo.c.id)
    compared = set(tx.connection.scalars(blinds.where(reference.c.id.in_(list(shown)))))
    if probe is not None:
        compared.add(blind_bytes(tx, probe))
    held = {blind for blinds in photos.values() for blind in blinds}
    made = AnsweredPair(
        make_id(), first, second, conclusion, at, examination, tuple(sorted(compared)), tuple(sorted(held | compared))
    )
    digests = {"compared": write_strings(made.compared), "photos": write_strings(made.photos)}
    add_row(tx, answered_pair, made, **digests)


def list_pairs(tx: Transaction, subject: SubjectId, authority: AuthorityCode) -> tuple[FoundPair, ...]:
    """Return the pairs of a record that were answered, as far as the authority may know of the other, the oldest first.

    What is hidden from it is left out before anything of it is checked.
    """
    mine = (answered_pair.c.first_id == subject) | (answered_pair.c.second_id == subject)
    asked = sa.select(answered_pair).where(mine).order_by(answered_pair.c.at, answered_pair.c.id)
    pairs = [_read(row) for row in tx.connection.execute(asked).all()]
    facts = read_sides(tx, {pair.find_other(subject) for pair in pairs})
    known = [
        pair for pair in pairs if (other := facts.get(pair.find_other(subject))) and other.is_visible_to(authority)
    ]
    require_sealed(tx, PowerKind.PAIR, [pair.id for pair in known])
    return _check(tx, known)


def list_answered(tx: Transaction, subject: SubjectId, authority: AuthorityCode) -> frozenset[SubjectId]:
    """Return the records of which nobody is asked again whether they are of this one's person: no photos came since."""
    found = list_pairs(tx, subject, authority)
    return frozenset(shown.pair.find_other(subject) for shown in found if shown.holds)


def find_answered(tx: Transaction, asked: Iterable[Pair]) -> frozenset[Pair]:
    """Return those of these pairs of which nobody is asked again, as they were given.

    One that somebody wrote or changed by hand keeps no two records from people.
    """
    pairs = {order_pair(*pair): pair for pair in asked}
    rows = keep_rows_of(tx, answered_pair, PowerKind.PAIR, pairs)
    found = _check(tx, [_read(row) for row in rows])
    return frozenset(pairs[shown.pair.first, shown.pair.second] for shown in found if shown.holds)


def forget_pairs(tx: Transaction, subject: SubjectId) -> None:
    """Forget every pair of a record that is erased."""
    delete_rows(tx, answered_pair, (answered_pair.c.first_id == subject) | (answered_pair.c.second_id == subject))


def forget_answers(tx: Transaction, one: SubjectId, other: SubjectId) -> None:
    """Forget what people said of two records, since more than their faces was compared."""
    first, second = order_pair(one, other)
    delete_rows(tx, answered_pair, (answered_pair.c.first_id == first) & (answered_pair.c.second_id == second))


def _read(row: sa.Row[Any]) -> AnsweredPair:
    return read_row(AnsweredPair, row, compared=read_strings(row.compared), photos=read_strings(row.photos))


def _check(tx: Transaction, pairs: Sequence[AnsweredPair]) -> tuple[FoundPair, ...]:
    held = _list_photos(tx, sorted({side for pair in pairs for side in (pair.first, pair.second)}))
    return tuple(
        FoundPair(
            pair, holds=all(held.get(side, frozenset()) <= set(pair.photos) for side in (pair.first, pair.second))
        )
        for pair in pairs
    )


def _list_photos(tx: Transaction, subjects: Sequence[SubjectId]) -> dict[SubjectId, frozenset[str]]:
    """Return the keyed digests of the photos of which these subjects have references."""
    found: dict[SubjectId, set[str]] = {}
    for start in range(0, len(subjects), _CHUNK):
        rows = tx.connection.execute(
            sa.select(reference.c.subject_id, photo.c.blind)
            .join(photo, photo.c.id == reference.c.photo_id)
            .where(reference.c.subject_id.in_(subjects[start : start + _CHUNK]))
        )
        for row in rows:
            found.setdefault(row.subject_id, set()).add(row.blind)
    return {subject: frozenset(blinds) for subject, blinds in found.items()}
