"""A running node: everything that a workflow needs, wired by ``bootstrap``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Final

from semblance.cases.policy import Policy, read_default_policy, read_policy
from semblance.errors import ConfigurationError, PolicyInvalid
from semblance.exchange.delivery.mail import MailServer
from semblance.exchange.delivery.webhook import WebhookCaller
from semblance.faces.extractor import Extractor
from semblance.gallery.suitability import SuitabilityLine
from semblance.node.clock_watch import ClockWatch
from semblance.node.gallery_index import GalleryIndex
from semblance.node.viewings import Viewings
from semblance.people.account_rules import DEFAULT_RULES, AccountRules
from semblance.people.person import RoleRules
from semblance.store import policies
from semblance.store.engine import Store
from semblance.store.policies import StoredPolicy


def read_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class NotificationChannels:
    """What the node sends notifications through; a channel that is None is not set up.

    ``address`` is where people reach the node's pages, without a slash at its end; empty where no setting says it.
    """

    mail: MailServer | None = None
    webhook: WebhookCaller | None = None
    address: str = ""


NO_CHANNELS: Final = NotificationChannels()
"""Nothing is set up: notifications wait, and are given up in the end."""


class PolicyShelf:
    """Gives the newest version of the policy that the store holds; the shipped one before the first. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._number = 0
        self._stamp: bytes | None = None
        self._checked = False
        self._policy = read_default_policy()

    def read(self) -> Policy:
        """Return the policy in force now."""
        return self.read_numbered()[1]

    def read_numbered(self) -> tuple[int, Policy]:
        """Return the number of the version in force, 0 for the shipped one, and the policy.

        Raises VerificationError where somebody wrote a policy by hand, or put an older one back.
        """
        with self._store.reading() as tx:
            stamp = policies.read_stamp(tx)
            with self._lock:
                if stamp != self._stamp or not self._checked:
                    self._take(policies.find_newest(tx))
                    self._stamp, self._checked = stamp, True
                return self._number, self._policy

    def _take(self, stored: StoredPolicy | None) -> None:
        if stored is None:
            self._number, self._policy = 0, read_default_policy()
            return
        try:
            policy = read_policy(stored.text, source=f"policy version {stored.number}")
        except PolicyInvalid as error:
            # nobody who asks has sent it
            raise ConfigurationError(error.message) from error
        self._number, self._policy = stored.number, policy


@dataclass(frozen=True, slots=True)
class Node:
    """One node's parts.

    ``clock`` returns aware datetimes in UTC. The workflows ``show`` and ``delete`` never touch the extractor, so that
    bootstrap may hand in one that loads its models at first use.
    ``authority`` is the one that acts here, as the ledger calls it. ``channels`` is how notifications leave the node.
    ``watch`` tells whether the clock was set while the program ran; without one nobody asks.
    """

    name: str
    home: Path
    store: Store
    extractor: Extractor
    index: GalleryIndex
    suitability: SuitabilityLine
    policy: PolicyShelf
    authority: str = "unnamed"
    clock: Callable[[], datetime] = read_clock
    watch: ClockWatch | None = None
    accounts: AccountRules = DEFAULT_RULES
    channels: NotificationChannels = NO_CHANNELS
    viewings: Viewings = field(default_factory=Viewings)

    @property
    def role_rules(self) -> RoleRules:
        """Return what decides now whether a role is in force."""
        return RoleRules(self.accounts.training_years, self.policy.read().roles.apart)
