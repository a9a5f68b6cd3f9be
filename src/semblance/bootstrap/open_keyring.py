"""The keyring of a node: made once with the node, and never quietly anew."""

from collections.abc import Iterator
from pathlib import Path

import structlog

from semblance.bootstrap.config import Settings, read_settings
from semblance.bootstrap.next_node_key import list_node_keys
from semblance.bootstrap.node_key import make_node_key, read_node_key
from semblance.errors import ConfigurationError
from semblance.store.database import describe_shared, is_same_database, parse_url
from semblance.store.keyring.keyring import Keyring


def make_keyring(settings: Settings) -> tuple[Path, ...]:
    """Make the node key and the keyring of a new node, and return the files that were made.

    A keyring that is there is opened, and no node key is made beside it. Raises ConfigurationError where they cannot be
    made or do not belong together.
    """
    _require_apart(settings)
    source, made = settings.node.keys.node_key, []
    file = find_sqlite_file(settings.keyring_url)
    if (file is None or not file.exists()) and make_node_key(source, settings.home):
        made.append(settings.home / Path(source.partition(":")[2]).expanduser())
    if file is not None and not file.exists():
        made.append(file)
    Keyring(settings.keyring_url, read_node_key(source, settings.home)).close()
    return tuple(made)


def open_keyring(settings: Settings) -> Keyring:
    """Open the node's keyring with its node key.

    Raises ConfigurationError where either is missing, damaged or another node's: then nothing is started or changed.
    """
    _require_apart(settings)

    def reread() -> Iterator[bytes]:
        return list_node_keys(read_settings(settings.home))

    return Keyring(settings.keyring_url, next(list_node_keys(settings)), reread=reread, make=False)


def warn_of_shared_server(settings: Settings) -> None:
    """Say in the operations log where whoever gets into the store gets into the keyring with it."""
    store, keyring = parse_url(settings.store_url, "the store"), parse_url(settings.keyring_url, "the keyring")
    if shared := describe_shared(store, keyring):
        structlog.get_logger().warning(
            "the keyring can be reached by whoever reaches the store; give it another server and another role",
            shared=shared,
        )


def find_sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database, None for another one."""
    parsed = parse_url(url, "the keyring")
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _require_apart(settings: Settings) -> None:
    if is_same_database(parse_url(settings.keyring_url, "the keyring"), parse_url(settings.store_url, "the store")):
        raise ConfigurationError(
            "operator.settings.keyring-in-store",
            "`keys.keyring` names the store itself; a copy of the store would then hold its own keys. Name "
            "another database.",
        )
