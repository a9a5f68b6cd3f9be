"""Keeping image libraries from writing to the terminal: errors and notes say what they find in a photo.

Done once for the process and never undone: switching per photo would race with the other threads that decode.
"""

import contextlib
import ctypes
import warnings

from PIL import _imaging


def silence_image_libraries() -> None:
    """Ignore Pillow's warnings, and stop libtiff from printing errors that Pillow raises anyway."""
    warnings.filterwarnings("ignore", module=r"PIL\.")
    # Pillow offers no way to say this; the symbol is found through its extension's own dependencies. A build without
    # libtiff, or with one that hides its symbols, has nothing to silence or cannot be silenced.
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(str(_imaging.__file__))
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            set_handler = getattr(library, name)
            set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
            set_handler(None)
