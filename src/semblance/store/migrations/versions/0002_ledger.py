"""The ledger, which nothing changes."""

from typing import Final

revision: Final = "0002"
down_revision: Final = "0001"


def upgrade() -> None:
    """Bring the tables."""
