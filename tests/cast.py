"""The cast: Alice, Bob, Carol and Dora of FR, Emil of DE, Mallory, refused everywhere, and two administrators."""

from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Actor, PersonId, Role

FR = AuthorityCode("FR")
DE = AuthorityCode("DE")
OUTSIDE = AuthorityCode("XX")


def _cast(name: str, authority: AuthorityCode, *roles: Role, admitted: bool = True) -> Actor:
    return Actor(PersonId(name), name, authority, frozenset(roles), admitted=admitted)


ALICE = _cast("alice", FR, Role.EXAMINER)
BOB = _cast("bob", FR, Role.EXAMINER)
CAROL = _cast("carol", FR, Role.SUPERVISOR)
DORA = _cast("dora", FR, Role.DATA_PROTECTION_OFFICER)
EMIL = _cast("emil", DE, Role.RECORDS_OFFICER)
MALLORY = _cast("mallory", OUTSIDE, *Role, admitted=False)
ADA = _cast("ada", FR, Role.ADMINISTRATOR)
AXEL = _cast("axel", FR, Role.ADMINISTRATOR)
CAST = (ALICE, BOB, CAROL, DORA, EMIL, MALLORY, ADA, AXEL)
ADMINISTRATORS = (ADA, AXEL)
