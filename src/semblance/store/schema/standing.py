"""Standing searches, and the searches in which they found somebody."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Day, Moment, StoredText, metadata

standing_search: Final = sa.Table(
    "standing_search",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("case_id", StoredText, sa.ForeignKey("case_file.id"), nullable=False, index=True),
    # the probe may be gone when it is still told that the search ended with it
    sa.Column("probe_id", StoredText, nullable=False, index=True),
    sa.Column("face", sa.Integer, nullable=False),
    sa.Column("prepared", StoredText),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("purpose", StoredText, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("asked_by", StoredText, nullable=False),
    sa.Column("last_day", Day, nullable=False),
    sa.Column("state", StoredText, nullable=False),
    sa.Column("decided_at", Moment),
    sa.Column("decided_by", StoredText),
    sa.Column("ended_at", Moment),
    sa.Column("ended_by", StoredText),
    sa.Column("why_ended", StoredText),
    # up to which change of the gallery everything was compared, with which pack and under which policy
    sa.Column("covered_version", sa.BigInteger, nullable=False),
    sa.Column("covered_pack", StoredText),
    sa.Column("covered_policy", StoredText),
    sa.Column("last_run_at", Moment),
    sa.Column("runs", sa.BigInteger, nullable=False),
    sa.Column("comparisons", sa.BigInteger, nullable=False),
    sa.Column("found", sa.BigInteger, nullable=False),
    sa.Column("cut", sa.BigInteger, nullable=False),
    # reason, decision, end_reason: JSON under the case's key; empty after its time
    sa.Column("sealed", sa.LargeBinary),
    # of the face that is sought, under the probe's key; made when it first runs, gone when it ends
    sa.Column("template_pack", StoredText),
    sa.Column("template", sa.LargeBinary),
    sa.Index("ix_standing_search_authority", "authority", "asked_at", "id"),
    sa.Index("ix_standing_search_state", "state", "last_run_at", "id"),
)

standing_found: Final = sa.Table(
    "standing_found",
    metadata,
    sa.Column("search_id", StoredText, sa.ForeignKey("search.id"), primary_key=True),
    sa.Column("standing_id", StoredText, sa.ForeignKey("standing_search.id"), nullable=False, index=True),
)
