"""What programs are told of cases, authorisations and the policy."""

from datetime import datetime

from pydantic import Field

from semblance.cases.case import CaseDraft
from semblance.edge.documents import Document, ProbeDocument, SearchDocument


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
