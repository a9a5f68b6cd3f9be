"""Two records of one unknown person, of two authorities, and a search that found one from the other."""

from collections.abc import Callable

import pytest
from tests.workflows.links.unknowns import compare, enrol_unknown, make_from_probe

from semblance.node.node import Node
from semblance.terms.ids import SubjectId
from semblance.workflows.search.search_answer import SearchAnswer


@pytest.fixture
def mine(node: Node, draw: Callable[..., bytes]) -> SubjectId:
    """Return FR's record of an unknown person, made from a photo of a case."""
    return make_from_probe(node, draw("A", take=50)).subject


@pytest.fixture
def theirs(node: Node, draw: Callable[..., bytes]) -> SubjectId:
    """Return DE's record of the same unknown person; it holds one of another, too."""
    enrol_unknown(node, draw, "B", "B")
    return enrol_unknown(node, draw, "A", "A")


@pytest.fixture
def found(node: Node, mine: SubjectId, theirs: SubjectId) -> SearchAnswer:
    """Return FR's search from its own record."""
    return compare(node, mine)
