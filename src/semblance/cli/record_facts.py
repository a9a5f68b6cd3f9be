"""How commands show what stands in a record."""

from collections.abc import Iterator
from datetime import datetime

from semblance.gallery.record import Record
from semblance.gallery.record_changes import find_changes


def list_facts(record: Record) -> Iterator[tuple[str, object]]:
    """Give the names and values of all fields that hold something."""
    yield "record", record.subject
    yield "owner", record.owner
    yield "version", f"{record.version}, {say_moment(record.changed_at)}"
    yield "created", f"{say_moment(record.created_at)} by {record.created_by}"
    for change in find_changes(None, record):
        yield change.field.rpartition(".")[2].replace("_", " "), change.after


def say_moment(moment: datetime) -> str:
    """Return a moment to the minute."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")
