"""Nodes on both databases, as the workflows' tests have them."""

from tests.workflows.conftest import clock, keyring, make_node  # noqa: F401 - fixtures are found by their names here
