"""The tables, by subject; whoever imports one of them has them all in ``metadata``."""

from semblance.store.schema import case, examination, gallery, ledger, node, people, record, request, workbench  # noqa: F401 - registers them
