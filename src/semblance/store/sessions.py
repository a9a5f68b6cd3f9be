"""Sessions and API tokens, found by the SHA-256 of their secret, and sign-ins under way at a provider."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.people.account_rules import Session
from semblance.people.token import Token
from semblance.store.encoding import read_strings, write_strings
from semblance.store.engine import Transaction
from semblance.store.rows import add_row, change_rows, delete_rows, find_first, read_row, read_values
from semblance.store.schema.people import outside_sign_in, session, token
from semblance.terms.permission import PersonId


@dataclass(frozen=True, slots=True)
class OutsideSignIn:
    """What must come back from the provider as it went there; ``onward`` is the page that was asked for."""

    nonce: str
    verifier: str
    onward: str
    started_at: datetime


def add_session(tx: Transaction, digest: str, new: Session) -> None:
    """Keep a session under the digest of its secret."""
    add_row(tx, session, new, digest=digest)


def find_session(tx: Transaction, digest: str) -> Session | None:
    """Return the session with that digest, whether its time is over or not."""
    return find_first(read_values(tx, Session, sa.select(session).where(session.c.digest == digest)))


def touch_session(tx: Transaction, digest: str, at: datetime) -> None:
    """Note that a request came."""
    change_rows(tx, session, session.c.digest == digest, seen_at=at)


def drop_session(tx: Transaction, digest: str) -> None:
    """End one session."""
    delete_rows(tx, session, session.c.digest == digest)


def drop_sessions(tx: Transaction, person_id: PersonId) -> None:
    """End all sessions of a person."""
    delete_rows(tx, session, session.c.person_id == person_id)


def drop_all_access(tx: Transaction, at: datetime) -> None:
    """End everybody's sessions and sign-ins under way, and let no token be taken any more."""
    delete_rows(tx, session, sa.true())
    delete_rows(tx, outside_sign_in, sa.true())
    change_rows(tx, token, token.c.revoked_at.is_(None), revoked_at=at)


def forget_sessions(tx: Transaction, *, seen_before: datetime, started_before: datetime) -> None:
    """Remove the sessions that have ended by themselves."""
    delete_rows(tx, session, (session.c.seen_at < seen_before) | (session.c.started_at < started_before))


def add_outside_sign_in(tx: Transaction, digest: str, new: OutsideSignIn) -> None:
    """Keep what must come back, under the digest of the state that is sent along."""
    add_row(tx, outside_sign_in, new, digest=digest)


def take_outside_sign_in(tx: Transaction, digest: str) -> OutsideSignIn | None:
    """Return what was kept, and forget it: nothing comes back twice."""
    mine = outside_sign_in.c.digest == digest
    found = find_first(read_values(tx, OutsideSignIn, sa.select(outside_sign_in).where(mine)))
    delete_rows(tx, outside_sign_in, mine)
    return found


def forget_outside_sign_ins(tx: Transaction, *, before: datetime) -> None:
    """Remove those that nobody came back from."""
    delete_rows(tx, outside_sign_in, outside_sign_in.c.started_at < before)


def add_token(tx: Transaction, digest: str, new: Token) -> None:
    """Keep a token under the digest of its secret."""
    add_row(tx, token, new, digest=digest, scope=write_strings(sorted(new.scope)))


def find_token(tx: Transaction, digest: str) -> Token | None:
    """Return the token with that digest, whether it is valid or not."""
    return find_first(_list_tokens(tx, token.c.digest == digest))


def find_token_by_id(tx: Transaction, token_id: str) -> Token | None:
    """Return the token with that id."""
    return find_first(_list_tokens(tx, token.c.id == token_id))


def list_tokens(tx: Transaction, person_id: PersonId) -> tuple[Token, ...]:
    """Return a person's tokens, newest first."""
    return _list_tokens(tx, token.c.person_id == person_id)


def revoke_token(tx: Transaction, token_id: str, at: datetime) -> None:
    """Let the token be taken no more."""
    change_rows(tx, token, token.c.id == token_id, revoked_at=at)


def revoke_tokens(tx: Transaction, person_id: PersonId, at: datetime) -> None:
    """Let no token of the person be taken any more."""
    change_rows(tx, token, (token.c.person_id == person_id) & token.c.revoked_at.is_(None), revoked_at=at)


def _list_tokens(tx: Transaction, which: sa.ColumnElement[bool]) -> tuple[Token, ...]:
    rows = tx.connection.execute(sa.select(token).where(which).order_by(token.c.made_at.desc(), token.c.id))
    return tuple(read_row(Token, row, scope=frozenset(read_strings(row.scope))) for row in rows)
