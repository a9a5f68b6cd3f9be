"""What older versions stored as sentences is shown as it stands; what is stored now tells its values."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa

from semblance.gallery.outcome import IntakeOutcome, IntakeStatus
from semblance.messages.message import Message, quote_text
from semblance.store import photos, subjects
from semblance.store.engine import Store
from semblance.store.schema.gallery import intake_outcome
from semblance.store.vault import seal_text
from semblance.terms.ids import AuthorityCode, Sha256

DE = AuthorityCode("DE")
DIGEST = Sha256("0" * 64)
EYES = Message("suitability.inter-eye-distance", "", measured=21, needed=60.0)
OLD = "the eyes are 21 pixels apart; 60 are needed"


def test_reasons_are_stored_as_data_and_old_ones_come_back_as_they_stand(store: Store) -> None:
    kept = IntakeOutcome("A", "a.jpg", DIGEST, IntakeStatus.UNSUITABLE, (EYES, quote_text("x\0\udcff")), None, "line")
    with store.writing() as tx:
        subjects.add_subject(tx, DE, "A", at=datetime(2026, 3, 1, tzinfo=UTC), person="emil")
        photos.remember_outcome(tx, DE, kept)
    with store.reading() as tx:
        found = photos.find_outcome(tx, DE, "A", "a.jpg", DIGEST)
    assert found is not None
    assert found.reasons[0] == EYES
    with store.writing() as tx:
        key = subjects.find_seal(tx, subjects.blind_key(tx, DE, "A"))
        assert key is not None
        identity = tx.connection.scalars(sa.select(intake_outcome.c.id)).one()
        written = seal_text(tx, key, f"outcome/{identity}", json.dumps([OLD]))
        tx.connection.execute(sa.update(intake_outcome).values(reasons=written))
    with store.reading() as tx:
        found = photos.find_outcome(tx, DE, "A", "a.jpg", DIGEST)
    assert found is not None
    assert found.reasons == (quote_text(OLD),)
