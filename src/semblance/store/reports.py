"""Reports that were handed out; the reports themselves are not kept."""

from datetime import datetime

import sqlalchemy as sa

from semblance.store.engine import Transaction
from semblance.store.schema.examination import report_made
from semblance.terms.ids import ExaminationId


def add_report(
    tx: Transaction, made: str, which: ExaminationId, *, at: datetime, person: str, sha256: str, entry: int
) -> None:
    """Note that a report was handed out, with its digest and the entry of the ledger that says so."""
    tx.connection.execute(
        sa.insert(report_made).values(
            id=made, examination_id=which, made_at=at, made_by=person, sha256=sha256, entry=entry
        )
    )
