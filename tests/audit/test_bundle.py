"""A bundle of a thousand entries: whatever is done to it, its verification says so."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from semblance.audit.bundle import verify_bundle, write_bundle
from semblance.audit.checkpoint import Checkpoint, SigningKey, is_signed, read_checkpoint, read_key, sign_checkpoint
from semblance.audit.entry import Act, Opening, Touched, Verb, opens, read_entry, write_entry
from semblance.audit.merkle import Frontier, check_inclusion, find_root, hash_leaf, prove_inclusion
from semblance.errors import VerificationError

COUNT = 1000
KEY = SigningKey("semblance.example/fr", bytes(range(32)))
MALLORY = SigningKey("semblance.example/fr", b"m" * 32)
BOB = SigningKey("semblance.example/de", b"b" * 32)
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
ACT = Act(
    Verb.CONSULTATION,
    "search",
    "alice",
    "FR",
    "2026-17",
    "missing-person",
    "Found without papers",
    (Touched("probe", "p1"),),
)


@pytest.fixture(scope="module")
def entries() -> list[bytes]:
    return [write_entry(number, ACT, START + timedelta(seconds=number)).data for number in range(COUNT)]


@pytest.fixture(scope="module")
def nodes(entries: list[bytes]) -> dict[tuple[int, int], bytes]:
    tree = Frontier()
    return {(level, place): found for data in entries for level, place, found in tree.add(hash_leaf(data))}


def seal(entries: list[bytes], key: SigningKey = KEY) -> list[str]:
    tree = Frontier()
    for data in entries:
        tree.add(hash_leaf(data))
    checkpoint = sign_checkpoint(Checkpoint(key.name, tree.size, tree.root), key)
    return list(write_bundle(entries, checkpoint, key.public))


@pytest.fixture(scope="module")
def bundle(entries: list[bytes]) -> list[str]:
    return seal(entries)


def test_what_was_written_verifies(bundle: list[str]) -> None:
    verified = verify_bundle(bundle, trusted=KEY.public)
    assert (verified.entries, verified.checkpoint.size, verified.key) == (COUNT, COUNT, KEY.public)


def test_every_single_bit_of_every_entry_matters(entries: list[bytes], nodes: dict[tuple[int, int], bytes]) -> None:
    root = find_root(COUNT, lambda *place: nodes[place])
    for number, data in enumerate(entries):
        path = prove_inclusion(number, COUNT, lambda *place: nodes[place])
        assert check_inclusion(hash_leaf(data), number, COUNT, path, root)
        leaf, changed = nodes[0, number], bytearray(data)
        for bit in range(8 * len(data)):
            changed[bit >> 3] ^= 1 << (bit & 7)
            # another leaf is another head: that is what the next test shows for every bit of a leaf's hash
            assert hash_leaf(bytes(changed)) != leaf
            changed[bit >> 3] ^= 1 << (bit & 7)


def test_every_single_bit_of_every_leaf_reaches_the_head(nodes: dict[tuple[int, int], bytes]) -> None:
    root = find_root(COUNT, lambda *place: nodes[place])
    for number in range(COUNT):
        path = prove_inclusion(number, COUNT, lambda *place: nodes[place])
        changed = bytearray(nodes[0, number])
        for bit in range(256):
            changed[bit >> 3] ^= 1 << (bit & 7)
            assert not check_inclusion(bytes(changed), number, COUNT, path, root)
            changed[bit >> 3] ^= 1 << (bit & 7)


def test_one_bit_of_each_entry_fails_the_whole_verification(bundle: list[str], entries: list[bytes]) -> None:
    chance = random.Random(7)
    for number in range(0, COUNT, 5):
        changed = bytearray(entries[number])
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        line = json.dumps({"entry": base64.b64encode(changed).decode()}) + "\n"
        with pytest.raises(VerificationError):
            verify_bundle([*bundle[: number + 1], line, *bundle[number + 2 :]])


def test_every_bit_of_the_signed_checkpoint_matters(entries: list[bytes]) -> None:
    # a checkpoint is written alike over few entries, which are verified again for each of its bits
    bundle = seal(entries[:5])
    assert verify_bundle(bundle).entries == 5
    note = json.loads(bundle[-1])["checkpoint"].encode()
    for bit in range(8 * len(note)):
        changed = bytearray(note)
        changed[bit >> 3] ^= 1 << (bit & 7)
        line = json.dumps({"checkpoint": changed.decode("latin-1")}) + "\n"
        with pytest.raises(VerificationError):
            verify_bundle([*bundle[:-1], line])


@pytest.mark.parametrize("place", [1, 2, 500, COUNT - 1, COUNT])
def test_dropped_swapped_inserted_repeated(bundle: list[str], place: int) -> None:
    other = place + 1 if place < COUNT else 1
    swapped = list(bundle)
    swapped[place], swapped[other] = swapped[other], swapped[place]
    fresh = write_entry(place - 1, ACT, START).data
    inserted = json.dumps({"entry": base64.b64encode(fresh).decode()}) + "\n"
    for forged in (
        bundle[:place] + bundle[place + 1 :],
        swapped,
        [*bundle[:place], inserted, *bundle[place:]],
        [*bundle[:place], inserted, *bundle[place + 1 :]],
        [*bundle[:place], bundle[place], *bundle[place:]],
    ):
        with pytest.raises(VerificationError):
            verify_bundle(forged)


def test_truncated_reordered_appended(bundle: list[str], entries: list[bytes]) -> None:
    appended = write_entry(COUNT, ACT, START).data
    line = json.dumps({"entry": base64.b64encode(appended).decode()}) + "\n"
    for forged in (
        bundle[:-1],
        bundle[:500],
        [*bundle[:500], bundle[-1]],
        [bundle[0], *reversed(bundle[1:-1]), bundle[-1]],
        [*bundle[:-1], line, bundle[-1]],
        [*bundle, line],
        [bundle[0][:-5], *bundle[1:]],
        [],
        ["[]\n"],
    ):
        with pytest.raises(VerificationError):
            verify_bundle(forged)


def test_mallory_signs_a_rewritten_log_with_another_key(entries: list[bytes]) -> None:
    forged = seal(entries[:400], MALLORY)
    assert verify_bundle(forged).key == MALLORY.public
    with pytest.raises(VerificationError, match="not by the key that you trust"):
        verify_bundle(forged, trusted=KEY.public)
    claimed = [json.dumps({"format": "semblance-ledger/1", "key": str(KEY.public)}) + "\n", *forged[1:]]
    with pytest.raises(VerificationError, match="not signed"):
        verify_bundle(claimed, trusted=KEY.public)


def test_an_entry_tells_nothing_of_its_reason_or_of_what_it_touched() -> None:
    written = write_entry(3, ACT, START)
    assert b"papers" not in written.data
    assert b"p1" not in written.data
    document = read_entry(written.data)
    assert all(opens(document, opening) for opening in written.openings)
    assert {opening.label: opening.text for opening in written.openings} == {"reason": ACT.reason, "touched/0": "p1"}
    reason = written.openings[0]
    assert not opens(document, Opening(reason.label, reason.salt, "another reason"))
    assert not opens(document, Opening("touched/7", reason.salt, reason.text))
    assert write_entry(3, ACT, START).data != written.data


def test_the_checkpoint_and_the_key_come_back_as_written() -> None:
    checkpoint = sign_checkpoint(Checkpoint(KEY.name, 3, b"r" * 32), KEY)
    assert read_checkpoint(str(checkpoint)) == checkpoint
    assert str(checkpoint).startswith("semblance.example/fr\n3\n")
    assert read_key(str(KEY.public)) == KEY.public
    assert "62" not in repr(KEY)
    for wrong in ("", "name", "name+00000000+AAAA", str(KEY.public).replace("fr+", "de+")):
        with pytest.raises(VerificationError):
            read_key(wrong)
    for wrong in ("", "a\n1\nAAAA\n\n", str(checkpoint).replace("\n3\n", "\n03\n"), str(checkpoint) + "more"):
        with pytest.raises(VerificationError):
            read_checkpoint(wrong)


def test_two_nodes_sign_one_checkpoint(entries: list[bytes], nodes: dict[tuple[int, int], bytes]) -> None:
    head = sign_checkpoint(Checkpoint(KEY.name, 300, find_root(300, lambda *place: nodes[place])), KEY)
    both = sign_checkpoint(head, BOB)
    assert is_signed(both, KEY.public)
    assert is_signed(both, BOB.public)
    assert not is_signed(head, BOB.public)
    assert not is_signed(both, MALLORY.public)
    assert read_checkpoint(str(both)) == both
    claimed = sign_checkpoint(Checkpoint(KEY.name, 301, both.root), SigningKey(BOB.name, MALLORY.seed))
    assert not is_signed(claimed, BOB.public)


def test_a_bundle_is_held_to_a_checkpoint_seen_before(
    bundle: list[str], entries: list[bytes], nodes: dict[tuple[int, int], bytes]
) -> None:
    for size in (0, 1, 300, COUNT):
        known = Checkpoint(KEY.name, size, find_root(size, lambda *place: nodes[place]))
        assert verify_bundle(bundle, known=known).entries == COUNT
    root = find_root(300, lambda *place: nodes[place])
    for forged in (
        Checkpoint(KEY.name, 300, b"x" * 32),
        Checkpoint(KEY.name, 301, root),
        Checkpoint(KEY.name, COUNT + 1, root),
        Checkpoint("another", 300, root),
    ):
        with pytest.raises(VerificationError, match="does not go on"):
            verify_bundle(bundle, known=forged)
