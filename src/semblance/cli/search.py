"""``semblance search``: search the gallery for the face in a photo."""

from pathlib import Path

import click

from semblance.audit.search_record import PreparedFace, SearchRecord
from semblance.cli.acting import run_as
from semblance.cli.exit_codes import CHOICE_NEEDED, NO_FACE, REFUSED
from semblance.cli.narrowing_options import narrowing_options, read_also, read_narrowing
from semblance.cli.options import home_option, json_option
from semblance.cli.output import LEAD, make_table, open_console, print_document, say, say_count
from semblance.cli.photo_table import print_faces
from semblance.edge.document import ErrorDocument
from semblance.edge.searches import describe_answer
from semblance.errors import RequestProblem
from semblance.exchange.folder import read_single_photo
from semblance.messages.message import quote_text
from semblance.node.node import Node
from semblance.terms.actor import Actor
from semblance.terms.candidates import CANDIDATE_CAP
from semblance.terms.ids import PreparationId, ProbeId
from semblance.terms.narrowing import EVERYBODY
from semblance.terms.permission import Refusal
from semblance.workflows.cases.cases import find_case_id
from semblance.workflows.cases.submit_probe import submit_probe
from semblance.workflows.search.probe_faces import ChoiceNeeded
from semblance.workflows.search.search_answer import SearchAnswer, ShownCandidate
from semblance.workflows.search.search_gallery import NoFaceFound, search_probe


@click.command("search")
@click.argument("photo", required=False, type=click.Path(path_type=Path, readable=False))
@click.option("--probe", default=None, help="Search a probe again that is held already, instead of a PHOTO.")
@click.option("--case", default=None, help="The case that the photo is a probe of: its number.")
@click.option(
    "--also", multiple=True, help="Another probe of the same person: PROBE, or PROBE:FACE for one of several."
)
@click.option("--prepared", default=None, help="Search a prepared version of the probe, in which --face counts.")
@narrowing_options
@click.option("--reason", required=True, help="Why this search is needed, in a sentence.")
@click.option("--face", type=click.IntRange(min=0), default=None, help="The face in question, for a photo of several.")
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
    kinds: tuple[str, ...],
    age_from: int | None,
    age_to: int | None,
    sex: str | None,
    nationality: str | None,
    reason: str,
    face: int | None,
    limit: int,
    home: Path,
    as_json: bool,
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
    others = read_also(also)
    with run_as(home) as (node, actor):
        narrowed = read_narrowing(kinds, age_from, age_to, sex, nationality)
        searched = ProbeId(probe or "") if photo is None else _submit(node, actor, photo, case or "")
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
        )
    if isinstance(answer, SearchAnswer):
        if as_json:
            print_document(describe_answer(answer))
        else:
            print_answer(answer)
        return
    code, name, message = _explain(answer, searched)
    if as_json:
        document = ErrorDocument.of(RequestProblem(0, name, quote_text(message)))
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
        f"Search {record.search} of {say_count(record.gallery_subjects, 'record', 'records')} "
        f"({say_count(record.gallery_references, 'reference', 'references')}), pack {(record.pack or '-')[:12]}"
    )
    for name, words in say_particulars(record):
        console.print(f"{name}: {words}", markup=False)
    if record.erased:
        console.print("What was said and found in this search was erased when its time was over.")
    elif not answer.candidates:
        console.print("No candidates. That is an answer: it does not say that the person is not held here.")
    elif answer.masked:
        _print_masked(answer)
    else:
        columns = ("rank", "score", "record", "kind", "reference photo")
        table = make_table(*columns, numbers=frozenset({"rank", "score"}))
        for candidate in answer.candidates:
            kind = "-" if candidate.kind is None else candidate.kind.value
            rank = "-" if candidate.rank is None else str(candidate.rank)
            score = "known non-mate" if candidate.score is None else f"{candidate.score:.4f}"
            table.add_row(rank, score, _name(candidate), kind, candidate.photo or "-")
        console.print(table)
        console.print("The comparison score is not a percentage; higher is more alike.")
    console.print(LEAD)


def _print_masked(answer: SearchAnswer) -> None:
    names = ", ".join(one.pseudonym or "" for one in answer.candidates)
    console = open_console()
    console.print(f"{say_count(len(answer.candidates), 'candidate', 'candidates')}: {names}")
    console.print(
        "Two people examine them before names, ranks and scores are shown to anybody: "
        "on the page Examine of the node's site (`semblance serve`)."
    )


def _submit(node: Node, actor: Actor, photo: Path, case: str) -> ProbeId:
    (item,) = read_single_photo(photo).items
    case_id = find_case_id(node, actor, case)
    return submit_probe(node, actor, case_id, item.load(), name=item.name).probe


def _name(candidate: ShownCandidate) -> str:
    if candidate.erased:
        return "(erased since)"
    if candidate.number is not None:
        return f"{candidate.owner}:{candidate.number}"
    return candidate.pseudonym or candidate.subject or "-"


def _explain(answer: Refusal | ChoiceNeeded | NoFaceFound, probe: ProbeId) -> tuple[int, str, str]:
    if isinstance(answer, Refusal):
        message = f"Refused: {answer.reason}. The refusal is recorded."
        if answer.rule == "authorisation.needed":
            message += f" Ask for it with `semblance authorisation request {probe}`, then search with --probe {probe}."
        return REFUSED, f"refusal.{answer.rule}", message
    if isinstance(answer, ChoiceNeeded):
        count = len(answer.faces)
        message = f"The photo shows {count} faces. Choose the one in question with --probe {probe} --face NUMBER."
        if answer.probe != probe:
            message = f"The probe {answer.probe} shows {count} faces. Choose with --also {answer.probe}:NUMBER."
        return CHOICE_NEEDED, "choice-needed", message
    return NO_FACE, "no-face", answer.reason


def say_particulars(record: SearchRecord) -> tuple[tuple[str, str], ...]:
    """Return names and values for what was particular; nothing for a plain search of one original photo."""
    said = []
    if record.prepared is not None:
        said.append(("Prepared", say_prepared(record.prepared)))
    for one in record.also:
        words = one.name if one.face is None else f"{one.name}, face {one.face}"
        if one.prepared is not None:
            words = f"{one.name}; prepared: {say_prepared(one.prepared)}"
        said.append(("Searched together with", words))
    if record.narrowed != EVERYBODY:
        said.append(("Narrowed to", record.narrowed.words))
    return tuple(said)


def say_prepared(prepared: PreparedFace) -> str:
    """Return what was done before the search, and that it was for the search alone."""
    return f"version {prepared.number}: {'; '.join(prepared.steps)}. For searching only; the original is compared"
