"""What the history of a record says of each change."""

from dataclasses import replace
from datetime import UTC, date, datetime

from pydantic import TypeAdapter

from semblance.gallery.record import (
    Circumstances,
    Dispute,
    Personal,
    PublishAnswer,
    Record,
    RecordDraft,
    RecordVersion,
    Sex,
    Warrant,
)
from semblance.gallery.record_changes import FieldChange, find_changes, list_changes
from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode, SubjectId
from semblance.terms.record import RecordKind, RecordState, Restriction, RestrictionMode

DE = AuthorityCode("DE")
MOMENT = datetime(2026, 3, 1, 9, tzinfo=UTC)
FIRST = Record(
    subject=SubjectId("0" * 32),
    owner=DE,
    draft=RecordDraft(
        RecordKind.RED,
        "2026/17",
        "INTERPOL RPD",
        date(2027, 1, 1),
        personal=Personal(family_name="Moreau", sex=Sex.FEMALE),
    ),
    state=RecordState.DRAFT,
    version=1,
    created_at=MOMENT,
    created_by="emil",
    changed_at=MOMENT,
)


def test_the_first_version_changed_all_that_it_holds() -> None:
    assert find_changes(None, FIRST) == (
        FieldChange("state", None, "draft"),
        FieldChange("kind", None, "red"),
        FieldChange("number", None, "2026/17"),
        FieldChange("legal_basis", None, "INTERPOL RPD"),
        FieldChange("retain_until", None, "2027-01-01"),
        FieldChange("personal.family_name", None, "Moreau"),
        FieldChange("personal.sex", None, "female"),
    )


def test_only_what_differs_is_named() -> None:
    draft = replace(
        FIRST.draft,
        restriction=Restriction(RestrictionMode.ONLY, frozenset({AuthorityCode("FR"), AuthorityCode("BE")})),
        personal=replace(FIRST.draft.personal, sex=None, aliases=("Zoë", "Z.")),
        circumstances=Circumstances(warrants=(Warrant("DE", "Raub", "robbery"), Warrant("FR", "vol"))),
    )
    later = replace(
        FIRST,
        draft=draft,
        state=RecordState.BLOCKED,
        answer=PublishAnswer(True, "emil", DE, MOMENT),
        dispute=Dispute("not her", "dora", AuthorityCode("FR"), MOMENT),
    )
    assert find_changes(FIRST, later) == (
        FieldChange("state", "draft", "blocked"),
        FieldChange("restriction", None, Message("records.only", "", authorities=("BE", "FR"))),
        FieldChange("personal.aliases", None, "Zoë; Z."),
        FieldChange("personal.sex", "female", None),
        FieldChange("circumstances.warrants", None, "DE, Raub, robbery; FR, vol"),
        FieldChange("answer", None, Message("records.neutral", "", person="emil", authority="DE")),
        FieldChange("dispute", None, Message("records.disputed", "", reason="not her", person="dora", authority="FR")),
    )
    assert find_changes(later, later) == ()


def test_a_history_says_who_when_and_why() -> None:
    second = replace(FIRST, version=2, draft=replace(FIRST.draft, legal_basis="another law"))
    versions = (
        RecordVersion(second, "emil", DE, MOMENT, "the law was renumbered"),
        RecordVersion(FIRST, "emil", DE, MOMENT, "the warrant came in"),
    )
    newest, oldest = list_changes(versions)
    assert (newest.version, newest.person, newest.reason) == (2, "emil", "the law was renumbered")
    assert newest.changes == (FieldChange("legal_basis", "INTERPOL RPD", "another law"),)
    assert (oldest.version, len(oldest.changes)) == (1, 7)


def test_a_version_keeps_apart_what_was_typed_and_what_the_node_says() -> None:
    adapter = TypeAdapter(RecordVersion)
    for reason in ("taken in with its photos", Message("records.imported", "")):
        version = RecordVersion(FIRST, "emil", DE, MOMENT, reason)
        read = adapter.validate_json(adapter.dump_json(version))
        assert (read, type(read.reason)) == (version, type(reason))
