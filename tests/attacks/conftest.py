"""What is attacked: a ledger alone, nodes with stand-ins for faces on both databases, and a whole site over HTTP."""

from tests.accounts_site import visited  # noqa: F401 - fixtures are found by their names here
from tests.signed_ledger import open_process, running  # noqa: F401 - as above
from tests.workflows.conftest import clock, draw, item, keyring, make_node, node  # noqa: F401 - as above
