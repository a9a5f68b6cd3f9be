"""Following a video's faces over HTTP: begun, looked at, one track picked, and who is refused."""

from base64 import b64decode
from pathlib import Path

import pytest
from tests.filmed_site import Filmed, do_jobs, submit_film
from tests.site_fixtures import Served


@pytest.fixture(scope="module")
def filmed(site: Served, astronaut_path: Path, hopper_path: Path) -> Filmed:
    return submit_film(site, (astronaut_path, hopper_path))


def test_faces_are_followed_looked_at_and_one_is_picked(site: Served, filmed: Filmed) -> None:
    here = f"/api/v1{filmed.place}"
    with site.open_client("alice") as alice:
        before = alice.get(f"{here}/following").json()
        assert (before["job"], before["tracks"], before["boxes"], before["longest"]) == (None, [], None, None)
        frame = alice.get(f"{here}/frames", params={"start": 0.4, "count": 1}).json()["frames"][0]
        assert (frame["seconds"], frame["width"], frame["boxes"]) == (0.4, 640, [])
        assert b64decode(frame["jpeg"])[:3] == b"\xff\xd8\xff"
        begun = alice.post(f"{here}/following")
        assert (begun.status_code, begun.json()["kind"], begun.json()["state"]) == (202, "follow-video", "waiting")
        assert alice.post(f"{here}/following").status_code == 409
        assert alice.post(f"{here}/tracks/1/probe").status_code == 409
        do_jobs(site)
        found = alice.get(f"{here}/following", params={"at": 0.4}).json()
        assert (found["done"], found["job"]["state"], found["longest"]) == (True, "done", 1280)
        assert [track["number"] for track in found["tracks"]] == [1, 2]
        for track in found["tracks"]:
            assert track["sightings"] > 3
            assert 0 < track["quality"] <= 100
            assert all(start <= end for start, end in track["spans"])
            picture = alice.get(f"{here}/faces/{track['faces'][0]['id']}")
            assert (picture.headers["content-type"], picture.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
        frame = alice.get(f"{here}/frames", params={"start": 0.4, "count": 1}).json()["frames"][0]
        assert frame["boxes"] == found["boxes"] != []
        picked = alice.post(f"{here}/tracks/2/probe")
        assert picked.status_code == 201, picked.text
        track = picked.json()["track"]
        assert (track["file"], track["name"], track["number"]) == (filmed.file, "platform 3.mp4", 2)
        assert all(used["frame"].startswith("0@") for used in track["frames"])
        assert alice.post(f"{here}/tracks/99/probe").status_code == 404
        assert alice.get(f"{here}/faces/{'0' * 32}").status_code == 404
        assert alice.get(f"{here}/frames", params={"count": 61}).status_code == 422
        assert alice.get(f"{here}/frames", params={"start": "nan"}).status_code == 422
        assert alice.get(f"{here}/following", params={"at": "inf"}).status_code == 422


def test_another_authority_and_other_roles_are_refused(site: Served, filmed: Filmed) -> None:
    here = f"/api/v1{filmed.place}"
    ways = [
        ("GET", "following"),
        ("POST", "following"),
        ("GET", "frames"),
        ("GET", "faces/x"),
        ("POST", "tracks/1/probe"),
    ]
    for name in ("mallory", "emil"):
        with site.open_client(name) as stranger:
            assert {stranger.request(method, f"{here}/{way}").status_code for method, way in ways} <= {403, 404}
    with site.open_client("dora") as dora:
        assert dora.get(f"{here}/following").status_code == 200
        assert dora.post(f"{here}/following").status_code == 403
        assert dora.post(f"{here}/tracks/1/probe").status_code == 403
