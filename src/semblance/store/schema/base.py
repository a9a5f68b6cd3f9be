"""What all tables share: the types of columns, one metadata object, the naming of constraints, and the order of keys.

Text, messages, moments and days are all of them text in either database.
"""

from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar, cast

import sqlalchemy as sa

from semblance.messages.message import Message
from semblance.messages.stored import dump_message, load_message
from semblance.store.encoding import write_text

HEAD: Final = "0025"
"""The revision that this program writes; a test holds it equal to the last migration."""

T = TypeVar("T", date, datetime)

metadata: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


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


class Said(sa.TypeDecorator[Message]):
    """A message; what an older version wrote comes back as it stands."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Message | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Return identifier and values as they are written."""
        return None if value is None else write_text(dump_message(value))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Message | None:  # noqa: ARG002
        """Return the message that was written."""
        return None if value is None else load_message(value)


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC: the order of the texts is the order of the moments."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, timespec: str = "microseconds") -> None:
        super().__init__()
        self.timespec = timespec

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Return the moment as it is written."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec=self.timespec)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment that was written."""
        return None if value is None else _read(datetime, value)


class Day(sa.TypeDecorator[date]):
    """A day, as ISO 8601 writes it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Return the day as it is written."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> date | None:  # noqa: ARG002
        """Return the day that was written."""
        return None if value is None else _read(date, value)


def _read(kind: type[T], value: Any) -> T:
    """Return the day or moment; what somebody wrote in its place by hand comes back as it stands.

    One such row must not keep the others from being read; whoever reads it finds by its seal that it was changed.
    """
    try:
        read: T = kind.fromisoformat(value)
    except (TypeError, ValueError):
        return cast("T", value)
    return read


# keys are ordered by code point in both databases, so that pages of a list come in the same order
KEY: Final = StoredText().with_variant(StoredText(collation="C"), "postgresql")
