"""From what a record of an unknown person is tied to, to what its page shows."""

from dataclasses import dataclass

from semblance.gallery.record import Record
from semblance.store.records import Heading
from semblance.terms.permission import Action, Actor
from semblance.terms.record import NAMELESS, RecordKind
from semblance.web.page.navigation import may
from semblance.web.page.site import Site
from semblance.web.wording.language import _
from semblance.web.wording.words import FIELD_WORDS, say_act, say_moment, say_released, say_value
from semblance.workflows.links.read_ties import ShownLink, read_ties


@dataclass(frozen=True, slots=True)
class OtherView:
    """Another record: what it is called, and where it lies; an empty address where it was erased since."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link with its history; ``part`` is the id by which it can be parted, empty where it cannot be."""

    other: OtherView
    history: tuple[tuple[str, str], ...]
    parted: bool
    part: str


@dataclass(frozen=True, slots=True)
class LeadView:
    """A verified lead; ``released`` are the fields that may be assigned: key, title and value."""

    lead: str
    other: OtherView
    linkable: bool
    released: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class TiesView:
    """What a record is tied to, and what the reader may do about it."""

    links: tuple[LinkView, ...]
    leads: tuple[LeadView, ...]
    answers: tuple[tuple[OtherView, str], ...]
    may_compare: bool
    may_link: bool
    may_name: bool
    may_take_back: bool


def view_ties(site: Site, actor: Actor, record: Record, allowed: frozenset[Action]) -> TiesView | None:
    """Return what a record is tied to; None for kinds that are not of unknown people."""
    kind, rules = record.draft.kind, site.node.policy.read().purposes.values()
    compares = Action.UNKNOWN_COMPARE in allowed and any(kind in rule.compared for rule in rules)
    if kind not in NAMELESS and not compares:
        return None
    names = Action.UNKNOWN_NAME in allowed and kind in NAMELESS
    if kind not in NAMELESS:
        return TiesView((), (), (), compares, may_link=False, may_name=False, may_take_back=False)
    ties = read_ties(site.node, actor, record.subject)
    parts = may(site, actor, Action.UNKNOWN_PART)
    return TiesView(
        links=tuple(_view_link(shown, parts=parts) for shown in ties.links),
        leads=tuple(
            LeadView(
                lead.lead,
                _view_other(lead.other),
                lead.linkable,
                tuple(
                    (field.value, _(FIELD_WORDS[field]), say_released(field, text))
                    for field, text in lead.released.items()
                ),
            )
            for lead in ties.leads
        ),
        answers=tuple(
            (
                _view_other(answer.other),
                _(
                    "{conclusion}, {when}; asked again, since a photo came",
                    conclusion=say_value(answer.pair.conclusion),
                    when=say_moment(answer.pair.at),
                )
                if not answer.holds
                else _(
                    "{conclusion}, {when}",
                    conclusion=say_value(answer.pair.conclusion),
                    when=say_moment(answer.pair.at),
                ),
            )
            for answer in ties.answers
        ),
        may_compare=compares,
        may_link=Action.UNKNOWN_LINK in allowed,
        may_name=names,
        may_take_back=names and record.assigned is not None,
    )


def list_named(record: Record) -> tuple[tuple[str, str], ...]:
    """Return what names somebody whom nobody could name: the pseudonym, and what was assigned with where it is from."""
    if record.draft.kind is not RecordKind.UNIDENTIFIED and record.assigned is None:
        return ()
    facts = [(_("Pseudonym"), record.pseudonym)] if record.pseudonym else []
    if record.assigned is not None:
        by_value = {field.value: (field, words) for field, words in FIELD_WORDS.items()}
        facts += [
            (_(by_value[name][1]), say_released(by_value[name][0], text)) for name, text in record.assigned.fields
        ]
        facts += [
            (_("Released by"), record.assigned.owner),
            (_("Assigned"), say_act(record.assigned.at, record.assigned.person)),
        ]
    return tuple(facts)


def _view_link(shown: ShownLink, *, parts: bool) -> LinkView:
    link = shown.link
    history = [(_("Linked"), _join(say_act(link.linked_at, link.linked_by), shown.linked_why))]
    if link.parted_at is not None:
        history.append((_("Parted"), _join(say_act(link.parted_at, link.parted_by), shown.parted_why)))
    parted = link.parted_at is not None
    return LinkView(
        _view_other(shown.other), tuple(history), parted, link.id if parts and shown.may_part and not parted else ""
    )


def _join(act: str, why: str) -> str:
    return f"{act}: {why}" if why else act


def _view_other(other: Heading | None) -> OtherView:
    if other is None:
        return OtherView(_("erased since"), "")
    return OtherView(f"{other.facts.owner}: {other.name or other.number}", f"/records/{other.subject}")
