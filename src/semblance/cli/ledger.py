"""``semblance ledger``: verify, search and hand out the log of every act."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from semblance.audit.bundle import Verified, require_signed, verify_bundle, verify_growth
from semblance.audit.checkpoint import Checkpoint, VerifyingKey, read_checkpoint, read_key
from semblance.audit.entry import Verb
from semblance.audit.receipt import Proven, Shut, read_receipt, verify_receipt, write_receipt
from semblance.bootstrap.node import run_node
from semblance.cli.acting import acting, run_as, run_as_somebody
from semblance.cli.options import FILE, Member, home_option, reason_option
from semblance.cli.output import Line, Reply, answering, make_facts, make_table, print_document, say
from semblance.edge import ledger as documents
from semblance.errors import IntakeError, VerificationError
from semblance.node.node import Node
from semblance.terms.permission import Actor
from semblance.workflows.oversight import ledger
from semblance.workflows.oversight.accept_restored import accept_restored

T = TypeVar("T")
_KEY_HELP: Final = "The public key that you trust, as `semblance ledger key` printed it."
_WHY_SHUT: Final = {
    Shut.ERASED: "erased",
    Shut.WITHHELD: "withheld",
    Shut.UNSAID: "not opened; the receipt is of an old format, which does not say whether it was erased",
}
_WITNESS_HELP: Final = "The public key of the node that co-signed the checkpoint; without it the ledger's own counts."


@click.group("ledger")
def command() -> None:
    """Verify, search and hand out the log of every act; nothing here can change it."""


@command.command("verify")
@click.argument("bundle", required=False, type=FILE)
@click.option("--key", help=_KEY_HELP)
@click.option("--against", type=FILE, help="An older checkpoint; the ledger must go on from it.")
@click.option("--witness-key", help=_WITNESS_HELP)
@home_option
@answering
def verify(bundle: Path | None, key: str | None, against: Path | None, witness_key: str | None, home: Path) -> Reply:
    """Recompute the ledger of the node, or of a BUNDLE file: for that no node is needed, and no network."""
    if against is None and witness_key is not None:
        raise click.UsageError("--witness-key says who signed the checkpoint; name that with --against.")
    trusted = None if key is None else read_key(key)
    known = None if against is None else _read_known(against)
    witness = None if witness_key is None else read_key(witness_key)
    if bundle is not None:
        verified = _read_lines(bundle, lambda lines: verify_bundle(lines, trusted=trusted, known=known))
        if known is not None:
            require_signed(known, witness or verified.key)
        return _reply_verified(verified, own_word=key is None)
    with run_as(home) as (node, actor):
        found = ledger.verify_ledger(node, actor)
        if trusted is not None and trusted != ledger.read_key(node):
            raise VerificationError(
                "operator.ledger.untrusted-key",
                "The ledger is signed by {ledger}, not by the key that you trust.",
                ledger=ledger.read_key(node),
            )
        if known is not None:
            ledger.require_goes_on(node, known, witness=witness or ledger.read_key(node))
    return _reply_verified(found, own_word=False)


@command.command("cosign")
@click.argument("bundle", type=FILE)
@click.option("--key", required=True, help="The public key of the ledger in the bundle, as its node printed it.")
@home_option
def cosign(bundle: Path, key: str, home: Path) -> None:
    """Verify another node's ledger in BUNDLE and print its checkpoint with this node's signature.

    A ledger that does not go on from what this node signed before is refused. Give the checkpoint back to that node.
    """
    log = read_key(key)
    with run_as(home) as (node, actor):
        signed = _read_lines(bundle, lambda lines: ledger.cosign_bundle(node, actor, lines, log=log))
    click.echo(str(signed), nl=False)


@command.command("export")
@click.argument("file", type=FILE)
@home_option
def export(file: Path, home: Path) -> None:
    """Write the whole ledger into FILE, for verification elsewhere. It holds no reasons and no names of subjects."""
    with run_as(home) as (node, actor):
        _require_free(file)
        _write_new(file, ledger.export_ledger(node, actor))
    say(f"Wrote {file}. Verify it anywhere: semblance ledger verify {file} --key KEY")


@command.command("list")
@click.option("--verb", type=Member(Verb), help="Only this kind of act.")
@click.option("--by", "person", help="Only acts of this person.")
@click.option("--authority", help="Only acts for this authority.")
@click.option("--case", help="Only acts in this case.")
@click.option("--before", type=click.IntRange(min=0), help="Only entries below this number.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="The most entries.")
@acting
def list_entries(node: Node, actor: Actor, before: int | None, limit: int, **wanted: Any) -> Reply:
    """List entries, newest first."""
    found = ledger.list_newest(node, actor, ledger.Filter(**wanted), before=before, limit=limit)
    rows = (
        (
            entry.fields["number"],
            entry.fields["at"][:19],
            *(entry.fields[name] for name in ("verb", "action", "person", "authority")),
            entry.fields["case"] or "-",
        )
        for entry in found.entries
    )
    columns = "entry", "at (UTC)", "verb", "action", "person", "authority", "case"
    return Reply(documents.describe_entries(found), make_table(columns, rows, numbers={"entry"}))


@command.command("prove")
@click.argument("number", type=click.IntRange(min=0))
@home_option
def prove(number: int, home: Path) -> None:
    """Print, as JSON, what proves to anybody that entry NUMBER stands in the signed ledger."""
    with run_as(home) as (node, actor):
        proof = ledger.prove_entry(node, actor, number)
    print_document(documents.LedgerProofDocument.model_validate(proof))


@command.command("prove-growth")
@click.argument("older", type=click.IntRange(min=1))
@home_option
def prove_growth(older: int, home: Path) -> None:
    """Print, as JSON, what proves that the ledger goes on from its first OLDER entries."""
    with run_as(home) as (node, actor):
        proof = ledger.prove_growth(node, actor, older)
    print_document(documents.LedgerGrowthDocument.model_validate(proof))


@command.command("receipt")
@click.argument("number", type=click.IntRange(min=0))
@click.argument("file", type=FILE)
@home_option
def receipt(number: int, file: Path, home: Path) -> None:
    """Write the receipt of entry NUMBER into FILE: what was done, why, to what, and what proves it to anybody."""
    with run_as(home) as (node, actor):
        _require_free(file)
        _write_new(file, [write_receipt(ledger.hand_out_receipt(node, actor, number))])
    say(f"Wrote {file}. Verify it anywhere: semblance ledger verify-receipt {file} --key KEY")


@command.command("verify-receipt")
@click.argument("file", type=FILE)
@click.option("--key", help=_KEY_HELP)
@answering
def verify_one(file: Path, key: str | None) -> Reply:
    """Verify a receipt: no node is needed, and no network."""
    trusted: VerifyingKey | None = None if key is None else read_key(key)
    found = verify_receipt(read_receipt(_read_lines(file, "".join)), trusted=trusted)
    return Reply(documents.describe_proven(found), *_list_proven(found, own_word=key is None))


@command.command("verify-growth")
@click.argument("file", type=FILE)
@click.option("--against", type=FILE, required=True, help="The older checkpoint that the ledger must go on from.")
@click.option("--witness-key", help=_WITNESS_HELP)
@click.option("--key", help=_KEY_HELP)
@answering
def verify_grown(file: Path, against: Path, witness_key: str | None, key: str | None) -> Reply:
    """Verify what `prove-growth` printed: no node, no entries and no network are needed."""
    trusted, witness = (None if text is None else read_key(text) for text in (key, witness_key))
    proof, known = documents.read_growth(_read_lines(file, "".join)), _read_known(against)
    found = verify_growth(proof, known, trusted=trusted, witness=witness)
    return Reply(
        documents.describe_verified(found),
        f"Verified: the ledger of {found.entries} entries goes on from the {known.size}. Signed by {found.key}",
        key is None
        and "The key is the proof's own. Compare it with the one the node gave you, or name that with --key.",
    )


@command.command("key")
@home_option
def key(home: Path) -> None:
    """Print the public key that the node's ledger is signed with; give it to whoever shall verify."""
    with run_node(home) as node:
        click.echo(str(ledger.read_key(node)))


