"""What the intake of one photo ended in. Each of these is an answer, not an error."""

from dataclasses import dataclass
from enum import StrEnum

from semblance.messages.message import Message
from semblance.terms.ids import PhotoId, Sha256


class IntakeStatus(StrEnum):
    """How the intake of one photo ended.

    ``several_faces``: the photo is kept without any template until one of its faces is chosen.
    ``kept_unsuitable``: the photo is kept, below the suitability line, without a template.
    ``duplicate``: the same bytes already stand under the same subject.
    ``barred``: the policy lets nothing be added to the subject's record as it stands.
    """

    ENROLLED = "enrolled"
    UNSUITABLE = "unsuitable"
    KEPT_UNSUITABLE = "kept_unsuitable"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    BARRED = "barred"


KEPT = frozenset({IntakeStatus.ENROLLED, IntakeStatus.KEPT_UNSUITABLE, IntakeStatus.SEVERAL_FACES})
"""The outcomes after which the photo itself is held."""


@dataclass(frozen=True, slots=True)
class IntakeOutcome:
    """What is remembered of one photo's intake, so that a resumed enrolment repeats nothing.

    ``sha256`` is None where no bytes could be read at all.
    ``judged_under`` is the fingerprint of everything that the judgement depended on: pack, suitability line, options.
    """

    subject_key: str
    name: str
    sha256: Sha256 | None
    status: IntakeStatus
    reasons: tuple[Message, ...]
    photo: PhotoId | None
    judged_under: str
