"""Nodes as the tests of workflows have them."""

from tests.model_fixtures import own_folder, own_manifest, published_pack, publisher  # noqa: F401
from tests.workflows.conftest import clock, draw, extractor_type, item, justified, keyring, make_node, node, terms  # noqa: F401 - fixtures are found by their names here
