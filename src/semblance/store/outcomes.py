"""What the intake of each photo ended in, so that a resumed enrolment repeats nothing."""

import sqlalchemy as sa

from semblance.gallery.outcome import IntakeOutcome, IntakeStatus
from semblance.store.encoding import read_strings, write_strings, write_text
from semblance.store.engine import Transaction
from semblance.store.schema import intake_outcome
from semblance.terms.ids import PhotoId, Sha256, digest_bytes


def find_outcome(tx: Transaction, subject_key: str, name: str, sha256: Sha256) -> IntakeOutcome | None:
    """Return what is remembered of these bytes, handed in under that name for that subject."""
    identity = _identify(subject_key, name, sha256)
    row = tx.connection.execute(sa.select(intake_outcome).where(intake_outcome.c.id == identity)).one_or_none()
    if row is None:
        return None
    return IntakeOutcome(
        subject_key=row.subject_key,
        name=row.name,
        sha256=Sha256(row.sha256),
        status=IntakeStatus(row.status),
        reasons=read_strings(row.reasons),
        photo=None if row.photo_id is None else PhotoId(row.photo_id),
        judged_under=row.judged_under,
    )


def remember_outcome(tx: Transaction, outcome: IntakeOutcome) -> None:
    """Remember an outcome in the place of an older one; one without any bytes is not worth remembering."""
    if outcome.sha256 is None:
        return
    identity = _identify(outcome.subject_key, outcome.name, outcome.sha256)
    tx.connection.execute(sa.delete(intake_outcome).where(intake_outcome.c.id == identity))
    tx.connection.execute(
        sa.insert(intake_outcome).values(
            id=identity,
            subject_key=write_text(outcome.subject_key),
            sha256=outcome.sha256,
            name=write_text(outcome.name),
            status=outcome.status.value,
            reasons=write_strings(outcome.reasons),
            photo_id=outcome.photo,
            judged_under=outcome.judged_under,
        )
    )


def update_photo_outcomes(tx: Transaction, photo: PhotoId, status: IntakeStatus, reasons: tuple[str, ...]) -> None:
    """Write the new outcome of a photo whose face was chosen after its intake."""
    tx.connection.execute(
        sa.update(intake_outcome)
        .where(intake_outcome.c.photo_id == photo, intake_outcome.c.status != IntakeStatus.DUPLICATE.value)
        .values(status=status.value, reasons=write_strings(reasons))
    )


def count_outcomes(tx: Transaction, subject_key: str) -> int:
    """Return how many outcomes are remembered under the key."""
    of_subject = intake_outcome.c.subject_key == subject_key
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(intake_outcome).where(of_subject)) or 0


def _identify(subject_key: str, name: str, sha256: Sha256) -> str:
    # a JSON list would do as well; lengths in front keep two different triples from ever being one text
    parts = [write_text(part).encode() for part in (subject_key, name, sha256)]
    return digest_bytes(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
