"""What people do with the keys: look at how many there are, and rotate the node key that wraps them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.errors import ConfigurationError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import sessions, vault
from semblance.store.keyring.keyring import Keyring, KeyringFacts
from semblance.terms.permission import Action, Actor
from semblance.workflows.clock_check import require_believable
from semblance.workflows.oversight.powers import require_powers
from semblance.workflows.permission import ask, record_act, require_reason
from semblance.workflows.worker_acts import log_due

_ORPHANED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RotationReport:
    """How many keys were wrapped anew (0 where an earlier run did it all), by which node key, and the ledger entry.

    ``node_key`` is a fingerprint.
    """

    keys: int
    node_key: str
    entry: int


def describe_keys(node: Node, actor: Actor) -> KeyringFacts:
    """Return what can be said of the keyring."""
    ask(node, actor, Action.KEY_ROTATE)
    return _require_keyring(node).describe()


def rotate_keys(
    node: Node,
    actor: Actor,
    *,
    prepare: Callable[[], bytes],
    settle: Callable[[], None],
    reason: str,
    on_progress: Callable[[int], None] | None = None,
) -> RotationReport:
    """Wrap every key by the node key that ``prepare`` returns, record it, and let ``settle`` make it the present one.

    All keys are wrapped anew in one transaction of the keyring. Stopped at any moment, the node goes on working, and
    the same again finishes it; then it may be recorded twice. What the keys seal is not encrypted anew.
    """
    require_reason(reason, Message("keys.rotation-unexplained", "Say why the node key is rotated."))
    permit = ask(node, actor, Action.KEY_ROTATE)
    keyring = _require_keyring(node)
    done = keyring.rotate(prepare(), on_progress=on_progress)
    facts = keyring.describe()
    touched = (Touched("node-key", facts.node_key),)
    entry = record_act(node, permit, Verb.ALTERATION, *touched, reason=reason)
    settle()
    return RotationReport(done, facts.node_key, entry)


def sweep_keys(node: Node) -> int:
    """Remove keys whose transaction was never committed, at most once a day; return how many.

    Only those are removed that no row names a day after they were made: nothing was ever sealed with them. Raises
    VerificationError where rows that named one may have been deleted by hand; then none is removed.
    """
    keyring, now = _require_keyring(node), node.clock()
    last = keyring.describe().swept_at
    if last is not None and abs(now - last) < _ORPHANED:
        return 0
    require_believable(
        node, "sweep-keys", lambda tx, now, _limit: len(vault.list_unnamed(tx, made_before=now - _ORPHANED))
    )
    with node.store.reading() as tx:
        unnamed = vault.list_unnamed(tx, made_before=now - _ORPHANED)
        if unnamed:
            require_powers(tx)
    keyring.sweep(unnamed, at=now)
    # a session that began before is over in any case
    keyring.forget_anchors(sessions.ENDED, below=int((now - 2 * _ORPHANED).timestamp()))
    return len(unnamed)


def _require_keyring(node: Node) -> Keyring:
    if node.store.keyring is None:
        raise ConfigurationError(
            "operator.keys.no-keyring", "This store was opened without its keyring; open the node instead."
        )
    return node.store.keyring


def finish_destruction(node: Node) -> int:
    """Destroy the keys that an earlier run doomed and did not live to destroy; return how many."""
    with node.store.reading() as tx:
        found = vault.finish_destruction(tx)
    if found:
        reason = Message("keys.doomed-left", "{n} keys were doomed by an erasure and not destroyed yet", n=found)
        with node.store.writing() as tx:
            log_due(tx, node, Verb.ERASURE, "key.destroy", rule="erasure", reason=reason, at=node.clock())
    return found
