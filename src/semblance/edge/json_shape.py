"""How deep and how wide a JSON text is, found without building anything of it."""

import re
from typing import Final

from semblance.errors import RequestProblem
from semblance.messages.message import Message

DEEPEST: Final = 32
WIDEST: Final = 20_000
"""Values, and names of values, in one text; the largest that anything here is called with has some hundreds."""

# an unfinished text ends with the body, so that no byte is looked at twice
_TEXTS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_OTHERS: Final = bytes(set(range(256)) - set(b"[]{},:"))


def find_shape_fault(body: bytes | bytearray) -> RequestProblem | None:
    """Return what is wrong with a JSON text's encoding, depth or width, or None; whether it is JSON is not asked."""
    if b"\0" in body:
        # no JSON text in UTF-8 holds one; every one in UTF-16 and UTF-32 does
        return RequestProblem(422, "request.invalid", Message("json.no-utf-8", "Send the JSON as UTF-8."))
    signs = _TEXTS.sub(b"", body).translate(None, _OTHERS)
    if len(signs) > WIDEST or _measure_depth(signs) > DEEPEST:
        fault = Message(
            "json.shape",
            "The JSON has more than {widest} values, or is nested more than {deepest} deep; nothing here is called so. "
            "Send what the operation documents.",
            widest=WIDEST,
            deepest=DEEPEST,
        )
        return RequestProblem(422, "request.invalid", fault)
    return None


def _measure_depth(signs: bytes) -> int:
    depth = deepest = 0
    for sign in signs:
        if sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in b"]}":
            depth -= 1
    return deepest
