"""What is remembered of a pair of records that people answered: that they are not of the same person."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from semblance.cases.check import is_open
from semblance.cases.examination import Examination, ExaminedCandidate, Inconclusive, NoLead, Result
from semblance.cases.lead_check import HeldLead
from semblance.cases.link_check import PairConclusion
from semblance.store import answered_pairs, examinations, records, searches
from semblance.store.engine import Transaction
from semblance.terms.record import RecordFacts

_CONCLUSIONS: Final = {NoLead: PairConclusion.NO_LEAD, Inconclusive: PairConclusion.INCONCLUSIVE}


def remember_answers(
    tx: Transaction,
    examination: Examination,
    candidates: Iterable[ExaminedCandidate],
    results: Iterable[Result],
    now: datetime,
) -> None:
    """Remember each candidate that came to no lead, where the probe comes from a record.

    One that was erased, or closed to the examiners' authority, while they looked was not compared by all of them.
    """
    by_pseudonym = {candidate.pseudonym: candidate for candidate in candidates}
    for result in results:
        conclusion, candidate = _CONCLUSIONS.get(type(result)), by_pseudonym[result.pseudonym]
        facts = None if conclusion is None else records.find_facts(tx, candidate.subject)
        if conclusion is not None and facts is not None and is_open(facts, examination.authority, now.date()):
            _remember(tx, examination, candidate, conclusion, now)


def remember_refuted(tx: Transaction, lead: HeldLead, examination: Examination, now: datetime) -> None:
    """Remember that the owner of a candidate's record said that it is not of the person in the probe's."""
    dealt = examinations.list_candidates(tx, examination.id)
    candidate = next(candidate for candidate in dealt if candidate.pseudonym == lead.pseudonym)
    _remember(tx, examination, candidate, PairConclusion.REFUTED, now)


def may_be_asked(tx: Transaction, examination: Examination, candidate: RecordFacts, now: datetime) -> bool:
    """Return whether the owner of a candidate's record may be shown the probe: it may see the record it comes from."""
    record = searches.find_search(tx, examination.search)
    if record is None or record.origin is None:
        return True
    origin = records.find_facts(tx, record.origin)
    return origin is not None and is_open(origin, candidate.owner, now.date())


def _remember(
    tx: Transaction, examination: Examination, candidate: ExaminedCandidate, conclusion: PairConclusion, now: datetime
) -> None:
    record = searches.find_search(tx, examination.search)
    if record is None or record.origin is None or not candidate.subject:
        return
    answered_pairs.remember_pair(
        tx,
        record.origin,
        candidate.subject,
        conclusion,
        at=now,
        examination=examination.id,
        shown=[candidate.reference],
        probe=record.probe_sha256,
    )
