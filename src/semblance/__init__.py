"""Semblance finds the likeness of a face among records held under law; people decide what it means."""

from typing import Final

__version__: Final = "0.1.0"
