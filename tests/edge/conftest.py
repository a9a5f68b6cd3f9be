"""Nodes on both databases, as the workflows' tests have them, and a whole site."""

from tests.accounts_site import visited  # noqa: F401 - fixtures are found by their names here
from tests.workflows.conftest import clock, keyring, make_node  # noqa: F401 - fixtures are found by their names here
