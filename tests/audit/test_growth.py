"""A proof of growth: whatever is done to it, to the older checkpoint or to the newer one, its verification says so."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from semblance.audit.bundle import GrowthProof, verify_growth
from semblance.audit.checkpoint import Checkpoint, SigningKey, sign_checkpoint
from semblance.audit.merkle import Frontier, find_root, hash_leaf, prove_consistency
from semblance.edge.ledger import LedgerGrowthDocument, read_growth
from semblance.errors import VerificationError

KEY = SigningKey("semblance.example/fr", bytes(range(32)))
MALLORY = SigningKey("semblance.example/fr", b"m" * 32)
BOB = SigningKey("semblance.example/de", b"b" * 32)
OLDER, NEWER = 11, 21


def grow(size: int, *, forged: int | None = None) -> dict[tuple[int, int], bytes]:
    tree = Frontier()
    leaves = (hash_leaf(b"forged" if number == forged else str(number).encode()) for number in range(size))
    return {(level, place): found for leaf in leaves for level, place, found in tree.add(leaf)}


def sign(size: int, key: SigningKey = KEY, *, forged: int | None = None, origin: str = KEY.name) -> Checkpoint:
    nodes = grow(size, forged=forged)
    return sign_checkpoint(Checkpoint(origin, size, find_root(size, lambda *place: nodes[place])), key)


def prove(older: int = OLDER, newer: int = NEWER, *, forged: int | None = None) -> GrowthProof:
    nodes = grow(newer, forged=forged)
    path = prove_consistency(older, newer, lambda *place: nodes[place])
    root = find_root(older, lambda *place: nodes[place])
    return GrowthProof(older, root, path, sign(newer, forged=forged), KEY.public)


@pytest.mark.parametrize(("older", "newer"), [(1, 1), (1, 2), (7, 8), (8, 8), (8, 9), (OLDER, NEWER), (21, 21)])
def test_a_ledger_that_grew_is_proven_to_have(older: int, newer: int) -> None:
    proof = read_growth(LedgerGrowthDocument.model_validate(prove(older, newer)).model_dump_json())
    assert proof == prove(older, newer)
    found = verify_growth(proof, sign(older), trusted=KEY.public)
    assert (found.entries, found.checkpoint.size, found.key) == (newer, newer, KEY.public)


def test_what_another_node_signed_counts_by_its_key() -> None:
    cosigned = sign(OLDER, BOB)
    assert verify_growth(prove(), cosigned, witness=BOB.public).entries == NEWER
    with pytest.raises(VerificationError, match=r"over 11 entries is not signed by semblance\.example/fr"):
        verify_growth(prove(), cosigned)
    with pytest.raises(VerificationError, match=r"over 11 entries is not signed by semblance\.example/de"):
        verify_growth(prove(), sign(OLDER), witness=BOB.public)


@pytest.mark.parametrize(
    ("forge", "known", "words"),
    [
        (lambda proof: replace(proof, key=MALLORY.public), sign(OLDER), "not by the key that you trust"),
        (lambda proof: replace(proof, checkpoint=sign(NEWER, MALLORY)), sign(OLDER), "21 entries is not signed"),
        (lambda proof: proof, sign(OLDER, MALLORY), "11 entries is not signed"),
        (lambda proof: proof, replace(sign(OLDER), size=12), "12 entries is not signed"),
        (lambda proof: proof, sign(OLDER - 1), "begins at 11 entries .* over 10; .*prove-growth 10"),
        (lambda proof: replace(proof, older=10), sign(OLDER), "begins at 10 entries"),
        (lambda proof: replace(proof, root=b"r" * 32), sign(OLDER), "does not go on"),
        (lambda proof: replace(proof, path=proof.path[1:]), sign(OLDER), "does not go on"),
        (lambda proof: replace(proof, path=(*proof.path, b"n" * 32)), sign(OLDER), "does not go on"),
        (lambda proof: replace(proof, path=(b"n" * 32, *proof.path[1:])), sign(OLDER), "does not go on"),
        (lambda proof: replace(proof, path=()), sign(OLDER), "does not go on"),
        (lambda proof: replace(proof, checkpoint=sign(NEWER, forged=3)), sign(OLDER), "does not go on"),
        (lambda proof: replace(proof, checkpoint=sign(OLDER - 1)), sign(OLDER), "10 entries does not go on"),
        (lambda _: prove(forged=3), sign(OLDER), "does not go on"),
        (lambda proof: proof, sign(OLDER, origin="semblance.example/other"), "does not go on"),
    ],
)
def test_a_forged_proof_is_none(forge: Callable[[GrowthProof], GrowthProof], known: Checkpoint, words: str) -> None:
    assert verify_growth(prove(), sign(OLDER), trusted=KEY.public).entries == NEWER
    with pytest.raises(VerificationError, match=words):
        verify_growth(forge(prove()), known, trusted=KEY.public)


@pytest.mark.parametrize(
    "harm",
    [
        {"root": "not base64"},
        {"path": ["AAAA", "not base64"]},
        {"path": "AAAA"},
        {"older": "many"},
        {"older": None},
        {"checkpoint": None},
    ],
)
def test_a_damaged_file_is_no_proof(harm: dict[str, object]) -> None:
    document = json.loads(LedgerGrowthDocument.model_validate(prove()).model_dump_json())
    with pytest.raises(VerificationError, match="no proof of growth"):
        read_growth(json.dumps(document | harm))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"format": "semblance-ledger/1"}'])
def test_another_file_is_no_proof(text: str) -> None:
    with pytest.raises(VerificationError, match="no proof of growth"):
        read_growth(text)


@pytest.mark.parametrize(
    ("harm", "words"), [({"checkpoint": "x"}, "checkpoint is not one"), ({"key": "x"}, "no verifier key")]
)
def test_a_proof_with_another_head_or_key_is_none(harm: dict[str, str], words: str) -> None:
    document = json.loads(LedgerGrowthDocument.model_validate(prove()).model_dump_json())
    with pytest.raises(VerificationError, match=words):
        read_growth(json.dumps(document | harm))
