"""How large a clip may be, as both who encodes it and who asks for it have to know."""

from typing import Final

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of a clip; it is kept in the memory of the process that encodes it until it is whole."""
PIECE: Final = 1024 * 1024
"""Bytes in which it is given."""
