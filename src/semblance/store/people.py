"""The authorities that a node knows, and the people with an account, with their roles."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from semblance.people.person import Authority, Grant, Link, Person
from semblance.store.engine import Transaction
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import find_damaged, keep_sealed, require_all_sealed, require_sealed
from semblance.store.rows import add_row, change_rows, count_rows, delete_rows, find_first, read_row, read_values
from semblance.store.schema.people import authority, outside_account, person, role_grant
from semblance.store.vault import make_key
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import PersonId, Role

_COLUMNS = (
    person.c.id,
    person.c.name.label("login"),
    person.c.must_change,
    person.c.trained_on,
    person.c.added_at,
    person.c.disabled_at,
    person.c.locked_at,
    person.c.doubted_at,
    person.c.totp.is_not(None).label("second_factor"),
    *authority.c,
)


def add_authority(tx: Transaction, new: Authority) -> None:
    """Register an authority; its code must not be taken."""
    add_row(tx, authority, new, public_key=new.key)


def find_authority(tx: Transaction, code: str) -> Authority | None:
    """Return the authority with that code."""
    require_sealed(tx, PowerKind.AUTHORITY, [code])
    row = tx.connection.execute(sa.select(authority).where(authority.c.code == code)).one_or_none()
    return None if row is None else _read_authority(row)


def list_authorities(tx: Transaction) -> tuple[Authority, ...]:
    """Return all authorities in the order of their codes, those left out that were changed by hand."""
    rows = tx.connection.execute(sa.select(authority).order_by(authority.c.code)).all()
    return tuple(map(_read_authority, keep_sealed(tx, PowerKind.AUTHORITY, rows, lambda row: row.code)))


def set_admitted(tx: Transaction, code: AuthorityCode, *, admitted: bool) -> None:
    """Admit the authority's people, or exclude them."""
    change_rows(tx, authority, authority.c.code == code, admitted=admitted)


def set_reach(tx: Transaction, code: AuthorityCode, *, contact: str, webhook: str | None) -> None:
    """Say anew how the authority is reached."""
    change_rows(tx, authority, authority.c.code == code, contact=contact, webhook=webhook)


def add_person(tx: Transaction, new: Person, *, password: str | None) -> None:
    """Add an account with its roles; ``password`` is the hash. The name must not be taken."""
    counts = {"totp_step": 0, "wrong_tries": 0, "wrong_codes": 0}
    secrets = {"password": password, "key_id": make_key(tx, "node")}
    add_row(tx, person, new, authority=new.authority.code, **secrets, **counts)
    for grant in new.grants:
        set_grant(tx, new.id, grant)


def find_person(tx: Transaction, person_id: PersonId) -> Person | None:
    """Return the person with that id."""
    found = _find(tx, person.c.id == person_id)
    if found is None:
        require_sealed(tx, PowerKind.PERSON, [person_id])
    return found


def find_person_named(tx: Transaction, name: str) -> Person | None:
    """Return the person with that login name."""
    return _find(tx, person.c.name == name)


def find_linked(tx: Transaction, issuer: str, subject: str) -> Person | None:
    """Return the person whom an administrator linked with that account at a provider."""
    linked = sa.select(outside_account.c.person_id).where(
        outside_account.c.issuer == issuer, outside_account.c.subject == subject
    )
    return _find(tx, person.c.id.in_(linked))


def list_people(tx: Transaction, *, after: str | None, limit: int) -> tuple[tuple[Person, ...], tuple[str, ...]]:
    """Return people in the order of their login names; ``after`` is the last one of the page before.

    The names of those of whom something was changed by hand stand apart.
    """
    rows = _list_ids(tx, sa.true() if after is None else person.c.name > after, limit=limit)
    damaged = _find_damaged(tx, rows)
    whole = [row.id for row in rows if row.id not in damaged]
    return _read(tx, person.c.id.in_(whole)), tuple(row.name for row in rows if row.id in damaged)


def count_people(tx: Transaction) -> int:
    """Return how many accounts there are, disabled ones too."""
    return count_rows(tx, person)


def list_holders(tx: Transaction, role: Role) -> tuple[Person, ...]:
    """Return everybody who was given the role, whether it is in force or not; nobody who was changed by hand."""
    return _read_whole(tx, person.c.id.in_(sa.select(role_grant.c.person_id).where(role_grant.c.role == role)))


def list_holders_of_several(tx: Transaction) -> tuple[Person, ...]:
    """Return everybody who was given more than one role; nobody who was changed by hand."""
    several = sa.select(role_grant.c.person_id).group_by(role_grant.c.person_id).having(sa.func.count() > 1)
    return _read_whole(tx, person.c.id.in_(several))


