"""Covered clips by the API: asked for, read, watched in parts, handed out by their digest, thrown away."""

import hashlib

from tests.site_fixtures import Served
from tests.web.every_page import make_clips
from tests.workflows.redaction.street import work

WHY = "For the station in Lyon, which looks for him"


def test_a_clip_goes_its_whole_way(site: Served) -> None:
    film, whole, waiting = make_clips(site)
    with site.open_client("alice") as client:
        origin = {"origin": site.address}
        listed = client.get(f"/api/v1{film}/clips").json()["clips"]
        assert [(clip["id"], clip["job"]["state"]) for clip in listed] == [(waiting, "waiting"), (whole, "done")]
        boxes = [{"box": {"left": 240, "top": 80, "right": 320, "bottom": 160}, "last": 0.2}]
        asked = client.post(f"/api/v1{film}/clips", json={"track": 1, "end": 0.3, "boxes": boxes}, headers=origin)
        assert asked.status_code == 201, asked.text
        address = f"/api/v1/clips/{asked.json()['id']}"
        assert asked.json()["boxes"][0]["first"] is None
        assert (asked.json()["sha256"], asked.json()["start"]) == (None, 0.0)
        early = client.get(f"{address}/video")
        assert (early.status_code, early.json()["error"]["id"]) == (409, "redaction.clip-not-made")
        # the one that waited, then this one
        assert work(site.node)
        assert work(site.node)
        made = client.get(address).json()
        assert made["frames"] == 4
        part = client.get(f"{address}/video", headers={"range": "bytes=0-99"})
        assert (part.status_code, len(part.content), part.headers["accept-ranges"]) == (206, 100, "bytes")
        other = client.post(f"{address}/export", json={"sha256": "0" * 64, "reason": WHY}, headers=origin)
        assert (other.status_code, other.json()["error"]["id"]) == (409, "redaction.not-the-clip-seen")
        left = client.post(f"{address}/export", json={"sha256": made["sha256"], "reason": WHY}, headers=origin)
        assert left.headers["content-disposition"] == f'attachment; filename="{made["reference"]}.mp4"'
        assert hashlib.sha256(left.content).hexdigest() == made["sha256"]
        assert client.delete(address, headers=origin).status_code == 204
        assert client.get(address).status_code == 404
        bad = client.post(f"/api/v1{film}/clips", json={"track": 1, "start": 9, "end": 2}, headers=origin)
        assert (bad.status_code, bad.json()["error"]["id"]) == (422, "redaction.bad-span")
    with site.open_client("emil") as client:
        assert client.get(address).status_code == 403
