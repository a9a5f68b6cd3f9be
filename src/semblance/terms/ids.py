"""Identifiers: random where they name a thing held here, SHA-256 where they name bytes."""

import hashlib
import secrets
from typing import NewType

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
CalibrationId = NewType("CalibrationId", str)
Sha256 = NewType("Sha256", str)
PackDigest = NewType("PackDigest", str)


def make_id() -> str:
    """Return 128 random bits as 32 lowercase hexadecimal digits; it tells nothing about what it names."""
    return secrets.token_hex(16)


def digest_bytes(data: bytes) -> Sha256:
    """Return the SHA-256 of the bytes (FIPS 180-4) as 64 lowercase hexadecimal digits."""
    return Sha256(hashlib.sha256(data).hexdigest())