@command.command("accept-restored")
@reason_option
@click.option("--name", help="Sign in under this name for it; an older copy knows no newer session.")
@click.option("--code", default="", help="The code of your second factor, where you sign in for it.")
@home_option
@answering
def accept_older(reason: str, name: str | None, code: str, home: Path) -> Reply:
    """Go on with a store that is older than the ledger's last checkpoint. That is recorded, and cannot be undone.

    Whatever was erased since the copy was made is erased in it again, and every account waits to be confirmed.
    """
    with run_as_somebody(home, name, code) as (node, actor):
        found = accept_restored(node, actor, reason=reason)
    return Reply(
        found,
        f"Recorded as ledger entry {found.entry}. What was done after the copy was made is lost from this store.",
        found.doubted
        and "Its accounts let nobody in: let two administrators in anew with `semblance people add NAME --first`; "
        "these confirm the others with `semblance people confirm NAME`.",
        bool(found.subjects or found.cases or found.requests)
        and f"Erased again: {found.subjects} subjects, {found.cases} cases, {found.requests} requests.",
    )


def _read_lines(bundle: Path, use: Callable[[Iterable[str]], T]) -> T:
    try:
        with bundle.open(encoding="utf-8") as lines:
            return use(lines)
    except UnicodeDecodeError:
        raise VerificationError(
            "operator.ledger.file-no-text",
            "{bundle} is not text; it is not from a ledger, or it was damaged.",
            bundle=bundle,
        ) from None
    except OSError as error:
        raise IntakeError(
            "operator.file.unreadable", "{file} cannot be read ({why}).", file=bundle, why=error.strerror
        ) from None


