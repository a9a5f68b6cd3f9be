"""``semblance delete``: delete a subject and everything made of it."""

from pathlib import Path

import click

from semblance.bootstrap.node import run_node
from semblance.cli.options import home_option, json_option, person_option
from semblance.cli.output import print_document, say
from semblance.edge.describe import describe_receipt
from semblance.workflows.delete import delete_subject


@click.command("delete")
@click.argument("subject")
@home_option
@json_option
@person_option
@click.option("--reason", required=True, help="Why the subject is deleted.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
def command(subject: str, home: Path, as_json: bool, person: str, reason: str, yes: bool) -> None:
    """Delete SUBJECT: photos, faces and templates, at once and for good."""
    with run_node(home) as node:
        if not yes:
            question = f"Delete {subject!r} with all photos and templates? This cannot be undone."
            click.confirm(question, abort=True, err=True)
        receipt = delete_subject(node, subject, person=person, reason=reason)
    if as_json:
        print_document(describe_receipt(receipt))
        return
    say(
        f"Deleted {receipt.subject_key!r}: {receipt.photos} photos, {receipt.faces} faces, "
        f"{receipt.references} templates, {receipt.outcomes} intake outcomes."
    )
    click.echo(f"Ledger entry {receipt.ledger_entry} proves it: semblance ledger prove {receipt.ledger_entry}")
    if not receipt.files_cleared:
        click.echo("Another program is reading the store; freed pages are wiped from the disk when it has ended.")
