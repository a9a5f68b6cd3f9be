"""People with an account, and their roles."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa

from semblance.people.person import Grant, Link, Person
from semblance.store.authorities import read_authority_row
from semblance.store.engine import Transaction
from semblance.store.schema.people import authority, outside_account, person, role_grant
from semblance.store.vault import make_key
from semblance.terms.permission import PersonId, Role

_COLUMNS = (
    person.c.id,
    person.c.name.label("login"),
    person.c.must_change,
    person.c.trained_on,
    person.c.added_at,
    person.c.disabled_at,
    person.c.locked_at,
    person.c.totp.is_not(None).label("second_factor"),
    *authority.c,
)


def add_person(tx: Transaction, new: Person, *, password: str | None) -> None:
    """Add an account with its roles; ``password`` is the hash. The name must not be taken."""
    tx.connection.execute(
        sa.insert(person).values(
            id=new.id,
            name=new.name,
            authority=new.authority.code,
            password=password,
            must_change=new.must_change,
            trained_on=new.trained_on,
            added_at=new.added_at,
            key_id=make_key(tx, "node"),
            totp_step=0,
            wrong_tries=0,
            wrong_codes=0,
        )
    )
    for grant in new.grants:
        set_grant(tx, new.id, grant)


def find_person(tx: Transaction, person_id: PersonId) -> Person | None:
    """Return the person with that id."""
    return next(iter(_read(tx, person.c.id == person_id)), None)


def find_person_named(tx: Transaction, name: str) -> Person | None:
    """Return the person with that login name."""
    return next(iter(_read(tx, person.c.name == name)), None)


def find_linked(tx: Transaction, issuer: str, subject: str) -> Person | None:
    """Return the person whom an administrator linked with that account at a provider."""
    linked = sa.select(outside_account.c.person_id).where(
        outside_account.c.issuer == issuer, outside_account.c.subject == subject
    )
    return next(iter(_read(tx, person.c.id.in_(linked))), None)


def list_people(tx: Transaction, *, after: str | None, limit: int) -> tuple[Person, ...]:
    """Return people in the order of their login names; ``after`` is the last one of the page before."""
    wanted = sa.true() if after is None else person.c.name > after
    return _read(tx, wanted, limit=limit)


def count_people(tx: Transaction) -> int:
    """Return how many accounts there are, disabled ones too."""
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(person)) or 0


def list_holders(tx: Transaction, role: Role) -> tuple[Person, ...]:
    """Return everybody who was given the role, whether it is in force or not."""
    return _read(tx, person.c.id.in_(sa.select(role_grant.c.person_id).where(role_grant.c.role == role.value)))


def set_grant(tx: Transaction, person_id: PersonId, grant: Grant) -> None:
    """Give a role, or give it until another day."""
    drop_grant(tx, person_id, grant.role)
    values = {"person_id": person_id, "role": grant.role.value, "until": grant.until}
    tx.connection.execute(sa.insert(role_grant).values(**values))


def drop_grant(tx: Transaction, person_id: PersonId, role: Role) -> bool:
    """Take a role away; return whether it had been given."""
    held = (role_grant.c.person_id == person_id) & (role_grant.c.role == role.value)
    return bool(tx.connection.execute(sa.delete(role_grant).where(held)).rowcount)


def set_training(tx: Transaction, person_id: PersonId, on: date) -> None:
    """Note the day of the last training."""
    _update(tx, person_id, trained_on=on)


def set_disabled(tx: Transaction, person_id: PersonId, at: datetime | None) -> None:
    """Disable the account, or enable it again with None."""
    _update(tx, person_id, disabled_at=at)


def link_account(tx: Transaction, person_id: PersonId, issuer: str, subject: str) -> None:
    """Let an account at a provider sign in as the person; it must not be linked yet."""
    tx.connection.execute(sa.insert(outside_account).values(issuer=issuer, subject=subject, person_id=person_id))


def list_links(tx: Transaction, person_id: PersonId) -> tuple[Link, ...]:
    """Return the accounts at providers that may sign in as the person."""
    chosen = (
        sa.select(outside_account).where(outside_account.c.person_id == person_id).order_by(outside_account.c.issuer)
    )
    return tuple(Link(row.issuer, row.subject) for row in tx.connection.execute(chosen))


def drop_links(tx: Transaction, person_id: PersonId) -> None:
    """Let no account at a provider sign in as the person any more."""
    tx.connection.execute(sa.delete(outside_account).where(outside_account.c.person_id == person_id))


def _update(tx: Transaction, person_id: PersonId, **values: object) -> None:
    tx.connection.execute(sa.update(person).where(person.c.id == person_id).values(**values))


def _read(tx: Transaction, wanted: sa.ColumnElement[bool], *, limit: int | None = None) -> tuple[Person, ...]:
    chosen = sa.select(*_COLUMNS).join(authority, authority.c.code == person.c.authority).where(wanted)
    rows = tx.connection.execute(chosen.order_by(person.c.name).limit(limit)).all()
    grants = _read_grants(tx, [row.id for row in rows])
    return tuple(
        Person(
            id=PersonId(row.id),
            name=row.login,
            authority=read_authority_row(row),
            grants=grants[row.id],
            trained_on=row.trained_on,
            second_factor=bool(row.second_factor),
            must_change=bool(row.must_change),
            added_at=row.added_at,
            disabled_at=row.disabled_at,
            locked_at=row.locked_at,
        )
        for row in rows
    )


def _read_grants(tx: Transaction, ids: Iterable[str]) -> dict[str, tuple[Grant, ...]]:
    chosen = sa.select(role_grant).where(role_grant.c.person_id.in_(list(ids))).order_by(role_grant.c.role)
    found: dict[str, tuple[Grant, ...]] = defaultdict(tuple)
    for row in tx.connection.execute(chosen):
        found[row.person_id] += (Grant(Role(row.role), row.until),)
    return found
