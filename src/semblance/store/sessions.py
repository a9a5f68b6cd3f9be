"""Sessions and API tokens, found by the SHA-256 of their secret, and sign-ins under way at a provider.

Every session has a MAC of its own. When the last request came is under it, too: whoever writes the database makes no
session last longer. The keyring keeps which were ended, by when they had begun.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest
from typing import Any, Final

import sqlalchemy as sa

from semblance.people.account_rules import Session
from semblance.people.token import Token
from semblance.store.encoding import read_strings, write_strings
from semblance.store.engine import Transaction
from semblance.store.keyring.anchors import Anchor
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed
from semblance.store.rows import add_row, change_rows, delete_rows, find_first, read_row, read_values
from semblance.store.schema.people import outside_sign_in, person, session, token
from semblance.store.schema.power import session_end
from semblance.store.vault import require_keyring
from semblance.terms.permission import PersonId

ENDED: Final = "power/session/"
"""How the anchors of ended sessions begin; their numbers are the seconds at which the sessions had begun."""


@dataclass(frozen=True, slots=True)
class OutsideSignIn:
    """What must come back from the provider as it went there; ``onward`` is the page that was asked for."""

    nonce: str
    verifier: str
    onward: str
    started_at: datetime


def add_session(tx: Transaction, digest: str, new: Session) -> None:
    """Keep a session under the digest of its secret."""
    ended = _count_ends(tx, new.person)
    add_row(tx, session, new, digest=digest, generation=ended, mac=_authenticate(tx, digest, new, ended))


def find_session(tx: Transaction, digest: str) -> Session | None:
    """Return the session with that digest, whether its time is over or not.

    There is none where somebody made or changed it by hand, or where it was ended and its row came back: the person
    signs in again. How often their sessions were ended is under the person's seal, which who reads the person checks.
    """
    row = tx.connection.execute(sa.select(session).where(session.c.digest == digest)).one_or_none()
    if row is None or row.generation != _count_ends(tx, row.person_id) or not _is_authentic(tx, row):
        return None
    return None if require_keyring(tx).read_anchors([_name_end(digest)]) else read_row(Session, row)


def find_forged_sessions(tx: Transaction) -> tuple[PersonId, ...]:
    """Return whose sessions were made or changed by hand, one for each."""
    rows = tx.connection.execute(sa.select(session).order_by(session.c.person_id))
    return tuple(PersonId(row.person_id) for row in rows if not _is_authentic(tx, row))


def touch_session(tx: Transaction, digest: str, held: Session, at: datetime) -> None:
    """Note that a request came to a session that was found in this store."""
    ended = _count_ends(tx, held.person)
    mac = _authenticate(tx, digest, replace(held, seen_at=at), ended)
    same = (session.c.digest == digest) & (session.c.generation == ended)
    change_rows(tx, session, same, seen_at=at, mac=mac)


def drop_session(tx: Transaction, digest: str) -> None:
    """End one session; its row counts no more, also where somebody puts it back."""
    started = tx.connection.scalar(sa.select(session.c.started_at).where(session.c.digest == digest))
    if started is not None:
        delete_rows(tx, session, session.c.digest == digest)
        tx.anchors[_name_end(digest)] = Anchor(int(started.timestamp()))


def drop_sessions(tx: Transaction, person_id: PersonId) -> None:
    """End all sessions of a person, also those whose rows somebody keeps elsewhere."""
    delete_rows(tx, session, session.c.person_id == person_id)
    ended = _count_ends(tx, person_id)
    delete_rows(tx, session_end, session_end.c.person_id == person_id)
    add_row(tx, session_end, person_id=person_id, times=ended + 1)


def drop_all_access(tx: Transaction, at: datetime) -> None:
    """End everybody's sessions and sign-ins under way, and let no token be taken any more."""
    for person_id in tx.connection.scalars(sa.select(person.c.id)).all():
        drop_sessions(tx, PersonId(person_id))
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


def _count_ends(tx: Transaction, person_id: str) -> int:
    return tx.connection.scalar(sa.select(session_end.c.times).where(session_end.c.person_id == person_id)) or 0


def _name_end(digest: str) -> str:
    """Return under which name the keyring keeps that the session was ended."""
    return f"{ENDED}{digest}"


def _is_authentic(tx: Transaction, row: sa.Row[Any]) -> bool:
    try:
        expected = _authenticate(tx, row.digest, read_row(Session, row), row.generation)
    except ValueError:
        return False
    return compare_digest(expected, bytes(row.mac))


def _authenticate(tx: Transaction, digest: str, held: Session, generation: int) -> bytes:
    facts = (digest, held.person, held.started_at.isoformat(), held.seen_at.isoformat(), held.vouched, generation)
    return require_keyring(tx).authenticate(f"session {json.dumps(facts)}".encode())


def _list_tokens(tx: Transaction, which: sa.ColumnElement[bool]) -> tuple[Token, ...]:
    require_sealed(tx, PowerKind.PERSON, tx.connection.scalars(sa.select(token.c.person_id).where(which)).all())
    rows = tx.connection.execute(sa.select(token).where(which).order_by(token.c.made_at.desc(), token.c.id))
    return tuple(read_row(Token, row, scope=frozenset(read_strings(row.scope))) for row in rows)
