"""What gives powers in the store: sealed once in a store that had no seals, and verified as a whole."""

from typing import Final

from semblance.audit.checkpoint import VerifyingKey
from semblance.audit.entry import Verb
from semblance.errors import VerificationError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger
from semblance.store.engine import Transaction
from semblance.store.keyring.anchors import Anchor
from semblance.store.powers.whole import SEALED, find_all_damaged, has_seals, require_policies_logged, seal_unsealed
from semblance.store.vault import require_keyring
from semblance.workflows.worker_acts import log_due

_SHOWN: Final = 20
_AFTER_UPGRADE: Final = Message(
    "power.sealed", "what gives powers was sealed as it stood, since this version of the program seals it"
)


def require_powers(tx: Transaction) -> None:
    """Raise VerificationError where anything that gives powers was changed, hidden or put back by hand."""
    places = tuple(find_all_damaged(tx))
    if places:
        raise VerificationError(
            "power.damage-found",
            "{n} things were changed in the database by hand, hidden, or put back to an older state: {places}. They "
            "are refused until the database is restored from a copy.",
            n=len(places),
            places=(*places[:_SHOWN], *(["…"] if len(places) > _SHOWN else [])),
        )
    require_policies_logged(tx)


def seal_powers(node: Node, key: VerifyingKey) -> None:
    """Seal what a store holds that had no seals, once: the keyring remembers it, so that nobody brings it about again.

    The ledger is verified before, and says so where there was something to be sealed.
    """
    with node.store.reading() as tx:
        if require_keyring(tx).read_anchors([SEALED]):
            return
        ledger.verify_ledger(tx, key)
        require_policies_logged(tx)
    with node.store.writing() as tx:
        if seal_unsealed(tx):
            log_due(tx, node, Verb.ALTERATION, "power.seal", reason=_AFTER_UPGRADE, at=node.clock())
        tx.anchors[SEALED] = Anchor(1)


def seal_older_copy(node: Node) -> None:
    """Seal a restored copy from before there were seals, so that somebody can act in it and say whether it is meant."""
    with node.store.reading() as tx:
        if has_seals(tx):
            return
    with node.store.writing() as tx:
        seal_unsealed(tx)
