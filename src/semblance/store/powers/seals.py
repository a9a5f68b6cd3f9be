"""Seals over whole sets of rows: checked where the rows are read, and made anew where a transaction changes them.

A seal is a MAC over everything that stands of a person, record, case …, and over its version. The keyring holds the
newest version of each (its anchor): a row that was changed, added, moved, deleted or put back is noticed. What a
transaction changes is checked before its first change, so that no change makes good what somebody wrote by hand.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from hmac import compare_digest
from itertools import islice
from typing import Any, Final, TypeVar

import sqlalchemy as sa
import structlog

from semblance.errors import VerificationError
from semblance.messages.message import Message
from semblance.store.database import reading
from semblance.store.encoding import write_text
from semblance.store.engine import Transaction
from semblance.store.keyring.anchors import Anchor
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_rows import read_size
from semblance.store.powers.kinds import HOLDERS, NODE, PARTS, Part, PowerKind, write_holder
from semblance.store.schema.power import power_seal
from semblance.store.vault import require_keyring

T = TypeVar("T")

_ASKED: Final = 2000
_NUMBERED: Final = frozenset({PowerKind.AUTHORITY, PowerKind.PROPOSAL})
"""Of these kinds the ids are not drawn at random: somebody may have written rows for one that is to come."""
_SEALS: Final = sa.select(power_seal.c.id, power_seal.c.version, power_seal.c.mac).where(
    power_seal.c.kind == sa.bindparam("kind"), power_seal.c.id.in_(sa.bindparam("ids", expanding=True))
)


def find_damaged(tx: Transaction, kind: PowerKind, ids: Iterable[str]) -> frozenset[str]:
    """Return those of these ids of which something was changed, added, moved, deleted or put back by hand.

    What this transaction changes itself was checked before. Damage is logged.
    """
    # what nobody can have stored is asked for, too
    wanted = dict.fromkeys(write_text(held) for held in ids if (kind, held) not in tx.changed_powers)
    found = frozenset(
        held for some in split(wanted) for held in _find_damaged(tx, kind, some, _read_anchors(tx, [(kind, some)]))
    )
    _log(kind, found)
    return found


def require_sealed(tx: Transaction, kind: PowerKind, ids: Iterable[str]) -> None:
    """Raise VerificationError where anything of these was changed by hand."""
    damaged = find_damaged(tx, kind, ids)
    if damaged:
        raise VerificationError(describe_damage(kind, min(damaged)))


def require_all_sealed(tx: Transaction, *wanted: tuple[PowerKind, str]) -> None:
    """Raise VerificationError where anything of these few was changed by hand; the keyring is asked once for all."""
    few = [(kind, [write_text(held)]) for kind, held in wanted if (kind, held) not in tx.changed_powers]
    anchors = _read_anchors(tx, few)
    for kind, ids in few:
        for damaged in _find_damaged(tx, kind, ids, anchors):
            _log(kind, [damaged])
            raise VerificationError(describe_damage(kind, damaged))


def keep_sealed(tx: Transaction, kind: PowerKind, rows: Sequence[T], held: Callable[[T], str]) -> list[T]:
    """Return the rows without those of whom something was changed by hand; ``held`` tells whose a row is."""
    damaged = find_damaged(tx, kind, map(held, rows))
    return [row for row in rows if held(row) not in damaged]


def take_sealed(
    tx: Transaction, kind: PowerKind, asked: sa.Select[Any], held: Callable[[sa.Row[Any]], str], limit: int
) -> list[sa.Row[Any]]:
    """Return the first rows that are asked for of whom nothing was changed by hand."""
    found: list[sa.Row[Any]] = []
    seen = 0
    while len(found) < limit:
        rows = tx.connection.execute(asked.limit(limit).offset(seen)).all()
        found += keep_sealed(tx, kind, rows, held)
        seen += len(rows)
        if len(rows) < limit:
            break
    return found[:limit]


def find_stamp(tx: Transaction, kind: PowerKind, held: str) -> bytes | None:
    """Return what changes whenever the set is sealed anew, None before the first time; no row of it is read.

    Raises VerificationError where the seal was deleted, or an older one put back.
    """
    seal = _find_seal(tx, kind, held)
    anchor = _read_anchors(tx, [(kind, [held])]).get(name_anchor(kind, held))
    if _is_behind(seal, anchor):
        with reading_newest(tx) as newest:
            if _is_behind(_find_seal(newest, kind, held), anchor):
                raise VerificationError(describe_damage(kind, held))
    return None if seal is None else bytes(seal.mac)


def describe_damage(kind: PowerKind, held: str) -> Message:
    """Return what is said of a set of rows that its seal does not cover as they stand."""
    return Message(
        "power.changed-by-hand",
        "What is held of {place} was changed in the database by hand, or an older state of it was put back; it is "
        "refused until the database is restored from a copy.",
        place=name_place(kind, held),
    )


def name_place(kind: PowerKind, held: str) -> str:
    """Return how people are told whose rows they are: ``person/ID``."""
    return f"{kind}/{held}"


def note_addition(tx: Transaction, table: sa.Table, values: dict[str, Any]) -> None:
    """Have what a new row belongs to sealed at the end; called before it is written."""
    for kind, holder in HOLDERS.get(table, ()):
        held = NODE if holder is None else str(values[holder.name])
        if holder is not None and list(table.primary_key) == [holder] and kind not in _NUMBERED:
            # its id is new, and was drawn at random: there is nothing to be checked
            tx.changed_powers.setdefault((kind, held), 0)
            tx.before_commit["powers"] = lambda: _seal_changed(tx)
        else:
            _open(tx, kind, [held])


def note_change(tx: Transaction, table: sa.Table, which: sa.ColumnElement[bool]) -> None:
    """Have what these rows belong to checked now, and sealed at the end; called before they are changed or deleted."""
    for kind, holder in HOLDERS.get(table, ()):
        asked = sa.select(write_holder(holder)).where(which)
        _open(tx, kind, [NODE] if holder is None else tx.connection.scalars(asked).all())


def name_anchor(kind: PowerKind, held: str) -> str:
    """Return under which name the keyring keeps the newest version."""
    return f"power/{kind}/{held}"


def seal_all(tx: Transaction, kind: PowerKind, ids: Sequence[str], versions: Iterable[int]) -> None:
    """Seal these as they stand, each in the version beside it, and have the anchors raised after the commit."""
    keyring, texts = require_keyring(tx), _read_texts(tx, kind, ids)
    sealed = dict(zip(ids, versions, strict=True))
    rows = [
        {"kind": kind, "id": held, "version": version, "mac": _authenticate(keyring, kind, held, version, texts)}
        for held, version in sealed.items()
    ]
    tx.connection.execute(sa.delete(power_seal).where(power_seal.c.kind == kind, power_seal.c.id.in_(ids)))
    tx.connection.execute(sa.insert(power_seal), rows)
    tx.anchors.update({name_anchor(kind, held): Anchor(version) for held, version in sealed.items()})


@contextmanager
def reading_newest(tx: Transaction) -> Iterator[Transaction]:
    """Give a transaction that sees what was committed by now; ``tx`` sees what stood when it began to read."""
    with reading(tx.connection.engine) as connection:
        yield replace(tx, connection=connection)


def split(values: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Give the values in parts of which a database is asked at once."""
    rest = iter(values)
    while some := tuple(islice(rest, _ASKED)):
        yield some


