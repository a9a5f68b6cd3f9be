"""The authorities that a node knows."""

from dataclasses import dataclass

from semblance.terms.authority import AuthorityCode


@dataclass(frozen=True, slots=True)
class Authority:
    """A body that people act for.

    ``key`` is the public key of its node as `semblance ledger key` prints it, or None. One that is not ``admitted`` is
    known here, and its people are refused everything.
    """

    code: AuthorityCode
    name: str
    contact: str
    key: str | None
    admitted: bool
