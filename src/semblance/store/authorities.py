"""The authorities that a node knows."""

import sqlalchemy as sa

from semblance.people.person import Authority
from semblance.store.engine import Transaction
from semblance.store.schema.people import authority
from semblance.terms.ids import AuthorityCode


def add_authority(tx: Transaction, new: Authority) -> None:
    """Register an authority; its code must not be taken."""
    tx.connection.execute(
        sa.insert(authority).values(
            code=new.code,
            name=new.name,
            contact=new.contact,
            public_key=new.key,
            admitted=new.admitted,
            webhook=new.webhook,
        )
    )


def find_authority(tx: Transaction, code: str) -> Authority | None:
    """Return the authority with that code."""
    row = tx.connection.execute(sa.select(authority).where(authority.c.code == code)).one_or_none()
    return None if row is None else read_authority_row(row)


def list_authorities(tx: Transaction) -> tuple[Authority, ...]:
    """Return all authorities in the order of their codes."""
    return tuple(map(read_authority_row, tx.connection.execute(sa.select(authority).order_by(authority.c.code))))


def set_admitted(tx: Transaction, code: AuthorityCode, *, admitted: bool) -> None:
    """Admit the authority's people, or exclude them."""
    tx.connection.execute(sa.update(authority).where(authority.c.code == code).values(admitted=admitted))


def set_reach(tx: Transaction, code: AuthorityCode, *, contact: str, webhook: str | None) -> None:
    """Say anew how the authority is reached."""
    tx.connection.execute(sa.update(authority).where(authority.c.code == code).values(contact=contact, webhook=webhook))


def read_authority_row(row: sa.Row[tuple[object, ...]]) -> Authority:
    """Return the authority in a row that has the table's columns."""
    return Authority(AuthorityCode(row.code), row.name, row.contact, row.public_key, bool(row.admitted), row.webhook)