def note_joined(tx: Transaction, person_id: PersonId, roles: Collection[Role], until: date) -> None:
    """Note until when roles that are kept apart may stand beside each other in one person."""
    mine = (role_grant.c.person_id == person_id) & role_grant.c.role.in_(list(roles))
    change_rows(tx, role_grant, mine, joined_until=until)


def set_grant(tx: Transaction, person_id: PersonId, grant: Grant) -> None:
    """Give a role, or give it until another day."""
    drop_grant(tx, person_id, grant.role)
    add_row(tx, role_grant, grant, person_id=person_id)


def drop_grant(tx: Transaction, person_id: PersonId, role: Role) -> bool:
    """Take a role away; return whether it had been given."""
    return bool(delete_rows(tx, role_grant, (role_grant.c.person_id == person_id) & (role_grant.c.role == role)))


def set_training(tx: Transaction, person_id: PersonId, on: date) -> None:
    """Note the day of the last training."""
    change_rows(tx, person, person.c.id == person_id, trained_on=on)


def set_disabled(tx: Transaction, person_id: PersonId, at: datetime | None) -> None:
    """Disable the account, or enable it again with None."""
    change_rows(tx, person, person.c.id == person_id, disabled_at=at)


def doubt_everybody(tx: Transaction, at: datetime) -> None:
    """Let nobody in until their account is confirmed; browsers that signed in before are strangers."""
    change_rows(tx, person, sa.true(), doubted_at=at, device_epoch=person.c.device_epoch + 1)


def trust(tx: Transaction, person_id: PersonId) -> None:
    """Let the account count as it stands."""
    change_rows(tx, person, person.c.id == person_id, doubted_at=None)


def link_account(tx: Transaction, person_id: PersonId, issuer: str, subject: str) -> None:
    """Let an account at a provider sign in as the person; it must not be linked yet."""
    add_row(tx, outside_account, issuer=issuer, subject=subject, person_id=person_id)


def list_links(tx: Transaction, person_id: PersonId) -> tuple[Link, ...]:
    """Return the accounts at providers that may sign in as the person."""
    mine = outside_account.c.person_id == person_id
    return read_values(tx, Link, sa.select(outside_account).where(mine).order_by(outside_account.c.issuer))


def drop_links(tx: Transaction, person_id: PersonId) -> None:
    """Let no account at a provider sign in as the person any more."""
    delete_rows(tx, outside_account, outside_account.c.person_id == person_id)


def _read_authority(row: sa.Row[Any]) -> Authority:
    return read_row(Authority, row, key=row.public_key)


def _find(tx: Transaction, wanted: sa.ColumnElement[bool]) -> Person | None:
    for row in _list_ids(tx, wanted):
        require_all_sealed(tx, (PowerKind.PERSON, row.id), (PowerKind.AUTHORITY, row.authority))
    return find_first(_read(tx, wanted))


def _list_ids(tx: Transaction, wanted: sa.ColumnElement[bool], *, limit: int | None = None) -> Sequence[sa.Row[Any]]:
    asked = sa.select(person.c.id, person.c.name, person.c.authority).where(wanted)
    return tuple(tx.connection.execute(asked.order_by(person.c.name).limit(limit)))


def _read_whole(tx: Transaction, wanted: sa.ColumnElement[bool]) -> tuple[Person, ...]:
    rows = _list_ids(tx, wanted)
    damaged = _find_damaged(tx, rows)
    return _read(tx, person.c.id.in_([row.id for row in rows if row.id not in damaged]))


def _find_damaged(tx: Transaction, rows: Sequence[sa.Row[Any]]) -> frozenset[str]:
    excluded = find_damaged(tx, PowerKind.AUTHORITY, (row.authority for row in rows))
    damaged = find_damaged(tx, PowerKind.PERSON, (row.id for row in rows))
    return damaged | {row.id for row in rows if row.authority in excluded}


def _read(tx: Transaction, wanted: sa.ColumnElement[bool]) -> tuple[Person, ...]:
    chosen = sa.select(*_COLUMNS).join(authority, authority.c.code == person.c.authority).where(wanted)
    rows = tx.connection.execute(chosen.order_by(person.c.name)).all()
    grants = _read_grants(tx, [row.id for row in rows])
    return tuple(
        read_row(Person, row, name=row.login, authority=_read_authority(row), grants=grants[row.id]) for row in rows
    )


def _read_grants(tx: Transaction, ids: Iterable[str]) -> dict[str, tuple[Grant, ...]]:
    chosen = sa.select(role_grant).where(role_grant.c.person_id.in_(list(ids))).order_by(role_grant.c.role)
    found: dict[str, tuple[Grant, ...]] = defaultdict(tuple)
    for row in tx.connection.execute(chosen):
        found[row.person_id] += (read_row(Grant, row),)
    return found
