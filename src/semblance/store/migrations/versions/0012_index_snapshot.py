"""The key of the index's sealed snapshot."""

from typing import Final

from semblance.store.migrations.tables import create, text

revision: Final = "0012"
down_revision: Final = "0011"


def upgrade() -> None:
    """Bring the table; there is no snapshot yet."""
    create("index_snapshot", text("key_id pack"), primary=("key_id",), index=("pack",))
