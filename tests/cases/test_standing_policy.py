"""What a policy may say of standing searches, and the last day that one may have."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from semblance.cases.case import Case, CaseDraft, CaseState, Category
from semblance.cases.policy import read_default_policy, read_policy
from semblance.cases.standing_search import check_asking, find_latest_day
from semblance.errors import PolicyInvalid
from semblance.terms.ids import AuthorityCode, CaseId
from semblance.terms.permission import Permit, Purpose, Refusal

POLICY = read_default_policy()
RULE = POLICY.standing[Purpose.MISSING_PERSON]
NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
DRAFT = CaseDraft("FR-1", Purpose.MISSING_PERSON, Category.MISSING, "to find her", link="report 3")
CASE = Case(CaseId("c" * 32), AuthorityCode("FR"), DRAFT, CaseState.OPEN, NOW, "alice", NOW)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[standing.missing-person]", "[standing.demonstration]", "examined"),
        ("[standing.missing-person]", "[standing.fishing]", "standing.fishing"),
        ('authorised-by = ["supervisor"]\nlongest', "authorised-by = []\nlongest", "authorised-by"),
        ('authorised-by = ["supervisor"]\nlongest', 'authorised-by = ["examiner"]\nlongest', "standing.grant"),
        ("false-candidates = 2", "false-candidates = 0", "false-candidates"),
        ("candidates = 5\n", "candidates = 51\n", "candidates"),
    ],
)
def test_what_cannot_be_meant_is_no_policy(old: str, new: str, fault: str) -> None:
    text = POLICY.text.replace(old, new, 1)
    assert text != POLICY.text
    with pytest.raises(PolicyInvalid, match=fault):
        read_policy(text, source="test")


def test_a_policy_of_before_has_none() -> None:
    start, end = POLICY.text.index("[standing."), POLICY.text.index("# --- examination")
    older = read_policy(POLICY.text[:start] + POLICY.text[end:], source="older")
    answer = check_asking(older, CASE, NOW.date(), NOW)
    assert isinstance(answer, Refusal)
    assert answer.rule == "standing.purpose"


def test_the_last_day_is_at_most_that_of_the_policy_and_of_the_case() -> None:
    assert find_latest_day(POLICY, RULE, CASE, NOW) == date(2027, 3, 1)
    short = replace(RULE, longest=10)
    assert find_latest_day(POLICY, short, CASE, NOW) == date(2026, 3, 11)
    idle = replace(CASE, last_act_at=NOW - timedelta(days=360))
    assert find_latest_day(POLICY, RULE, idle, NOW) == date(2026, 3, 6)
    for last_day, allowed in ((date(2026, 3, 6), True), (date(2026, 3, 7), False), (date(2026, 2, 28), False)):
        assert isinstance(check_asking(POLICY, idle, last_day, NOW), Permit if allowed else Refusal)
    closed = check_asking(POLICY, replace(CASE, state=CaseState.CLOSED), NOW.date(), NOW)
    assert isinstance(closed, Refusal)
    assert closed.rule == "standing.case-state"