def _require_free(file: Path) -> None:
    """Nothing is recorded as handed out where it cannot be written."""
    if file.exists():
        raise IntakeError("operator.file.exists", "{file} exists already; name another file.", file=file)


def _write_new(file: Path, lines: Iterable[str]) -> None:
    try:
        with file.open("x", encoding="utf-8") as out:
            out.writelines(lines)
    except FileExistsError:
        raise IntakeError("operator.file.exists", "{file} exists already; name another file.", file=file) from None
    except OSError as error:
        raise IntakeError(
            "operator.file.unwritable", "{file} cannot be written ({why}).", file=file, why=error.strerror
        ) from None


def _read_known(against: Path) -> Checkpoint:
    return _read_lines(against, lambda lines: read_checkpoint("".join(lines)))


def _reply_verified(found: Verified | None, *, own_word: bool) -> Reply:
    document = documents.describe_verified(found)
    if found is None:
        return Reply(document, "The ledger is empty: nothing was done yet.")
    return Reply(
        document,
        f"Verified: {found.entries} entries, none changed, removed, moved or added. Signed by {found.key}",
        own_word and "The key is the bundle's own. Compare it with the one the node gave you, or name that with --key.",
    )


def _list_proven(found: Proven, *, own_word: bool) -> Iterator[Line]:
    fields = found.fields
    facts: dict[str, object] = {
        "entry": f"{fields['number']} of {found.checkpoint.size} signed ones",
        "at (UTC)": str(fields["at"])[:19],
        "verb": fields["verb"],
        "action": fields["action"],
        "by": f"{fields['person']} of {fields['authority']}",
        "reason": _WHY_SHUT[found.shut_reason] if found.reason is None else str(found.reason) or "none given",
    }
    for place, (kind, name) in enumerate(found.touched):
        facts[kind] = _WHY_SHUT[found.shut[f"touched/{place}"]] if name is None else name
    yield make_facts(facts)
    yield f"Verified: the entry stands in the ledger as it was written. Signed by {found.key}"
    if own_word:
        yield "The key is the receipt's own. Compare it with the one the node gave you, or name that with --key."
