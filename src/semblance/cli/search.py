"""``semblance search``: search the gallery for the face in a photo."""

from pathlib import Path
from typing import Any

import click

from semblance.cli.acting import run_as
from semblance.cli.exit_codes import CHOICE_NEEDED, NO_FACE, REFUSED
from semblance.cli.options import SOURCE, Member, home_option, json_option, members_option
from semblance.cli.output import LEAD, make_table, open_console, print_document, say, say_count
from semblance.cli.photo_table import make_face_table
from semblance.edge.document import ErrorDocument
from semblance.edge.searches import describe_answer
from semblance.errors import RefusedByPolicy, RequestProblem
from semblance.exchange.folder import read_single_photo
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store.probes import StoredProbe
from semblance.terms.ids import PreparationId, ProbeId
from semblance.terms.permission import Actor
from semblance.terms.preparation import Rotate
from semblance.terms.record import RecordKind, Sex
from semblance.terms.samples import QUARTER_TURNS
from semblance.terms.search import CANDIDATE_CAP, OLDEST, Narrowing
from semblance.workflows.cases.cases import find_case_id
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.search.prepare_probe import prepare_probe
from semblance.workflows.search.probe_faces import ChoiceNeeded, ProbeChoice
from semblance.workflows.search.search_answer import SearchAnswer, ShownCandidate
from semblance.workflows.search.search_gallery import NoFaceFound, search_probe

_AGE = click.IntRange(0, OLDEST)


