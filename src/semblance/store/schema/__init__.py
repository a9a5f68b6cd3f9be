"""The tables, by subject; whoever imports one of them has them all in ``metadata``."""

from semblance.store.schema import (  # noqa: F401 - registers them
    case,
    clip,
    clock,
    examination,
    following,
    gallery,
    job,
    ledger,
    link,
    node,
    people,
    power,
    proposal,
    reconciliation,
    record,
    request,
    standing,
    workbench,
)
