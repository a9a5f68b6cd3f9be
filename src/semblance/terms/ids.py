"""Identifiers: random where they name a thing held here, SHA-256 where they name bytes, codes where an authority."""

import hashlib
import re
import secrets
from typing import Final, NewType

from semblance.messages.message import Message

SubjectId = NewType("SubjectId", str)
PhotoId = NewType("PhotoId", str)
ReferenceId = NewType("ReferenceId", str)
ProbeId = NewType("ProbeId", str)
SearchId = NewType("SearchId", str)
CaseId = NewType("CaseId", str)
AuthorisationId = NewType("AuthorisationId", str)
RequestId = NewType("RequestId", str)
ExaminationId = NewType("ExaminationId", str)
ReviewId = NewType("ReviewId", str)
PreparationId = NewType("PreparationId", str)
LeadId = NewType("LeadId", str)
LinkId = NewType("LinkId", str)
CalibrationId = NewType("CalibrationId", str)
SubmissionId = NewType("SubmissionId", str)
SubmissionFileId = NewType("SubmissionFileId", str)
StandingSearchId = NewType("StandingSearchId", str)
JobId = NewType("JobId", str)
ClipId = NewType("ClipId", str)
PairId = NewType("PairId", str)
Sha256 = NewType("Sha256", str)
PackDigest = NewType("PackDigest", str)

_ID: Final = re.compile(r"[0-9a-f]{32}")


def make_id() -> str:
    """Return 128 random bits as 32 lowercase hexadecimal digits; it tells nothing about what it names."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Return whether the text looks like what ``make_id`` returns."""
    return _ID.fullmatch(text) is not None


def digest_bytes(data: bytes) -> Sha256:
    """Return the SHA-256 of the bytes (FIPS 180-4) as 64 lowercase hexadecimal digits."""
    return Sha256(hashlib.sha256(data).hexdigest())


AuthorityCode = NewType("AuthorityCode", str)
"""A country code (ISO 3166-1 alpha-2), or one with a body's name behind it: ``FR``, ``FR-PP``, ``UN``."""

CODE_PATTERN: Final = r"^[A-Z]{2}(-[A-Z0-9]{1,12})*$"
_FORM: Final = re.compile(CODE_PATTERN)


def find_code_fault(code: str) -> Message | None:
    """Return why the text cannot be an authority's code, or None."""
    if _FORM.fullmatch(code):
        return None
    return Message(
        "authority.code-invalid",
        "{code} is no code of an authority: write a country code such as FR, or FR-PP for a body in it",
        code=code,
    )
