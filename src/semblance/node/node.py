"""A running node: everything that a workflow needs, wired by ``bootstrap``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from semblance.faces.extractor import Extractor
from semblance.gallery.suitability import SuitabilityLine
from semblance.node.channels import NO_CHANNELS, NotificationChannels
from semblance.node.current_policy import PolicyShelf
from semblance.node.gallery_index import GalleryIndex
from semblance.people.account_rules import DEFAULT_RULES, AccountRules
from semblance.store.engine import Store


def read_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Node:
    """One node's parts.

    ``clock`` returns aware datetimes in UTC. The workflows ``show`` and ``delete`` never touch the extractor, so that
    bootstrap may hand in one that loads its models at first use.
    ``authority`` is the one that acts here, as the ledger calls it. ``channels`` is how notifications leave the node.
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
    accounts: AccountRules = DEFAULT_RULES
    channels: NotificationChannels = NO_CHANNELS
