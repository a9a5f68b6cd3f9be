"""Makes nodes and opens them: store, extractor, gallery in memory and suitability line, put together."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import structlog

from semblance.bootstrap.config import SETTINGS_FILE, Settings, apply_environment, parse_settings, read_settings
from semblance.bootstrap.leftovers import remove_leftovers
from semblance.bootstrap.node_key import seat_ledger
from semblance.bootstrap.notification_channels import make_channels
from semblance.bootstrap.open_keyring import make_keyring, open_keyring, warn_of_shared_server
from semblance.bootstrap.operations_log import configure_logging
from semblance.bootstrap.packs import LazyExtractor, open_pack
from semblance.errors import ClockDoubted, ConfigurationError, Conflict, StoreError
from semblance.faces.extractor import Extractor
from semblance.node.clock_watch import ClockWatch
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node, PolicyShelf
from semblance.search.embedded.index import EmbeddedIndex, Fetch
from semblance.search.index import TemplateIndex
from semblance.search.milvus.index import MilvusIndex
from semblance.search.milvus.place import MilvusPlace
from semblance.store.engine import open_store
from semblance.store.ledger_growth import require_unbroken
from semblance.store.vault import require_keyring_of, require_nothing_revived
from semblance.workflows.accounts.after_upgrade import settle_accounts
from semblance.workflows.cases.probes import purge_expired
from semblance.workflows.oversight.keys import finish_destruction
from semblance.workflows.oversight.ledger import read_key
from semblance.workflows.oversight.powers import seal_older_copy, seal_powers


def create_node(
    home: Path,
    *,
    name: str | None = None,
    authority: str | None = None,
    pack: str = "embedded",
    store: str | None = None,
    second_factor: str | None = None,
    suitability: Mapping[str, float] | None = None,
) -> Settings:
    """Make a node in the folder: its ``node.toml`` and its store.

    ``suitability`` names what of the suitability line differs from the defaults, ``second_factor`` whether accounts
    must have one.

    Raises Conflict where the folder holds a node already, ConfigurationError where a value or the folder is no good;
    then nothing is left behind.
    """
    home = home.expanduser().absolute()
    path = home / SETTINGS_FILE
    text = _write_settings(name or home.name, authority, pack, store, second_factor, suitability or {})
    settings = apply_environment(home, parse_settings(text, source=str(path)))
    if path.exists():
        raise _held_already(home)
    made: tuple[Path, ...] = ()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = make_keyring(settings)
        open_store(settings.store_url).close()
        # last: a folder with settings is a whole node
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        # another program makes a node here at the same time: what was made is its, too
        raise _held_already(home) from None
    except OSError as error:
        _remove(made)
        raise ConfigurationError(
            "operator.node.not-made",
            "No node can be made in {home}: {strerror}. Name another folder.",
            home=home,
            strerror=error.strerror,
        ) from None
    except BaseException:
        _remove(made)
        raise
    return settings


def open_node(
    home: Path, *, open_extractor: Callable[[Settings], Extractor] = open_pack, witnessed: bool = True
) -> Node:
    """Open the node in the folder, destroy the keys that were doomed, and delete the probes whose time is over.

    Its models are loaded when they are first needed.

    Whoever calls it closes ``node.store``; ``run_node`` does so by itself. Raises NodeMissing, ConfigurationError,
    a kind of StoreError, or LedgerBroken where the store's ledger is not the one that this node signed last;
    ``witnessed=False`` opens it all the same, and leaves witness and keyring as they are.
    """
    settings = read_settings(home)
    configure_logging(settings.node.log_level)
    channels = make_channels(settings)
    remove_leftovers(settings.home)
    keyring = open_keyring(settings)
    try:
        store = open_store(settings.store_url, keyring=keyring)
    except BaseException:
        keyring.close()
        raise
    warn_of_shared_server(settings)
    if store.made:
        # `semblance init` had made one: it was moved, lost, or the setting was changed
        structlog.get_logger().warning("the store was missing or empty; a new one was made", store=store.kind)
    node = Node(
        name=settings.node.name,
        home=settings.home,
        store=store,
        extractor=LazyExtractor(lambda: open_extractor(settings)),
        index=GalleryIndex(
            store,
            partial(_open_index, settings.index),
            # what lies on a cluster outlives this process by itself
            snapshots=settings.home / "index" if settings.index is None else None,
        ),
        suitability=settings.node.suitability,
        policy=PolicyShelf(store),
        authority=settings.node.authority,
        accounts=settings.node.accounts,
        channels=channels,
        watch=ClockWatch(),
    )
    try:
        with store.reading() as tx:
            require_keyring_of(tx)
        seat_ledger(store, settings.home, name=settings.node.name, witnesses=witnessed)
        if witnessed:
            require_unbroken(store)
            seal_powers(node, read_key(node))
            with store.reading() as tx:
                require_nothing_revived(tx)
            settle_accounts(node)
            _forget_expired(node)
        else:
            seal_older_copy(node)
    except BaseException:
        store.close()
        raise
    return node


@contextlib.contextmanager
def run_node(home: Path, *, witnessed: bool = True) -> Iterator[Node]:
    """Open the node in the folder for the length of a ``with`` block."""
    node = open_node(home, witnessed=witnessed)
    try:
        yield node
    finally:
        node.store.close()


def _open_index(place: MilvusPlace | None, fetch: Fetch) -> TemplateIndex:
    return EmbeddedIndex(fetch) if place is None else MilvusIndex(place)


def _held_already(home: Path) -> Conflict:
    return Conflict(
        "operator.node.exists",
        "{home} holds a node already. Name another folder with --home, or use that node.",
        home=home,
    )


def _remove(made: tuple[Path, ...]) -> None:
    for path in made:
        path.unlink(missing_ok=True)


def _forget_expired(node: Node) -> None:
    try:
        finish_destruction(node)
        purge_expired(node)
    except (ClockDoubted, StoreError) as error:
        # what has expired cannot be read all the same, and a full disk must not keep anybody from deleting a subject
        structlog.get_logger().warning("what has expired is not deleted yet", error=error.code)


def _write_settings(
    name: str,
    authority: str | None,
    pack: str,
    store: str | None,
    second_factor: str | None,
    suitability: Mapping[str, float],
) -> str:
    lines = ["# The settings of this node. docs/settings.md explains every key.", f"name = {_quote(name)}"]
    if authority is not None:
        lines.append(f"authority = {_quote(authority)}")
    lines.append(f"pack = {_quote(pack)}")
    if store is not None:
        lines.append(f"store = {_quote(store)}")
    if suitability:
        lines += ["", "[suitability]", *(f"{key} = {value}" for key, value in suitability.items())]
    if second_factor is not None:
        lines += ["", "[accounts]", f"second_factor = {_quote(second_factor)}"]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    # a JSON string is a TOML basic string, except for DEL, which TOML wants escaped
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
