"""What all tables share: one metadata object, the naming of constraints, and the order of keys."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.column_types import StoredText

HEAD: Final = "0013"
"""The revision that this program writes; a test holds it equal to the last migration."""

metadata: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# keys are ordered by code point in both databases, so that pages of a list come in the same order
KEY: Final = StoredText().with_variant(StoredText(collation="C"), "postgresql")
