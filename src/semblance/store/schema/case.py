"""Cases and the authorisations in them; what is said in them is sealed under the case's own key."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Moment, StoredText, metadata

case_file: Final = sa.Table(
    "case_file",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    # what is searched by: a keyed digest of authority and number
    sa.Column("blind", StoredText, nullable=False, unique=True),
    sa.Column("key_id", StoredText, nullable=False),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("purpose", StoredText, nullable=False),
    sa.Column("category", StoredText, nullable=False),
    sa.Column("state", StoredText, nullable=False, index=True),
    sa.Column("opened_at", Moment, nullable=False, index=True),
    sa.Column("opened_by", StoredText, nullable=False),
    sa.Column("last_act_at", Moment, nullable=False, index=True),
    # number, aim, offence, link: JSON; empty after its time
    sa.Column("sealed", sa.LargeBinary),
    sa.Index("ix_case_file_authority", "authority", "opened_at", "id"),
    sa.Index("ix_case_file_authority_state", "authority", "state", "opened_at", "id"),
)

authorisation: Final = sa.Table(
    "authorisation",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("case_id", StoredText, sa.ForeignKey("case_file.id"), nullable=False, index=True),
    # the probe may be gone when the answer is still to be read
    sa.Column("probe_id", StoredText, nullable=False, unique=True),
    sa.Column("authority", StoredText, nullable=False, index=True),
    sa.Column("requested_at", Moment, nullable=False),
    sa.Column("requested_by", StoredText, nullable=False),
    sa.Column("due_at", Moment, index=True),
    sa.Column("state", StoredText, nullable=False, index=True),
    sa.Column("decided_at", Moment),
    sa.Column("decided_by", StoredText),
    sa.Column("reason", sa.LargeBinary),
)
