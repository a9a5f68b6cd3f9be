"""A receipt of an erasure: it proves what it says to whoever has nothing else, and no forgery of it does."""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from semblance.audit.checkpoint import Checkpoint, SigningKey, sign_checkpoint
from semblance.audit.entry import Act, Opening, Touched, Verb, WrittenEntry, write_entry
from semblance.audit.merkle import Frontier, find_root, hash_leaf, prove_inclusion
from semblance.audit.receipt import Receipt, Shut, read_receipt, seal_receipt, verify_receipt, write_receipt
from semblance.errors import VerificationError
from semblance.messages.message import Message, quote_text

KEY = SigningKey("semblance.example/fr", bytes(range(32)))
MALLORY = SigningKey("semblance.example/fr", b"m" * 32)
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
REASON = "She asked for it, and nothing stood against it: Zoë \ud800"
ERASURE = Act(
    Verb.ERASURE, "record.erase", "emil", "DE", reason=REASON, touched=(Touched("subject", "s1"), Touched("photo", "p"))
)
SAID = replace(ERASURE, reason=Message("ledger.receipt-made", "the receipt of entry {number}", number=4))
TYPED = replace(ERASURE, reason=write_entry(0, SAID, AT).openings[0].text)
"""What somebody typed that reads like what the node says."""
COUNT, PLACE = 21, 13


class Log:
    """A ledger of 21 entries, the erasure at number 13."""

    def __init__(self, act: Act = ERASURE) -> None:
        acts = [act if number == PLACE else Act(Verb.CONSULTATION, "x", "alice", "FR") for number in range(COUNT)]
        self.written = [write_entry(number, one, AT + timedelta(seconds=number)) for number, one in enumerate(acts)]
        tree = Frontier()
        self.nodes = {
            (level, place): found for one in self.written for level, place, found in tree.add(hash_leaf(one.data))
        }

    def read(self, level: int, place: int) -> bytes:
        return self.nodes[level, place]

    def sign(self, size: int, key: SigningKey = KEY) -> Checkpoint:
        return sign_checkpoint(Checkpoint(key.name, size, find_root(size, self.read)), key)

    def receipt(self, number: int = PLACE, size: int = COUNT) -> Receipt:
        one: WrittenEntry = self.written[number]
        path = prove_inclusion(number, size, self.read)
        return seal_receipt(Receipt(number, one.data, one.openings, path, self.sign(size), KEY.public), KEY)


@pytest.fixture(scope="module")
def log() -> Log:
    return Log()


@pytest.mark.parametrize("size", range(PLACE + 1, COUNT + 1))
def test_a_receipt_comes_back_from_its_file_and_proves_the_erasure(log: Log, size: int) -> None:
    receipt = log.receipt(size=size)
    text = write_receipt(receipt)
    text.encode()
    assert read_receipt(text) == receipt
    proven = verify_receipt(read_receipt(text), trusted=KEY.public)
    assert (proven.fields["verb"], proven.fields["person"]) == ("erasure", "emil")
    assert proven.reason == quote_text(REASON)
    assert set(proven.things) == {Touched("subject", "s1"), Touched("photo", "p")}
    assert (proven.checkpoint.size, proven.key) == (size, KEY.public)


def test_what_the_node_said_comes_back_as_a_message_and_what_was_typed_as_it_stands() -> None:
    proven = verify_receipt(read_receipt(write_receipt(Log(SAID).receipt())), trusted=KEY.public)
    assert (proven.reason, set(proven.fields) & {"reason", "message"}) == (SAID.reason, {"message"})
    typed = verify_receipt(Log(TYPED).receipt()).reason
    assert typed == quote_text(str(TYPED.reason))


def open_subject_alone(log: Log, key: SigningKey = KEY) -> Receipt:
    """Return the receipt of which the node says that its reason was erased and its photo is withheld."""
    receipt = log.receipt()
    opened = tuple(opening for opening in receipt.openings if opening.text == "s1")
    return seal_receipt(replace(receipt, openings=opened), key, withheld=frozenset({find_label(receipt, "p")}))


def find_label(receipt: Receipt, text: str) -> str:
    """Return what the opening of that text is called: in which order an entry has what it touched is chance."""
    return next(opening.label for opening in receipt.openings if opening.text == text)


def test_what_it_does_not_open_is_not_said_and_why_is(log: Log) -> None:
    proven = verify_receipt(read_receipt(write_receipt(open_subject_alone(log))), trusted=KEY.public)
    assert (proven.reason, set(proven.touched)) == (None, {("subject", "s1"), ("photo", None)})
    assert proven.shut == {"reason": Shut.ERASED, find_label(log.receipt(), "p"): Shut.WITHHELD}
    assert proven.shut_reason is Shut.ERASED


