"""``semblance redact clip``: have a covered clip of a followed video made, watch it, hand it out."""

from pathlib import Path
from typing import Any, Literal

import click

from semblance.cli.acting import acting
from semblance.cli.options import reason_option
from semblance.cli.output import Reply, make_facts, make_table, say_minute
from semblance.cli.write_out import require_none, write_out
from semblance.edge.document import Document
from semblance.edge.redaction import ClipListDocument, describe_clip, read_timed_box
from semblance.errors import IntakeError
from semblance.faces.redaction.outlines import ManualBox
from semblance.node.node import Node
from semblance.terms.ids import ClipId, Sha256, SubmissionFileId, SubmissionId
from semblance.terms.permission import Actor
from semblance.workflows.redaction.cover_clip import begin_clip
from semblance.workflows.redaction.export_clip import (
    ClipDetail,
    discard_clip,
    export_clip,
    list_clips,
    read_clip,
    read_part,
    require_made,
)


class _TimedBoxType(click.ParamType[ManualBox]):
    name = "left,top,right,bottom[@first..last]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ManualBox:
        """Return the box, and when it covers, that the text names."""
        try:
            return read_timed_box(str(value))
        except IntakeError as error:
            self.fail(str(error), param, ctx)


class Discarded(Document):
    """A clip that was thrown away."""

    id: str


@click.group("clip")
def clip() -> None:
    """Export a part of a followed video with everyone but one track covered: have it made, watch it, confirm it."""


@clip.command("begin")
@click.argument("submission")
@click.argument("file")
@click.option("--track", type=click.IntRange(min=0), required=True, help="The track that is shown, by its number.")
@click.option("--from", "start", type=float, help="Second of the video; else 2 before the track is first seen.")
@click.option("--to", "end", type=float, help="Second of the video; else 2 after it is last seen.")
@click.option(
    "--box", "boxes", multiple=True, type=_TimedBoxType(), help="Cover this, too; may be given several times."
)
@click.option("--sound", is_flag=True, help="Let what is heard leave, too. Speech tells who somebody is.")
@acting
def begin(node: Node, actor: Actor, submission: str, file: str, track: int, **draft: Any) -> Reply:
    """Have a worker make a clip of a FILE of a SUBMISSION, both named by their ids."""
    made = begin_clip(node, actor, SubmissionId(submission), SubmissionFileId(file), track, **draft)
    return _reply(node, read_clip(node, actor, made.id))


@clip.command("list")
@click.argument("submission")
@click.argument("file")
@acting
def list_all(node: Node, actor: Actor, submission: str, file: str) -> Reply:
    """List the clips of a FILE of a SUBMISSION that are held, the newest first."""
    found = list_clips(node, actor, SubmissionId(submission), SubmissionFileId(file))
    rows = (
        (shown.clip.id, shown.clip.draft.track, _say_span(shown), _say_state(shown), say_minute(shown.over_at))
        for shown in found
    )
    return Reply(
        ClipListDocument(clips=tuple(describe_clip(shown, node.clock()) for shown in found)),
        make_table(("clip", "track", "seconds", "state", "held until (UTC)"), rows) if found else "There are no clips.",
    )


@clip.command("watch")
@click.argument("clip")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write; there must be none.")
@acting
def watch(node: Node, actor: Actor, clip: str, out: Path) -> Reply:
    """Write a CLIP as it would leave, to be watched from beginning to end; it has not left yet."""
    require_none(out)
    found = read_clip(node, actor, ClipId(clip))
    made = require_made(found.clip)
    write_out(out, read_part(node, found))
    return _reply(
        node,
        found,
        f"Written to {out}. Watch all of it. If nobody but the chosen person can be recognised: --seen {made.sha256}",
        bool(made.missed) and f"Faces that only the last look found: {made.missed}. Look twice for others.",
    )


@clip.command("confirm")
@click.argument("clip")
@click.option("--seen", required=True, help="The clip's SHA-256: what was watched.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write; there must be none.")
@reason_option
@acting
def confirm(node: Node, actor: Actor, clip: str, seen: str, out: Path, reason: str) -> Reply:
    """Hand out a CLIP that was watched, since nobody but the chosen person can be recognised in it."""
    require_none(out)
    found = export_clip(node, actor, ClipId(clip), seen=Sha256(seen), reason=reason)
    write_out(out, read_part(node, found))
    return _reply(node, found, f"Written to {out}. The ledger says who, why, and what.")


@clip.command("discard")
@click.argument("clip")
@acting
def discard(node: Node, actor: Actor, clip: str) -> Reply:
    """Throw a CLIP away, with its key."""
    discard_clip(node, actor, ClipId(clip))
    return Reply(Discarded(id=clip), "It is thrown away.")


def _reply(node: Node, found: ClipDetail, *lines: str | Literal[False]) -> Reply:
    facts: dict[str, object] = {
        "clip": found.clip.id,
        "job": found.clip.job,
        "seconds": _say_span(found),
        "track": found.clip.draft.track,
        "sound": "yes" if found.clip.draft.sound else "none",
        "boxes": len(found.clip.draft.boxes),
        "reference": found.clip.reference,
        "state": _say_state(found),
        "held until": say_minute(found.over_at),
    }
    if found.clip.made is not None:
        facts["SHA-256"] = found.clip.made.sha256
    return Reply(describe_clip(found, node.clock()), make_facts(facts), *lines)


def _say_span(found: ClipDetail) -> str:
    return f"{found.clip.draft.start:.2f} to {found.clip.draft.end:.2f}"


def _say_state(found: ClipDetail) -> str:
    if found.clip.made is not None:
        return f"whole, {found.clip.made.frames} frames"
    return "not made" if found.job is None else f"job {found.job.state}"
