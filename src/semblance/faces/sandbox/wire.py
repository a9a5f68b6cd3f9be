"""What goes to and fro between a process that asks and one that decodes: JSON and bytes, each after its length.

Nothing that is received is ever run; the side that asks believes none of it before it was checked.
"""

import json
import struct
from collections.abc import Mapping
from typing import IO, Any, Final

from semblance.messages.message import Message, write_values

_LENGTHS: Final = struct.Struct(">IQ")

LONGEST_HEADER: Final = 64 * 1024
"""Bytes; notes on a photo take a few hundred."""


class WireBroken(Exception):
    """The other side is gone, or what came from it is not what was agreed on."""


def send(stream: IO[bytes], header: Mapping[str, Any], body: bytes | memoryview = b"") -> None:
    """Write header and body; raises OSError where nobody reads any more."""
    text = json.dumps(header).encode("ascii")
    view = memoryview(body).cast("B")
    for part in (memoryview(_LENGTHS.pack(len(text), len(view)) + text), view):
        rest = part
        while rest:
            rest = rest[stream.write(rest) or 0 :]


def write_message(message: Message) -> dict[str, Any]:
    """Return what is said as what JSON can hold; the other side has the sentence."""
    return {"id": message.identifier, "values": write_values(message)}


def receive_header(stream: IO[bytes]) -> tuple[dict[str, Any], int]:
    """Return a header and how many bytes of a body follow it; raises WireBroken."""
    lengths = bytearray(_LENGTHS.size)
    receive_into(stream, memoryview(lengths))
    length, body = _LENGTHS.unpack(lengths)
    if length > LONGEST_HEADER:
        raise WireBroken(f"a header of {length} bytes")
    text = bytearray(length)
    receive_into(stream, memoryview(text))
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireBroken("a header that is no JSON") from error
    if not isinstance(header, dict):
        raise WireBroken("a header that is no object")
    return header, body


def receive_into(stream: IO[bytes], view: memoryview) -> None:
    """Fill the view; raises WireBroken where the other side ends before."""
    while view:
        count = stream.readinto(view)  # type: ignore[attr-defined]
        if not count:
            raise WireBroken("the end")
        view = view[count:]
