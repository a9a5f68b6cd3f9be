"""Who may see a record in a table of its own, and indexes along which lists are read page by page."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0013"
down_revision: Final = "0012"

_LONGER: Final = {
    "ix_case_file_authority": ("case_file", ["authority", "opened_at", "id"]),
    "ix_examination_authority": ("examination", ["authority", "state", "opened_at", "id"]),
    "ix_lead_authority": ("lead", ["authority", "state", "due_at", "id"]),
    "ix_lead_owner": ("lead", ["owner", "state", "due_at", "id"]),
    "ix_photo_status": ("photo", ["status", "enrolled_at", "id"]),
}
_NEW: Final = {
    "ix_case_file_authority_state": ("case_file", ["authority", "state", "opened_at", "id"]),
    "ix_record_audience_id": ("record", ["audience_id", "created_at", "subject_id"]),
    "ix_record_audience_state": ("record", ["audience_id", "state", "kind", "created_at", "subject_id"]),
    "ix_record_created_at": ("record", ["created_at", "subject_id"]),
    "ix_record_state_end": ("record", ["state", "retain_until", "subject_id"]),
    "ix_record_state_kind": ("record", ["state", "kind", "created_at", "subject_id"]),
    "ix_search_authority": ("search", ["authority", "number"]),
}


def upgrade() -> None:
    """Bring the table, move owner and restriction into it, and copy when each record was made."""
    op.create_table(
        "audience",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("restriction", sa.Text(), nullable=False),
        sa.Column("restricted", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audience_owner", "audience", ["owner"])
    op.execute(
        "INSERT INTO audience (owner, restriction, restricted) "
        "SELECT DISTINCT owner, restriction, restricted FROM record"
    )
    op.add_column("record", sa.Column("audience_id", sa.BigInteger()))
    op.add_column("record", sa.Column("created_at", sa.Text()))
    op.execute(
        "UPDATE record SET created_at = (SELECT created_at FROM subject WHERE id = record.subject_id), "
        "audience_id = (SELECT id FROM audience WHERE audience.owner = record.owner "
        "AND audience.restriction = record.restriction AND audience.restricted = record.restricted)"
    )
    for name in ("kind", "owner", "retain_until", "state"):
        op.drop_index(f"ix_record_{name}", "record")
    with op.batch_alter_table("record") as batch:
        batch.alter_column("audience_id", existing_type=sa.BigInteger(), nullable=False)
        batch.alter_column("created_at", existing_type=sa.Text(), nullable=False)
        batch.create_foreign_key("fk_record_audience_id_audience", "audience", ["audience_id"], ["id"])
        for name in ("owner", "restriction", "restricted"):
            batch.drop_column(name)
    for name, (table, columns) in _LONGER.items():
        op.drop_index(name, table)
        op.create_index(name, table, columns)
    for name, (table, columns) in _NEW.items():
        op.create_index(name, table, columns)
