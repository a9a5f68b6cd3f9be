"""What a person may be on a node."""

from enum import StrEnum


class Role(StrEnum):
    """The closed set of roles; what each may do stands in the policy, not here."""

    EXAMINER = "examiner"
    SUPERVISOR = "supervisor"
    RECORDS_OFFICER = "records-officer"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    ADMINISTRATOR = "administrator"
