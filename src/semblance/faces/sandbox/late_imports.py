"""What the video library imports when it first needs it: nothing can be once a process is confined."""

import importlib
import pkgutil

import av


def import_late_parts() -> None:
    """Import all of it now."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name not in ("av.__main__", "av.datasets"):
            importlib.import_module(module.name)
    importlib.import_module("PIL.ImageFile")
