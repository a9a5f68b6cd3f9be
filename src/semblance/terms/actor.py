"""Who acts: a person of an authority, with the roles that are in force now. What each may do stands in the policy."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Action


class Role(StrEnum):
    """The closed set of roles; what each may do stands in the policy, not here."""

    EXAMINER = "examiner"
    SUPERVISOR = "supervisor"
    RECORDS_OFFICER = "records-officer"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    ADMINISTRATOR = "administrator"


PersonId = NewType("PersonId", str)


class Means(StrEnum):
    """How it was established who acts."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - the word, not one of them
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody whose identity was established, as every workflow takes them.

    ``name`` is the account's login name, as the ledger says it. ``roles`` are those in force at this moment: an expired
    role, or an examiner's without valid training, is not among them. ``admitted`` is False where the person's authority
    is registered here but not admitted to act. ``scope`` narrows what an API token may do; None narrows nothing.
    """

    person: PersonId
    name: str
    authority: AuthorityCode
    roles: frozenset[Role]
    means: Means = Means.SESSION
    admitted: bool = True
    scope: frozenset[Action] | None = None
