"""Acts that wait for a second person, and who alone had a hand in an account."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.people.proposal import Hands, Proposal, ProposalState
from semblance.store.encoding import write_json
from semblance.store.engine import Transaction
from semblance.store.keyring.anchors import Anchor
from semblance.store.keyring.keyring import NODE_KEY
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import keep_sealed, require_sealed
from semblance.store.rows import add_row, add_rows, change_rows, delete_rows, find_first
from semblance.store.schema.proposal import account_hand, proposal, upgrade_task
from semblance.store.vault import require_keyring, seal_text, unseal_text
from semblance.terms.permission import PersonId

UPGRADED: Final = "upgrade/"
"""How the anchors of what was done once after an upgrade begin: whoever lists it again does not bring it about."""

_PROPOSAL: Final = TypeAdapter(Proposal)


def add_proposal(tx: Transaction, made: Proposal) -> Proposal:
    """Keep a proposal; its number is given to it here."""
    # the number is part of the place that what is sealed is bound to
    last = tx.connection.scalar(sa.select(sa.func.max(proposal.c.number))) or 0
    kept = replace(made, number=last + 1)
    add_row(tx, proposal, number=kept.number, state=kept.state, sealed=_seal(tx, kept))
    return kept


def find_proposal(tx: Transaction, number: int) -> Proposal | None:
    """Return the proposal with that number."""
    require_sealed(tx, PowerKind.PROPOSAL, [str(number)])
    return find_first(_list(tx, sa.select(proposal).where(proposal.c.number == number)))


def list_waiting(tx: Transaction, *, now: datetime) -> tuple[Proposal, ...]:
    """Return the proposals that wait for a second person, the one that lapses first first."""
    undecided = sa.select(proposal).where(proposal.c.state == ProposalState.WAITING).order_by(proposal.c.number)
    return tuple(found for found in _list(tx, undecided) if found.find_state(now) is ProposalState.WAITING)


def list_newest(tx: Transaction, *, limit: int) -> tuple[Proposal, ...]:
    """Return the newest proposals, whatever became of them, newest first."""
    return _list(tx, sa.select(proposal).order_by(proposal.c.number.desc()).limit(limit))


def change_proposal(tx: Transaction, changed: Proposal) -> None:
    """Write a proposal as it stands now."""
    mine = proposal.c.number == changed.number
    change_rows(tx, proposal, mine, state=changed.state, sealed=_seal(tx, changed))


def read_hands(tx: Transaction, accounts: Iterable[PersonId]) -> Hands:
    """Return who alone had a hand in these accounts, and in the accounts of those, as far as it goes.

    Raises VerificationError where anything of these people was changed by hand.
    """
    found: dict[PersonId, frozenset[PersonId]] = {}
    waiting, seen = frozenset(accounts), frozenset[PersonId]()
    while waiting:
        require_sealed(tx, PowerKind.PERSON, sorted(waiting))
        seen |= waiting
        for row in tx.connection.execute(sa.select(account_hand).where(account_hand.c.person_id.in_(waiting))):
            found[row.person_id] = found.get(row.person_id, frozenset()) | {row.hand_id}
        waiting = frozenset().union(*found.values()) - seen
    return found


def add_hands(tx: Transaction, person_id: PersonId, hands: Iterable[PersonId]) -> None:
    """Note that each of these people alone had a hand in the account; none may be noted yet."""
    add_rows(tx, account_hand, ({"hand_id": hand} for hand in sorted(set(hands))), person_id=person_id)


def drop_hands(tx: Transaction, person_id: PersonId) -> None:
    """Note that nobody alone can let anybody in with the account any more."""
    delete_rows(tx, account_hand, account_hand.c.person_id == person_id)


def take_upgrade_task(tx: Transaction, name: str) -> bool:
    """Return whether an upgrade left this to be done, and take it off the list; the keyring remembers that it is."""
    tx.anchors[f"{UPGRADED}{name}"] = Anchor(1)
    return bool(delete_rows(tx, upgrade_task, upgrade_task.c.name == name))


def is_upgraded(tx: Transaction, name: str) -> bool:
    """Return whether nothing of this is left to be done, whatever somebody wrote into the list since."""
    return bool(require_keyring(tx).read_anchors([f"{UPGRADED}{name}"]))


def list_upgraded(tx: Transaction) -> dict[str, Anchor]:
    """Return the anchors of what is done in the store as it stands: an older copy may have it before it."""
    left = {f"{UPGRADED}{name}" for name in tx.connection.scalars(sa.select(upgrade_task.c.name))}
    kept = (some.items() for some in require_keyring(tx).iterate_anchors(UPGRADED))
    return {name: done for some in kept for name, done in some if name not in left}


def _seal(tx: Transaction, kept: Proposal) -> bytes:
    written = write_json(_PROPOSAL.dump_python(kept, mode="json"))
    return seal_text(tx, NODE_KEY, f"proposal/{kept.number}", written)


def _list(tx: Transaction, asked: sa.Select[Any]) -> tuple[Proposal, ...]:
    rows = keep_sealed(tx, PowerKind.PROPOSAL, tx.connection.execute(asked).all(), lambda row: str(row.number))
    opened = (unseal_text(tx, NODE_KEY, f"proposal/{row.number}", row.sealed) for row in rows)
    return tuple(map(_PROPOSAL.validate_json, opened))
