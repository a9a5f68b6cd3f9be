"""What a search may be made for."""

from enum import StrEnum


class Purpose(StrEnum):
    """The closed set of purposes; which kinds of record each may search stands in the policy."""

    WANTED_PERSON = "wanted-person"
    MISSING_PERSON = "missing-person"
    UNIDENTIFIED_PERSON = "unidentified-person"
    UNIDENTIFIED_BODY = "unidentified-body"
    DEMONSTRATION = "demonstration"
