"""Photos, templates and personal fields sealed."""

from typing import Final

revision: Final = "0003"
down_revision: Final = "0002"


def upgrade() -> None:
    """Bring the tables."""
