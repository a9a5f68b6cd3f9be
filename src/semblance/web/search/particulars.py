"""What was particular about a search, for a page: a prepared version, several photos, a narrowed gallery."""

from semblance.audit.search_record import PreparedFace, SearchRecord
from semblance.terms.narrowing import EVERYBODY, Narrowing
from semblance.web.wording.language import _, ngettext
from semblance.web.wording.translate_messages import say_below
from semblance.web.wording.words import say_kind, say_value


def list_particulars(record: SearchRecord) -> tuple[tuple[str, str], ...]:
    """Return names and values for what was particular; nothing for a plain search of one original photo."""
    said = []
    if record.prepared is not None:
        said.append((_("Prepared"), say_version(record.prepared)))
    for one in record.also:
        words = one.name if one.face is None else _("{name}, face {number}", name=one.name, number=one.face)
        if one.prepared is not None:
            words = _("{name}; prepared: {version}", name=one.name, version=say_version(one.prepared))
        said.append((_("Searched together with"), words))
    if record.narrowed != EVERYBODY:
        said.append((_("Narrowed to"), say_narrowing(record.narrowed)))
    return tuple(said)


def say_version(prepared: PreparedFace) -> str:
    """Return what was done before the search, and that it was for the search alone."""
    return _(
        "version {number}: {steps}. For searching only; the original is compared",
        number=prepared.number,
        steps="; ".join(map(say_below, prepared.steps)),
    )


def say_narrowing(narrowed: Narrowing) -> str:
    """Return what is narrowed; empty where nothing is."""
    parts = []
    if narrowed.kinds:
        kinds = _(" or ").join(say_kind(kind) for kind in sorted(narrowed.kinds))
        parts.append(_("kind of record: {kinds}", kinds=kinds))
    if narrowed.youngest is not None and narrowed.oldest is not None:
        parts.append(_("age: {youngest} to {oldest} years", youngest=narrowed.youngest, oldest=narrowed.oldest))
    elif narrowed.youngest is not None:
        parts.append(ngettext("age: {n} year or more", "age: {n} years or more", narrowed.youngest))
    elif narrowed.oldest is not None:
        parts.append(ngettext("age: up to {n} year", "age: up to {n} years", narrowed.oldest))
    if narrowed.sex is not None:
        parts.append(_("sex as recorded: {sex}", sex=say_value(narrowed.sex).lower()))
    if narrowed.nationality is not None:
        parts.append(_("nationality: {country}", country=narrowed.nationality))
    return "; ".join(parts)
