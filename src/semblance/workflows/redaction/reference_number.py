"""The number that is burnt in below what leaves."""

import hashlib
import json
from collections.abc import Sequence


def make_reference(made_of: Sequence[object]) -> str:
    """Return the number, made of all that was asked for, by whom, and of a number by chance.

    Nobody can choose it, and it tells nothing without the ledger.
    """
    digits = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12].upper()
    return f"R-{digits[:4]}-{digits[4:8]}-{digits[8:]}"
