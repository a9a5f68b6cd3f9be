"""What can be found out about a photo that is handed in, before anything is written."""

from dataclasses import dataclass, replace
from enum import Enum

from semblance import __version__
from semblance.errors import DecoderFailed, IntakeError, ManifestError, NotFound
from semblance.exchange.intake import IntakeItem
from semblance.gallery.outcome import IntakeOutcome, IntakeStatus
from semblance.gallery.subject import find_key_fault, normalise_key
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import photos, subjects
from semblance.terms.ids import AuthorityCode, Sha256, digest_bytes
from semblance.terms.samples import Extraction
from semblance.workflows.enrolment.attach_templates import require_alike


class NotExtracted(Enum):
    """Why no faces were looked for."""

    REMEMBERED = "an earlier run came to an outcome that still holds"
    HELD = "the same photo is a reference of the same subject"


@dataclass(frozen=True, slots=True)
class ExtractedItem:
    """One item after reading and extracting.

    ``result`` is the extraction, the message that says why the photo is unreadable, or why nothing was extracted.
    Nothing is remembered of an item without ``sha256``.
    ``choice_fault`` says that the face chosen beforehand is not in the photo.
    """

    item: IntakeItem
    subject_key: str
    judged_under: str
    data: bytes
    sha256: Sha256 | None
    result: Extraction | Message | NotExtracted
    choice_fault: Message | None = None


def extract_item(node: Node, item: IntakeItem, *, owner: AuthorityCode, keep_unsuitable: bool) -> ExtractedItem:
    """Read a photo and extract its faces, unless an earlier run makes that needless; safe in any thread."""
    key = normalise_key(item.subject_key)
    judged_under = describe_judgement(node, keep_unsuitable=keep_unsuitable, face=item.face)
    fault = find_key_fault(key)
    if fault is not None:
        named = Message("photo.subject-invalid", "{name}: {fault}", name=item.name, fault=fault)
        return ExtractedItem(item, key, judged_under, b"", None, named)
    try:
        data = item.load()
    except IntakeError as error:
        return ExtractedItem(item, key, judged_under, b"", None, error.message)
    sha256 = digest_bytes(data)
    with node.store.reading() as tx:
        remembered = photos.find_outcome(tx, owner, key, item.name, sha256)
        subject = subjects.find_subject_id(tx, owner, key)
        same = None if subject is None else photos.find_same_photo(tx, subject, sha256)
    if remembered is not None and still_holds(remembered, judged_under):
        return ExtractedItem(item, key, judged_under, data, sha256, NotExtracted.REMEMBERED)
    if same is not None and same.status is IntakeStatus.ENROLLED:
        return ExtractedItem(item, key, judged_under, data, sha256, NotExtracted.HELD)
    try:
        extraction, choice_fault = _extract(node, item, data)
    except ManifestError:
        # a template that is another photo's: then no row can be trusted
        raise
    except DecoderFailed as error:
        # the machine may have been at fault: nothing is remembered of the photo, so that the next run tries again
        return ExtractedItem(item, key, judged_under, b"", None, error.message)
    except IntakeError as error:
        return ExtractedItem(item, key, judged_under, data, sha256, error.message)
    return ExtractedItem(item, key, judged_under, data, sha256, extraction, choice_fault)


def describe_judgement(node: Node, *, keep_unsuitable: bool, face: int | None) -> str:
    """Return a text that changes with everything that an outcome depends on."""
    kept = "keep" if keep_unsuitable else "refuse"
    return f"{__version__}/{node.extractor.digest}/{node.suitability.fingerprint}/{kept}/{face}"


def still_holds(remembered: IntakeOutcome, judged_under: str) -> bool:
    """Return whether judging the photo again could not come to another outcome."""
    return remembered.status is IntakeStatus.ENROLLED or remembered.judged_under == judged_under


def _extract(node: Node, item: IntakeItem, data: bytes) -> tuple[Extraction, Message | None]:
    ready = None if item.ready is None else item.ready.load()
    known = ready is not None and item.ready is not None and not item.ready.checked
    look = node.extractor.locate if known else node.extractor.extract
    fault = None
    try:
        found = look(data, name=item.name, choose="only" if item.face is None else item.face)
    except NotFound as error:
        found, fault = look(data, name=item.name), error.message
    if ready is None or found.chosen is None:
        return found, fault
    if found.template is not None:
        require_alike(ready, found.template, name=item.name)
    return replace(found, template=ready), fault
