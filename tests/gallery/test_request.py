"""What people ask about themselves: what can be taken, when it is due, what may be kept back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.cast import FR

from semblance.gallery.request import (
    AccessPart,
    Request,
    RequestDraft,
    RequestKind,
    RequestState,
    Withheld,
    count_days_left,
    find_request_faults,
    find_withheld_faults,
)
from semblance.terms.ids import RequestId, SubjectId

TODAY = date(2026, 3, 1)
DRAFT = RequestDraft(RequestKind.ACCESS, "Jeanne Doe, 1 rue X, Lyon", TODAY, whom="myself, born 1980")


def make_request(received_on: date, state: RequestState = RequestState.RECEIVED) -> Request:
    draft = replace(DRAFT, received_on=received_on)
    taken = datetime(2026, 3, 1, tzinfo=UTC)
    return Request(RequestId("1"), draft, state, FR, taken, "dora", received_on + timedelta(days=30))


def test_a_complete_request_is_taken() -> None:
    assert find_request_faults(DRAFT, today=TODAY) == ()
    about = replace(DRAFT, whom="", records=(SubjectId("a"),))
    assert find_request_faults(about, today=TODAY) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"asker": " "}, "does not say who asks"),
        ({"asker": "x" * 501}, "who asks has 501 characters"),
        ({"asker": "a\x1b[2J"}, "who asks contains characters that cannot be printed"),
        ({"whom": ""}, "names neither a record nor whom"),
        ({"whom": "x" * 2001}, "whom it is about has 2001 characters"),
        ({"what": "\x00 no"}, "what is asked contains"),
        ({"kind": RequestKind.DISPUTE}, "a dispute says what is wrong"),
        ({"kind": RequestKind.RECTIFICATION}, "a rectification says what is wrong"),
        ({"received_on": TODAY + timedelta(days=1)}, "lies in the future"),
        ({"received_on": TODAY - timedelta(days=367)}, "more than a year ago"),
        ({"records": tuple(SubjectId(str(n)) for n in range(51))}, "names 51 records"),
    ],
)
def test_what_cannot_be_taken_is_named(change: dict[str, object], said: str) -> None:
    faults = find_request_faults(replace(DRAFT, **change), today=TODAY)  # type: ignore[arg-type]
    assert len(faults) == 1
    assert said in str(faults[0])


def test_every_fault_is_named_at_once() -> None:
    empty = RequestDraft(RequestKind.DISPUTE, "", TODAY + timedelta(days=3))
    assert len(find_request_faults(empty, today=TODAY)) == 4


def test_the_deadline_ends_with_its_last_day() -> None:
    received = make_request(TODAY)
    assert count_days_left(received, TODAY) == 30
    assert count_days_left(received, date(2026, 4, 2)) == -2


def test_nothing_is_kept_back_without_a_law() -> None:
    lawful = Withheld(AccessPart.SEARCHES, "Directive (EU) 2016/680, article 15(1)(b)")
    assert find_withheld_faults((lawful,)) == ()
    assert "cite that law" in str(find_withheld_faults((Withheld(AccessPart.IMAGES, " "),))[0])
    assert "501 characters" in str(find_withheld_faults((Withheld(AccessPart.IMAGES, "x" * 501),))[0])
    assert list(map(str, find_withheld_faults((lawful, lawful)))) == ["searches is named twice"]
