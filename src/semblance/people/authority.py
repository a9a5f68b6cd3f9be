"""The authorities that a node knows."""

from dataclasses import dataclass

from semblance.terms.authority import AuthorityCode
from semblance.terms.mail_address import is_mail_address


@dataclass(frozen=True, slots=True)
class Authority:
    """A body that people act for.

    ``key`` is the public key of its node as `semblance ledger key` prints it, or None. One that is not ``admitted`` is
    known here, and its people are refused everything. ``webhook`` is where its own systems are told of leads, or None.
    """

    code: AuthorityCode
    name: str
    contact: str
    key: str | None
    admitted: bool
    webhook: str | None = None

    @property
    def mail(self) -> str | None:
        """Return the contact where it is one plain e-mail address and nothing else, or None."""
        return self.contact if is_mail_address(self.contact) else None