def _open(tx: Transaction, kind: PowerKind, ids: Sequence[str]) -> None:
    fresh = [held for held in dict.fromkeys(ids) if (kind, held) not in tx.changed_powers]
    if not fresh:
        return
    if tx.connection.dialect.name == "postgresql":
        # between this check and the seal nobody else writes; SQLite lets in one writer anyway
        tables = sorted(part.name for part in PARTS[kind])
        tx.connection.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
    require_sealed(tx, kind, fresh)
    before = {row.id: row.version for some in split(fresh) for row in _read_seals(tx, kind, some)}
    tx.changed_powers.update({(kind, held): before.get(held, 0) for held in fresh})
    tx.before_commit["powers"] = lambda: _seal_changed(tx)


def _seal_changed(tx: Transaction) -> None:
    size = read_size(tx)
    for kind in PowerKind:
        changed = [(held, max(size, before + 1)) for (of, held), before in tx.changed_powers.items() if of is kind]
        for some in split(changed):
            ids, versions = zip(*some, strict=True)
            seal_all(tx, kind, ids, versions)


def _log(kind: PowerKind, damaged: Iterable[str]) -> None:
    for held in damaged:
        structlog.get_logger().error("changed by hand in the database", kind=kind.value, id=held)


def _find_damaged(tx: Transaction, kind: PowerKind, ids: Sequence[str], anchors: Mapping[str, Anchor]) -> list[str]:
    damaged, behind = _compare(tx, kind, ids, anchors)
    if behind:
        # a transaction that only reads goes on seeing what stood when it began, and the keyring was asked after that
        with reading_newest(tx) as newest:
            for older in _compare(newest, kind, behind, anchors):
                damaged += older
    return damaged


