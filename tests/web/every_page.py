"""Every page that there is, with something on it: who opens it, and where it lies."""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from tests.cast import ADA, ALICE, BOB, CAROL, DORA, EMIL
from tests.filmed_site import follow_film, submit_film
from tests.site_fixtures import COLLINS, CREW, HOPPER, TERMS, Served, encode, serve_site
from tests.workflows.reconciling import add_body, add_missing, allow
from tests.workflows.redaction.street import BLUE, film_street, follow, work
from tests.workflows.searching import POTENTIAL, conclude, find_pseudonym, review_candidates

from semblance.cases.case import CaseDraft, Category
from semblance.cases.examination import ExaminationState
from semblance.cases.lead_check import RELEASED_BY_DEFAULT, LeadState, OwnerAnswer
from semblance.errors import IntakeError
from semblance.exchange.intake import IntakeItem
from semblance.faces.redaction.outlines import ManualBox
from semblance.gallery.record import Circumstances
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.gallery.submission import SourceKind, SubmissionDraft
from semblance.messages.message import Message
from semblance.store import examinations, jobs, leads, reconciliations
from semblance.terms.ids import (
    AuthorityCode,
    ClipId,
    ExaminationId,
    JobId,
    LeadId,
    PairId,
    ProbeId,
    SearchId,
    SubjectId,
    SubmissionId,
)
from semblance.terms.job import JobState, Progress
from semblance.terms.permission import Purpose, Role
from semblance.terms.preparation import Expose, Mirror
from semblance.terms.record import RecordKind, Restriction, RestrictionMode
from semblance.terms.samples import Box
from semblance.workflows.accounts.joint_acts import GiveRole
from semblance.workflows.cases.cases import open_case
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.data_subjects.requests import receive_request
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.examination.owner_check import answer_lead
from semblance.workflows.examination.reviews import begin_review
from semblance.workflows.following.pick_track import pick_track
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.links.link_records import link_records
from semblance.workflows.oversight.verify_job import begin_verification
from semblance.workflows.reconciliation.judge_pair import judge_pair
from semblance.workflows.reconciliation.offer_pairs import offer_pairs
from semblance.workflows.records.read_record import read_photo, read_record
from semblance.workflows.redaction.cover_clip import begin_clip
from semblance.workflows.search.prepare_probe import prepare_probe
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe
from semblance.workflows.standing.ask_standing import StandingDraft, ask_for_standing
from semblance.workflows.standing.decide_standing import grant_standing
from semblance.workflows.submissions.complete import submit_whole
from semblance.workflows.submissions.receive import add_file
from semblance.workflows.submissions.submissions import begin_submission
from semblance.workflows.two_people import propose

REASON = "Found at the station without papers"
FRITZ = replace(ALICE, name="fritz", authority=EMIL.authority)


@dataclass(frozen=True, slots=True)
class EveryPage:
    """A site that has something to show on every page, and the pages' addresses by who opens them."""

    site: Served
    pages: dict[str, tuple[str, ...]]


@pytest.fixture(scope="session")
def every_page(
    tmp_path_factory: pytest.TempPathFactory,
    astronaut_path: Path,
    hopper_path: Path,
    two_faces: bytes,
    changed_copy: bytes,
) -> Iterator[EveryPage]:
    # apart from the site of the others, who count on what it holds
    with serve_site(tmp_path_factory, astronaut_path, hopper_path, two_faces) as served:
        yield EveryPage(served, list_pages(served, changed_copy, (astronaut_path, hopper_path)))


