"""What somebody can do who has the database's own password, and no key: write any row, past every trigger."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa

from semblance.audit.checkpoint import Checkpoint, SigningKey, read_checkpoint, sign_checkpoint
from semblance.audit.merkle import Frontier, hash_leaf
from semblance.store.database import parse_url

_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal",
}


@contextmanager
def writing(url: str) -> Iterator[sa.Connection]:
    """Give a connection of the attacker's own, in a database without triggers; committed at the end."""
    engine = sa.create_engine(parse_url(url, "the store"))
    with engine.begin() as connection:
        kind = engine.dialect.name
        for name, table in connection.execute(sa.text(_TRIGGERS[kind])).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}" + (f" ON {table}" if kind == "postgresql" else ""))
        yield connection
    engine.dispose()


def execute(url: str, *statements: str) -> None:
    """Run statements as the attacker."""
    with writing(url) as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def read_entries(connection: sa.Connection) -> list[bytes]:
    return [bytes(data) for data in connection.scalars(sa.text("SELECT data FROM ledger_entry ORDER BY number"))]


def rewrite(
    url: str,
    change: Callable[[list[bytes]], Sequence[bytes]],
    *,
    sign: Callable[[Checkpoint, list[str]], Sequence[str]] = lambda _head, notes: notes,
) -> None:
    """Put other entries in the place of all, with every hash over them; ``sign`` says which checkpoints stand there."""
    with writing(url) as connection:
        entries = change(read_entries(connection))
        notes = list(connection.scalars(sa.text("SELECT note FROM ledger_checkpoint ORDER BY size")))
        for table in ("ledger_entry", "ledger_node", "ledger_checkpoint"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
        tree = Frontier()
        for number, data in enumerate(entries):
            connection.execute(
                sa.text("INSERT INTO ledger_entry (number, data) VALUES (:number, :data)"),
                {"number": number, "data": data},
            )
            for level, position, found in tree.add(hash_leaf(data)):
                connection.execute(
                    sa.text("INSERT INTO ledger_node (level, position, hash) VALUES (:level, :position, :hash)"),
                    {"level": level, "position": position, "hash": found},
                )
        origin = read_checkpoint(notes[-1]).origin
        for note in sign(Checkpoint(origin, tree.size, tree.root), notes):
            connection.execute(
                sa.text("INSERT INTO ledger_checkpoint (size, note) VALUES (:size, :note)"),
                {"size": int(note.split("\n")[1]), "note": note},
            )


def sign_as(key: SigningKey) -> Callable[[Checkpoint, list[str]], Sequence[str]]:
    """Return what writes one checkpoint over everything, signed by that key under the ledger's own name."""
    return lambda head, _notes: [str(sign_checkpoint(head, replace(key, name=head.origin)))]


def sign_by_copy(head: Checkpoint, notes: list[str]) -> Sequence[str]:
    """Write a checkpoint over everything with the signature of the newest one."""
    return [*notes[:-1], str(replace(head, signatures=read_checkpoint(notes[-1]).signatures))]


def sign_nothing(_head: Checkpoint, _notes: list[str]) -> Sequence[str]:
    return []


def change_one(number: int) -> Callable[[list[bytes]], list[bytes]]:
    """Return what makes another person the one who acted in that entry."""
    return lambda entries: [
        data.replace(b'"emil"', b'"dora"') if place == number else data for place, data in enumerate(entries)
    ]


def cut(keep: int) -> Callable[[list[bytes]], list[bytes]]:
    """Return what keeps the first entries alone."""
    return lambda entries: entries[:keep]


def keep_notes(at_most: int) -> Callable[[Checkpoint, list[str]], Sequence[str]]:
    """Return what keeps the checkpoints over so many entries at most."""
    return lambda _head, notes: [note for note in notes if int(note.split("\n")[1]) <= at_most]


def append_forged(entries: list[bytes]) -> list[bytes]:
    """Add an entry that nobody's act made."""
    number = len(entries)
    forged = entries[-1].replace(f'"number":{number - 1}'.encode(), f'"number":{number}'.encode())
    return [*entries, forged]