@click.command("search")
@click.argument("photo", required=False, type=SOURCE)
@click.option("--probe", help="Search a probe again that is held already, instead of a PHOTO.")
@click.option("--case", help="The case that the photo is a probe of: its number.")
@click.option(
    "--also", multiple=True, help="Another probe of the same person: PROBE, or PROBE:FACE for one of several."
)
@click.option("--prepared", help="Search a prepared version of the probe, in which --face counts.")
@click.option(
    "--turn",
    type=click.Choice(("90", "180", "270")),
    help="Turn the photo clockwise first, where its face lies on its side or head; --face counts in the turned photo.",
)
@members_option("--kind", "kinds", RecordKind, "Only records of this kind; may be given several times.")
@click.option("--age-from", "youngest", type=_AGE, help="Only people of at least this age, by their record.")
@click.option("--age-to", "oldest", type=_AGE, help="Only people of at most this age, by their record.")
@click.option("--sex", type=Member(Sex, Sex.FEMALE, Sex.MALE), help="Only this sex, as recorded.")
@click.option("--nationality", help="Only this nationality, as recorded: two letters, such as FR.")
@click.option("--again", default="", help="Why those answered before are asked of again, for a photo of a record.")
@click.option("--reason", required=True, help="Why this search is needed, in a sentence.")
@click.option("--face", type=click.IntRange(min=0), help="The face in question, for a photo of several.")
@click.option(
    "--limit", type=click.IntRange(1, CANDIDATE_CAP), default=10, show_default=True, help="The most candidates shown."
)
@home_option
@json_option
def command(
    photo: Path | None,
    probe: str | None,
    case: str | None,
    also: tuple[str, ...],
    prepared: str | None,
    turn: str | None,
    again: str,
    reason: str,
    face: int | None,
    limit: int,
    home: Path,
    as_json: bool,
    **narrowing: Any,
) -> None:
    """Search the gallery for one face of PHOTO, which becomes a probe of the case.

    The case says for which purpose, and with it which records may be searched. Every search is recorded. Every match is
    a lead, not an identity.
    """
    if (photo is None) == (probe is None):
        raise click.UsageError("Name a PHOTO, or a probe that is held already with --probe.")
    if photo is not None and case is None:
        raise click.UsageError("Say with --case which case the photo is a probe of.")
    if probe is not None and case is not None:
        raise click.UsageError("A probe is in a case already; leave --case out.")
    if prepared is not None and probe is None:
        raise click.UsageError("A prepared version is of a probe that is held; name it with --probe.")
    if prepared is not None and turn is not None:
        raise click.UsageError("A prepared version is searched as it is; leave --turn out, or prepare another one.")
    others = tuple(map(_read_also, also))
    with run_as(home) as (node, actor):
        narrowed = Narrowing(**narrowing)
        submitted = None if photo is None else _submit(node, actor, photo, case or "")
        searched = ProbeId(probe or "") if submitted is None else submitted.id
        if turn is not None:
            prepared = prepare_probe(node, actor, searched, [Rotate.by_quarters(QUARTER_TURNS[int(turn) // 90])]).id
        try:
            answer = search_probe(
                node,
                actor,
                searched,
                reason=reason,
                face=face,
                limit=limit,
                prepared=None if prepared is None else PreparationId(prepared),
                also=others,
                narrowed=narrowed,
                again=again,
            )
        except RefusedByPolicy as refused:
            if as_json or refused.rule != "authorisation.needed":
                raise
            asking = (
                f"Ask for it with `semblance authorisation request {searched}`, then search with --probe {searched}."
            )
            say(f"{refused} {asking}", err=True)
            click.get_current_context().exit(REFUSED)
    if isinstance(answer, SearchAnswer):
        if as_json:
            print_document(describe_answer(answer))
        else:
            print_answer(answer)
        return
    problem = _explain(answer, searched)
    if as_json:
        click.echo(ErrorDocument.of(problem).model_dump_json(), err=True)
    else:
        say(str(problem), err=True)
        for note in () if submitted is None else submitted.facts.notes:
            say(f"probe: {note}", err=True)
        if isinstance(answer, ChoiceNeeded):
            open_console().print(make_face_table(answer.faces))
    click.get_current_context().exit(CHOICE_NEEDED if isinstance(answer, ChoiceNeeded) else NO_FACE)


def print_answer(answer: SearchAnswer) -> None:
    """Print a candidate list with what it was searched in."""
    console = open_console()
    record = answer.record
    console.print(
        f"Search {record.search} of {say_count(record.gallery_subjects, 'record', 'records')} "
        f"({say_count(record.gallery_references, 'reference', 'references')}), pack {(record.pack or '-')[:12]}"
    )
    for name, words in record.particulars:
        console.print(f"{name}: {words}", markup=False)
    for note in answer.notes:
        console.print(f"probe: {note}", markup=False)
    if record.erased:
        console.print("The reason and the candidates of this search were erased when their time was over.")
    elif not answer.candidates:
        console.print("No candidates. That is an answer: it does not say that the person is not held here.")
    elif answer.masked:
        names = ", ".join(candidate.pseudonym or "" for candidate in answer.candidates)
        console.print(f"{say_count(len(answer.candidates), 'candidate', 'candidates')}: {names}")
        console.print(
            "Two people examine them before names, ranks and scores are shown to anybody: "
            "on the page Examine of the node's site (`semblance serve`)."
        )
    else:
        rows = (
            (
                "-" if candidate.rank is None else candidate.rank,
                "known non-mate" if candidate.score is None else f"{candidate.score:.4f}",
                _name(candidate),
                candidate.kind or "-",
                candidate.photo or "-",
                "; ".join(map(str, candidate.notes)) or "-",
            )
            for candidate in answer.candidates
        )
        columns = "rank", "score", "record", "kind", "reference photo", "noted"
        console.print(make_table(columns, rows, numbers={"rank", "score"}))
        console.print("The comparison score is not a percentage; higher is more alike.")
    console.print(LEAD)


def _read_also(text: str) -> ProbeChoice:
    """Return the probe that ``--also`` names, as PROBE or PROBE:FACE; raises UsageError."""
    probe, colon, face = text.partition(":")
    if colon and not (face.isdecimal() and len(face) < 5):
        raise click.UsageError(f"--also {text!r} names no face; write PROBE:FACE, with the face's number.")
    return ProbeChoice(ProbeId(probe), int(face) if colon else None)


def _submit(node: Node, actor: Actor, photo: Path, case: str) -> StoredProbe:
    (item,) = read_single_photo(photo).items
    case_id = find_case_id(node, actor, case)
    return submit_probe(node, actor, case_id, item.load(), name=item.name)


def _name(candidate: ShownCandidate) -> str:
    if candidate.erased:
        return "(erased since)"
    if candidate.number is not None:
        return f"{candidate.owner}:{candidate.number}"
    return candidate.pseudonym or candidate.subject or "-"


def _explain(answer: ChoiceNeeded | NoFaceFound, probe: ProbeId) -> RequestProblem:
    if isinstance(answer, NoFaceFound):
        return RequestProblem(0, "no-face", answer.message)
    message = Message(
        "operator.search.choose-face",
        "The photo shows {n} faces. Choose the one in question with --probe {probe} --face NUMBER.",
        n=len(answer.faces),
        probe=probe,
    )
    if answer.probe != probe:
        message = Message(
            "operator.search.choose-joined-face",
            "The probe {probe} shows {n} faces. Choose with --also {probe}:NUMBER.",
            n=len(answer.faces),
            probe=answer.probe,
        )
    return RequestProblem(0, "choice-needed", message)
