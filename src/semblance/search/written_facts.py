"""What the law sees of a record as one line of text, for places that keep it beside templates."""

import json
from datetime import date

from semblance.terms.ids import AuthorityCode
from semblance.terms.record import RecordFacts, RecordKind, RecordState, Restriction, RestrictionMode


def write_facts(facts: RecordFacts) -> str:
    """Return the facts as text that names nobody."""
    rule = facts.restriction
    parts = [facts.kind, facts.owner, facts.state, facts.retain_until.isoformat(), rule.mode, sorted(rule.authorities)]
    return json.dumps(parts)


def read_facts(text: str) -> RecordFacts:
    """Return the facts that were written."""
    kind, owner, state, until, mode, authorities = json.loads(text)
    rule = Restriction(RestrictionMode(mode), frozenset(map(AuthorityCode, authorities)))
    return RecordFacts(
        kind=RecordKind(kind),
        owner=AuthorityCode(owner),
        state=RecordState(state),
        retain_until=date.fromisoformat(until),
        restriction=rule,
    )
