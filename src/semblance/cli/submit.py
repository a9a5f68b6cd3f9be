"""``semblance submit``: bring the videos and photos of a case in; the same command again goes on after a stop."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import click

from semblance.cli.acting import acting
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import DAY, SOURCE, Member
from semblance.cli.output import Reply, draw_bar, make_table, say_count
from semblance.edge.submissions import describe_submission
from semblance.errors import IntakeError
from semblance.exchange.files import make_unreadable, printable_name
from semblance.exchange.strewn import Strewn
from semblance.gallery.submission import FileState, SourceKind, Submission, SubmissionDraft, SubmittedFile
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.terms.ids import CaseId, Sha256
from semblance.terms.permission import Actor
from semblance.workflows.cases.cases import find_case_id
from semblance.workflows.submissions.complete import Completed, complete_file
from semblance.workflows.submissions.read_facts import read_waiting
from semblance.workflows.submissions.receive import Receiving, add_file, describe_receiving, receive_chunk
from semblance.workflows.submissions.submissions import begin_submission, list_submissions, read_submission

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class _Named:
    """A file on this machine, and what it is called in the submission."""

    path: Path
    name: str


@click.command("submit")
@click.argument("paths", nargs=-1, required=True, type=SOURCE)
@click.option("--case", "case_number", required=True, help="The case that they belong to: its number.")
@click.option("--source", type=Member(SourceKind), required=True, help="Who hands them in.")
@click.option(
    "--authority",
    required=True,
    help="The authority or organisation that they come from; of a company: the national authority they came through.",
)
@click.option("--company", default="", help="The company that they come from.")
@click.option("--obtained", required=True, help="How they were obtained.")
@click.option("--legal-basis", required=True, help="The law or decision that allows them to be held.")
@click.option("--review-on", type=DAY, required=True, help="The last day on which they are held, as 2027-01-31.")
@acting
def command(
    node: Node,
    actor: Actor,
    paths: tuple[Path, ...],
    case_number: str,
    source: SourceKind,
    authority: str,
    company: str,
    obtained: str,
    legal_basis: str,
    review_on: date,
) -> Reply:
    """Submit videos and photos in a case: each PATH is a file, a folder, or a zip file.

    The same command again goes on where it was stopped; what is held already is not sent twice.
    """
    strewn = Strewn()
    named = [found for path in paths for found in _find_files(path, strewn)]
    if not named:
        raise click.UsageError("There is no file in what was named.")
    case = find_case_id(node, actor, case_number)
    draft = SubmissionDraft(
        source, authority.strip(), obtained.strip(), legal_basis.strip(), review_on, company.strip()
    )
    submission, before = _begin(node, actor, case, draft)
    known = {(file.name, file.size): file for file in before}
    faults = []
    for found in named:
        try:
            _submit(node, actor, submission, found, known)
        except IntakeError as error:
            faults.append(Message("operator.submit.fault", "{name}: {fault}", name=found.name, fault=error.message))
    for _read in read_waiting(node, submission.id):
        pass
    detail = read_submission(node, actor, submission.id)
    held = [file for file in detail.files if file.state is FileState.COMPLETE]
    rows = ((file.name, file.kind or "-", file.size, _say(file)) for file in detail.files[:_SHOWN])
    return Reply(
        describe_submission(detail),
        f"Submission {submission.id}: {say_count(len(held), 'file', 'files')} held until {review_on}.",
        make_table(("file", "kind", "bytes", "became"), rows, numbers={"bytes"}),
        *map(str, strewn.describe()),
        *map(str, faults),
        code=INCOMPLETE if faults else DONE,
    )


def _find_files(path: Path, strewn: Strewn) -> Iterator[_Named]:
    """Give a file, or every file in a folder, by names as people see them."""
    if not path.is_dir():
        yield _Named(path, printable_name(path.name))
        return
    for inner in sorted(path.rglob("*")):
        name = inner.relative_to(path).as_posix()
        if inner.is_file() and not inner.is_symlink() and not strewn.passes(name):
            yield _Named(inner, printable_name(f"{path.resolve().name}/{name}"))


def _begin(
    node: Node, actor: Actor, case: CaseId, draft: SubmissionDraft
) -> tuple[Submission, Sequence[SubmittedFile]]:
    """Return the submission that an earlier run of the same command began, with its files, or a new one."""
    for detail in list_submissions(node, actor, case):
        if detail.submission.draft == draft and detail.submission.made_by == actor.name:
            return detail.submission, detail.files
    return begin_submission(node, actor, case, draft), ()


def _submit(
    node: Node, actor: Actor, submission: Submission, found: _Named, known: dict[tuple[str, int], SubmittedFile]
) -> Completed | None:
    try:
        size = found.path.stat().st_size
        before = known.get((found.name, size))
        if before is not None and before.state in {FileState.COMPLETE, FileState.UNPACKED}:
            return None
        if before is not None and before.state is FileState.RECEIVING:
            receiving = describe_receiving(node, actor, submission.id, before.id)
        else:
            receiving = add_file(node, actor, submission.id, name=found.name, size=size)
        digest = _send(node, actor, receiving, found.path)
    except OSError as error:
        raise make_unreadable(found.name, error) from error
    completed = complete_file(node, actor, submission.id, receiving.file.id, digest=digest)
    if completed.file.fault is not None:
        raise IntakeError(completed.file.fault)
    return completed


def _send(node: Node, actor: Actor, receiving: Receiving, path: Path) -> Sha256:
    """Send the pieces that are missing, and return the SHA-256 of them all."""
    digest, missing, file = sha256(), set(receiving.missing), receiving.file
    with path.open("rb") as opened, draw_bar(file.name, receiving.chunks) as draw:
        for number in range(receiving.chunks):
            piece = opened.read(receiving.chunk_bytes)
            digest.update(piece)
            if number in missing:
                receive_chunk(node, actor, file.submission, file.id, number, piece)
            draw(number + 1, receiving.chunks)
    return Sha256(digest.hexdigest())


def _say(file: SubmittedFile) -> str:
    if file.fault is not None:
        return str(file.fault)
    if file.facts is None:
        return file.state.value
    faces = say_count(len(file.facts.faces), "face", "faces")
    return f"{file.facts.width} x {file.facts.height}, {faces}"
