"""``semblance search``: search the gallery for the face in a photo."""

from pathlib import Path

import click

from semblance.bootstrap.node import run_node
from semblance.cases.justification import Justification
from semblance.cli.exit_codes import CHOICE_NEEDED, NO_FACE, REFUSED
from semblance.cli.options import home_option, json_option, person_option
from semblance.cli.output import LEAD, make_table, open_console, print_document, say, say_count
from semblance.edge.describe import describe_answer
from semblance.edge.documents import ErrorDetail, ErrorDocument
from semblance.exchange.folder import read_single_photo
from semblance.terms.candidates import CANDIDATE_CAP
from semblance.terms.permission import Refusal
from semblance.terms.samples import FaceSample
from semblance.workflows.identify import ChoiceNeeded, NoFaceFound, SearchAnswer, search_probe, submit_probe


@click.command("search")
@click.argument("photo", type=click.Path(path_type=Path, readable=False))
@home_option
@json_option
@person_option
@click.option("--case", required=True, help="The case that the search belongs to.")
@click.option("--purpose", required=True, help="What the search is for; `semblance show node` lists the purposes.")
@click.option("--reason", required=True, help="Why this search is needed, in a sentence.")
@click.option("--face", type=click.IntRange(min=0), default=None, help="The face in question, for a photo of several.")
@click.option(
    "--limit", type=click.IntRange(1, CANDIDATE_CAP), default=10, show_default=True, help="The most candidates shown."
)
def command(
    photo: Path,
    home: Path,
    as_json: bool,
    person: str,
    case: str,
    purpose: str,
    reason: str,
    face: int | None,
    limit: int,
) -> None:
    """Search the gallery for one face of PHOTO, the probe. The search is recorded with who, case, purpose and reason.

    Every match is a lead, not an identity.
    """
    (item,) = read_single_photo(photo).items
    data = item.load()
    justification = Justification(person=person, case=case, purpose=purpose, reason=reason)
    with run_node(home) as node:
        probe = submit_probe(node, data, name=item.name, person=person)
        answer = search_probe(node, probe.probe, justification=justification, face=face, limit=limit)
    if isinstance(answer, SearchAnswer):
        if as_json:
            print_document(describe_answer(answer))
        else:
            print_answer(answer)
        return
    code, name, message = _explain(answer)
    if as_json:
        document = ErrorDocument(error=ErrorDetail(code=name, message=message))
        click.echo(document.model_dump_json(), err=True)
    else:
        say(message, err=True)
        if isinstance(answer, ChoiceNeeded):
            print_faces(answer.faces)
    click.get_current_context().exit(code)


def print_answer(answer: SearchAnswer) -> None:
    """Print a candidate list with what it was searched in."""
    console = open_console()
    record = answer.record
    console.print(
        f"Search {record.search} of {say_count(record.gallery_subjects, 'subject', 'subjects')} "
        f"({say_count(record.gallery_references, 'reference', 'references')}), pack {(record.pack or '-')[:12]}"
    )
    if not answer.candidates:
        console.print("No candidates. That is an answer: it does not say that the person is not held here.")
    else:
        names = ("rank", "score", "record", "of", "reference photo")
        table = make_table(*names, numbers=frozenset({"rank", "score"}))
        for candidate in answer.candidates:
            number = "(erased since)" if candidate.erased else candidate.number or "-"
            owner, photo = candidate.owner or "-", candidate.photo or "-"
            table.add_row(str(candidate.rank), f"{candidate.score:.4f}", number, owner, photo)
        console.print(table)
        console.print("The comparison score is not a percentage; higher is more alike.")
    console.print(LEAD)


def print_faces(faces: tuple[FaceSample, ...]) -> None:
    """Print the faces of a photo, so that one can be chosen by its number."""
    table = make_table("face", "left", "top", "width", "height", "quality", numbers=frozenset({"face", "quality"}))
    for face in faces:
        box = face.box
        table.add_row(
            str(face.ordinal), f"{box.left:.0f}", f"{box.top:.0f}", f"{box.width:.0f}", f"{box.height:.0f}",
            str(face.quality.unified),
        )  # fmt: skip
    open_console().print(table)


def _explain(answer: Refusal | ChoiceNeeded | NoFaceFound) -> tuple[int, str, str]:
    if isinstance(answer, Refusal):
        return REFUSED, f"refusal.{answer.rule}", f"Refused: {answer.reason}. The refusal is recorded."
    if isinstance(answer, ChoiceNeeded):
        count = len(answer.faces)
        return CHOICE_NEEDED, "choice-needed", f"The photo shows {count} faces. Choose the one in question with --face."
    return NO_FACE, "no-face", answer.reason
