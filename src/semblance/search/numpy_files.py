"""What NumPy raises for a file of its own that is damaged: its header is Python source, and read as such."""

import struct
import zipfile
import zlib
from tokenize import TokenError
from typing import Final

DAMAGED: Final = (
    *(OSError, EOFError, ValueError, TypeError, KeyError, AttributeError, OverflowError),
    *(SyntaxError, TokenError, RecursionError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError),
)
