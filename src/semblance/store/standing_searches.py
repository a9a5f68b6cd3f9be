"""Standing searches: what was typed is sealed under the case's key, the template under the probe's."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from semblance.cases.case import CaseState
from semblance.cases.standing_search import OPEN_STATES, Cost, Coverage, StandingSearch, StandingState
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import keep_sealed, require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, count_groups, find_first, read_key, read_row
from semblance.store.schema.case import case_file
from semblance.store.schema.gallery import probe, search, search_candidate
from semblance.store.schema.standing import standing_found, standing_search
from semblance.store.vault import load_keys, seal, seal_text, unseal, unseal_text
from semblance.terms.ids import (
    AuthorityCode,
    CaseId,
    PackDigest,
    ProbeId,
    SearchId,
    Sha256,
    StandingSearchId,
    SubjectId,
)
from semblance.terms.permission import Purpose
from semblance.terms.samples import Metric, Template

_DECIDED: Final = ("state", "decided_at", "decided_by", "ended_at", "ended_by", "why_ended")
_TYPED: Final = ("reason", "decision", "end_reason")


def add_standing(tx: Transaction, made: StandingSearch) -> None:
    """Add a standing search that is asked for."""
    add_row(tx, standing_search, made, sealed=_seal(tx, made), **_write_covered(made.covered), **_write_cost(made.cost))


def change_standing(tx: Transaction, changed: StandingSearch) -> None:
    """Write what was decided about it, or how it ended; ended, its template is gone."""
    gone = {"template": None, "template_pack": None} if changed.state is StandingState.ENDED else {}
    values = {name: getattr(changed, name) for name in _DECIDED}
    # of an erased case there is no key, and nothing that was typed
    typed = {"sealed": _seal(tx, changed)} if changed.reason else {}
    change_rows(tx, standing_search, standing_search.c.id == changed.id, **values, **typed, **gone)


def note_run(
    tx: Transaction, ran: StandingSearch, *, at: datetime, covered: Coverage, cost: Cost, search: SearchId | None
) -> bool:
    """Note what a run covered and cost, and the search in which it found somebody.

    Return False where it ran meanwhile.
    """
    before = standing_search.c.last_run_at
    untouched = before.is_(None) if ran.last_run_at is None else before == ran.last_run_at
    values = {**_write_covered(covered), **_write_cost(cost)}
    if not change_rows(tx, standing_search, (standing_search.c.id == ran.id) & untouched, last_run_at=at, **values):
        return False
    if search is not None:
        add_row(tx, standing_found, search_id=search, standing_id=ran.id)
    return True


def find_standing(
    tx: Transaction, which: StandingSearchId, authority: AuthorityCode | None = None
) -> StandingSearch | None:
    """Return the standing search with that id; where an authority is named, only if it is that one's."""
    require_sealed(tx, PowerKind.STANDING, [which])
    asked = standing_search.c.id == which
    return find_first(_list(tx, asked if authority is None else asked & (standing_search.c.authority == authority)))


def list_standing(tx: Transaction, authority: AuthorityCode, *, limit: int) -> tuple[StandingSearch, ...]:
    """Return an authority's standing searches, those that are open first, then the one asked for last."""
    ended = (standing_search.c.state == StandingState.ENDED).label("ended")
    order = (ended, standing_search.c.asked_at.desc(), standing_search.c.id)
    return _list(tx, standing_search.c.authority == authority, *order, limit=limit)


def list_of_probe(tx: Transaction, of: ProbeId) -> tuple[StandingSearch, ...]:
    """Return the standing searches for a probe, oldest first."""
    return _list(tx, standing_search.c.probe_id == of, standing_search.c.asked_at, standing_search.c.id)


def list_over(
    tx: Transaction, now: datetime, longest: Mapping[Purpose, int], *, limit: int
) -> tuple[StandingSearch, ...]:
    """Return those that are asked for or run although case, probe or last day are over, of all authorities.

    ``longest``: so many days after it was asked for a standing search for the purpose may last.
    """
    today = _begin_day(now)
    held = sa.exists().where(probe.c.id == standing_search.c.probe_id, probe.c.expires_at > now)
    outlived = (
        (standing_search.c.purpose == purpose) & (standing_search.c.asked_at < today - timedelta(days=days))
        for purpose, days in longest.items()
    )
    over = sa.or_(case_file.c.state != CaseState.OPEN, ~held, standing_search.c.last_day < today.date(), *outlived)
    found = _list(tx, standing_search.c.state.in_(OPEN_STATES) & over, standing_search.c.id)
    return keep_whole(tx, found)[:limit]


def keep_whole(tx: Transaction, found: Iterable[StandingSearch]) -> tuple[StandingSearch, ...]:
    """Return those of whose case and probe nothing was changed by hand either: one that is keeps no other waiting."""
    cases = keep_sealed(tx, PowerKind.CASE, tuple(found), lambda standing: standing.case)
    return tuple(keep_sealed(tx, PowerKind.PROBE, cases, lambda standing: standing.probe))


def list_due(tx: Transaction, now: datetime, *, limit: int) -> tuple[StandingSearch, ...]:
    """Return those that did not run on this day in UTC, of all authorities, the one that waits longest first."""
    waits = standing_search.c.last_run_at.is_(None) | (standing_search.c.last_run_at < _begin_day(now))
    order = (standing_search.c.last_run_at.is_not(None), standing_search.c.last_run_at, standing_search.c.id)
    return _list(tx, (standing_search.c.state == StandingState.RUNNING) & waits, *order, limit=limit)


