"""The versions of the policy; the newest one is in force."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import metadata
from semblance.store.schema.column_types import Moment, StoredText

policy_version: Final = sa.Table(
    "policy_version",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("person", StoredText, nullable=False),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("reason", StoredText, nullable=False),
    sa.Column("digest", StoredText, nullable=False),
    sa.Column("text", StoredText, nullable=False),
)
