"""From the settings to the extractor of the node's model pack, and back: the pack that the settings name."""

import json
import re
from pathlib import Path
from typing import Final

from semblance.bootstrap.config import SETTINGS_FILE, Settings, read_settings
from semblance.errors import ConfigurationError
from semblance.faces.extractor import Extractor

_PACK_LINE: Final = re.compile(r"\s*pack\s*=")


def open_pack(settings: Settings) -> Extractor:
    """Return the extractor of the node's pack; raises a kind of ModelError where its files are missing or wrong."""
    # model runtimes take a second to import, and most acts never need them
    from semblance.faces.packs import open_extractor

    return open_extractor(settings.node.pack, models=settings.models)


def switch_pack(home: Path, name: str) -> None:
    """Write the pack's name into ``node.toml``, leaving everything else in the file as it is.

    Raises NodeMissing or ConfigurationError where the file cannot be read or written. Whether the gallery allows the
    switch is asked before (``workflows.models.require_usable_pack``).
    """
    read_settings(home)
    path = home / SETTINGS_FILE
    lines = path.read_text(encoding="utf-8").splitlines()
    value = f"pack = {json.dumps(name)}"
    top = next((place for place, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    held = [place for place, line in enumerate(lines[:top]) if _PACK_LINE.match(line)]
    if held:
        lines[held[0]] = value
    else:
        lines.insert(top, value)
    try:
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}). Check its permissions.") from error
