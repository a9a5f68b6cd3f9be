"""The page of jobs and its part of the API: left and come back to, refreshed by itself, refused to others."""

import threading
from datetime import timedelta

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from tests.cast import DORA
from tests.site_fixtures import Served
from tests.web.browsing import Person

from semblance.store import jobs
from semblance.store.jobs import Lease
from semblance.terms.ids import make_id
from semblance.terms.job import Job, Progress
from semblance.workflows.jobs.run_jobs import run_jobs
from semblance.workflows.oversight.verify_job import begin_verification
from semblance.workflows.scheduled.kinds import KINDS


@pytest.fixture(autouse=True)
def settled(site: Served) -> None:
    """Begin with no job that waits: the served node does none by itself."""
    run_jobs(site.node, threading.Event(), KINDS, once=True)


def take(site: Served, progress: Progress) -> Lease:
    """Have a worker begin with the job that waits, and come so far."""
    now = site.node.clock()
    with site.node.store.writing() as tx:
        taken = jobs.take_job(tx, KINDS.keys(), now=now, lease=timedelta(hours=1))
        assert taken is not None
        jobs.renew_lease(tx, taken, until=now + timedelta(hours=1), progress=progress)
    return taken


def begin(site: Served, progress: Progress | None = None) -> Job:
    job = begin_verification(site.node, DORA)
    if progress is not None:
        take(site, progress)
    return job


def test_the_ledger_is_verified_while_nobody_waits(dora: httpx2.Client, site: Served) -> None:
    sent = dora.post("/ledger/verify-later")
    assert sent.status_code == 303
    place = sent.headers["location"]
    waiting = dora.get(place).text
    assert "Verifying the whole ledger" in waiting
    assert "Waits" in waiting
    assert f"{place}/cancel" in waiting
    assert run_jobs(site.node, threading.Event(), KINDS, once=True) == 1
    done = dora.get(place).text
    assert "none changed, removed, moved or added" in done
    assert "/cancel" not in done
    assert place in dora.get("/jobs").text
    assert "The whole ledger was verified" in dora.get("/oversight").text


def test_programs_begin_ask_after_and_cancel_a_job(dora: httpx2.Client, site: Served) -> None:
    begun = dora.post("/api/v1/ledger/verification")
    assert begun.status_code == 202
    job = begun.json()
    assert (job["kind"], job["state"], job["name"], job["case"]) == ("verify-ledger", "waiting", "dora", None)
    assert job["title"]["text"] == "verifying the whole ledger"
    place = f"/api/v1/jobs/{job['id']}"
    assert dora.get(place).json() == job
    assert dora.get("/api/v1/jobs", params={"limit": 1}).json()["jobs"] == [job]
    cancelled = dora.post(f"{place}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert dora.post(f"{place}/cancel").status_code == 409
    assert dora.post(f"/jobs/{job['id']}/cancel").status_code == 409
    assert run_jobs(site.node, threading.Event(), KINDS, once=True) == 0


def test_a_running_job_says_how_far_it_is_and_is_cancelled_within_a_step(dora: httpx2.Client, site: Served) -> None:
    job = begin(site, Progress(1204, 5000))
    page = dora.get("/jobs").text
    assert '<progress value="1204" max="5000"' in page
    assert "1,204 of 5,000 entries" in page
    assert "1 204 " in dora.get("/jobs", headers={"accept-language": "fr"}).text.replace("\u202f", " ")
    assert "Being broken off" in dora.post(f"/jobs/{job.id}/cancel").text
    told = dora.get(f"/api/v1/jobs/{job.id}").json()
    assert (told["state"], told["cancelled_by"], told["done"], told["total"]) == ("running", "dora", 1204, 5000)


def test_others_are_told_the_same_of_a_hidden_job_and_of_none(site: Served, client: httpx2.Client) -> None:
    job, unknown = begin(site).id, make_id()
    for address in ("/jobs/{}", "/api/v1/jobs/{}"):
        hidden, missing = client.get(address.format(job)), client.get(address.format(unknown))
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert hidden.text.replace(job, "") == missing.text.replace(unknown, "")
    assert client.post(f"/jobs/{job}/cancel").status_code == 404
    assert client.post("/ledger/verify-later").status_code == 403
    assert client.get("/jobs?everybody=1").status_code == 403
    assert job not in client.get("/jobs").text
    with site.open_client("mallory") as mallory:
        for path in ("/jobs", f"/jobs/{job}", "/api/v1/jobs"):
            assert mallory.get(path).status_code == 403
    with site.open_client() as stranger:
        assert stranger.get("/api/v1/jobs").status_code == 401
    with site.open_client("carol") as carol:
        assert job in carol.get("/jobs?everybody=1").text
        assert carol.post(f"/jobs/{job}/cancel").status_code == 200


def test_the_page_looks_again_by_itself_until_all_is_done(browser: Browser, site: Served) -> None:
    begin_verification(site.node, DORA)
    taken = take(site, Progress(10, 400))
    dora = Person(browser, site, "dora")
    dora.go(f"/jobs/{taken.job.id}")
    expect(dora.page.get_by_text("10 of 400 entries")).to_be_visible()
    cancel = dora.page.get_by_role("button", name="Cancel")
    cancel.focus()
    now = site.node.clock()
    with site.node.store.writing() as tx:
        jobs.renew_lease(tx, taken, until=now + timedelta(hours=1), progress=Progress(390, 400))
    expect(dora.page.get_by_text("390 of 400 entries")).to_be_visible(timeout=30_000)
    expect(cancel).to_be_focused()
    with site.node.store.writing() as tx:
        jobs.give_back(tx, taken, until=now)
    assert run_jobs(site.node, threading.Event(), KINDS, once=True) == 1
    expect(dora.page.get_by_text("none changed, removed, moved or added")).to_be_visible(timeout=30_000)
    dora.close()
