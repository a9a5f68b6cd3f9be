"""Semblance finds the likeness of a face among records held under law; people decide what it means."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("semblance-faces")
except PackageNotFoundError:
    # run from the source alone, which nothing was built from
    __version__ = "0+source"