def test_a_receipt_of_the_old_format_does_not_say_why(log: Log) -> None:
    receipt = log.receipt()
    old = replace(receipt, openings=receipt.openings[1:2], shut=None, statement="")
    text = write_receipt(old)
    assert json.loads(text)["format"] == "semblance-receipt/1"
    assert read_receipt(text) == old
    assert verify_receipt(old).shut == {"reason": Shut.UNSAID, "touched/1": Shut.UNSAID}


CUT: dict[str, Callable[[Receipt, Log], Receipt]] = {
    "an opening cut out": lambda whole, _: replace(whole, openings=whole.openings[:1]),
    "every opening cut out": lambda whole, _: replace(whole, openings=()),
    "cut out and called erased": lambda whole, _: replace(
        whole, openings=whole.openings[:2], shut={"touched/1": Shut.ERASED}
    ),
    "cut out and called withheld": lambda whole, _: replace(
        whole, openings=whole.openings[1:], shut={"reason": Shut.WITHHELD}
    ),
    "cut out and sealed by another": lambda _, log: open_subject_alone(log, MALLORY),
    "cut out with the statement of another entry": lambda whole, log: replace(
        whole, openings=(), shut=log.receipt(0).shut, statement=log.receipt(0).statement
    ),
    "withheld turned into erased": lambda _, log: replace(
        open_subject_alone(log), shut=dict.fromkeys(("reason", find_label(log.receipt(), "p")), Shut.ERASED)
    ),
    "opened and said to be erased": lambda whole, log: replace(open_subject_alone(log), openings=whole.openings),
    "a commitment that the entry does not have": lambda whole, _: replace(whole, shut={"touched/2": Shut.ERASED}),
    "no statement": lambda whole, _: replace(whole, statement=""),
}


@pytest.mark.parametrize("kind", CUT)
def test_an_opening_that_was_cut_out_is_not_taken_for_one_that_was_erased(log: Log, kind: str) -> None:
    forged = CUT[kind](log.receipt(), log)
    with pytest.raises(VerificationError, match=r"was changed|cut out or added"):
        verify_receipt(read_receipt(write_receipt(forged)), trusted=KEY.public)


_WHOLE = json.loads(write_entry(0, ERASURE, AT).data)
PARTS = [
    json.dumps(part).encode()
    for part in (
        {"number": 0},
        {**_WHOLE, "person": 7},
        {**_WHOLE, "case": []},
        {**_WHOLE, "touched": "subject"},
        {**_WHOLE, "touched": [["subject"]]},
        {**_WHOLE, "touched": [["subject", None]]},
        {name: value for name, value in _WHOLE.items() if name != "rule"},
        {name: value for name, value in _WHOLE.items() if name != "reason"},
        {**_WHOLE, "message": _WHOLE["reason"]},
    )
]


def sign_alone(data: bytes) -> Receipt:
    """Return the receipt of an only entry, signed by whoever holds the key."""
    tree = Frontier()
    tree.add(hash_leaf(data))
    return Receipt(0, data, (), (), sign_checkpoint(Checkpoint(KEY.name, 1, tree.root), KEY), KEY.public)


