"""The ledger that is attacked."""

from tests.signed_ledger import open_process, running  # noqa: F401 - fixtures are found by their names here
