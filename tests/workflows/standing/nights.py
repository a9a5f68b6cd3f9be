"""Standing searches as Alice asks for them and Carol authorises them, and nights that pass."""

from datetime import date, timedelta

from tests.cast import ALICE, CAROL, DORA, FR
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import enrol
from tests.workflows.searching import submit
from tests.workflows.stand_in import draw

from semblance.audit.entry import read_entry
from semblance.audit.search_record import SearchRecord
from semblance.cases.standing_search import StandingSearch
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import ledger, searches, standing_searches
from semblance.terms.ids import ProbeId, StandingSearchId, SubjectId
from semblance.terms.permission import Actor, Purpose
from semblance.workflows.evaluation.calibrate import calibrate_gallery
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.standing.ask_standing import StandingDraft, ask_for_standing
from semblance.workflows.standing.decide_standing import grant_standing
from semblance.workflows.standing.end_standing import end_standing_searches
from semblance.workflows.standing.run_standing import run_standing_searches

WHY = "Nobody knows him yet, and he may be reported missing"
CROWD = [f"P{number:02}" for number in range(44)]


def bring(node: Node, *people: str, take: int = 0) -> None:
    """Enrol a photo of each of these people, published at once."""
    enrol(node, [_hand_in(name, take) for name in people])


def _hand_in(name: str, take: int) -> IntakeItem:
    return IntakeItem(name, f"{name}-{take}.jpg", lambda: draw(name, take=take))


def fill(node: Node) -> None:
    """Enrol a crowd and calibrate the gallery for FR, where hardly anybody but who is sought is looked at."""
    few = node.policy.read().text.replace("false-candidates = 2", "false-candidates = 0.01")
    replace_policy(node, DORA, few, reason="There are few people to look at candidates")
    bring(node, *CROWD)
    calibrate_gallery(node, CAROL, Purpose.MISSING_PERSON)


def ask(node: Node, probe: ProbeId, *, last_day: date | None = None, actor: Actor = ALICE) -> StandingSearch:
    """Ask for a standing search for a probe with one face."""
    until = last_day or (node.clock() + timedelta(days=90)).date()
    return ask_for_standing(node, actor, StandingDraft(probe, WHY, until))


def begin(node: Node, person: str, *, last_day: date | None = None, number: str | None = None) -> StandingSearch:
    """Hand in a photo of somebody nobody knows, and have a standing search for it authorised."""
    probe = submit(node, draw(person, take=9), number=number or f"FR-{person}")
    asked = ask(node, probe, last_day=last_day)
    return grant_standing(node, CAROL, asked.id, reason="It is the only way to find out who he is")


def pass_night(node: Node, clock: Clock, *, days: int = 1) -> int:
    """Let so many days pass, and do what the worker does then; return how many searches ran."""
    clock.now += timedelta(days=days)
    sum(end_standing_searches(node))
    return sum(run_standing_searches(node))


def read(node: Node, which: StandingSearchId) -> StandingSearch:
    """Return a standing search as the store has it."""
    with node.store.reading() as tx:
        found = standing_searches.find_standing(tx, which, FR)
    assert found is not None
    return found


def list_found(node: Node, which: StandingSearchId) -> list[SearchRecord]:
    """Return the searches in which it found somebody, oldest first."""
    with node.store.reading() as tx:
        made = [searches.find_search(tx, search) for search in standing_searches.list_found(tx, which)]
    return sorted((record for record in made if record is not None), key=lambda record: record.when)


def list_subjects(node: Node, which: StandingSearchId) -> list[list[SubjectId]]:
    """Return whom it found, night by night."""
    return [[candidate.subject for candidate in record.candidates] for record in list_found(node, which)]


def list_acts(node: Node, action: str) -> list[dict[str, object]]:
    """Return the ledger's entries of an action."""
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [entry for entry in entries if entry["action"] == action]
