"""Nodes on both databases, as the workflows' tests have them."""

from tests.workflows.conftest import clock, keyring, make_node, postgres, store_url  # noqa: F401 - fixtures are found by their names here
