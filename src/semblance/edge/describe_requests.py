"""From requests, reminders and figures to documents for programs."""

from semblance.edge import request_documents as d
from semblance.gallery.request import Request
from semblance.store.verifications import Verification
from semblance.terms.ids import SubjectId
from semblance.workflows.answer_request import Answered
from semblance.workflows.oversight import NamedRecord, Oversight
from semblance.workflows.receive_request import Received
from semblance.workflows.remind import Reminders
from semblance.workflows.requests import RequestDetail, RequestPage


def describe_request(
    request: Request, *, days_left: int | None = None, numbers: dict[SubjectId, str] | None = None
) -> d.RequestDocument:
    """Return the document of a request."""
    known = numbers or {}
    return d.RequestDocument(
        id=request.id,
        kind=request.kind.value,
        state=request.state.value,
        authority=request.authority,
        received_on=request.draft.received_on,
        due_on=request.due_on,
        days_left=days_left,
        asker=request.draft.asker,
        whom=request.draft.whom,
        what=request.draft.what,
        taken_at=request.taken_at,
        taken_by=request.taken_by,
        decided_at=request.decided_at,
        decided_by=request.decided_by,
        reason=request.reason,
        withheld=tuple(d.WithheldDocument(part=one.part.value, law=one.law) for one in request.withheld),
        told_in=request.told_in,
        records=tuple(
            d.RequestRecordDocument(
                subject=about.subject,
                number=known.get(about.subject),
                blocked=about.blocked,
                corrected=about.corrected,
                erased_in=about.erased_in,
            )
            for about in request.about
        ),
    )


def describe_request_detail(detail: RequestDetail) -> d.RequestDocument:
    """Return the document of a request with the numbers of its records."""
    return describe_request(detail.row.request, days_left=detail.row.days_left, numbers=detail.numbers)


def describe_requests(page: RequestPage) -> d.RequestListDocument:
    """Return the document of a page of requests."""
    rows = tuple(describe_request(row.request, days_left=row.days_left) for row in page.rows)
    return d.RequestListDocument(requests=rows, next_after=page.next_after)


def describe_received(received: Received) -> d.RequestReceivedDocument:
    """Return the document of a request that was taken in."""
    refused = tuple(
        d.NotBlockedDocument(subject=subject, rule=refusal.rule, reason=refusal.reason)
        for subject, refusal in received.refused
    )
    return d.RequestReceivedDocument(request=describe_request(received.request), not_blocked=refused)


def describe_answered(answered: Answered) -> d.RequestAnsweredDocument:
    """Return the document of a request that was decided."""
    receipts = tuple(
        d.RequestReceiptDocument(
            subject=receipt.subject,
            number=receipt.number,
            ledger_entry=receipt.ledger_entry,
            files_cleared=receipt.files_cleared,
        )
        for receipt in answered.receipts
    )
    return d.RequestAnsweredDocument(request=describe_request(answered.request), receipts=receipts)


def describe_reminders(reminders: Reminders) -> d.ReminderListDocument:
    """Return the document of what somebody is reminded of."""
    return d.ReminderListDocument(
        ending=tuple(
            d.EndingRecordDocument(
                subject=one.subject,
                number=one.number,
                name=one.name,
                kind=one.kind.value,
                state=one.state.value,
                last_day=one.last_day,
                days_left=one.days_left,
            )
            for one in reminders.ending
        ),
        overdue=tuple(
            d.OverdueRequestDocument(request=one.request, kind=one.kind, due_on=one.due_on, days_over=one.days_over)
            for one in reminders.overdue
        ),
    )


def describe_oversight(found: Oversight) -> d.OversightDocument:
    """Return the document of a data-protection officer's figures."""
    return d.OversightDocument(
        at=found.at,
        days=found.days,
        within=found.within,
        searches=tuple(
            d.SearchCountDocument(
                day=one.day,
                authority=one.authority,
                purpose=one.purpose,
                outcome=one.outcome,
                count=one.count,
            )
            for one in found.searches
        ),
        records=tuple(
            d.RecordCountDocument(kind=one.kind.value, state=one.state.value, owner=one.owner, count=one.count)
            for one in found.records
        ),
        ending=tuple(map(_describe_watched, found.ending)),
        ending_count=found.ending_count,
        disputed=tuple(map(_describe_watched, found.disputed)),
        disputed_count=found.disputed_count,
        requests_open=found.requests_open,
        requests_overdue=found.requests_overdue,
        authorisations=tuple(
            d.AuthorisationCountDocument(authority=one.authority, state=one.state, count=one.count)
            for one in found.authorisations
        ),
        entries=found.ledger.entries,
        entries_complete=found.ledger.complete,
        verbs=_describe_counts(found.ledger.by_verb),
        refusals=_describe_counts(found.ledger.refusals),
        waivers=_describe_counts(found.ledger.waivers),
        subjects_erased=found.subjects_erased,
        keys_destroyed=found.keys_destroyed,
        verified=None if found.verified is None else _describe_verification(found.verified),
    )


def _describe_watched(one: NamedRecord) -> d.WatchedRecordDocument:
    return d.WatchedRecordDocument(
        subject=one.subject,
        number=one.number,
        owner=one.owner,
        kind=one.kind.value,
        state=one.state.value,
        last_day=one.last_day,
        since=one.since,
    )


def _describe_counts(counts: tuple[tuple[str, int], ...]) -> tuple[d.RuleCountDocument, ...]:
    return tuple(d.RuleCountDocument(name=name, count=count) for name, count in counts)


def _describe_verification(found: Verification) -> d.VerificationDocument:
    return d.VerificationDocument(at=found.at, by=found.person, entries=found.entries, fault=found.fault)
