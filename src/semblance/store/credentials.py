"""What lets a person in: the password's hash, the second factor, the codes on paper, and the count of wrong tries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from semblance.store.engine import Transaction
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed
from semblance.store.rows import add_rows, change_rows, count_rows, delete_rows, read_key, read_row
from semblance.store.schema.people import person, recovery_code
from semblance.store.vault import seal_text, unseal_text
from semblance.terms.permission import PersonId


@dataclass(frozen=True, slots=True)
class Tries:
    """How many tries and codes in a row were wrong, and until when none is taken."""

    wrong: int
    codes: int
    paused_until: datetime | None


NO_TRIES: Final = Tries(0, 0, None)


@dataclass(frozen=True, slots=True)
class Credentials:
    """How sign-ins stand for one person; ``password`` is the hash, None where there is none.

    ``last_step`` is the time step of the last code that was taken. ``strangers`` and ``known`` count the wrong tries of
    whoever comes from anywhere, and of browsers that signed in before ``device_epoch`` was counted up last.
    """

    password: str | None
    last_step: int
    strangers: Tries
    known: Tries
    device_epoch: int


def read_credentials(tx: Transaction, person_id: PersonId) -> Credentials:
    """Return how sign-ins stand for the person, who must be there."""
    require_sealed(tx, PowerKind.PERSON, [person_id])
    row = tx.connection.execute(sa.select(person).where(person.c.id == person_id)).one()
    strangers = Tries(row.wrong_tries, row.wrong_codes, row.paused_until)
    known = Tries(row.known_tries, row.known_codes, row.known_paused_until)
    return read_row(Credentials, row, last_step=row.totp_step, strangers=strangers, known=known)


def set_password(tx: Transaction, person_id: PersonId, hashed: str, *, must_change: bool) -> None:
    """Keep another password's hash."""
    _update(tx, person_id, password=hashed, must_change=must_change)


def renew_hash(tx: Transaction, person_id: PersonId, hashed: str) -> None:
    """Keep the same password's hash with other parameters."""
    _update(tx, person_id, password=hashed)


def count_tries(tx: Transaction, person_id: PersonId, tries: Tries, *, known: bool) -> None:
    """Note how many tries and codes in a row were wrong, and until when none is taken."""
    if known:
        counts = {"known_tries": tries.wrong, "known_codes": tries.codes, "known_paused_until": tries.paused_until}
    else:
        counts = {"wrong_tries": tries.wrong, "wrong_codes": tries.codes, "paused_until": tries.paused_until}
    _update(tx, person_id, **counts)


def lock(tx: Transaction, person_id: PersonId, at: datetime) -> None:
    """Let strangers in no more, until somebody unlocks the account."""
    _update(tx, person_id, locked_at=at)


def forget_devices(tx: Transaction, person_id: PersonId) -> None:
    """Let every browser that signed in before be a stranger."""
    _update(tx, person_id, device_epoch=person.c.device_epoch + 1)


def forgive(tx: Transaction, person_id: PersonId) -> None:
    """Forget wrong tries and codes, and unlock the account."""
    for known in (False, True):
        count_tries(tx, person_id, NO_TRIES, known=known)
    _update(tx, person_id, locked_at=None)


def use_step(tx: Transaction, person_id: PersonId, step: int) -> None:
    """Note the time step of the code that was taken."""
    _update(tx, person_id, totp_step=step)


def read_totp(tx: Transaction, person_id: PersonId) -> str | None:
    """Return the secret of the second factor, or None where there is none."""
    return _unseal(tx, person_id, "totp")


def read_new_totp(tx: Transaction, person_id: PersonId) -> str | None:
    """Return the secret that was shown and is not confirmed yet."""
    return _unseal(tx, person_id, "totp_new")


def set_new_totp(tx: Transaction, person_id: PersonId, secret: str) -> None:
    """Keep a secret that is shown to its owner."""
    sealed = seal_text(tx, read_key(tx, person, person_id), f"person.totp_new/{person_id}", secret)
    _update(tx, person_id, totp_new=sealed)


def set_totp(tx: Transaction, person_id: PersonId, secret: str, *, step: int) -> None:
    """Make the secret that of the second factor; ``step`` is that of the code which confirmed it."""
    sealed = seal_text(tx, read_key(tx, person, person_id), f"person.totp/{person_id}", secret)
    _update(tx, person_id, totp=sealed, totp_new=None, totp_step=step)


def drop_second_factor(tx: Transaction, person_id: PersonId) -> None:
    """Forget the second factor and its codes on paper."""
    _update(tx, person_id, totp=None, totp_new=None)
    set_recovery_codes(tx, person_id, ())


def set_recovery_codes(tx: Transaction, person_id: PersonId, digests: Iterable[str]) -> None:
    """Keep the digests of new codes on paper instead of the old ones."""
    delete_rows(tx, recovery_code, recovery_code.c.person_id == person_id)
    add_rows(tx, recovery_code, ({"digest": digest} for digest in digests), person_id=person_id)


def use_recovery_code(tx: Transaction, person_id: PersonId, digest: str) -> bool:
    """Return whether the code was one of the person's, and forget it."""
    held = (recovery_code.c.person_id == person_id) & (recovery_code.c.digest == digest)
    return bool(delete_rows(tx, recovery_code, held))


def has_recovery_code(tx: Transaction, person_id: PersonId, digest: str) -> bool:
    """Return whether the code is one of the person's, and leave it there."""
    held = (recovery_code.c.person_id == person_id) & (recovery_code.c.digest == digest)
    return bool(count_rows(tx, recovery_code, held))


def count_recovery_codes(tx: Transaction, person_id: PersonId) -> int:
    """Return how many codes on paper are left."""
    return count_rows(tx, recovery_code, recovery_code.c.person_id == person_id)


def _unseal(tx: Transaction, person_id: PersonId, column: str) -> str | None:
    require_sealed(tx, PowerKind.PERSON, [person_id])
    sealed = tx.connection.scalar(sa.select(person.c[column]).where(person.c.id == person_id))
    if sealed is None:
        return None
    return unseal_text(tx, read_key(tx, person, person_id), f"person.{column}/{person_id}", sealed)


def _update(tx: Transaction, person_id: PersonId, **values: object) -> None:
    change_rows(tx, person, person.c.id == person_id, **values)
