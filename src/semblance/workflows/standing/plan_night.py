"""What a night compares: which standing searches run, since which change of the gallery, and above which score."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from semblance.cases.check import find_searchable
from semblance.cases.policy import Policy
from semblance.cases.standing_search import StandingSearch
from semblance.evaluation.calibration import NoCalibration
from semblance.node.node import Node
from semblance.search.index import Allowed
from semblance.store import cases, gallery, standing_searches
from semblance.store.calibrations import Calibration
from semblance.store.engine import Transaction
from semblance.store.new_references import NewCount, count_new
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Purpose
from semblance.terms.samples import Template
from semblance.workflows.standing.decide_standing import find_present_end
from semblance.workflows.standing.thresholds import find_night_calibration, set_threshold

_MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Planned:
    """One standing search in this night.

    It is compared with what is new after the change ``after``, up to ``until``: ``new`` people and photos, of which
    ``expected`` false candidates are at or above ``threshold``; at most ``cap`` candidates are shown. ``template`` is
    that of the face, once it is made.
    """

    standing: StandingSearch
    cap: int
    allowed: Allowed
    after: int
    until: int
    new: NewCount
    threshold: float
    expected: float
    template: Template | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    """What the standing searches of an authority for a purpose have in common."""

    cap: int
    allowed: Allowed
    calibration: Calibration
    share: float
    left: int


def plan_night(node: Node, policy: Policy, now: datetime) -> tuple[Planned, ...]:
    """Return the standing searches that run now, the one that waits longest first; raises PackConflict."""
    planned: list[Planned] = []
    taken: dict[tuple[AuthorityCode, Purpose], int] = {}
    counts: dict[tuple[AuthorityCode, Purpose, int], NewCount] = {}
    with node.store.reading() as tx:
        gallery.require_pack(tx, node.extractor.digest, node.extractor.name)
        due = standing_searches.keep_whole(tx, standing_searches.list_due(tx, now, limit=_MOST))
        groups = _find_groups(tx, node, policy, due, now)
        until = gallery.read_version(tx)
        for standing in due:
            key = standing.authority, standing.purpose
            group = groups.get(key)
            if group is None or taken.get(key, 0) >= group.left or _is_over(tx, policy, standing, now):
                continue
            taken[key] = taken.get(key, 0) + 1
            after = standing.covered.find_start(node.extractor.digest, policy.digest)
            if (*key, after) not in counts:
                counts[*key, after] = count_new(tx, after=after, allowed=group.allowed)
            new = counts[*key, after]
            point = set_threshold(group.calibration, compared=new.subjects, wanted=group.share)
            assert not isinstance(point, NoCalibration)
            figures = (after, until, new, point.threshold, point.expected)
            planned.append(Planned(standing, group.cap, group.allowed, *figures))
    return tuple(planned)


def _find_groups(
    tx: Transaction, node: Node, policy: Policy, due: tuple[StandingSearch, ...], now: datetime
) -> Mapping[tuple[AuthorityCode, Purpose], _Group]:
    running, ran = standing_searches.count_running(tx), standing_searches.count_runs_today(tx, now)
    found = {}
    for authority, purpose in {(standing.authority, standing.purpose) for standing in due}:
        rule = policy.standing.get(purpose)
        if rule is None or purpose not in policy.purposes:
            continue
        calibration = find_night_calibration(tx, policy, authority, purpose, node.extractor.digest, now)
        if isinstance(calibration, NoCalibration):
            continue
        key = authority, purpose
        found[key] = _Group(
            min(rule.candidates, policy.purposes[purpose].candidates),
            find_searchable(policy, purpose, authority, now.astimezone(UTC).date()),
            calibration,
            rule.false_candidates / running[key],
            rule.runs_per_day - ran.get(key, 0),
        )
    return found


def _is_over(tx: Transaction, policy: Policy, standing: StandingSearch, now: datetime) -> bool:
    case = cases.find_case(tx, standing.case)
    return case is None or find_present_end(tx, policy, standing, case, now) is not None
