"""What the text or number in a field is, where it is more than a line: forms, faults and pages go by it."""

from enum import StrEnum
from typing import Annotated


class Nature(StrEnum):
    """What a field holds where its type does not say it."""

    LONG = "long"
    DATE = "date"
    COUNTRY = "country"
    AUTHORITY = "authority"
    YEARS = "years"
    TOOTH = "tooth"
    DEGREES = "degrees"


LongText = Annotated[str, Nature.LONG]
"""Up to 20 000 characters, with line breaks."""

PartialDate = Annotated[str, Nature.DATE]
"""ISO 8601, and perhaps partial: ``1970-05-17``, ``1970-05`` or ``1970``."""

Country = Annotated[str, Nature.COUNTRY]
"""ISO 3166-1 alpha-2, or three digits: a code of INTERPOL's own, for what is no country or not any more."""

Addressee = Annotated[str, Nature.AUTHORITY]
"""An authority's code."""

Years = Annotated[int, Nature.YEARS]
"""An age in whole years; 0 is one."""

ToothNumber = Annotated[int, Nature.TOOTH]
"""A tooth by ISO 3950 (FDI): quadrant 1 to 4 and place 1 to 8; milk teeth quadrant 5 to 8 and place 1 to 5."""

Degrees = Annotated[float, Nature.DEGREES]
"""Of latitude or longitude, WGS 84; north and east are positive."""
