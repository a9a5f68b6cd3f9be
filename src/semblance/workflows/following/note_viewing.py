"""That somebody looks at a video is an entry of the ledger: one for a viewing, not one a picture of it."""

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case
from semblance.gallery.submission import Submission, SubmittedFile
from semblance.node.node import Node
from semblance.workflows.permission import Permitted, log_act
from semblance.workflows.submissions.receive import require_file
from semblance.workflows.submissions.submissions import touch


def note_viewing(node: Node, permit: Permitted, held: Submission, case: Case, file: SubmittedFile) -> None:
    """Write that the video is looked at, unless an entry said so lately; raises NotFound where it was erased."""
    person, now = permit.actor.person, node.clock()
    if node.viewings.is_noted(person, file.id, now):
        return
    with node.store.writing() as tx:
        require_file(tx, file)
        touched = Touched("submission-file", file.id), *touch(held)
        log_act(tx, permit, Verb.CONSULTATION, *touched, at=now, action="video.read", case=case)
    node.viewings.note(person, file.id, now)
