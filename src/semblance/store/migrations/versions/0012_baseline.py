"""The whole schema: where every store begins; see docs/adr/0019-baseline.md for those that were older."""

from typing import Final

from alembic import op

from semblance.store.migrations.versions.baseline import (
    cases,
    desk,
    examinations,
    gallery,
    guards,
    ledger,
    people,
    records,
    searches,
)

revision: Final = "0012"
down_revision: Final = None


def upgrade() -> None:
    """Make the tables, and the triggers that refuse to change or remove what stands in the ledger."""
    for subject in (people, ledger, records, cases, gallery, searches, examinations, desk):
        subject.make_tables()
    op.execute("INSERT INTO gallery_state (id, version) VALUES (1, 0)")
    guards.guard_ledger()
