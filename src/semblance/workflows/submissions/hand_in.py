"""Hand in a photo of a submission as a probe of its case, or give it out to be looked at."""

from semblance.errors import IntakeError
from semblance.gallery.submission import FileKind, FileState
from semblance.node.node import Node
from semblance.store.probes import StoredProbe
from semblance.store.submission_chunks import SealedSource
from semblance.terms.byte_source import ByteSource
from semblance.terms.ids import SubmissionFileId, SubmissionId
from semblance.terms.permission import Action, Actor
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.records.read_record import PhotoBytes
from semblance.workflows.submissions.receive import ask_for_file


def hand_in_photo(node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId) -> StoredProbe:
    """Hold a photo of a submission as a probe of its case, which says where it comes from.

    Raises NotFound, IntakeError where it is no photo that is held, and what ``submit_probe`` raises.
    """
    held, _case, _permit, file = ask_for_file(node, actor, Action.SUBMISSION_READ, submission_id, file_id)
    photo = read_photo(node, actor, submission_id, file_id)
    return submit_probe(node, actor, held.case, photo.data, name=file.name, submission=held.id)


def read_photo(node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId) -> PhotoBytes:
    """Return the bytes of a photo of a submission; raises NotFound, IntakeError where it is no photo that is held."""
    _held, _case, _permit, file = ask_for_file(node, actor, Action.SUBMISSION_READ, submission_id, file_id)
    if file.state is not FileState.COMPLETE or file.kind is not FileKind.PHOTO:
        raise IntakeError("submission.no-photo", "{name} is no photo that is held here.", name=file.name)
    source = SealedSource(node.store, file)
    return PhotoBytes(file.name, file.media_type or "", source.read(0, source.size), 0)


def open_file(node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId) -> ByteSource:
    """Return the bytes of a whole file to be read piece by piece; raises NotFound, IntakeError where none are held."""
    _held, _case, _permit, file = ask_for_file(node, actor, Action.SUBMISSION_READ, submission_id, file_id)
    if file.state is not FileState.COMPLETE:
        raise IntakeError("submission.not-whole", "{name} is not held as a whole.", name=file.name)
    return SealedSource(node.store, file)
