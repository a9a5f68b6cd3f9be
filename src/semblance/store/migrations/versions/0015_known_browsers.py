"""Wrong tries of browsers that signed in before are counted apart from strangers'."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0015"
down_revision: Final = "0014"

_COUNTS: Final = ("known_tries", "known_codes", "device_epoch")


def upgrade() -> None:
    """Add the counts; nobody has tried, and no browser is known yet."""
    # a default, since SQLite makes a table that others point to anew only where it is empty
    for name in _COUNTS:
        op.add_column("person", sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("person", sa.Column("known_paused_until", sa.Text()))
