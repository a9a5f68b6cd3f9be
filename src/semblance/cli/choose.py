"""``semblance choose``: choose the one face of a photo that shows several."""

from pathlib import Path

import click

from semblance.cli.acting import run_as
from semblance.cli.enrol import WORDS
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import home_option, json_option
from semblance.cli.output import print_document, say
from semblance.gallery.outcome import IntakeStatus
from semblance.terms.ids import PhotoId
from semblance.workflows.enrolment.choose_face import choose_face


@click.command("choose")
@click.argument("photo")
@click.argument("face", type=click.IntRange(min=0))
@home_option
@json_option
def command(photo: str, face: int, home: Path, as_json: bool) -> None:
    """Choose FACE of PHOTO as the reference; the other faces never become templates.

    `semblance show photo PHOTO` lists the faces with their numbers; `semblance show waiting` lists such photos.
    """
    with run_as(home) as (node, actor):
        row = choose_face(node, actor, PhotoId(photo), face)
    if as_json:
        print_document(row)
    else:
        say(f"{row.name}, face {face}: {WORDS[row.status]}.")
        for reason in row.reasons:
            say(f"  - {reason}")
    click.get_current_context().exit(DONE if row.status is IntakeStatus.ENROLLED else INCOMPLETE)
