"""From cases, authorisations and policies to documents for programs."""

from semblance.cases.authorisation import Authorisation
from semblance.cases.case import Case
from semblance.edge import case_documents as d
from semblance.edge.describe import describe_probe_detail, describe_record_alone
from semblance.gallery.suitability import SuitabilityLine
from semblance.store.policies import StoredPolicy
from semblance.workflows.authorise import AuthorisationRefused
from semblance.workflows.cases import CaseDetail, CasePage
from semblance.workflows.policy import PolicyInForce


def describe_case(case: Case) -> d.CaseDocument:
    """Return the document of a case."""
    return d.CaseDocument(
        id=case.id,
        authority=case.authority,
        state=case.state.value,
        opened_at=case.opened_at,
        opened_by=case.opened_by,
        last_act_at=case.last_act_at,
        draft=case.draft,
    )


def describe_case_page(page: CasePage) -> d.CaseListDocument:
    """Return the document of a page of cases."""
    return d.CaseListDocument(cases=tuple(map(describe_case, page.rows)), next_after=page.next_after)


def describe_case_detail(detail: CaseDetail, line: SuitabilityLine) -> d.CaseDetailDocument:
    """Return the document of a case and what was done in it."""
    return d.CaseDetailDocument(
        case=describe_case(detail.case),
        probes=tuple(describe_probe_detail(probe, line) for probe in detail.probes),
        searches=tuple(describe_record_alone(one, detail.examinations.get(one.search)) for one in detail.searches),
        authorisations=tuple(describe_authorisation(one, detail.case.number) for one in detail.authorisations),
    )


def describe_authorisation(held: Authorisation, case: str) -> d.AuthorisationDocument:
    """Return the document of an authorisation."""
    return d.AuthorisationDocument(
        id=held.id,
        case=case,
        probe=held.probe,
        state=held.state.value,
        requested_at=held.requested_at,
        requested_by=held.requested_by,
        due_at=held.due_at,
        decided_at=held.decided_at,
        decided_by=held.decided_by,
        reason=held.reason,
    )


def describe_authorisation_refused(refused: AuthorisationRefused, case: str) -> d.AuthorisationRefusedDocument:
    """Return the document of a refused authorisation and of what was erased."""
    return d.AuthorisationRefusedDocument(
        authorisation=describe_authorisation(refused.authorisation, case),
        probes=refused.erased.probes,
        searches=refused.erased.searches,
        candidates=refused.erased.candidates,
        files_cleared=refused.files_cleared,
        ledger_entry=refused.ledger_entry,
    )


def describe_policy(found: PolicyInForce) -> d.PolicyDocument:
    """Return the document of the policy in force."""
    return d.PolicyDocument(
        number=found.number,
        title=found.policy.title,
        digest=found.policy.digest,
        since=found.since,
        person=found.person,
        reason=found.reason,
        text=found.policy.text,
    )


def describe_policies(versions: tuple[StoredPolicy, ...]) -> d.PolicyVersionsDocument:
    """Return the document of all versions of the policy."""
    return d.PolicyVersionsDocument(
        versions=tuple(
            d.PolicyVersionDocument(
                number=one.number,
                at=one.at,
                person=one.person,
                authority=one.authority,
                reason=one.reason,
                digest=one.digest,
                text=one.text,
            )
            for one in versions
        )
    )
