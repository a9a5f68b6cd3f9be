"""Authorities, people, sessions and tokens."""

from typing import Final

revision: Final = "0004"
down_revision: Final = "0003"


def upgrade() -> None:
    """Bring the tables."""
