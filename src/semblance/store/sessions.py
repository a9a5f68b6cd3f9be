"""Sessions, found by the SHA-256 of their secret, and sign-ins under way at a provider."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.people.account_rules import Session
from semblance.store.engine import Transaction
from semblance.store.schema.people import outside_sign_in, session
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
    tx.connection.execute(
        sa.insert(session).values(
            digest=digest, person_id=new.person, started_at=new.started_at, seen_at=new.seen_at, vouched=new.vouched
        )
    )


def find_session(tx: Transaction, digest: str) -> Session | None:
    """Return the session with that digest, whether its time is over or not."""
    row = tx.connection.execute(sa.select(session).where(session.c.digest == digest)).one_or_none()
    if row is None:
        return None
    return Session(PersonId(row.person_id), row.started_at, row.seen_at, bool(row.vouched))


def touch_session(tx: Transaction, digest: str, at: datetime) -> None:
    """Note that a request came."""
    tx.connection.execute(sa.update(session).where(session.c.digest == digest).values(seen_at=at))


def drop_session(tx: Transaction, digest: str) -> None:
    """End one session."""
    tx.connection.execute(sa.delete(session).where(session.c.digest == digest))


def drop_sessions(tx: Transaction, person_id: PersonId) -> None:
    """End all sessions of a person."""
    tx.connection.execute(sa.delete(session).where(session.c.person_id == person_id))


def forget_sessions(tx: Transaction, *, seen_before: datetime, started_before: datetime) -> None:
    """Remove the sessions that have ended by themselves."""
    over = (session.c.seen_at < seen_before) | (session.c.started_at < started_before)
    tx.connection.execute(sa.delete(session).where(over))


def add_outside_sign_in(tx: Transaction, digest: str, new: OutsideSignIn) -> None:
    """Keep what must come back, under the digest of the state that is sent along."""
    values = {"nonce": new.nonce, "verifier": new.verifier, "onward": new.onward}
    tx.connection.execute(sa.insert(outside_sign_in).values(digest=digest, started_at=new.started_at, **values))


def take_outside_sign_in(tx: Transaction, digest: str) -> OutsideSignIn | None:
    """Return what was kept, and forget it: nothing comes back twice."""
    row = tx.connection.execute(sa.select(outside_sign_in).where(outside_sign_in.c.digest == digest)).one_or_none()
    if row is None:
        return None
    tx.connection.execute(sa.delete(outside_sign_in).where(outside_sign_in.c.digest == digest))
    return OutsideSignIn(row.nonce, row.verifier, row.onward, row.started_at)


def forget_outside_sign_ins(tx: Transaction, *, before: datetime) -> None:
    """Remove those that nobody came back from."""
    tx.connection.execute(sa.delete(outside_sign_in).where(outside_sign_in.c.started_at < before))
