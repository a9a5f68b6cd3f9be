"""Every error that Semblance raises on purpose: one hierarchy, a stable code and a sentence that says what to do.

What is expected (a photo without a face, an empty candidate list) is a value and never stands here.
HTTP statuses and exit codes are given to these errors in ``api``, ``web`` and ``cli`` only.
"""

from collections.abc import Iterable
from typing import ClassVar

from semblance.messages.message import Message, make_message, write_sentence


class SemblanceError(Exception):
    """Root of the hierarchy.

    Made from a message, or from its identifier, its English text and its values: what is wrong, with what, and what to
    do next. ``str(error)`` is the English sentence. ``code`` is stable across releases; programs branch on it, never on
    the sentence.
    """

    code: str = "error"

    def __init_subclass__(cls, *, code: str | None = None) -> None:
        if code is not None:
            cls.code = code

    def __init__(self, message: Message | str, text: str | None = None, /, **values: object) -> None:
        self.message = make_message(message, text, values)
        super().__init__(self.message)


class ConfigurationError(SemblanceError, code="configuration"):
    """The node's settings, its folder or its environment do not allow the act."""


class NodeMissing(ConfigurationError, code="configuration.node-missing"):
    """There is no node in the named folder."""


class ClockDoubted(ConfigurationError, code="configuration.clock-doubted"):
    """The clock may be wrong: nothing is ended or erased by it."""


class OutOfMemory(ConfigurationError, code="configuration.memory-short"):
    """This machine has too little memory for the gallery."""


class DependencyMissing(ConfigurationError, code="configuration.dependency-missing"):
    """An optional package that this act needs is not installed."""


class IntakeError(SemblanceError, code="intake"):
    """Something handed in (photo, folder, manifest) cannot be taken as it is."""


class UnsupportedImage(IntakeError, code="intake.unsupported-image"):
    """The bytes are not a photo in a format that Semblance reads."""


class DamagedImage(IntakeError, code="intake.damaged-image"):
    """The bytes start as a photo but cannot be decoded to the end."""


class ImageTooLarge(IntakeError, code="intake.image-too-large"):
    """The photo has more pixels or bytes than the cap."""


class DecoderFailed(IntakeError, code="intake.decoder-failed"):
    """What decodes or encodes a photo or video broke off, or took too long or too much; no other was harmed."""


class UnsupportedVideo(IntakeError, code="intake.unsupported-video"):
    """The bytes are not a video that Semblance reads: no such container, no pictures in it, or an unknown encoding."""


class DamagedVideo(IntakeError, code="intake.damaged-video"):
    """The bytes start as a video, but not one picture of it can be read."""


class VideoTooLarge(IntakeError, code="intake.video-too-large"):
    """The video's pictures have more pixels than the cap."""


class TrackUnsuitable(IntakeError, code="intake.track-unsuitable"):
    """No frame of a track shows its face well enough to be searched."""


class UnreadableFile(IntakeError, code="intake.unreadable-file"):
    """The file or folder is missing, or the operating system does not let it be read."""


class UnusableText(IntakeError, code="intake.unusable-text"):
    """A name or a reason has characters that cannot be printed, or is too long."""


class PolicyInvalid(IntakeError, code="intake.policy"):
    """A policy cannot be brought into force as it is written."""


class OpinionInvalid(IntakeError, code="intake.opinion"):
    """An opinion cannot be kept as it is written, or lacks what its conclusion needs; ``field`` is what is wrong."""

    def __init__(self, message: Message, field: str | None) -> None:
        super().__init__(message)
        self.field = field

    def __str__(self) -> str:
        return write_sentence(self.message)


class StepsInvalid(IntakeError, code="intake.steps"):
    """A list of steps that prepare a probe cannot be read, or leaves its bounds."""


class ManifestError(IntakeError, code="intake.manifest"):
    """A manifest cannot be used; ``problems`` names every line at fault, not only the first.

    A text with the hole ``{problems:;}`` names the first ``shown`` of them, and how many more there are.
    """

    shown: ClassVar[int | None] = 5

    def __init__(
        self, message: Message | str, text: str | None = None, /, *, problems: Iterable[Message] = (), **values: object
    ) -> None:
        self.problems = tuple(problems)
        if text is not None and "{problems" in text:
            first = self.problems[: self.shown]
            more = len(self.problems) - len(first)
            values["problems"] = (*first, Message("intake.more-problems", "and {n} more", n=more)) if more else first
        super().__init__(message, text, **values)


