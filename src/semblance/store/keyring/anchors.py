"""Anchors: what the store must not fall behind, kept where whoever writes the store alone cannot reach.

An anchor is raised after the commit of the act that it is about. A program killed between the two leaves it one step
behind, which the next act makes good: what the store shows beyond an anchor proves itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from semblance.store.keyring.wrapping import metadata

_ASKED: Final = 500
_CHUNK: Final = 5000

anchor: Final = sa.Table(
    "anchor",
    metadata,
    sa.Column("name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
)

_RAISE: Final = sa.text(
    "INSERT INTO anchor (name, number, value) VALUES (:name, :number, :value) ON CONFLICT (name) DO UPDATE "
    "SET number = excluded.number, value = excluded.value WHERE excluded.number > anchor.number"
)

_FIND: Final = sa.select(anchor).where(anchor.c.name.in_(sa.bindparam("names", expanding=True)))


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far something had come: a number that only grows, and what stood there."""

    number: int
    value: str = ""


def write_anchors(connection: sa.Connection, raised: Mapping[str, Anchor]) -> None:
    """Keep the anchors that are higher than those kept under their names."""
    rows = [{"name": name, "number": high.number, "value": high.value} for name, high in sorted(raised.items())]
    if rows:
        connection.execute(_RAISE, rows)


def iterate_anchors(connection: sa.Connection, prefix: str) -> Iterator[dict[str, Anchor]]:
    """Give the anchors whose names begin so, in the order of their names; the prefix ends in a slash."""
    last, beyond = prefix, f"{prefix[:-1]}0"
    while True:
        mine = (anchor.c.name > last) & (anchor.c.name < beyond)
        rows = connection.execute(sa.select(anchor).where(mine).order_by(anchor.c.name).limit(_CHUNK)).all()
        if rows:
            yield {row.name: Anchor(row.number, row.value) for row in rows}
        if len(rows) < _CHUNK:
            return
        last = rows[-1].name


def find_anchors(connection: sa.Connection, names: Iterable[str]) -> dict[str, Anchor]:
    """Return the anchors of these names, those left out that were never raised."""
    wanted, found = sorted(set(names)), dict[str, Anchor]()
    for start in range(0, len(wanted), _ASKED):
        rows = connection.execute(_FIND, {"names": wanted[start : start + _ASKED]})
        found.update({row.name: Anchor(row.number, row.value) for row in rows})
    return found
