"""``semblance unknown``: records of people whom nobody could name, made, compared, linked, parted, named."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import click

from semblance.cases.lead_check import Field
from semblance.cli.acting import acting
from semblance.cli.options import DAY, members_option, reason_option
from semblance.cli.output import Reply, make_table, say_minute
from semblance.cli.terms_options import YES_NO, read_restriction
from semblance.edge.records import RecordDocument
from semblance.edge.searches import describe_probe
from semblance.edge.unknowns import LinkDocument, TiesDocument
from semblance.gallery.record import Circumstances, Record
from semblance.node.node import Node
from semblance.terms.ids import LeadId, LinkId, PhotoId, ProbeId
from semblance.terms.permission import Actor
from semblance.workflows.cases.cases import find_case_id
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.links.link_records import link_records, part_records
from semblance.workflows.links.make_unknown import UnknownTerms, make_unknown, take_from_probe
from semblance.workflows.links.name_unknown import assign_name, take_name_back
from semblance.workflows.links.read_ties import Ties, read_ties
from semblance.workflows.records.read_record import find_record_id

_version_option: Final = click.option(
    "--version", required=True, type=click.IntRange(min=1), help="The version of the record that you had before you."
)


@click.group("unknown")
def command() -> None:
    """Make, compare, link and name records of people whom nobody could name yet."""


@command.command("make")
@click.argument("probe")
@click.option("--face", type=click.IntRange(min=0), help="The face in question, for a photo of several.")
@click.option("--obtained", required=True, help="How the photo was obtained.")
@click.option("--basis", required=True, help="The law or decision that allows the record to be held.")
@click.option("--retain-until", required=True, type=DAY, help="The last day on which it may be held.")
@click.option("--summary", required=True, help="The circumstances.")
@click.option("--only", multiple=True, metavar="CODES", help="Only these authorities may see it: FR,BE.")
@click.option("--except", "but", multiple=True, metavar="CODES", help="These authorities may not see it.")
@click.option(
    "--neutral",
    type=YES_NO,
    required=True,
    help="Whether it is not political, military, religious or racial in character; no leaves it a draft.",
)
@reason_option
@acting
def make(
    node: Node,
    actor: Actor,
    probe: str,
    face: int | None,
    obtained: str,
    basis: str,
    retain_until: date,
    summary: str,
    only: tuple[str, ...],
    but: tuple[str, ...],
    neutral: str,
    reason: str,
) -> Reply:
    """Make a record of the unknown person in PROBE, a photo of a case, which is enrolled anew."""
    taken = take_from_probe(node, actor, ProbeId(probe), face=face, obtained=obtained)
    circumstances, restriction = Circumstances(summary=summary), read_restriction(only, but)
    terms = UnknownTerms(basis, retain_until, circumstances, neutral == "yes", restriction)
    return _reply(make_unknown(node, actor, taken, terms, reason=reason))


@command.command("compare")
@click.argument("number")
@click.option("--case", required=True, help="The open case in which it is compared: its number.")
@click.option("--photo", help="Which photo of the record [default: its newest reference].")
@reason_option
@acting
def compare(node: Node, actor: Actor, number: str, case: str, photo: str | None, reason: str) -> Reply:
    """Hand a photo of the record NUMBER in as a probe of a case; search it with `semblance search --probe`."""
    subject, where = find_record_id(node, actor, number), find_case_id(node, actor, case)
    which = None if photo is None else PhotoId(photo)
    probe = compare_record(node, actor, subject, where, reason=reason, photo=which)
    words = f"Handed in. Search it: semblance search --probe {probe.id} --reason …"
    return Reply(describe_probe(probe, case, node.suitability), words)


@command.command("ties")
@click.argument("number")
@acting
def ties(node: Node, actor: Actor, number: str) -> Reply:
    """Show what the record NUMBER is linked with, its verified leads, and who was answered not to be its person."""
    found = read_ties(node, actor, find_record_id(node, actor, number))
    rows = tuple(_list_ties(found))
    told = make_table(("What", "Record", "Id", "When and by whom"), rows) if rows else "Nothing is tied to it."
    return Reply(TiesDocument.model_validate(found), told)


@command.command("link")
@click.argument("lead")
@reason_option
@acting
def link(node: Node, actor: Actor, lead: str, reason: str) -> Reply:
    """Link the two records of a verified LEAD: they are of the same unknown person."""
    made = link_records(node, actor, LeadId(lead), reason=reason)
    return Reply(
        LinkDocument.model_validate(made), f"Linked. To part them: semblance unknown part {made.id} --reason …"
    )


@command.command("part")
@click.argument("link_id", metavar="LINK")
@reason_option
@acting
def part(node: Node, actor: Actor, link_id: str, reason: str) -> Reply:
    """Part two records again that were linked; that they were stays in their history."""
    parted = part_records(node, actor, LinkId(link_id), reason=reason)
    return Reply(LinkDocument.model_validate(parted), "Parted.")


@command.command("name")
@click.argument("number")
@click.option("--lead", required=True, help="The verified lead with which the other record's owner released the name.")
@members_option("--field", "fields", Field, "Only this field; may be given several times.")
@_version_option
@reason_option
@acting
def name(
    node: Node, actor: Actor, number: str, lead: str, fields: frozenset[Field], version: int, reason: str
) -> Reply:
    """Assign to the record NUMBER of an unknown person what was released after a verified lead."""
    subject = find_record_id(node, actor, number)
    return _reply(assign_name(node, actor, subject, LeadId(lead), version=version, reason=reason, fields=fields))


@command.command("take-back")
@click.argument("number")
@_version_option
@reason_option
@acting
def take_back(node: Node, actor: Actor, number: str, version: int, reason: str) -> Reply:
    """Take back the name that was assigned to the record NUMBER."""
    return _reply(take_name_back(node, actor, find_record_id(node, actor, number), version=version, reason=reason))


def _list_ties(found: Ties) -> Iterator[tuple[str, str, str, str]]:
    for shown in found.links:
        other = "erased since" if shown.other is None else f"{shown.other.facts.owner}:{shown.other.number}"
        link, parted = shown.link, shown.link.parted_at
        yield "linked", other, link.id, f"{say_minute(link.linked_at)} {link.linked_by}: {shown.linked_why}"
        if parted is not None:
            yield "parted", other, link.id, f"{say_minute(parted)} {link.parted_by}: {shown.parted_why}"
    for lead in found.leads:
        released = ", ".join(field.value for field in lead.released)
        may = "may be linked" if lead.linkable else released or "nothing to be done"
        yield "verified lead", f"{lead.other.facts.owner}:{lead.other.number}", lead.lead, may
    for answer in found.answers:
        holds = "" if answer.holds else ", a photo came since"
        words = f"{say_minute(answer.pair.at)} {answer.pair.conclusion}{holds}"
        yield "not the same", f"{answer.other.facts.owner}:{answer.other.number}", "", words


def _reply(record: Record) -> Reply:
    named = "" if record.assigned is None else ", named " + "; ".join(text for _, text in record.assigned.fields)
    words = f"{record.pseudonym or record.number} of {record.owner} is {record.state}, version {record.version}{named}."
    return Reply(RecordDocument.model_validate(record), words)