def list_pages(site: Served, photo: bytes, portraits: tuple[Path, Path]) -> dict[str, tuple[str, ...]]:
    """Do on the node what gives every page something to show; return the addresses by who opens them."""
    node = site.node
    masked, probe = _search(site, photo)
    review = _find_examination(site, masked)
    begin_review(node, ALICE, review)
    submission = _submit(site, photo)
    filmed = submit_film(site, portraits)
    follow_film(site, filmed)
    followed = pick_track(node, ALICE, filmed.submission, filmed.file, 1).id
    prepared = prepare_probe(node, ALICE, probe, (Mirror(), Expose(0.5))).id
    ended = {state: _find_lead(site, _search(site, photo)[0]) for state in ("waiting", "confirmed", "refuted")}
    for state in ("confirmed", "refuted"):
        confirmed = state == "confirmed"
        fields = frozenset(RELEASED_BY_DEFAULT) if confirmed else frozenset()
        to = frozenset({AuthorityCode("FR")}) if confirmed else frozenset()
        answer = OwnerAnswer(confirmed, "The ears are those of her last photo", fields, to)
        assert answer_lead(node, EMIL, ended[state][1], answer).state is LeadState(state)
    draft = RequestDraft(RequestKind.ACCESS, "Jean Dupont, Lyon", node.clock().date(), "Jean Dupont", "")
    asked = receive_request(node, DORA, draft).request.id
    propose(node, ADA, GiveRole("emil", Role.EXAMINER, node.clock().date()), reason="He helps out this week")
    crowd = submit_probe(node, ALICE, site.case, _double(photo), name="two.jpg").id
    empty, _ = _search(site, photo, potential=False)
    running = _make_jobs(site)
    film, clip, waiting_clip = make_clips(site)
    unknown, station = tie_records(site)
    waiting, judged = offer_two_pairs(site)
    until = node.clock().date() + timedelta(days=30)
    standing = ask_for_standing(node, ALICE, StandingDraft(probe, REASON, until, face=0))
    other = ask_for_standing(node, ALICE, StandingDraft(probe, REASON, until, face=0, prepared=prepared))
    grant_standing(node, CAROL, other.id, reason="It is the only way to find out who it is")
    record, photos, large = (f"/records/{site.find_record(one)}" for one in (HOPPER, COLLINS, CREW))
    examined = f"/examinations/{review}"
    return {
        "alice": (
            *("/", "/cases", "/cases/new", f"/cases/{site.case}", "/searches", "/examinations", "/policy", "/account"),
            *(f"/probes/{probe}", f"/probes/{probe}?prepared={prepared}", f"/probes/{probe}/prepare"),
            *(f"/probes/{crowd}/redact", f"/probes/{crowd}/redact?face=0&box=10,20,60,80&preview=1"),
            *(f"/cases/{site.case}/submissions/new", f"/submissions/{submission}"),
            *(f"{film}/tracks/1/clip?box=150,100,180,140@0.2..0.4&sound=1", f"/clips/{clip}", f"/clips/{waiting_clip}"),
            *(f"/submissions/{filmed.submission}", filmed.page, f"/probes/{followed}"),
            *(examined, f"{examined}/candidates/C-01", f"/searches/{masked}", f"/searches/{empty}"),
            *(f"/searches/{found}" for found, _ in ended.values()),
            *("/account/second-factor", "/reconciliation", f"/reconciliation/{waiting}", f"/reconciliation/{judged}"),
            *("/standing", f"/standing/new?probe={probe}&face=0"),
        ),
        "carol": (
            "/",
            "/board",
            "/authorisations",
            "/examinations",
            "/people",
            "/jobs?everybody=1",
            f"/standing/{standing.id}",
            f"/standing/{other.id}",
        ),
        "emil": (
            *("/", "/leads", *(f"/leads/{lead}" for _, lead in ended.values())),
            *(f"/records/{unknown}", f"/records/{unknown}/sheet", "/records/bodies", f"/unknowns/new?probe={station}"),
            *(
                "/records",
                photos,
                large,
                record,
                f"{record}/edit",
                f"{record}/history",
                "/records/new?kind=red",
                "/records/new?kind=black",
            ),
            *("/reconciliation", f"/reconciliation/{judged}"),
        ),
        "dora": (
            "/oversight",
            "/requests",
            f"/requests/{asked}",
            "/requests?decided=1",
            "/ledger",
            "/jobs",
            f"/jobs/{running}",
        ),
        "ada": ("/people", "/people/alice", "/proposals"),
    }


def _double(photo: bytes) -> bytes:
    with Image.open(io.BytesIO(photo)) as opened:
        canvas = Image.new("RGB", (2 * opened.width, opened.height))
        canvas.paste(opened, (0, 0))
        canvas.paste(opened, (opened.width, 0))
    return encode(canvas)


def _make_jobs(site: Served) -> JobId:
    """Leave a job in every state; return the one that runs."""
    node, now = site.node, site.node.clock()
    for state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
        job = begin_verification(node, DORA)
        ending = None if state is JobState.CANCELLED else Message("ledger.verified", "{n} entries", n=1204)
        with node.store.writing() as tx:
            jobs.end_job(tx, job, state, ending, at=now)
    running, _waiting = begin_verification(node, DORA), begin_verification(node, DORA)
    with node.store.writing() as tx:
        taken = jobs.take_job(tx, {running.kind}, now=now, lease=timedelta(hours=1))
        assert taken is not None
        jobs.renew_lease(tx, taken, until=now + timedelta(hours=1), progress=Progress(1204, 5000))
    return running.id


def _submit(site: Served, photo: bytes) -> SubmissionId:
    day = site.node.clock().date() + timedelta(days=20)
    said = "Cameras of the station, requested on 2 February", "Code of criminal procedure, article 60-1"
    draft = SubmissionDraft(SourceKind.COMPANY, "Police judiciaire, Lyon", *said, day, "Metro de Lyon")
    made = begin_submission(site.node, ALICE, site.case, draft)
    submit_whole(site.node, ALICE, made.id, photo, name="phone/DCIM/IMG_0001.jpg")
    add_file(site.node, ALICE, made.id, name="camera 3/2026-02-01 18.00.mp4", size=300_000_000)
    with suppress(IntakeError):
        submit_whole(site.node, ALICE, made.id, photo[:2000], name="phone/DCIM/a name that goes on and on and on.jpg")
    return made.id


