"""What programs are told of cases and authorisations."""

from datetime import datetime

from pydantic import Field

from semblance.cases.case import Authorisation, AuthorisationState, Case
from semblance.edge.document import Document
from semblance.edge.searches import ProbeDocument, SearchDocument, describe_probe, describe_record_alone
from semblance.gallery.suitability import SuitabilityLine
from semblance.workflows.cases.authorise import AuthorisationRefused
from semblance.workflows.cases.cases import CaseDetail


class AuthorisationDocument(Document):
    """Whether the searches for one probe are authorised."""

    id: str
    case: str = Field(description="The number of the case.")
    probe: str
    state: AuthorisationState
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

    case: Case
    probes: tuple[ProbeDocument, ...]
    searches: tuple[SearchDocument, ...]
    authorisations: tuple[AuthorisationDocument, ...]


def describe_case_detail(detail: CaseDetail, line: SuitabilityLine) -> CaseDetailDocument:
    """Return the document of a case and what was done in it."""
    return CaseDetailDocument(
        case=detail.case,
        probes=tuple(describe_probe(probe, detail.case.number, line) for probe in detail.probes),
        searches=tuple(
            describe_record_alone(record, detail.examinations.get(record.search)) for record in detail.searches
        ),
        authorisations=tuple(
            describe_authorisation(authorisation, detail.case.number) for authorisation in detail.authorisations
        ),
    )


def describe_authorisation(authorisation: Authorisation, case_number: str) -> AuthorisationDocument:
    """Return the document of an authorisation."""
    return AuthorisationDocument.from_value(authorisation, case=case_number)


def describe_authorisation_refused(refused: AuthorisationRefused, case_number: str) -> AuthorisationRefusedDocument:
    """Return the document of a refused authorisation and of what was erased."""
    return AuthorisationRefusedDocument.from_value(
        refused.erased,
        authorisation=describe_authorisation(refused.authorisation, case_number),
        files_cleared=refused.files_cleared,
        ledger_entry=refused.ledger_entry,
    )