def count_running(tx: Transaction) -> Mapping[tuple[AuthorityCode, Purpose], int]:
    """Return how many run, by authority and purpose."""
    return _count(tx, standing_search.c.state == StandingState.RUNNING)


def count_runs_today(tx: Transaction, now: datetime) -> Mapping[tuple[AuthorityCode, Purpose], int]:
    """Return how many ran on this day in UTC, also those that ended since, by authority and purpose."""
    return _count(tx, standing_search.c.last_run_at >= _begin_day(now))


def list_offered(tx: Transaction, which: StandingSearchId) -> Mapping[SubjectId, int]:
    """Return whom people were asked to examine for it, each with the change up to which photos were compared then."""
    asked = (
        sa.select(search_candidate.c.subject_id, sa.func.max(search.c.gallery_version))
        .join(search, search.c.id == search_candidate.c.search_id)
        .join(standing_found, standing_found.c.search_id == search.c.id)
        .where(standing_found.c.standing_id == which)
        .group_by(search_candidate.c.subject_id)
    )
    return {SubjectId(row[0]): int(row[1]) for row in tx.connection.execute(asked)}


def list_found(tx: Transaction, which: StandingSearchId) -> tuple[SearchId, ...]:
    """Return the searches in which it found somebody."""
    require_sealed(tx, PowerKind.STANDING, [which])
    asked = sa.select(standing_found.c.search_id).where(standing_found.c.standing_id == which)
    return tuple(map(SearchId, tx.connection.scalars(asked)))


def keep_template(tx: Transaction, of: StandingSearch, template: Template) -> None:
    """Keep the template of the face that is sought, under the key of its probe, in the place of an earlier one."""
    document = f"{template.metric.value} {template.dimension} ".encode() + template.values
    sealed = seal(tx, read_key(tx, probe, of.probe), f"standing.template/{of.id}", document)
    mine = standing_search.c.id == of.id
    change_rows(tx, standing_search, mine, template=sealed, template_pack=template.pack)


def read_templates(
    tx: Transaction, pack: PackDigest, which: Iterable[StandingSearch]
) -> dict[StandingSearchId, Template]:
    """Return the templates of these searches that were made with the pack and are still held."""
    wanted = {standing.id for standing in which}
    rows = tx.connection.execute(
        sa.select(standing_search.c.id, standing_search.c.template, probe.c.key_id)
        .join(probe, probe.c.id == standing_search.c.probe_id)
        .where(standing_search.c.template_pack == pack, standing_search.c.template.is_not(None))
    )
    held = keep_sealed(tx, PowerKind.STANDING, [row for row in rows if row.id in wanted], lambda row: row.id)
    load_keys(tx, [KeyId(row.key_id) for row in held])
    found = {}
    for row in held:
        opened = unseal(tx, KeyId(row.key_id), f"standing.template/{row.id}", bytes(row.template))
        metric, dimension, values = opened.split(b" ", 2)
        found[StandingSearchId(row.id)] = Template(pack, Metric(metric.decode()), int(dimension), values)
    return found


def forget_of_case(tx: Transaction, case_id: CaseId) -> None:
    """Erase what was typed about the standing searches of a case, before its key is destroyed."""
    change_rows(tx, standing_search, standing_search.c.case_id == case_id, sealed=None)


def _seal(tx: Transaction, made: StandingSearch) -> bytes:
    typed = json.dumps({name: getattr(made, name) for name in _TYPED})
    return seal_text(tx, read_key(tx, case_file, made.case), f"standing/{made.id}", typed)


def _write_covered(covered: Coverage) -> dict[str, Any]:
    return {"covered_version": covered.version, "covered_pack": covered.pack, "covered_policy": covered.policy}


def _write_cost(cost: Cost) -> dict[str, Any]:
    return {"runs": cost.runs, "comparisons": cost.comparisons, "found": cost.found, "cut": cost.cut}


def _begin_day(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _count(tx: Transaction, which: sa.ColumnElement[bool]) -> Mapping[tuple[AuthorityCode, Purpose], int]:
    rows = count_groups(tx, standing_search.c.authority, standing_search.c.purpose, where=which)
    return {(AuthorityCode(row[0]), Purpose(row[1])): row[2] for row in rows}


def _list(
    tx: Transaction, which: sa.ColumnElement[bool], *order: sa.ColumnElement[Any], limit: int | None = None
) -> tuple[StandingSearch, ...]:
    asked = sa.select(standing_search, case_file.c.key_id).join(case_file).where(which).order_by(*order)
    if limit is None:
        rows = keep_sealed(tx, PowerKind.STANDING, tx.connection.execute(asked).all(), lambda row: row.id)
    else:
        rows = take_sealed(tx, PowerKind.STANDING, asked, lambda row: row.id, limit)
    return tuple(_read(tx, row) for row in rows)


def _read(tx: Transaction, row: sa.Row[Any]) -> StandingSearch:
    typed: dict[str, Any] = {"reason": "", "decision": None, "end_reason": None}
    if row.sealed is not None:
        typed = json.loads(unseal_text(tx, KeyId(row.key_id), f"standing/{row.id}", row.sealed))
    pack, policy = row.covered_pack, row.covered_policy
    covered = Coverage(
        row.covered_version, None if pack is None else PackDigest(pack), None if policy is None else Sha256(policy)
    )
    cost = Cost(row.runs, row.comparisons, row.found, row.cut)
    return read_row(StandingSearch, row, covered=covered, cost=cost, **typed)
