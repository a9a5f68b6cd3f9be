"""What decoding had to guess or ignore stands on every page and in every document that shows the photo."""

import re
from pathlib import Path

import httpx2
import pytest
from PIL import Image
from tests.site_fixtures import COLLINS, REASON, Served, encode, serve_site

NOTE = "the file lacks its end marker; nothing of the picture is missing"
FRENCH = "il manque au fichier sa marque de fin"


def test_a_probe_with_a_note_is_shown_with_it_everywhere(
    client: httpx2.Client, site: Served, changed_copy: bytes
) -> None:
    files = {"photo": ("probe.jpg", changed_copy[:-2], "image/jpeg")}
    probe = client.post(f"/cases/{site.case}/probes", files=files).headers["location"]
    form = {"face": "0", "reason": REASON, "limit": "10"}
    search = client.post(f"{probe}/search", data=form).headers["location"]
    found = re.search(r'action="(/examinations/[^"]+)/begin"', client.get(search).text)
    assert found is not None
    begun = client.post(f"{found[1]}/begin", follow_redirects=True).text
    candidate = re.findall(rf"{found[1]}/candidates/C-\d+", begun)[0]
    for page in (probe, f"/cases/{site.case}", search, candidate):
        assert NOTE in client.get(page).text, page
        assert FRENCH in client.get(page, headers={"Accept-Language": "fr"}).text, page
    for document in (client.get(f"/api/v1{probe}").json()["facts"], client.get(f"/api/v1{search}").json()):
        assert [note["id"] for note in document["notes"]] == ["photo.end-missing"]


def test_a_reference_with_a_note_is_shown_with_it(
    tmp_path_factory: pytest.TempPathFactory, astronaut_path: Path, hopper_path: Path, two_faces: bytes
) -> None:
    with Image.open(astronaut_path) as image:
        data = encode(image.convert("RGB"))[:-2]
    # a site of its own: the other tests count on the photos that theirs has
    with (
        serve_site(tmp_path_factory, astronaut_path, hopper_path, two_faces) as site,
        site.open_client("emil") as client,
    ):
        record = site.find_record(COLLINS)
        files = {"photo": ("new.jpg", data, "image/jpeg")}
        said = {"source": "DE", "obtained": "handed in", "obtained_on": "2025-01-01"}
        done = client.post(f"/records/{record}/photos", files=files, data=said)
        assert done.status_code in (200, 303), done.text
        page = client.get(f"/records/{record}").text
        assert NOTE in page
        photos = client.get(f"/api/v1/records/{record}").json()["photos"]
        noted = [photo for photo in photos if photo["facts"]["notes"]]
        assert [photo["name"] for photo in noted] == ["new.jpg"]
        assert noted[0]["facts"]["undecoded"] is None
