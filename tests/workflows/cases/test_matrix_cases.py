"""The matrix, done, of everything that is no act on a record: cases, searches, the policy, people, the ledger, keys."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from tests.accounts import add_cast
from tests.cast import ALICE, DE, FR, OUTSIDE
from tests.workflows import stand_in
from tests.workflows.record_acts import enrol
from tests.workflows.records.test_matrix import ACTS, ROLES, count_refusals, make_actor
from tests.workflows.searching import review_candidates
from tests.workflows.submissions.conftest import DRAFT as SUBMITTED

from semblance.cases.case import CaseDraft, Category
from semblance.cases.check import check_action
from semblance.cases.policy import read_default_policy
from semblance.cases.standing_search import StandingSearch
from semblance.errors import NotFound, RefusedByPolicy, SemblanceError
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.people.account_rules import AccountRules
from semblance.people.person import Grant
from semblance.store import authorisations
from semblance.store import people as stored_people
from semblance.terms.ids import (
    AuthorisationId,
    AuthorityCode,
    CaseId,
    ExaminationId,
    ProbeId,
    StandingSearchId,
    SubmissionFileId,
    SubmissionId,
)
from semblance.terms.permission import Action, Actor, PersonId, Purpose, Refusal, Role
from semblance.terms.preparation import Mirror
from semblance.workflows.accounts import authorities, people
from semblance.workflows.accounts.own_account import make_token
from semblance.workflows.cases.authorise import grant_authorisation, refuse_authorisation
from semblance.workflows.cases.cases import close_case, open_case, read_case
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.data_subjects.requests import list_requests
from semblance.workflows.evaluation.calibrate import calibrate_gallery
from semblance.workflows.examination.owner_check import list_leads
from semblance.workflows.examination.reviews import begin_review
from semblance.workflows.examination.supervisor_board import read_board, suspend_examiner
from semblance.workflows.following.follow_video import begin_following
from semblance.workflows.jobs.jobs import list_jobs
from semblance.workflows.models.switch_pack import check_index
from semblance.workflows.oversight import keys, ledger
from semblance.workflows.oversight.accept_restored import accept_restored
from semblance.workflows.oversight.policy import read_policy, replace_policy
from semblance.workflows.redaction.export_still import StillDraft, preview_still
from semblance.workflows.search.prepare_probe import prepare_probe
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe
from semblance.workflows.standing.ask_standing import StandingDraft, ask_for_standing
from semblance.workflows.standing.decide_standing import grant_standing, refuse_standing, stop_standing
from semblance.workflows.submissions.submissions import begin_submission, erase_submission, list_submissions

WHY = "The matrix tries it, and says so here"


T = TypeVar("T")


class Work:
    """A case of FR that Alice opened, with a probe, and a search that waits to be authorised.

    What is made for an act serves the next one too, until an act was done: one that is refused leaves it as it was.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.made = 0
        self.kept: dict[str, Any] = {}

    def keep(self, name: str, make: Callable[[], T]) -> T:
        if name not in self.kept:
            self.kept[name] = make()
        kept: T = self.kept[name]
        return kept

    def draft(self) -> CaseDraft:
        self.made += 1
        return CaseDraft(f"M-{self.made}", Purpose.WANTED_PERSON, Category.SUSPECT, "To arrest him", "Burglary")

    def open(self) -> CaseId:
        return self.keep("case", lambda: open_case(self.node, ALICE, self.draft()).id)

    def submit(self) -> ProbeId:
        make = partial(submit_probe, self.node, ALICE, data=stand_in.draw("A"), name="p.jpg")
        return self.keep("probe", lambda: make(case_id=self.open()).id)

    def find_somebody(self, *, differing: bool) -> ExaminationId:
        """Return the examination of a search that found somebody: fresh, or after two people disagreed."""
        return self.keep("examination", lambda: self._find_somebody(differing=differing))

    def _find_somebody(self, *, differing: bool) -> ExaminationId:
        enrol(self.node, [IntakeItem("A", "a.jpg", lambda: stand_in.draw("A", take=1))])
        answer = search_probe(self.node, ALICE, self.submit(), reason=WHY)
        assert isinstance(answer, SearchAnswer)
        assert answer.examination is not None
        if differing:
            review_candidates(self.node, replace(ALICE, name="first"), answer.search, potential=["C-01"])
            review_candidates(self.node, replace(ALICE, name="second"), answer.search)
        return answer.examination.id

    def submit_missing(self) -> ProbeId:
        return self.keep("missing", self._submit_missing)

    def _submit_missing(self) -> ProbeId:
        draft = replace(self.draft(), purpose=Purpose.MISSING_PERSON, category=Category.MISSING, link="A report")
        case = open_case(self.node, ALICE, draft).id
        return submit_probe(self.node, ALICE, case, stand_in.draw("A"), name="p.jpg").id

    def begin_submission(self) -> SubmissionId:
        return self.keep("submission", lambda: begin_submission(self.node, ALICE, self.open(), SUBMITTED).id)

    def ask_standing(self) -> StandingSearchId:
        return self.keep("standing", lambda: _ask_standing(self, ALICE, self.submit_missing()).id)

    def ask(self) -> AuthorisationId:
        return self.keep("authorisation", self._ask)

    def _ask(self) -> AuthorisationId:
        probe = self.submit()
        search_probe(self.node, ALICE, probe, reason=WHY)
        with self.node.store.reading() as tx:
            held = authorisations.find_for_probe(tx, probe)
        assert held is not None
        return held.id


