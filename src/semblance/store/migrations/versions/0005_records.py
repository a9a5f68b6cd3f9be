"""Records held under law, and their versions."""

from typing import Final

revision: Final = "0005"
down_revision: Final = "0004"


def upgrade() -> None:
    """Bring the tables."""
