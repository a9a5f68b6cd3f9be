"""What programs are told of the policy."""

from datetime import datetime

from pydantic import Field

from semblance.edge.document import Document
from semblance.store.policies import StoredPolicy
from semblance.workflows.oversight.policy import PolicyInForce


class PolicyDocument(Document):
    """The policy in force; number 0 is the one that Semblance ships."""

    number: int
    title: str
    digest: str
    since: datetime | None
    person: str | None
    reason: str | None
    text: str = Field(description="The policy file, TOML.")


class PolicyVersionsDocument(Document):
    """All versions that were brought into force, newest first."""

    versions: tuple[StoredPolicy, ...]


def describe_policy(found: PolicyInForce) -> PolicyDocument:
    """Return the document of the policy in force."""
    policy = found.policy
    return PolicyDocument.from_value(found, title=policy.title, digest=policy.digest, text=policy.text)