def _ask_standing(work: Work, actor: Actor, probe: ProbeId) -> StandingSearch:
    until = work.node.clock().date() + timedelta(days=30)
    return ask_for_standing(work.node, actor, StandingDraft(probe, WHY, until))


def _replace(work: Work, actor: Actor) -> object:
    work.made += 1
    text = read_default_policy().text.replace("candidates = 20", f"candidates = {work.made % 19 + 1}", 1)
    return replace_policy(work.node, actor, text, reason=WHY)


def _add_authority(work: Work, actor: Actor) -> object:
    work.made += 1
    code = f"FR-M{work.made}"
    return authorities.add_authority(work.node, actor, code, name="Made up", contact="desk@made-up.invalid")


def _suspend(work: Work, actor: Actor) -> object:
    until = work.node.clock().date() + timedelta(days=30)
    with work.node.store.writing() as tx:
        stored_people.set_grant(tx, PersonId("bob"), Grant(Role.EXAMINER, until))
    return suspend_examiner(work.node, actor, "bob", reason=WHY)


ACTS_ELSEWHERE: dict[Action, Callable[[Work, Actor], object]] = {
    Action.CASE_OPEN: lambda w, a: open_case(w.node, a, w.draft()),
    Action.CASE_READ: lambda w, a: read_case(w.node, a, w.open()),
    Action.CASE_CLOSE: lambda w, a: close_case(w.node, a, w.open(), reason=WHY),
    Action.PROBE_SUBMIT: lambda w, a: submit_probe(w.node, a, w.open(), stand_in.draw("A"), name="p.jpg"),
    Action.PROBE_PREPARE: lambda w, a: prepare_probe(w.node, a, w.submit(), [Mirror()]),
    Action.VIDEO_FOLLOW: lambda w, a: begin_following(w.node, a, w.begin_submission(), SubmissionFileId("none")),
    Action.REDACTION_EXPORT: lambda w, a: preview_still(w.node, a, w.submit(), StillDraft(0)),
    Action.GALLERY_SEARCH: lambda w, a: search_probe(w.node, a, w.submit(), reason=WHY),
    Action.CANDIDATE_EXAMINE: lambda w, a: begin_review(w.node, a, w.find_somebody(differing=False)),
    Action.DIFFERENCE_DECIDE: lambda w, a: begin_review(w.node, a, w.find_somebody(differing=True)),
    Action.LEAD_VERIFY: lambda w, a: list_leads(w.node, a),
    Action.BOARD_READ: lambda w, a: read_board(w.node, a),
    Action.EXAMINER_SUSPEND: _suspend,
    Action.CALIBRATION_MAKE: lambda w, a: calibrate_gallery(w.node, a, Purpose.WANTED_PERSON),
    Action.AUTHORISATION_GRANT: lambda w, a: grant_authorisation(w.node, a, w.ask(), reason=WHY),
    Action.AUTHORISATION_REFUSE: lambda w, a: refuse_authorisation(w.node, a, w.ask(), reason=WHY),
    Action.SUBMISSION_MAKE: lambda w, a: begin_submission(w.node, a, w.open(), SUBMITTED),
    Action.SUBMISSION_READ: lambda w, a: list_submissions(w.node, a, w.open()),
    Action.SUBMISSION_ERASE: lambda w, a: erase_submission(w.node, a, w.begin_submission(), reason=WHY),
    Action.STANDING_ASK: lambda w, a: _ask_standing(w, a, w.submit_missing()),
    Action.STANDING_GRANT: lambda w, a: grant_standing(w.node, a, w.ask_standing(), reason=WHY),
    Action.STANDING_REFUSE: lambda w, a: refuse_standing(w.node, a, w.ask_standing(), reason=WHY),
    Action.STANDING_STOP: lambda w, a: stop_standing(w.node, a, w.ask_standing(), reason=WHY),
    Action.SUBJECT_ACCESS: lambda w, a: list_requests(w.node, a),
    Action.POLICY_READ: lambda w, a: read_policy(w.node, a),
    Action.POLICY_REPLACE: _replace,
    Action.PERSON_READ: lambda w, a: people.list_people(w.node, a),
    Action.PERSON_MANAGE: lambda w, a: people.unlock_person(w.node, a, "bob", reason=WHY),
    Action.AUTHORITY_MANAGE: _add_authority,
    Action.TOKEN_MAKE: lambda w, a: make_token(
        w.node, a, label="matrix", scope=frozenset({Action.CASE_READ}), expires_at=w.node.clock() + timedelta(days=1)
    ),
    Action.LEDGER_READ: lambda w, a: ledger.list_newest(w.node, a, ledger.Filter(), before=None, limit=1),
    Action.LEDGER_ACCEPT: lambda w, a: accept_restored(w.node, a, reason=WHY),
    Action.JOB_READ: lambda w, a: list_jobs(w.node, a),
    Action.JOB_OVERSEE: lambda w, a: list_jobs(w.node, a, everybody=True),
    Action.KEY_ROTATE: lambda w, a: keys.describe_keys(w.node, a),
    Action.MODEL_CHANGE: lambda w, a: check_index(w.node, a, repair=False),
}
"""One act for each action that touches no record."""

