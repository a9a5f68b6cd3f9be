"""Stores that several tests begin with: filled once, and copied, since filling takes longer than most tests."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from tests.store.private_postgres import Contents


@dataclass(frozen=True)
class Filling:
    """What store and keyring held when they were filled, what time it was, and what the filling function returned."""

    made: Any
    now: datetime
    keyring: Path
    store: Path | Contents

    @classmethod
    def read(cls, made: object, now: datetime, keyring: Path, store_url: str, into: Path) -> "Filling":
        path = _find_file(store_url)
        store = Contents.read(store_url) if path is None else _copy(path, into / "store.db")
        return cls(made, now, _copy(keyring, into / "keyring.db"), store)

    def restore(self, keyring: Path, store_url: str) -> None:
        _copy(self.keyring, keyring)
        if isinstance(self.store, Contents):
            assert self.store.restore(store_url)
        else:
            _copy(self.store, Path(sa.make_url(store_url).database or ""))


Fillings = dict[tuple[Callable[..., object], bool], Filling]
"""By what filled them, and whether that was on SQLite."""


def _find_file(url: str) -> Path | None:
    parsed = sa.make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _copy(source: Path, target: Path) -> Path:
    # with what still stands in the write-ahead log only
    with closing(sqlite3.connect(source)) as connection, closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)
    return target
