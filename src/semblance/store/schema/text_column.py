"""The type of every column of text."""

from typing import Any

import sqlalchemy as sa

from semblance.store.encoding import write_text


class StoredText(sa.TypeDecorator[str]):
    """Text that either database can hold, in what is written and in what is looked for.

    PostgreSQL refuses NUL, and both refuse half a surrogate pair; with visible escapes in their place both databases
    answer the same: what was never stored is not found.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Return the text as it is written."""
        return None if value is None else write_text(value)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:  # noqa: ARG002
        """Return this type for whatever a column is compared with."""
        return self
