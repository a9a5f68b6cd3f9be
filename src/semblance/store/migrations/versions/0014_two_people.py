"""Acts that wait for a second person, who alone had a hand in an account, and until when roles stay joined."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0014"
down_revision: Final = "0013"


def upgrade() -> None:
    """Make the tables; a store with accounts is looked through at the first start, whose acts the ledger keeps."""
    op.create_table(
        "proposal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_state", "proposal", ["state"])
    op.create_table(
        "account_hand",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("hand_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_hand_person_id_person")),
        sa.ForeignKeyConstraint(["hand_id"], ["person.id"], name=op.f("fk_account_hand_hand_id_person")),
        sa.PrimaryKeyConstraint("person_id", "hand_id", name=op.f("pk_account_hand")),
    )
    op.create_table(
        "upgrade_task",
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_upgrade_task")),
    )
    op.execute("INSERT INTO upgrade_task (name) SELECT 'two-people' WHERE EXISTS (SELECT 1 FROM person)")
    op.add_column("role_grant", sa.Column("joined_until", sa.Text()))
