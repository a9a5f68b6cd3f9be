"""What the intake of each photo ended in, so that a resumed enrolment repeats nothing."""

import json

import sqlalchemy as sa

from semblance.gallery.outcome import IntakeOutcome, IntakeStatus
from semblance.messages.message import Message
from semblance.messages.stored import read_message, write_message
from semblance.store.encoding import write_json, write_text
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.schema.gallery import intake_outcome
from semblance.store.subjects import blind_key, find_seal, require_seal
from semblance.store.vault import blind, seal_text, unseal_text
from semblance.terms.ids import AuthorityCode, PhotoId, Sha256


def find_outcome(
    tx: Transaction, owner: AuthorityCode, subject_key: str, name: str, sha256: Sha256
) -> IntakeOutcome | None:
    """Return what is remembered of these bytes, handed in under that name for that owner's subject."""
    identity = _identify(tx, owner, subject_key, name, sha256)
    row = tx.connection.execute(sa.select(intake_outcome).where(intake_outcome.c.id == identity)).one_or_none()
    if row is None:
        return None
    key = find_seal(tx, row.subject_blind)
    assert key is not None
    return IntakeOutcome(
        subject_key=subject_key,
        name=name,
        sha256=sha256,
        status=IntakeStatus(row.status),
        reasons=tuple(map(read_message, json.loads(unseal_text(tx, key, f"outcome/{identity}", row.reasons)))),
        photo=None if row.photo_id is None else PhotoId(row.photo_id),
        judged_under=row.judged_under,
    )


def remember_outcome(tx: Transaction, owner: AuthorityCode, outcome: IntakeOutcome) -> None:
    """Remember an outcome in the place of an older one; one without any bytes is not worth remembering."""
    if outcome.sha256 is None:
        return
    identity = _identify(tx, owner, outcome.subject_key, outcome.name, outcome.sha256)
    key = require_seal(tx, owner, outcome.subject_key)
    tx.connection.execute(sa.delete(intake_outcome).where(intake_outcome.c.id == identity))
    tx.connection.execute(
        sa.insert(intake_outcome).values(
            id=identity,
            subject_blind=blind_key(tx, owner, outcome.subject_key),
            status=outcome.status.value,
            photo_id=outcome.photo,
            judged_under=outcome.judged_under,
            reasons=_seal(tx, key, identity, outcome.reasons),
        )
    )


def update_photo_outcomes(tx: Transaction, photo: PhotoId, status: IntakeStatus, reasons: tuple[Message, ...]) -> None:
    """Write the new outcome of a photo whose face was chosen after its intake."""
    about = (intake_outcome.c.photo_id == photo) & (intake_outcome.c.status != IntakeStatus.DUPLICATE.value)
    for row in tx.connection.execute(sa.select(intake_outcome).where(about)).all():
        key = find_seal(tx, row.subject_blind)
        assert key is not None
        sealed = _seal(tx, key, row.id, reasons)
        mine = intake_outcome.c.id == row.id
        tx.connection.execute(sa.update(intake_outcome).where(mine).values(status=status.value, reasons=sealed))


def count_outcomes(tx: Transaction, owner: AuthorityCode, subject_key: str) -> int:
    """Return how many outcomes are remembered under the owner's key."""
    of_subject = intake_outcome.c.subject_blind == blind_key(tx, owner, subject_key)
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(intake_outcome).where(of_subject)) or 0


def _seal(tx: Transaction, key: KeyId, identity: str, reasons: tuple[Message, ...]) -> bytes:
    return seal_text(tx, key, f"outcome/{identity}", write_json(list(map(write_message, reasons))))


def _identify(tx: Transaction, owner: AuthorityCode, subject_key: str, name: str, sha256: Sha256) -> str:
    return blind(tx, "outcome", owner, write_text(subject_key), write_text(name), sha256)
