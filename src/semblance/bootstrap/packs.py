"""From the settings to the extractor of the node's model pack, loaded when needed; and back: the pack they name."""

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from semblance.bootstrap.config import SETTINGS_FILE, NodeSettings, Settings, parse_settings, read_settings
from semblance.errors import ConfigurationError
from semblance.faces.extractor import Extractor
from semblance.node.extraction_cache import ExtractorAround

_PACK_LINE: Final = re.compile(r"""\s*(?:pack|"pack"|'pack')\s*=""")


def open_pack(settings: Settings) -> Extractor:
    """Return the extractor of the node's pack; raises a kind of ModelError where its files are missing or wrong."""
    # model runtimes take a second to import, and most acts never need them
    from semblance.faces.packs.opening import open_extractor

    return open_extractor(settings.node.pack, models=settings.models)


def switch_pack(home: Path, name: str) -> None:
    """Write the pack's name into ``node.toml``, leaving everything else in the file as it is.

    Raises NodeMissing or ConfigurationError where the file cannot be read or written. Whether the gallery allows the
    switch is asked before (``workflows.models.require_usable_pack``, ``workflows.switch_pack``).
    """
    before = read_settings(home).node
    path = home / SETTINGS_FILE
    # Only line feeds end a line of TOML; a name may hold other characters that end lines elsewhere.
    lines = path.read_bytes().decode("utf-8").split("\n")
    ending = "\r" if lines[0].endswith("\r") else ""
    value = f"pack = {json.dumps(name)}{ending}"
    top = next((place for place, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    held = [place for place, line in enumerate(lines[:top]) if _PACK_LINE.match(line)]
    if held:
        lines[held[0]] = value
    elif top == len(lines) and lines[-1] == "":
        lines.insert(top - 1, value)
    else:
        lines.insert(top, value)
    text = "\n".join(lines)
    _require_change(before, text, name, path)
    try:
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_bytes(text.encode("utf-8"))
        temporary.replace(path)
    except OSError as error:
        raise ConfigurationError(
            "operator.settings.unwritable",
            "{path} cannot be written ({why}). Check its permissions.",
            path=path,
            why=error.strerror or error,
        ) from error


def _require_change(before: NodeSettings, text: str, name: str, path: Path) -> None:
    """Raise ConfigurationError unless the new text says what the old one said but for the pack."""
    try:
        changed = parse_settings(text, source=str(path)) == before.model_copy(update={"pack": name})
    except ConfigurationError:
        changed = False
    if not changed:
        raise ConfigurationError(
            "operator.settings.pack-unchanged",
            "{path} is written in a way that this command cannot change. Write `pack = {value}` yourself.",
            path=path,
            value=json.dumps(name),
        )


class LazyExtractor(ExtractorAround):
    """Stands for an extractor; looking at a node and deleting from it never wait for models.

    Thread-safe: the first callers wait for one load. A load that fails is tried again at the next call.
    """

    def __init__(self, open_pack: Callable[[], Extractor]) -> None:
        super().__init__(self.load)
        self._open_pack = open_pack
        self._lock = threading.Lock()
        self._loaded: Extractor | None = None

    def load(self) -> Extractor:
        """Return the loaded extractor; raises a kind of ModelError where its pack cannot be used."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._open_pack()
            return self._loaded