def forge(receipt: Receipt, log: Log) -> dict[str, tuple[Receipt, str]]:
    """Return a forgery for each thing that a verification looks at, and what is said to it."""
    reason, subject, photo = receipt.openings
    other = Log(replace(ERASURE, verb=Verb.CONSULTATION))
    salted = Opening("reason", b"s" * 32, REASON)
    unsigned = replace(receipt.checkpoint, signatures=())
    elsewhere = sign_checkpoint(Checkpoint("semblance.example/de", COUNT, receipt.checkpoint.root), KEY)
    renumbered = write_entry(PLACE + 1, ERASURE, AT)
    said, typed = Log(SAID).receipt(), Log(TYPED).receipt()
    return {
        "another key": (replace(receipt, checkpoint=log.sign(COUNT, MALLORY), key=MALLORY.public), "that you trust"),
        "a key that did not sign": (replace(receipt, checkpoint=log.sign(COUNT, MALLORY)), "not signed"),
        "no signature": (replace(receipt, checkpoint=unsigned), "not signed"),
        "another head": (replace(receipt, checkpoint=replace(receipt.checkpoint, root=b"x" * 32)), "not signed"),
        "another size": (replace(receipt, checkpoint=replace(receipt.checkpoint, size=COUNT + 1)), "not signed"),
        "another ledger": (replace(receipt, checkpoint=elsewhere), "not signed|not of the key's"),
        "another head of the same ledger": (replace(receipt, checkpoint=log.sign(COUNT - 1)), "does not stand"),
        "another entry": (replace(receipt, entry=other.written[PLACE].data), "does not stand"),
        "an entry changed in one word": (
            replace(receipt, entry=receipt.entry.replace(b"emil", b"dora")),
            "does not stand",
        ),
        "another number": (replace(receipt, number=PLACE + 1), "does not stand"),
        "a number below none": (replace(receipt, number=-1), "does not stand"),
        "a number beyond the last": (replace(receipt, number=COUNT), "does not stand"),
        "a shorter path": (replace(receipt, path=receipt.path[:-1]), "does not stand"),
        "a longer path": (replace(receipt, path=(*receipt.path, b"\0" * 32)), "does not stand"),
        "a path in another order": (replace(receipt, path=receipt.path[::-1]), "does not stand"),
        "an entry that says another number": (sign_alone(renumbered.data), "says that it is number 14"),
        "an entry that is none": (sign_alone(b"[1]"), "no number"),
        **{f"an entry that is no whole one: {data!r}": (sign_alone(data), "lacks what") for data in PARTS},
        "another reason": (replace(receipt, openings=(replace(reason, text="No"), subject, photo)), "of reason"),
        "another salt": (replace(receipt, openings=(salted, subject, photo)), "of reason"),
        "another subject": (replace(receipt, openings=(reason, replace(subject, text="s2"), photo)), "of touched/0"),
        "an opening in another's place": (
            replace(receipt, openings=(reason, replace(subject, label="touched/1"))),
            "of touched/1",
        ),
        "an opening of nothing": (replace(receipt, openings=(replace(subject, label="touched/2"),)), "of touched/2"),
        "an opening of another kind": (replace(receipt, openings=(replace(subject, label="person"),)), "of person"),
        "what was typed, as what the node says": (
            replace(typed, openings=(replace(typed.openings[0], label="message"),)),
            "of message",
        ),
        "what the node says, as what was typed": (
            replace(said, openings=(replace(said.openings[0], label="reason"),)),
            "of reason",
        ),
        "an entry whose typed reason is called a message": (
            replace(typed, entry=typed.entry.replace(b'"reason":', b'"message":')),
            "does not stand",
        ),
        "an entry whose message is called a typed reason": (
            replace(said, entry=said.entry.replace(b'"message":', b'"reason":')),
            "does not stand",
        ),
        "an opening twice": (replace(receipt, openings=(reason, reason)), "of reason"),
    }


@pytest.mark.parametrize("kind", list(forge(Log().receipt(), Log())))
def test_no_forgery_is_believed(log: Log, kind: str) -> None:
    forged, words = forge(log.receipt(), log)[kind]
    with pytest.raises(VerificationError, match=words):
        verify_receipt(forged, trusted=KEY.public)


def test_mallory_signs_a_whole_receipt_and_is_found_by_the_key_only(log: Log) -> None:
    forged = seal_receipt(replace(log.receipt(), checkpoint=log.sign(COUNT, MALLORY), key=MALLORY.public), MALLORY)
    assert verify_receipt(forged).key == MALLORY.public
    with pytest.raises(VerificationError, match="not by the key that you trust"):
        verify_receipt(forged, trusted=KEY.public)


def test_no_bit_of_the_file_can_be_flipped(log: Log) -> None:
    text = write_receipt(log.receipt()).encode()
    held, chance = verify_receipt(log.receipt()), random.Random(5)
    for place in range(len(text)):
        changed = bytearray(text)
        changed[place] ^= 1 << chance.randrange(8)
        try:
            found = verify_receipt(read_receipt(changed.decode("latin-1")), trusted=KEY.public)
        except VerificationError:
            continue
        # white space, or an escape written in another way: what is proven is the same
        assert found == held


def change(**fields: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda document: {**document, **fields}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: [],
        lambda _: None,
        change(format="semblance-receipt/3"),
        change(format="semblance-receipt/1"),
        change(shut=[]),
        change(shut={"reason": "unsaid"}),
        change(shut={"reason": []}),
        change(more="x"),
        lambda document: {name: value for name, value in document.items() if name != "path"},
        change(number="13"),
        change(number=True),
        change(number=13.0),
        change(path="x"),
        change(path=["*"]),
        change(path=["AAAA"] * 65),
        change(entry="*"),
        change(entry=None),
        change(checkpoint=""),
        change(key="nobody"),
        change(openings="x"),
        change(openings=["x"]),
        change(openings=[{"label": "reason"}]),
        change(openings=[{"label": "reason", "salt": base64.b64encode(b"s").decode(), "text": ""}]),
        change(openings=[{"label": 1, "salt": base64.b64encode(b"s" * 32).decode(), "text": ""}]),
        change(openings=[{"label": "reason", "salt": base64.b64encode(b"s" * 32).decode(), "text": 1}]),
    ],
)
def test_what_is_no_receipt_is_said(log: Log, spoil: Callable[[dict[str, Any]], Any]) -> None:
    document = json.loads(write_receipt(log.receipt()))
    with pytest.raises(VerificationError):
        read_receipt(json.dumps(spoil(document)))


@pytest.mark.parametrize("text", ["", "{", "x", "[" * 100_000, "\0"])
def test_what_is_no_json_is_said(text: str) -> None:
    with pytest.raises(VerificationError, match="no receipt"):
        read_receipt(text)