OWNED = {
    Action.CASE_OPEN: None,
    Action.CASE_READ: FR,
    Action.CASE_CLOSE: FR,
    Action.PROBE_SUBMIT: FR,
    Action.PROBE_PREPARE: FR,
    Action.VIDEO_FOLLOW: FR,
    Action.REDACTION_EXPORT: FR,
    Action.GALLERY_SEARCH: FR,
    Action.CANDIDATE_EXAMINE: FR,
    Action.DIFFERENCE_DECIDE: FR,
    Action.AUTHORISATION_GRANT: FR,
    Action.AUTHORISATION_REFUSE: FR,
    Action.SUBMISSION_MAKE: FR,
    Action.SUBMISSION_READ: FR,
    Action.SUBMISSION_ERASE: FR,
    Action.STANDING_ASK: FR,
    Action.STANDING_GRANT: FR,
    Action.STANDING_REFUSE: FR,
    Action.STANDING_STOP: FR,
}
"""Whose the case is that the act touches."""


def test_every_action_is_in_one_of_the_matrices() -> None:
    # these have tests of their own: test_choose_face, test_make_report, test_check_lead
    elsewhere = {Action.RECORD_CREATE, Action.PHOTO_CHOOSE, Action.REPORT_MAKE, Action.EXAMINER_REVIEW}
    # and these: test_link_records, test_name_unknown, test_compare_record, tests of reconciliation
    elsewhere |= {action for action in Action if action.value.startswith(("unknown.", "pair."))}
    assert {*ACTS, *ACTS_ELSEWHERE, *elsewhere} == set(Action)


@pytest.fixture
def work(node: Node) -> Work:
    add_cast(node)
    return Work(replace(node, accounts=AccountRules(second_factor="offered")))


@pytest.mark.parametrize("action", list(ACTS_ELSEWHERE), ids=str)
def test_only_who_is_named_does_it(work: Work, action: Action) -> None:
    cells = Counter[str]()
    for authority, roles in itertools.product((FR, DE, OUTSIDE), ROLES):
        actor = _act_as(authority, make_actor(authority, roles))
        owner = OWNED.get(action)
        stated = check_action(work.node.policy.read(), actor, action, owner=owner or authority)
        refusals = count_refusals(work.node)
        error: SemblanceError | None = None
        try:
            ACTS_ELSEWHERE[action](work, actor)
        except SemblanceError as raised:
            error = raised
        if isinstance(stated, Refusal):
            # another authority's case is answered like none
            assert isinstance(error, RefusedByPolicy | NotFound), (authority, roles, error)
            assert count_refusals(work.node) > refusals, (authority, roles)
            cells["refused"] += 1
        else:
            # what is permitted may still be impossible
            assert not isinstance(error, RefusedByPolicy), (authority, roles, error)
            cells["done"] += 1
            work.kept.clear()
    assert cells.total() == 3 * len(ROLES)
    assert cells["done"] > 0


def _act_as(authority: AuthorityCode, actor: Actor) -> Actor:
    # a token is made for an account, which only the cast has
    names = {FR: "carol", DE: "emil", OUTSIDE: "mallory"}
    return replace(actor, person=PersonId(names[authority]), name=names[authority])
