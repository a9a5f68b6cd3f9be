"""Accounts of a restored copy let nobody in until two people confirm them."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0016"
down_revision: Final = "0015"


def upgrade() -> None:
    """Add the column; no account is in doubt."""
    op.add_column("person", sa.Column("doubted_at", sa.Text()))
