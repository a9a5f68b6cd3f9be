"""Rotating the node key: where the next one comes from, so that a rotation killed at any moment can be finished.

While a rotation is under way the file ``node-key.next`` in the home folder names the source of the next node key; the
setting goes on naming the present one until every key is wrapped anew.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from semblance.bootstrap.config import SETTINGS_FILE, NodeSettings, Settings, parse_settings, read_settings
from semblance.bootstrap.node_key import FILE, make_key_file, make_node_key, read_node_key
from semblance.errors import ConfigurationError, Conflict

NEXT_FILE: Final = "node-key.next"
_FRESH: Final = ".new"
_SECTION: Final = re.compile(r"\s*\[\s*keys\s*\]\s*(#.*)?$")
_LINE: Final = re.compile(r"\s*node_key\s*=")


@dataclass(frozen=True, slots=True)
class NextNodeKey:
    """The node key to come, and its source; ``resumed`` where an earlier rotation had prepared it."""

    key: bytes
    source: str
    resumed: bool


def list_node_keys(settings: Settings) -> Iterator[bytes]:
    """Give the node key of the settings, and after it that of a rotation under way, as far as they can be read.

    Raises ConfigurationError, that of the settings' source, where there is none.
    """
    fault, found = None, False
    for source in (settings.node.keys.node_key, _read_next(settings.home)):
        if source is None:
            continue
        try:
            key = read_node_key(source, settings.home)
        except ConfigurationError as error:
            fault = fault or error
            continue
        found = True
        yield key
    if fault is not None and not found:
        raise fault


def is_under_way(home: Path) -> bool:
    """Return whether a rotation of the node key was begun and not finished."""
    return (home / NEXT_FILE).exists()


def prepare_next(settings: Settings, to: str | None) -> NextNodeKey:
    """Return the next node key, made where a file is its source, and note where it is before anything is wrapped by it.

    Without ``to`` a new key file takes the place of the present one in the end. Where a rotation is under way, its key
    is returned. Raises ConfigurationError where there is no key to be had, Conflict where ``to`` names the present
    source, or another one than the rotation under way.
    """
    present, pending = settings.node.keys.node_key, _read_next(settings.home)
    if pending is not None and not _is_left_over(settings, pending):
        if to not in {None, pending}:
            raise Conflict(
                "operator.node-key.rotation-under-way",
                "A rotation to {pending} is under way. Finish it with `semblance keys rotate`, and rotate again.",
                pending=pending,
            )
        return NextNodeKey(read_node_key(pending, settings.home), pending, resumed=True)
    source = to or _name_fresh_file(settings)
    if source == present:
        raise Conflict(
            "operator.node-key.same-source",
            "The node key comes from {source} already. Name another source with --to.",
            source=source,
        )
    if to is None:
        make_key_file(_find_path(source, settings.home), replace=True)
    else:
        make_node_key(source, settings.home)
    key = read_node_key(source, settings.home)
    _write_whole(settings.home / NEXT_FILE, source + "\n")
    return NextNodeKey(key, source, resumed=False)


def settle_next(home: Path) -> None:
    """Let the settings name the next node key as the present one, now that it wraps every key.

    Raises ConfigurationError where ``node.toml`` cannot be changed so; the rotation then stays under way, and nothing
    else is kept from working.
    """
    settings, source = read_settings(home), _read_next(home)
    if source is None:
        return
    present = settings.node.keys.node_key
    if _is_left_over(settings, source):
        pass
    elif source == _name_fresh(present):
        _find_path(source, settings.home).replace(_find_path(present, settings.home))
        _sync(settings.home)
    elif source != present:
        _write_source(settings, source)
    (settings.home / NEXT_FILE).unlink()
    _sync(settings.home)


def _read_next(home: Path) -> str | None:
    try:
        return (home / NEXT_FILE).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "operator.node-key.next-unreadable",
            "{path} cannot be read ({error}). Check its permissions.",
            path=home / NEXT_FILE,
            error=error,
        ) from None


def _is_left_over(settings: Settings, pending: str) -> bool:
    """Return whether the pending file was put in its place already, and only the note of it is left."""
    present = settings.node.keys.node_key
    return pending == _name_fresh(present) and not _find_path(pending, settings.home).exists()


def _name_fresh_file(settings: Settings) -> str:
    present = settings.node.keys.node_key
    if not present.startswith(f"{FILE}:"):
        raise ConfigurationError(
            "operator.node-key.no-file",
            "The node key comes from {present}. Put a new one where a new source finds it, and name that "
            "source with --to, as env:NAME or command:PROGRAM.",
            present=present,
        )
    return _name_fresh(present)


def _name_fresh(source: str) -> str:
    return source + _FRESH


def _find_path(source: str, home: Path) -> Path:
    return home / Path(source.partition(":")[2]).expanduser()


def _write_source(settings: Settings, source: str) -> None:
    path = settings.home / SETTINGS_FILE
    lines = path.read_bytes().decode("utf-8").split("\n")
    ending = "\r" if lines[0].endswith("\r") else ""
    value = f"node_key = {json.dumps(source)}{ending}"
    head = next((place for place, line in enumerate(lines) if _SECTION.match(line)), None)
    if head is None:
        while lines and not lines[-1].strip():
            lines.pop()
        lines += [ending, f"[keys]{ending}", value, ""]
    else:
        end = next(
            (place for place in range(head + 1, len(lines)) if lines[place].lstrip().startswith("[")), len(lines)
        )
        present = next((place for place in range(head + 1, end) if _LINE.match(lines[place])), None)
        if present is None:
            lines.insert(head + 1, value)
        else:
            lines[present] = value
    text = "\n".join(lines)
    _require_change(settings.node, text, source, path)
    _write_whole(path, text)


def _require_change(before: NodeSettings, text: str, source: str, path: Path) -> None:
    keys = before.keys.model_copy(update={"node_key": source})
    try:
        changed = parse_settings(text, source=str(path)) == before.model_copy(update={"keys": keys})
    except ConfigurationError:
        changed = False
    if not changed:
        raise ConfigurationError(
            "operator.node-key.settings-unchanged",
            "Every key is wrapped anew, but {path} is written in a way that this command cannot change. Write "
            "`node_key = {value}` under [keys] yourself, and remove {next}.",
            path=path,
            value=json.dumps(source),
            next=path.with_name(NEXT_FILE),
        )


def _write_whole(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync(path.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ConfigurationError(
            "operator.node-key.unwritable",
            "{path} cannot be written ({strerror}). Check its permissions.",
            path=path,
            strerror=error.strerror,
        ) from None


def _sync(folder: Path) -> None:
    """Make a rename last: it is the folder that changed."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
