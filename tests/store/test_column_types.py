"""Moments and days in the database: the same text as ever, in the order of time, and back as they were."""

from datetime import UTC, date, datetime, timedelta, timezone

import sqlalchemy as sa

from semblance.store.engine import Store
from semblance.store.schema.request import request

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def add(store: Store, name: str, taken_at: datetime, decided_at: datetime | None = None) -> None:
    with store.writing() as tx:
        day = taken_at.date()
        values = {"key_id": "k", "kind": "access", "state": "received", "authority": "DE", "taken_by": "dora"}
        tx.connection.execute(
            sa.insert(request).values(
                id=name, received_on=day, due_on=day, taken_at=taken_at, decided_at=decided_at, **values
            )
        )


def test_what_is_stored_is_utc_with_microseconds_and_an_iso_day(store: Store) -> None:
    paris = timezone(timedelta(hours=2))
    add(store, "a", datetime(2026, 3, 1, 1, 30, tzinfo=paris), NOON)
    with store.reading() as tx:
        asked = sa.text("SELECT taken_at, decided_at, received_on FROM request")
        assert tx.connection.execute(asked).one() == (
            "2026-02-28T23:30:00.000000+00:00",
            "2026-03-01T12:00:00.000000+00:00",
            "2026-03-01",
        )
        found = tx.connection.execute(sa.select(request)).one()
    assert found.taken_at == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert found.taken_at.utcoffset() == timedelta()
    assert (found.received_on, type(found.received_on)) == (date(2026, 3, 1), date)


def test_order_comparison_and_aggregates_are_those_of_time(store: Store) -> None:
    moments = [NOON + timedelta(microseconds=step) for step in (1, 0, 1_000_000, 999_999)]
    for number, moment in enumerate(moments):
        add(store, str(number), moment)
    column = request.c.taken_at
    with store.reading() as tx:
        assert tx.connection.scalars(sa.select(column).order_by(column)).all() == sorted(moments)
        assert tx.connection.scalar(sa.select(sa.func.max(column))) == max(moments)
        assert tx.connection.execute(sa.select(column.label("when")).order_by(column)).first().when == NOON  # type: ignore[union-attr]
        east = NOON.astimezone(timezone(timedelta(hours=9)))
        assert tx.connection.scalars(sa.select(request.c.id).where(column <= east)).all() == ["1"]
        assert tx.connection.scalars(sa.select(request.c.id).where(column.in_([NOON]))).all() == ["1"]


def test_nothing_stays_nothing(store: Store) -> None:
    add(store, "a", NOON)
    with store.reading() as tx:
        assert tx.connection.scalars(sa.select(request.c.decided_at)).all() == [None]
        assert tx.connection.scalar(sa.select(sa.func.max(request.c.decided_at))) is None
        assert tx.connection.scalars(sa.select(request.c.id).where(request.c.decided_at.is_(None))).all() == ["a"]
