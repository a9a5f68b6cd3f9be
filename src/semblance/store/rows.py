"""Rows of the tables, and the values that they hold: a column has the name of the field that it keeps.

A column that names another thing ends in ``_id``, its field does not: ``case_id`` keeps ``case``. Columns write
enumerations as text; pydantic makes them of it again. Whatever gives powers is sealed anew by whoever writes it here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.seals import note_addition, note_change

T = TypeVar("T")

_ID: Final = "_id"
_adapt: Final[Callable[[Any], TypeAdapter[Any]]] = cache(TypeAdapter)


def add_row(tx: Transaction, table: sa.Table, value: Any = None, /, **others: object) -> None:
    """Insert a value's fields as far as the table has columns for them; ``others`` are columns beside or instead."""
    values = write_row(table, value) | others
    note_addition(tx, table, values)
    tx.connection.execute(sa.insert(table).values(**values))


def add_rows(tx: Transaction, table: sa.Table, values: Iterable[Any], /, **others: object) -> None:
    """Insert one row for each value, which may be a dict of columns, in one statement, as ``add_row`` does."""
    rows = [(value if isinstance(value, dict) else write_row(table, value)) | others for value in values]
    for row in rows:
        note_addition(tx, table, row)
    if rows:
        tx.connection.execute(sa.insert(table), rows)


def change_rows(tx: Transaction, table: sa.Table, which: sa.ColumnElement[bool], /, **values: object) -> int:
    """Write these columns of the rows that are meant, and return how many there were."""
    note_change(tx, table, which)
    return tx.connection.execute(sa.update(table).where(which).values(**values)).rowcount


def delete_rows(tx: Transaction, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    """Delete the rows that are meant, and return how many there were."""
    note_change(tx, table, which)
    return tx.connection.execute(sa.delete(table).where(which)).rowcount


def count_rows(tx: Transaction, table: sa.Table, *which: sa.ColumnElement[bool]) -> int:
    """Return how many rows meet all the conditions."""
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(table).where(*which)) or 0


def count_groups(tx: Transaction, *columns: sa.Column[Any], where: sa.ColumnElement[bool]) -> Sequence[Any]:
    """Return rows of these columns in their order, each with the number of rows that have this combination."""
    asked = sa.select(*columns, sa.func.count()).where(where).group_by(*columns).order_by(*columns)
    return tx.connection.execute(asked).all()


def write_row(table: sa.Table, value: Any) -> dict[str, Any]:
    """Return a value's fields by the columns that keep them; of None there are none."""
    return {} if value is None else {column: getattr(value, name) for column, name in _match(table, value.__class__)}


def read_row(kind: type[T], row: sa.Row[Any], /, **others: object) -> T:
    """Return the value in a row; ``others`` are fields that no column of that name keeps."""
    kept = dict(zip(_name_fields(row._fields), row, strict=True))
    value: T = _adapt(kind).validate_python(kept | others)
    return value


def read_values(tx: Transaction, kind: type[T], asked: sa.Select[Any]) -> tuple[T, ...]:
    """Return the values in the rows that are asked for."""
    return tuple(read_row(kind, row) for row in tx.connection.execute(asked))


def read_key(tx: Transaction, holder: sa.Table, held: str) -> KeyId:
    """Return the key that seals what is kept of a case, a subject, a person …, which must be there."""
    return KeyId(tx.connection.scalars(sa.select(holder.c.key_id).where(holder.c.id == held)).one())


def find_first(values: Iterable[T]) -> T | None:
    """Return the first of the values, None where there is none."""
    return next(iter(values), None)


@cache
def _name_fields(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(column.removesuffix(_ID) for column in columns)


@cache
def _match(table: sa.Table, kind: Any) -> tuple[tuple[str, str], ...]:
    """Return the columns that keep a field of such a value, each with the field's name."""
    names = {field.name for field in fields(kind)}
    return tuple(
        (column, name)
        for column in table.c.keys()  # noqa: SIM118 - a collection of columns gives its columns
        for name in [column if column in names else column.removesuffix(_ID)]
        if name in names
    )
