"""The keyring of a node: made once with the node, and never quietly anew."""

from pathlib import Path

from semblance.bootstrap.config import Settings
from semblance.bootstrap.node_key import make_node_key, read_node_key
from semblance.errors import ConfigurationError
from semblance.store.keyring import Keyring


def make_keyring(settings: Settings) -> None:
    """Make the node key and the keyring of a new node; raises ConfigurationError where they cannot be made."""
    _require_apart(settings)
    make_node_key(settings.node.keys.node_key, settings.home)
    Keyring(settings.keyring_url, read_node_key(settings.node.keys.node_key, settings.home)).close()


def open_keyring(settings: Settings) -> Keyring:
    """Open the node's keyring with its node key.

    Raises ConfigurationError where either is missing, damaged or another node's: then nothing is started or changed.
    """
    _require_apart(settings)
    key = read_node_key(settings.node.keys.node_key, settings.home)
    path = _find_file(settings.keyring_url)
    if path is not None and not path.is_file():
        raise ConfigurationError(
            f"The keyring {path} is missing, and everything that the store holds is sealed with the keys in it. Put it "
            "back from its newest copy; nothing was started or changed."
        )
    return Keyring(settings.keyring_url, key)


def _require_apart(settings: Settings) -> None:
    if settings.keyring_url == settings.store_url:
        raise ConfigurationError(
            "`keys.keyring` names the store itself; a copy of the store would then hold its own keys. Name another "
            "database."
        )


def _find_file(url: str) -> Path | None:
    _, separator, path = url.partition(":///")
    return Path(path) if url.startswith("sqlite") and separator and path else None
