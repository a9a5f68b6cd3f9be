"""API tokens, found by the SHA-256 of their secret."""

from datetime import datetime

import sqlalchemy as sa

from semblance.people.token import Token
from semblance.store.encoding import read_strings, write_strings
from semblance.store.engine import Transaction
from semblance.store.schema.people import token
from semblance.terms.permission import Action, PersonId


def add_token(tx: Transaction, digest: str, new: Token) -> None:
    """Keep a token under the digest of its secret."""
    tx.connection.execute(
        sa.insert(token).values(
            id=new.id,
            digest=digest,
            person_id=new.person,
            label=new.label,
            start=new.start,
            scope=write_strings(sorted(new.scope)),
            made_at=new.made_at,
            expires_at=new.expires_at,
        )
    )


def find_token(tx: Transaction, digest: str) -> Token | None:
    """Return the token with that digest, whether it is valid or not."""
    row = tx.connection.execute(sa.select(token).where(token.c.digest == digest)).one_or_none()
    return None if row is None else _read(row)


def find_token_by_id(tx: Transaction, token_id: str) -> Token | None:
    """Return the token with that id."""
    row = tx.connection.execute(sa.select(token).where(token.c.id == token_id)).one_or_none()
    return None if row is None else _read(row)


def list_tokens(tx: Transaction, person_id: PersonId) -> tuple[Token, ...]:
    """Return a person's tokens, newest first."""
    chosen = sa.select(token).where(token.c.person_id == person_id).order_by(token.c.made_at.desc(), token.c.id)
    return tuple(map(_read, tx.connection.execute(chosen)))


def revoke_token(tx: Transaction, token_id: str, at: datetime) -> None:
    """Let the token be taken no more."""
    tx.connection.execute(sa.update(token).where(token.c.id == token_id).values(revoked_at=at))


def revoke_tokens(tx: Transaction, person_id: PersonId, at: datetime) -> None:
    """Let no token of the person be taken any more."""
    held = (token.c.person_id == person_id) & token.c.revoked_at.is_(None)
    tx.connection.execute(sa.update(token).where(held).values(revoked_at=at))


def _read(row: sa.Row[tuple[object, ...]]) -> Token:
    return Token(
        id=row.id,
        person=PersonId(row.person_id),
        label=row.label,
        start=row.start,
        scope=frozenset(map(Action, read_strings(row.scope))),
        made_at=row.made_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