def make_clips(site: Served) -> tuple[str, ClipId, ClipId]:
    """Return where a video lies whose faces were followed, and two clips of it: one to be watched, one that waits."""
    node, day = site.node, site.node.clock().date() + timedelta(days=20)
    said = "Camera of the station, seized on 2 February", "Code of criminal procedure, article 60-1", day
    made = begin_submission(
        node, ALICE, site.case, SubmissionDraft(SourceKind.NATIONAL_AUTHORITY, "Police judiciaire, Lyon", *said)
    )
    file = submit_whole(node, ALICE, made.id, film_street(), name="platform 3.mp4").file
    follow(node, file)
    boxes = (ManualBox(Box(BLUE - 30, 70, BLUE + 60, 170), 0.0, 0.3),)
    whole = begin_clip(node, ALICE, made.id, file.id, 1, end=0.4, boxes=boxes)
    assert work(node)
    waiting = begin_clip(node, ALICE, made.id, file.id, 1)
    return f"/submissions/{made.id}/files/{file.id}", whole.id, waiting.id


def tie_records(site: Served) -> tuple[SubjectId, ProbeId]:
    """Have DE hold three records of one unknown person, which nobody else sees: two are linked, and one may be.

    Return the first of them, and a probe of a case of DE.
    """
    held = read_record(site.node, EMIL, site.find_record(COLLINS)).photos[0].id
    photo = read_photo(site.node, EMIL, held).data
    only = Restriction(RestrictionMode.ONLY, frozenset({EMIL.authority}))
    found = Circumstances(summary="Found at the station")
    terms = replace(TERMS, kind=RecordKind.UNIDENTIFIED, circumstances=found, restriction=only)
    items = [IntakeItem(f"unknown {number}", f"{number}.jpg", lambda: photo) for number in range(3)]
    enrol_photos(site.node, EMIL, items, terms=terms)
    first = site.find_record("unknown 0")
    draft = CaseDraft(
        "DE-U-1", Purpose.UNIDENTIFIED_PERSON, Category.UNIDENTIFIED, "to find out who it is", link="1/26"
    )
    case = open_case(site.node, FRITZ, draft)
    for number in (1, 2):
        probe = compare_record(site.node, EMIL, first, case.id, reason=REASON)
        # who was not taken for the same person the first time is left out the second
        answer = search_probe(site.node, FRITZ, probe.id, reason=REASON, again=REASON)
        assert isinstance(answer, SearchAnswer)
        name = find_pseudonym(site.node, answer.search, f"unknown {number}")
        for examiner in (FRITZ, replace(FRITZ, name="berta")):
            review_candidates(site.node, examiner, answer.search, potential=[name])
        with site.node.store.reading() as tx:
            (lead,) = leads.list_of_examination(tx, _find_examination(site, answer.search))
        answer_lead(site.node, EMIL, lead.id, OwnerAnswer(True, "The scar is the same"))
        if number == 1:
            link_records(site.node, EMIL, lead.id, reason="The scar is the same")
    return first, submit_probe(site.node, FRITZ, case.id, photo, name="station.jpg").id


def offer_two_pairs(site: Served) -> tuple[PairId, PairId]:
    """Offer a missing person of FR beside two bodies of DE; of the second pair two people have judged the faces."""
    node = site.node
    allow(node, pairs=2)
    (stored,) = read_record(node, EMIL, site.find_record(COLLINS)).photos
    photo = read_photo(node, EMIL, stored.id).data
    missing = add_missing(node, "missing", photo)
    bodies = [add_body(node, f"body {n}", photo + bytes(n)) for n in (1, 2)]
    assert sum(offer_pairs(node)) == len(bodies)
    with node.store.reading() as tx:
        found = reconciliations.list_pairs(tx, None, states=[ExaminationState.FIRST], limit=10)
    waiting, judged = (pair.id for pair in found if pair.missing == missing)
    for examiner in (ALICE, BOB):
        judge_pair(node, examiner, judged, POTENTIAL)
    return waiting, judged


def _search(site: Served, photo: bytes, *, potential: bool | None = None) -> tuple[SearchId, ProbeId]:
    probe = submit_probe(site.node, ALICE, site.case, photo, name="probe.jpg").id
    answer = search_probe(site.node, ALICE, probe, reason=REASON)
    assert isinstance(answer, SearchAnswer)
    found = answer.search
    if potential is False:
        conclude(site.node, found)
    return found, probe


def _find_lead(site: Served, found: SearchId) -> tuple[SearchId, LeadId]:
    conclude(site.node, found, potential=[find_pseudonym(site.node, found, COLLINS)])
    with site.node.store.reading() as tx:
        (lead,) = leads.list_of_examination(tx, _find_examination(site, found))
    return found, lead.id


def _find_examination(site: Served, found: SearchId) -> ExaminationId:
    with site.node.store.reading() as tx:
        held = examinations.find_of_search(tx, found)
    assert held is not None
    return held.id
