"""From the settings to the extractor of the node's model pack."""

from semblance.bootstrap.config import Settings
from semblance.faces.extractor import Extractor
from semblance.faces.packs import open_extractor


def open_pack(settings: Settings) -> Extractor:
    """Return the extractor of the node's pack; raises a kind of ModelError where its files are missing or wrong."""
    return open_extractor(settings.node.pack, models=settings.models)
