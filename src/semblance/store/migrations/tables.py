"""How the steps make tables: columns of the few kinds that there are, and names that never change afterwards."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

_KEY: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COUNTER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Columns = list[sa.Column[Any]]


def create(
    table: str,
    columns: _Columns,
    *,
    primary: Sequence[str],
    unique: Sequence[Sequence[str]] = (),
    foreign: Mapping[tuple[str, ...], tuple[str, ...]] | None = None,
    index: Sequence[str] = (),
) -> None:
    """Make a table with the constraints and single-column indexes that are named."""
    counted = {"sqlite_autoincrement": True} if any(column.autoincrement is True for column in columns) else {}
    op.create_table(
        table,
        *columns,
        sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{table}")),
        *(sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{names[0]}")) for names in unique),
        *(
            sa.ForeignKeyConstraint(names, there, name=op.f(f"fk_{table}_{names[0]}_{there[0].partition('.')[0]}"))
            for names, there in (foreign or {}).items()
        ),
        **counted,
    )
    for name in index:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def _make(kind: Any, names: str, null: bool) -> _Columns:
    return [sa.Column(name, kind, nullable=null, autoincrement=False) for name in names.split()]


def text(names: str, null: bool = False) -> _Columns:
    """Return columns of text; the names stand in one string."""
    return _make(sa.Text(), names, null)


def key(names: str, null: bool = False) -> _Columns:
    """Return columns of text that is ordered by code point in either database."""
    return _make(_KEY, names, null)


def data(names: str, null: bool = False) -> _Columns:
    """Return columns of bytes."""
    return _make(sa.LargeBinary(), names, null)


def flag(names: str, null: bool = False) -> _Columns:
    """Return columns of truth values."""
    return _make(sa.Boolean(), names, null)


def whole(names: str, null: bool = False) -> _Columns:
    """Return columns of whole numbers."""
    return _make(sa.Integer(), names, null)


def long(names: str, null: bool = False) -> _Columns:
    """Return columns of whole numbers of 64 bits."""
    return _make(sa.BigInteger(), names, null)


def measure(names: str, null: bool = False) -> _Columns:
    """Return columns of measured values."""
    return _make(sa.Double(), names, null)


def counter(name: str) -> _Columns:
    """Return a column that the database counts in."""
    return [sa.Column(name, _COUNTER, nullable=False, autoincrement=True)]
