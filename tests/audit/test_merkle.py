"""The tree against a naive recursion of the standard's own definition, and proofs against forgeries."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from semblance.audit.merkle import (
    Frontier,
    check_consistency,
    check_inclusion,
    find_root,
    hash_leaf,
    list_fresh_nodes,
    prove_consistency,
    prove_inclusion,
)

Nodes = dict[tuple[int, int], bytes]


def grow(count: int) -> tuple[list[bytes], Nodes]:
    leaves = [hash_leaf(str(number).encode()) for number in range(count)]
    nodes: Nodes = {}
    for number, leaf in enumerate(leaves):
        for level, position, found in list_fresh_nodes(number, leaf, lambda *place: nodes[place]):
            nodes[level, position] = found
    return leaves, nodes


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def test_the_empty_tree_and_one_leaf_are_those_of_the_standard() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert find_root(0, lambda *_: b"").hex() == empty
    assert hash_leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(st.integers(0, 130))
def test_every_way_to_the_head_gives_the_same(count: int) -> None:
    leaves, nodes = grow(count)
    tree = Frontier()
    fresh = {(level, position): found for leaf in leaves for level, position, found in tree.add(leaf)}
    assert fresh == nodes
    assert find_root(count, lambda *place: nodes[place]) == tree.root == naive_root(leaves)


@given(st.integers(1, 130), st.data())
def test_a_leaf_is_proven_in_its_place_and_nowhere_else(size: int, data: st.DataObject) -> None:
    leaves, nodes = grow(size)
    number = data.draw(st.integers(0, size - 1))
    path = prove_inclusion(number, size, lambda *place: nodes[place])
    root = naive_root(leaves)
    assert check_inclusion(leaves[number], number, size, path, root)
    assert not check_inclusion(hash_leaf(b"forged"), number, size, path, root)
    assert not check_inclusion(leaves[number], number, size, path, hash_leaf(b"forged"))
    assert not check_inclusion(leaves[number], number, size, (*path, b"\0" * 32), root)
    assert not check_inclusion(leaves[number], size, size, path, root)
    for other in range(size):
        if other != number:
            assert not check_inclusion(leaves[number], other, size, path, root)
    for place in range(len(path)):
        assert not check_inclusion(leaves[number], number, size, path[:place] + path[place + 1 :], root)
        forged = bytes([path[place][0] ^ 1]) + path[place][1:]
        assert not check_inclusion(leaves[number], number, size, (*path[:place], forged, *path[place + 1 :]), root)


@given(st.integers(1, 130), st.data())
def test_a_tree_goes_on_from_its_own_past_only(newer: int, data: st.DataObject) -> None:
    leaves, nodes = grow(newer)
    older = data.draw(st.integers(1, newer))
    path = prove_consistency(older, newer, lambda *place: nodes[place])
    old_root, new_root = naive_root(leaves[:older]), naive_root(leaves)
    assert check_consistency(older, newer, old_root, new_root, path)
    rewritten = naive_root([hash_leaf(b"forged"), *leaves[1:older]])
    assert not check_consistency(older, newer, rewritten, new_root, path)
    assert not check_consistency(older, newer, old_root, hash_leaf(b"forged"), path)
    assert not check_consistency(older, newer, old_root, new_root, (*path, b"\0" * 32))
    assert not check_consistency(0, newer, old_root, new_root, path)
    assert not check_consistency(newer + 1, newer, old_root, new_root, path)
    for place in range(len(path)):
        assert not check_consistency(older, newer, old_root, new_root, path[:place] + path[place + 1 :])