def _compare(
    tx: Transaction, kind: PowerKind, ids: Sequence[str], anchors: Mapping[str, Anchor]
) -> tuple[list[str], list[str]]:
    """Return those whose rows are not as they were sealed, and those that were sealed, but not as the newest."""
    keyring, texts = require_keyring(tx), _read_texts(tx, kind, ids)
    seals = {row.id: row for row in _read_seals(tx, kind, ids)}
    damaged, behind = [], []
    for held in ids:
        seal = seals.get(held)
        if seal is None:
            authentic = held not in texts
        else:
            expected = _authenticate(keyring, kind, held, seal.version, texts)
            authentic = compare_digest(expected, bytes(seal.mac))
        if not authentic:
            damaged.append(held)
        elif _is_behind(seal, anchors.get(name_anchor(kind, held))):
            behind.append(held)
    return damaged, behind


def _is_behind(seal: Any, anchor: Anchor | None) -> bool:
    return anchor is not None and (seal is None or seal.version < anchor.number)


def _find_seal(tx: Transaction, kind: PowerKind, held: str) -> Any:
    return next(iter(_read_seals(tx, kind, [held])), None)


def _read_seals(tx: Transaction, kind: PowerKind, ids: Sequence[str]) -> Sequence[Any]:
    return tx.connection.execute(_SEALS, {"kind": kind, "ids": list(ids)}).all()


def _read_anchors(tx: Transaction, wanted: Iterable[tuple[PowerKind, Sequence[str]]]) -> dict[str, Anchor]:
    """Return how new these must be; nothing while it is open whether an older copy of the store is the right one."""
    if tx.ledger is not None and not tx.ledger.witnesses:
        return {}
    return require_keyring(tx).read_anchors(name_anchor(kind, held) for kind, ids in wanted for held in ids)


def _read_texts(tx: Transaction, kind: PowerKind, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return every row of these as it is authenticated, by whose it is."""
    found: dict[str, list[str]] = {}
    for part in PARTS[kind]:
        asked, names = _ask(part)
        for row in tx.connection.execute(asked, {} if part.holder is None else {"ids": list(ids)}):
            found.setdefault(row[0], []).append(_write_row(part.name, names, row[1:]))
    return found


@cache
def _ask(part: Part) -> tuple[sa.Select[Any], tuple[str, ...]]:
    # as the database holds them: a hand that changes one may change its type, too
    columns = sorted(part.columns, key=lambda column: column.name)
    raw = [sa.type_coerce(column, sa.types.NullType()).label(f"value_{place}") for place, column in enumerate(columns)]
    holder = write_holder(part.holder)
    every: list[sa.ColumnElement[Any]] = [holder, *raw]
    asked = sa.select(*every).select_from(part.source)
    if part.holder is not None:
        asked = asked.where(holder.in_(sa.bindparam("ids", expanding=True)))
    return asked, tuple(column.name for column in columns)


def _write_row(part: str, names: Sequence[str], values: Sequence[Any]) -> str:
    # PostgreSQL has truth values where SQLite has numbers
    held = {
        name: int(value) if value is True or value is False else value
        for name, value in zip(names, values, strict=True)
        if value is not None
    }
    return f"{part} {_ENCODER.encode(held)}"


def _authenticate(keyring: Keyring, kind: PowerKind, held: str, version: int, texts: dict[str, list[str]]) -> bytes:
    head = _ENCODER.encode([kind.value, held, version])
    return keyring.authenticate("\n".join([head, *sorted(texts.get(held, ()))]).encode())


def _write_bytes(value: object) -> dict[str, str]:
    if not isinstance(value, bytes):
        raise VerificationError("power.type-changed", "A value in the database was changed by hand to another type.")
    return {"sha256": sha256(value).hexdigest()}


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), default=_write_bytes)
