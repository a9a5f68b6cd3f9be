"""Which track of which video a probe comes from, as pages show it."""

from semblance.store.probes import StoredProbe
from semblance.terms.permission import Action, Actor
from semblance.web.page.navigation import may
from semblance.web.page.site import Site
from semblance.web.search.contexts import TrackView
from semblance.web.wording.words import say_time


def view_origin(site: Site, actor: Actor, stored: StoredProbe) -> TrackView | None:
    """Return the probe's track, None where it is a photo; it is a link where the person may look at submissions."""
    if stored.track is None:
        return None
    track, here = stored.track, ""
    if stored.submission is not None and may(site, actor, Action.SUBMISSION_READ):
        here = f"/submissions/{stored.submission}/files/{track.file}/tracks?track={track.number}"
    frames = (
        (say_time(used.seconds), f"{here}&at={used.seconds!r}#viewer" if here else "", str(used.frame))
        for used in sorted(track.frames, key=lambda used: used.seconds)
    )
    return TrackView(track.name, track.number, here, tuple(frames))
