"""The key of the index's sealed snapshot, and templates of another pack beside those that are searched."""

from typing import Final

from alembic import op

from semblance.store.migrations.tables import create, data, long, text

revision: Final = "0012"
down_revision: Final = "0011"


def upgrade() -> None:
    """Bring the tables; there is no snapshot yet, and no other pack."""
    create("index_snapshot", text("key_id pack place"), primary=("key_id",), unique=[("pack", "place")])
    create(
        "other_template",
        [
            *text("reference_id pack metric"),
            *long("dimension"),
            *data("template", null=True),
            *text("fault", null=True),
        ],
        primary=("reference_id", "pack"),
        foreign={("reference_id",): ("reference.id",)},
    )
    op.create_index("ix_other_template_pack", "other_template", ["pack", "fault"])
