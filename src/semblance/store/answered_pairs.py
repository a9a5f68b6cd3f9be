"""Pairs of records of which people said that they are not of the same person, so that nobody is asked again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from semblance.cases.link_check import AnsweredPair, PairConclusion
from semblance.store.encoding import read_strings, write_strings
from semblance.store.engine import Transaction
from semblance.store.links import order_pair, read_sides
from semblance.store.photos import blind_bytes
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed
from semblance.store.rows import add_row, delete_rows, read_row
from semblance.store.schema.gallery import photo, reference
from semblance.store.schema.link import answered_pair
from semblance.terms.ids import AuthorityCode, ExaminationId, ReferenceId, Sha256, SubjectId, make_id

_CHUNK: Final = 500


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
    examination: ExaminationId,
    probe: Sha256,
    found: ReferenceId,
) -> None:
    """Remember that the two records are not of the same person, as far as the photos that they hold now tell.

    ``probe`` is the digest of the photo that was handed in from the one, ``found`` the reference of the other that it
    was compared with.
    """
    first, second = order_pair(origin, candidate)
    photos = _list_photos(tx, [first, second])
    shown = sa.select(photo.c.blind).join(reference, reference.c.photo_id == photo.c.id).where(reference.c.id == found)
    compared = {blind_bytes(tx, probe), *tx.connection.scalars(shown)}
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
    pairs = [
        read_row(AnsweredPair, row, compared=read_strings(row.compared), photos=read_strings(row.photos))
        for row in tx.connection.execute(asked).all()
    ]
    facts = read_sides(tx, {pair.find_other(subject) for pair in pairs})
    known = [
        pair for pair in pairs if (other := facts.get(pair.find_other(subject))) and other.is_visible_to(authority)
    ]
    require_sealed(tx, PowerKind.PAIR, [pair.id for pair in known])
    held = _list_photos(tx, sorted({subject, *(pair.find_other(subject) for pair in known)}))
    return tuple(
        FoundPair(
            pair, holds=all(held.get(side, frozenset()) <= set(pair.photos) for side in (pair.first, pair.second))
        )
        for pair in known
    )


def list_answered(tx: Transaction, subject: SubjectId, authority: AuthorityCode) -> frozenset[SubjectId]:
    """Return the records of which nobody is asked again whether they are of this one's person: no photos came since."""
    found = list_pairs(tx, subject, authority)
    return frozenset(shown.pair.find_other(subject) for shown in found if shown.holds)


def forget_pairs(tx: Transaction, subject: SubjectId) -> None:
    """Forget every pair of a record that is erased."""
    delete_rows(tx, answered_pair, (answered_pair.c.first_id == subject) | (answered_pair.c.second_id == subject))


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
