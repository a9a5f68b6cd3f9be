"""``semblance redact``: export a covered still of a probe, after it was looked at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from semblance.cli.acting import acting
from semblance.cli.options import join, reason_option
from semblance.cli.output import Reply, say_count
from semblance.cli.redact_clip import clip
from semblance.cli.write_out import require_none, write_out
from semblance.edge.redaction import describe_preview
from semblance.faces.redaction.still import StillFormat
from semblance.node.node import Node
from semblance.terms.ids import ProbeId, Sha256
from semblance.terms.permission import Actor
from semblance.terms.samples import Box
from semblance.workflows.redaction.export_still import StillDraft, export_still, preview_still


class _BoxType(click.ParamType[Box]):
    name = "left,top,right,bottom"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Box:
        """Return the box that the text names."""
        try:
            left, top, right, bottom = map(float, str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no box; write it as 120,40,180,110, in pixels.", param, ctx)
        return Box(left, top, right, bottom)


_still_options: Callable[[Callable[..., Any]], Callable[..., Any]] = join(
    click.argument("probe"),
    click.option("--face", type=click.IntRange(min=0), required=True, help="The face that is shown, by its number."),
    click.option("--box", "boxes", multiple=True, type=_BoxType(), help="Cover this, too; may be given several times."),
    click.option(
        "--format",
        "still_format",
        type=click.Choice(get_args(StillFormat)),
        default="png",
        show_default=True,
        help="How the still is encoded.",
    ),
    click.option(
        "--out", type=click.Path(path_type=Path), required=True, help="The file to write; there must be none."
    ),
)


@click.group("redact")
def command() -> None:
    """Export a picture with everyone but the chosen face covered: preview it, look at it, confirm it."""


command.add_command(clip)


@command.command("preview")
@_still_options
@acting
def preview(node: Node, actor: Actor, probe: str, out: Path, **draft: Any) -> Reply:
    """Write the still of a PROBE as it would leave, to be looked at; it has not left yet."""
    require_none(out)
    made = preview_still(node, actor, ProbeId(probe), StillDraft(**draft))
    write_out(out, [made.still.data])
    covered = say_count(made.others + len(made.missed), "other face", "other faces")
    return Reply(
        describe_preview(made).model_dump(mode="json", exclude={"picture"}),
        f"Written to {out}: face {made.draft.face} shown, {covered} covered, reference {made.reference}.",
        bool(made.missed) and f"Found by the last look only: {len(made.missed)}. Look twice for others.",
        made.still.hidden > 0 and f"{made.still.hidden:.0%} of the chosen face is covered by what covers others.",
        f"Look at it. If nobody else can be recognised: --serial {made.serial} --seen {made.sha256}",
    )


@command.command("confirm")
@_still_options
@click.option("--serial", required=True, help="The preview's serial.")
@click.option("--seen", required=True, help="The preview's SHA-256: what was looked at.")
@reason_option
@acting
def confirm(
    node: Node, actor: Actor, probe: str, out: Path, serial: str, seen: str, reason: str, **draft: Any
) -> Reply:
    """Hand out the still of a PROBE that was looked at, with the same face, boxes and format as in its preview."""
    require_none(out)
    made = export_still(
        node, actor, ProbeId(probe), StillDraft(**draft), serial=serial, seen=Sha256(seen), reason=reason
    )
    write_out(out, [made.still.data])
    return Reply(
        describe_preview(made).model_dump(mode="json", exclude={"picture"}),
        f"Written to {out}, reference {made.reference}, SHA-256 {made.sha256}. The ledger says who, why, and what.",
    )
