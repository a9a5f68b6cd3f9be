"""What is written as JSON, and what stores of before hold, comes back exactly."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.audit.search_record import JoinedProbe, PreparedFace, SearchOutcome, SearchRecord
from semblance.messages.message import Message, quote_text
from semblance.store import encoding, searches
from semblance.store.engine import Store
from semblance.store.keyring.keyring import KeyId
from semblance.store.schema.case import case_file
from semblance.store.schema.gallery import search
from semblance.store.vault import seal_text
from semblance.terms.ids import AuthorityCode, CaseId, PackDigest, PreparationId, ProbeId, SearchId, Sha256
from semblance.terms.record import RecordKind, Sex
from semblance.terms.samples import (
    Box,
    FaceSample,
    Landmarks,
    PhotoFacts,
    Point,
    QualityAssessment,
    QualityMeasure,
    QualityScore,
)
from semblance.terms.search import EVERYBODY, Narrowing

FACE = FaceSample(
    ordinal=1,
    box=Box(0.1 + 0.2, -3.5, 1e-7, 123456789.123456789),
    landmarks=Landmarks(Point(1 / 3, 2.0), Point(3, 4.5), Point(5.25, 6), Point(7.125, 8.0), Point(9.0, 10.0)),
    detection_score=0.9330000281333923,
    quality=QualityAssessment(
        (QualityScore(QualityMeasure.UNIFIED, 87), QualityScore(QualityMeasure.SHARPNESS, -1, 0.1 + 0.7))
    ),
)
# as stores give it back: what no database holds is in visible escapes
NOTES = tuple(map(quote_text, ("first of 12 frames", "é\\x00\\udcff")))
FACTS = PhotoFacts(Sha256("ab" * 32), "image/png", 40, 30, 999, NOTES)

# what was written until the schema's baseline
FORMER_FACE = (
    '{"ordinal": 1, "box": [0.30000000000000004, -3.5, 1e-07, 123456789.12345679], "landmarks": [[0.33333'
    '33333333333, 2.0], [3.0, 4.5], [5.25, 6.0], [7.125, 8.0], [9.0, 10.0]], "detection_score": 0.9330000'
    '281333923, "quality": {"UnifiedQualityScore": [87, null], "Sharpness": [-1, 0.7999999999999999]}}'
)
FORMER_FACTS = (
    '{"sha256": "abababababababababababababababababababababababababababababababab", "media_type": "image/'
    'png", "width": 40, "height": 30, "size": 999, "notes": ["first of 12 frames", "é\\\\x00\\\\udcff"]}'
)
FORMER_SEARCH = (
    '{"case": "K 1/26", "reason": "a\\\\x00b\\\\udcff", "probe_sha256": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd'
    'cdcdcdcdcdcdcdcdcdcdcdcdcdcd", "probe_name": "é.jpg", "face": null, "face_box": "[0.3000000000000000'
    '4, -3.5, 1e-07, 123456789.12345679]", "refusal": null, "prepared": {"preparation": "p1", "number": 2'
    ', "steps": ["mirror", "turn by 5°"], "face": 0, "box": "[1.5, 2.0, 3.0, 4.0]", "original": "{\\"ordin'
    'al\\": 1, \\"box\\": [0.30000000000000004, -3.5, 1e-07, 123456789.12345679], \\"landmarks\\": [[0.3333333'
    '333333333, 2.0], [3.0, 4.5], [5.25, 6.0], [7.125, 8.0], [9.0, 10.0]], \\"detection_score\\": 0.9330000'
    '281333923, \\"quality\\": {\\"UnifiedQualityScore\\": [87, null], \\"Sharpness\\": [-1, 0.7999999999999999'
    ']}}"}, "also": [{"probe": "b2", "sha256": "010101010101010101010101010101010101010101010101010101010'
    '1010101", "name": "b.jpg", "face": 0, "prepared": null}], "narrowed": {"kinds": ["yellow"], "younges'
    't": 20, "oldest": 40, "sex": "female", "nationality": "FR"}}'
)


def make_search() -> SearchRecord:
    prepared = PreparedFace(
        PreparationId("p1"), 2, tuple(map(quote_text, ("mirror", "turn by 5°"))), 0, Box(1.5, 2, 3, 4), FACE
    )
    return SearchRecord(
        search=SearchId("s1"),
        when=datetime(2026, 3, 1, 12, tzinfo=UTC),
        person="alice",
        authority=AuthorityCode("FR"),
        case_id=CaseId("c1"),
        case="K 1/26",
        purpose="identify_victim",
        reason="a\0b\udcff",
        outcome=SearchOutcome.ANSWERED,
        probe=ProbeId("b1"),
        probe_sha256=Sha256("cd" * 32),
        probe_name="é.jpg",
        face=None,
        face_box=FACE.box,
        pack=PackDigest("ef" * 32),
        gallery_subjects=3,
        gallery_references=4,
        gallery_version=5,
        limit=6,
        prepared=prepared,
        also=(JoinedProbe(ProbeId("b2"), Sha256("01" * 32), "b.jpg", 0),),
        narrowed=Narrowing(frozenset({RecordKind.YELLOW}), 20, 40, Sex.FEMALE, "FR"),
    )


def test_a_face_comes_back_bit_for_bit_as_it_was_written_ever() -> None:
    written = encoding.write_face(FACE)
    assert json.loads(written) == json.loads(FORMER_FACE)
    for text in (written, FORMER_FACE):
        found = encoding.read_face(text)
        assert found == FACE
        assert repr(found.box) == repr(FACE.box)
        assert isinstance(found.quality.scores[1].measure, QualityMeasure)


@pytest.mark.parametrize("harm", ['"ordinal": "x"', '"ordinal": null'])
def test_a_face_that_was_changed_by_hand_is_no_face(harm: str) -> None:
    with pytest.raises(ValueError, match="ordinal"):
        encoding.read_face(FORMER_FACE.replace('"ordinal": 1', harm))


def test_facts_are_read_from_an_object_and_from_a_text_of_json() -> None:
    adapter: TypeAdapter[PhotoFacts] = TypeAdapter(encoding.WrittenFacts)
    assert adapter.validate_python(json.loads(FORMER_FACTS)) == FACTS
    assert adapter.validate_python(FORMER_FACTS) == FACTS


def test_notes_on_a_photo_are_written_as_messages_and_come_back() -> None:
    adapter: TypeAdapter[PhotoFacts] = TypeAdapter(encoding.WrittenFacts)
    facts = replace(FACTS, notes=(Message("photo.first-page", "its first page is used"), *NOTES))
    written = adapter.dump_json(facts)
    assert json.loads(written)["notes"][0] == {"id": "photo.first-page", "values": {}}
    assert adapter.validate_json(written) == facts


def test_strings_are_written_as_ever_and_come_back() -> None:
    assert encoding.write_strings(("b", "é", "a\0\udcff")) == '["b", "é", "a\\\\x00\\\\udcff"]'
    assert encoding.read_strings('["b", "é", "a\\\\x00"]') == ("b", "é", "a\\x00")


def hold_search(store: Store, record: SearchRecord, former: str | None = None) -> SearchRecord:
    """Return the record as the store gives it back; with ``former``, sealed in the place of what is written now."""
    with store.writing() as tx:
        day = record.when
        values: dict[str, Any] = {"blind": "b", "key_id": "k", "authority": "FR", "purpose": "p", "category": "c"}
        values |= {"state": "open", "opened_at": day, "opened_by": "alice", "last_act_at": day}
        tx.connection.execute(sa.insert(case_file).values(id=record.case_id, **values))
        key: KeyId = searches.add_search(tx, record)
        if former is not None:
            sealed = seal_text(tx, key, f"search/{record.search}", former)
            tx.connection.execute(sa.update(search).values(sealed=sealed))
    with store.reading() as tx:
        found = searches.find_search(tx, record.search)
    assert found is not None
    return found


@pytest.mark.parametrize("former", [None, FORMER_SEARCH])
def test_a_search_comes_back_with_everything_that_was_said(store: Store, former: str | None) -> None:
    asked = make_search()
    assert hold_search(store, asked, former) == replace(asked, reason="a\\x00b\\udcff")


def test_a_search_from_before_preparations_says_nothing_of_them(store: Store) -> None:
    asked = make_search()
    old = {"case": "K 1/26", "reason": "r", "probe_sha256": asked.probe_sha256, "probe_name": "é.jpg"}
    found = hold_search(store, asked, json.dumps(old))
    assert (found.case, found.face, found.face_box, found.prepared, found.also) == ("K 1/26", None, None, None, ())
    assert found.narrowed == EVERYBODY


def test_an_erased_search_reads_as_said_nothing(store: Store) -> None:
    asked = make_search()
    hold_search(store, asked)
    with store.writing() as tx:
        searches.erase_search(tx, asked.search)
        found = searches.find_search(tx, asked.search)
    assert found is not None
    assert found.erased
    assert (found.case, found.reason, found.probe_name, found.prepared, found.narrowed) == ("", "", "", None, EVERYBODY)
