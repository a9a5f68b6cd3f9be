"""Pick the one track that is searched: its good frames become a probe, and nobody else of the video goes along."""

from semblance.cases.case import CaseState
from semblance.faces.redaction.still import look_with
from semblance.faces.sandbox.videos import find_frames
from semblance.faces.tracking.crops import choose_photo, cut_crops, write_crops
from semblance.faces.tracking.fusing import choose_good_frames
from semblance.gallery.following import TrackOrigin, UsedFrame
from semblance.node.node import Node
from semblance.store.probes import StoredProbe
from semblance.store.submission_chunks import SealedSource
from semblance.terms.ids import SubmissionFileId, SubmissionId
from semblance.terms.permission import Action, Actor
from semblance.workflows.cases.probes import Frames, refuse_probes, submit_probe
from semblance.workflows.following.read_following import ask_for_followed, require_track


def pick_track(
    node: Node, actor: Actor, submission_id: SubmissionId, file_id: SubmissionFileId, number: int
) -> StoredProbe:
    """Hold one track of a video as a probe of its case; it is searched with all its good frames together.

    The probe's photo is the best of them, cut around the face, with everybody else covered. Nobody is encoded: that is
    done when a search was justified. Raises NotFound, Conflict while the video is followed or where the case is not
    open, TrackUnsuitable where no frame shows the face well enough, and what reading a video raises.
    """
    held, case, _permit, file, followed = ask_for_followed(node, actor, Action.PROBE_SUBMIT, submission_id, file_id)
    if case.state is not CaseState.OPEN:
        raise refuse_probes(case)
    good = choose_good_frames(require_track(followed, number))
    names = [sighting.frame for sighting in good]
    found = find_frames(SealedSource(node.store, file), names, name=file.name, longest=followed.longest)
    # one frame at a time: many of a large video do not fit into memory
    crops = tuple(cut_crops(followed.tracks, number, good, lambda _name: next(found).pixels))
    best, photo = choose_photo(crops, look_with(node.extractor))
    first = next(sighting for sighting in good if sighting.frame == best.sighting.frame)
    used = (first, *(sighting for sighting in good if sighting is not first))
    origin = TrackOrigin(
        file.id,
        file.name,
        number,
        tuple(UsedFrame(sighting.frame, sighting.seconds, sighting.quality) for sighting in used),
    )
    frames = Frames(origin, best.sighting.box, write_crops(crops))
    return submit_probe(node, actor, held.case, photo, name=file.name, submission=held.id, frames=frames)
