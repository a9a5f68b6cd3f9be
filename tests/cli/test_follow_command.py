"""``semblance follow`` and ``tracks``: waited for, left alone, listed, drawn, picked."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.cli.test_submit_command import SAID, find_latest
from tests.faces.video.clips import make_clip
from tests.workflows.filming import make_film

from semblance.bootstrap.node import run_node
from semblance.faces.packs.opening import open_extractor
from semblance.terms.job import Job
from semblance.workflows.jobs.jobs import read_job
from semblance.workflows.jobs.run_jobs import run_jobs
from semblance.workflows.scheduled.kinds import KINDS

Run = Callable[..., Result]


def test_a_video_is_followed_listed_and_picked(
    run: Run,
    case: str,
    models: Path,
    tmp_path: Path,
    astronaut_path: Path,
    hopper_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    film, photo = tmp_path / "hall.mp4", tmp_path / "hopper.jpg"
    film.write_bytes(make_film(open_extractor("embedded", models=models), (astronaut_path, hopper_path)))
    photo.write_bytes(hopper_path.read_bytes())
    until = find_latest(run, case, film)
    made = run("submit", film, photo, "--case", case, *SAID, "--review-on", until, "--json")
    submission = json.loads(made.stdout)["id"]
    none = run("tracks", submission, "hall.mp4")
    assert (none.exit_code, "not been followed yet" in none.stdout) == (0, True)
    assert run("follow", submission, "nobody.mp4").exit_code == 44
    assert run("follow", submission, "hopper.jpg").exit_code == 20

    def interrupt(*_asked: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("semblance.cli.follow.read_job", interrupt)
    left = run("follow", submission, "hall.mp4")
    assert (left.exit_code, "It goes on without you" in left.stdout) == (0, True)
    assert run("tracks", submission, "hall.mp4", "--pick", 1).exit_code == 49
    assert run("follow", submission, "hall.mp4").exit_code == 49
    assert run("worker", "--once").exit_code == 0
    listed = run("tracks", submission, "hall.mp4", "--json")
    assert listed.exit_code == 0, listed.output
    document = json.loads(listed.stdout)
    assert (document["done"], [track["number"] for track in document["tracks"]]) == (True, [1, 2])
    picked = run("tracks", submission, document["file"], "--pick", 2, "--json")
    assert picked.exit_code == 0, picked.output
    probe = json.loads(picked.stdout)
    assert (probe["track"]["number"], probe["track"]["name"], len(probe["faces"])) == (2, "hall.mp4", 1)
    assert run("tracks", submission, "hall.mp4", "--pick", 99).exit_code == 44
    assert run("tracks", submission, "hall.mp4", by="mallory").exit_code == 3


def test_waiting_ends_with_the_job(
    run: Run, home: Path, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = tmp_path / "dark.mp4"
    film.write_bytes(make_clip(times=range(6)))
    until = find_latest(run, case, film)
    made = run("submit", film, "--case", case, *SAID, "--review-on", until, "--json")
    submission = json.loads(made.stdout)["id"]

    def work_and_read(*asked: Any) -> Job:
        with run_node(home) as node:
            run_jobs(node, threading.Event(), KINDS, once=True)
        return read_job(*asked)

    monkeypatch.setattr("semblance.cli.follow.read_job", work_and_read)
    done = run("follow", submission, "dark.mp4")
    assert (done.exit_code, "in 0 tracks" in done.stdout) == (0, True), done.output
    again = run("tracks", submission, "dark.mp4")
    assert (again.exit_code, "No face was found" in again.stdout) == (0, True)
