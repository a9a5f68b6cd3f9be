"""What programs are told of cases, authorisations and the policy."""

from datetime import datetime

from pydantic import Field

from semblance.cases.authorisation import Authorisation
from semblance.cases.case import Case, CaseDraft
from semblance.edge.document import Document
from semblance.edge.searches import ProbeDocument, SearchDocument, describe_probe_detail, describe_record_alone
from semblance.gallery.suitability import SuitabilityLine
from semblance.store.policies import StoredPolicy
from semblance.workflows.cases.authorise import AuthorisationRefused
from semblance.workflows.cases.cases import CaseDetail, CasePage
from semblance.workflows.oversight.policy import PolicyInForce


class CaseDocument(Document):
    """A case of your authority."""

    id: str
    authority: str
    state: str = Field(examples=["open"])
    opened_at: datetime
    opened_by: str
    last_act_at: datetime
    draft: CaseDraft = Field(description="What was said when it was opened.")


class CaseListDocument(Document):
    """A page of cases, the one opened last first; ``next_after`` asks for the page after it."""

    cases: tuple[CaseDocument, ...]
    next_after: str | None


class AuthorisationDocument(Document):
    """Whether the searches for one probe are authorised."""

    id: str
    case: str
    probe: str
    state: str = Field(examples=["waiting"])
    requested_at: datetime
    requested_by: str
    due_at: datetime | None = Field(description="When the clock runs out; null where a search waits for the answer.")
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None


class AuthorisationListDocument(Document):
    """Authorisations, those with the nearest end of their clock first."""

    authorisations: tuple[AuthorisationDocument, ...]


class AuthorisationRefusedDocument(Document):
    """What was erased because a search was not authorised."""

    authorisation: AuthorisationDocument
    probes: int
    searches: int
    candidates: int
    files_cleared: bool
    ledger_entry: int = Field(description="The number of the ledger entry that proves the erasure.")


class CaseDetailDocument(Document):
    """A case with its probes, its searches, newest first, and the authorisations of these."""

    case: CaseDocument
    probes: tuple[ProbeDocument, ...]
    searches: tuple[SearchDocument, ...]
    authorisations: tuple[AuthorisationDocument, ...]


class PolicyDocument(Document):
    """The policy in force; number 0 is the one that Semblance ships."""

    number: int
    title: str
    digest: str
    since: datetime | None
    person: str | None
    reason: str | None
    text: str = Field(description="The policy file, TOML.")


class PolicyVersionDocument(Document):
    """One version of the policy."""

    number: int
    at: datetime
    person: str
    authority: str
    reason: str
    digest: str
    text: str


class PolicyVersionsDocument(Document):
    """All versions that were brought into force, newest first."""

    versions: tuple[PolicyVersionDocument, ...]


def describe_case(case: Case) -> CaseDocument:
    """Return the document of a case."""
    return CaseDocument(
        id=case.id,
        authority=case.authority,
        state=case.state.value,
        opened_at=case.opened_at,
        opened_by=case.opened_by,
        last_act_at=case.last_act_at,
        draft=case.draft,
    )


def describe_case_page(page: CasePage) -> CaseListDocument:
    """Return the document of a page of cases."""
    return CaseListDocument(cases=tuple(map(describe_case, page.rows)), next_after=page.next_after)


def describe_case_detail(detail: CaseDetail, line: SuitabilityLine) -> CaseDetailDocument:
    """Return the document of a case and what was done in it."""
    return CaseDetailDocument(
        case=describe_case(detail.case),
        probes=tuple(describe_probe_detail(probe, line) for probe in detail.probes),
        searches=tuple(describe_record_alone(one, detail.examinations.get(one.search)) for one in detail.searches),
        authorisations=tuple(describe_authorisation(one, detail.case.number) for one in detail.authorisations),
    )


def describe_authorisation(held: Authorisation, case: str) -> AuthorisationDocument:
    """Return the document of an authorisation."""
    return AuthorisationDocument(
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


def describe_authorisation_refused(refused: AuthorisationRefused, case: str) -> AuthorisationRefusedDocument:
    """Return the document of a refused authorisation and of what was erased."""
    return AuthorisationRefusedDocument(
        authorisation=describe_authorisation(refused.authorisation, case),
        probes=refused.erased.probes,
        searches=refused.erased.searches,
        candidates=refused.erased.candidates,
        files_cleared=refused.files_cleared,
        ledger_entry=refused.ledger_entry,
    )


def describe_policy(found: PolicyInForce) -> PolicyDocument:
    """Return the document of the policy in force."""
    return PolicyDocument(
        number=found.number,
        title=found.policy.title,
        digest=found.policy.digest,
        since=found.since,
        person=found.person,
        reason=found.reason,
        text=found.policy.text,
    )


def describe_policies(versions: tuple[StoredPolicy, ...]) -> PolicyVersionsDocument:
    """Return the document of all versions of the policy."""
    return PolicyVersionsDocument(
        versions=tuple(
            PolicyVersionDocument(
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
