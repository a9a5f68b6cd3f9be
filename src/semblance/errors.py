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

    def __init__(self, message: Message | str, text: str | None = None, /, **values: object) -> None:
        self.message = make_message(message, text, values)
        super().__init__(self.message)


class ConfigurationError(SemblanceError):
    """The node's settings, its folder or its environment do not allow the act."""

    code = "configuration"


class NodeMissing(ConfigurationError):
    """There is no node in the named folder."""

    code = "configuration.node-missing"


class OutOfMemory(ConfigurationError):
    """This machine has too little memory for the gallery."""

    code = "configuration.memory-short"


class DependencyMissing(ConfigurationError):
    """An optional package that this act needs is not installed."""

    code = "configuration.dependency-missing"


class IntakeError(SemblanceError):
    """Something handed in (photo, folder, manifest) cannot be taken as it is."""

    code = "intake"


class UnsupportedImage(IntakeError):
    """The bytes are not a photo in a format that Semblance reads."""

    code = "intake.unsupported-image"


class DamagedImage(IntakeError):
    """The bytes start as a photo but cannot be decoded to the end."""

    code = "intake.damaged-image"


class ImageTooLarge(IntakeError):
    """The photo has more pixels or bytes than the cap."""

    code = "intake.image-too-large"


class UnreadableFile(IntakeError):
    """The file or folder is missing, or the operating system does not let it be read."""

    code = "intake.unreadable-file"


class UnusableText(IntakeError):
    """A name or a reason has characters that cannot be printed, or is too long."""

    code = "intake.unusable-text"


class OpinionInvalid(IntakeError):
    """An opinion cannot be kept as it is written, or lacks what its conclusion needs; ``field`` is what is wrong."""

    code = "intake.opinion"

    def __init__(self, message: Message, field: str | None) -> None:
        super().__init__(message)
        self.field = field

    def __str__(self) -> str:
        return write_sentence(self.message)


class StepsInvalid(IntakeError):
    """A list of steps that prepare a probe cannot be read, or leaves its bounds."""

    code = "intake.steps"


class ManifestError(IntakeError):
    """A manifest cannot be used; ``problems`` names every line at fault, not only the first.

    A text with the hole ``{problems:;}`` names the first ``shown`` of them, and how many more there are.
    """

    code = "intake.manifest"
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


class RecordInvalid(ManifestError):
    """A record cannot be held as it was written; ``problems`` names every field at fault."""

    code = "intake.record"
    shown = None


class RequestInvalid(ManifestError):
    """What somebody asks about themselves cannot be taken as it was written down; ``problems`` names every fault."""

    code = "intake.request"
    shown = None


class NoticesInvalid(ManifestError):
    """Notices cannot be imported as they are; ``problems`` names every one with its file and field."""

    code = "intake.notices"


class ArchiveUnsafe(ManifestError):
    """A zip file is damaged, would leave its folder or expand without end; ``problems`` names every entry at fault."""

    code = "intake.archive"


class ModelError(SemblanceError):
    """A model pack is unknown, incomplete, or does not compute what it should."""

    code = "model"


class PackMissing(ModelError):
    """The pack is unknown, or its files are not on this machine."""

    code = "model.pack-missing"


class DigestMismatch(ModelError):
    """A model file is not the file that its manifest names."""

    code = "model.digest-mismatch"


class DownloadFailed(ModelError):
    """A model file could not be fetched; what had arrived is kept so that the next try resumes."""

    code = "model.download-failed"


class PolicyError(SemblanceError):
    """An act was tried that no permission can cover."""

    code = "policy"


class RefusedByPolicy(PolicyError):
    """The policy refused the act, and the refusal is in the ledger; ``field`` is what of the request it is about."""

    code = "policy.refused"

    def __init__(self, rule: str, message: Message, field: str | None = None) -> None:
        super().__init__(message)
        self.rule, self.field = rule, field

    def __str__(self) -> str:
        return write_sentence(self.message)


class NotSignedIn(PolicyError):
    """Nobody is signed in, or the session or token is not valid (any more)."""

    code = "policy.not-signed-in"


class SetUpMissing(NotSignedIn):
    """Somebody signed in, and has to choose a password or set up a second factor before anything else."""

    code = "policy.set-up-first"


class NotFound(SemblanceError):
    """What was asked for is not held here."""

    code = "not-found"


class Conflict(SemblanceError):
    """The act contradicts what the node holds, or what somebody else is doing to it."""

    code = "conflict"


class PackConflict(Conflict):
    """Templates of two packs would meet in one gallery or one comparison."""

    code = "conflict.pack"


class StoreError(SemblanceError):
    """The store cannot be opened or written; the act in hand was rolled back as a whole."""

    code = "store"


class StoreFull(StoreError):
    """There is no room left for the store."""

    code = "store.full"


class IndexUnreachable(StoreError):
    """The index that the node searches elsewhere does not answer."""

    code = "store.index-unreachable"


class IndexDisagrees(StoreError):
    """The index that the node searches elsewhere holds what it should not."""

    code = "store.index-disagrees"


class KeyDestroyed(StoreError):
    """What was sealed cannot be read any more: its key was destroyed when it was erased."""

    code = "store.key-destroyed"


class VerificationError(SemblanceError):
    """Something that claims to be authentic is not."""

    code = "verification"


class PeerError(SemblanceError):
    """Another node did not answer, or answered with something unusable."""

    code = "peer"


class RequestProblem(SemblanceError):
    """A request that cannot be answered as it was sent, with the HTTP status and the stable code of the answer."""

    def __init__(self, status: int, code: str, message: Message) -> None:
        super().__init__(message)
        self.status, self.code = status, code
