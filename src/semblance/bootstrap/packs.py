"""From the settings to the extractor of the node's model pack."""

from semblance.bootstrap.config import Settings
from semblance.faces.extractor import Extractor


def open_pack(settings: Settings) -> Extractor:
    """Return the extractor of the node's pack; raises a kind of ModelError where its files are missing or wrong."""
    # model runtimes take a second to import, and most acts never need them
    from semblance.faces.packs import open_extractor

    return open_extractor(settings.node.pack, models=settings.models)
