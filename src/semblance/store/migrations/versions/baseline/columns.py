"""The one type of column that both databases name differently."""

from typing import Final

import sqlalchemy as sa

KEY: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that is ordered by code point in either database."""