class RecordInvalid(ManifestError, code="intake.record"):
    """A record cannot be held as it was written; ``problems`` names every field at fault."""

    shown = None


class RequestInvalid(ManifestError, code="intake.request"):
    """What somebody asks about themselves cannot be taken as it was written down; ``problems`` names every fault."""

    shown = None


class SubmissionInvalid(ManifestError, code="intake.submission"):
    """What is submitted cannot be taken as it was described; ``problems`` names every fault."""

    shown = None


class NoticesInvalid(ManifestError, code="intake.notices"):
    """Notices cannot be imported as they are; ``problems`` names every one with its file and field."""


class ArchiveUnsafe(ManifestError, code="intake.archive"):
    """A zip file is damaged, would leave its folder or expand without end; ``problems`` names every entry at fault."""


class ModelError(SemblanceError, code="model"):
    """A model pack is unknown, incomplete, or does not compute what it should."""


class PackMissing(ModelError, code="model.pack-missing"):
    """The pack is unknown, or its files are not on this machine."""


class DigestMismatch(ModelError, code="model.digest-mismatch"):
    """A model file is not the file that its manifest names."""


class DownloadFailed(ModelError, code="model.download-failed"):
    """A model file could not be fetched; what had arrived is kept so that the next try resumes."""


class PolicyError(SemblanceError, code="policy"):
    """An act was tried that no permission can cover."""


class RefusedByPolicy(PolicyError, code="policy.refused"):
    """The policy refused the act, and the refusal is in the ledger; ``field`` is what of the request it is about."""

    def __init__(self, rule: str, message: Message, field: str | None = None) -> None:
        super().__init__(message)
        self.rule, self.field = rule, field

    def __str__(self) -> str:
        return write_sentence(self.message)


class NotSignedIn(PolicyError, code="policy.not-signed-in"):
    """Nobody is signed in, or the session or token is not valid (any more)."""


class SetUpMissing(NotSignedIn, code="policy.set-up-first"):
    """Somebody signed in, and has to choose a password or set up a second factor before anything else."""


class NotFound(SemblanceError, code="not-found"):
    """What was asked for is not held here."""


class Conflict(SemblanceError, code="conflict"):
    """The act contradicts what the node holds, or what somebody else is doing to it."""


class PackConflict(Conflict, code="conflict.pack"):
    """Templates of two packs would meet in one gallery or one comparison."""


class StoreError(SemblanceError, code="store"):
    """The store cannot be opened or written; the act in hand was rolled back as a whole."""


class StoreFull(StoreError, code="store.full"):
    """There is no room left for the store."""


class IndexUnreachable(StoreError, code="store.index-unreachable"):
    """The index that the node searches elsewhere does not answer."""


class IndexDisagrees(StoreError, code="store.index-disagrees"):
    """The index that the node searches elsewhere holds what it should not."""


class KeyDestroyed(StoreError, code="store.key-destroyed"):
    """What was sealed cannot be read any more: its key was destroyed when it was erased."""


class VerificationError(SemblanceError, code="verification"):
    """Something that claims to be authentic is not."""


class FrameDisputed(VerificationError, code="verification.frame"):
    """The frame that a name names is not in the video, or shows something else there."""


class LedgerBroken(VerificationError, code="verification.ledger-broken"):
    """The ledger in the store is not the one that this node signed: nothing is done until a person resolves it."""


class PeerError(SemblanceError, code="peer"):
    """Another node did not answer, or answered with something unusable."""


class Busy(SemblanceError, code="busy"):
    """More is asked at once than the node does at once; the same can be asked again after so many ``seconds``."""

    seconds: int = 2


class TooManyTries(Busy, code="too-many-tries"):
    """One address tried to sign in too often."""

    def __init__(self, message: Message, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class RequestProblem(SemblanceError):
    """A request that cannot be answered as it was sent, with the HTTP status and the stable code of the answer."""

    def __init__(self, status: int, code: str, message: Message) -> None:
        super().__init__(message)
        self.status, self.code = status, code
