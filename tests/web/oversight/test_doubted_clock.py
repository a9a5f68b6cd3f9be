"""Where the clock is doubted the officer's page says why, and so does health."""

from datetime import timedelta

from tests.site_fixtures import Served

from semblance.store.clock_doubts import ClockDoubt, DoubtKind, list_doubts, note_doubt, settle_doubt

HEALTH = "/api/v1/health"


def test_a_doubted_clock_is_said_on_the_page_and_in_health(site: Served) -> None:
    now = site.node.clock()
    doubt = ClockDoubt(DoubtKind.JUMP, now, now - timedelta(days=40))
    with site.node.store.writing() as tx:
        note_doubt(tx, doubt)
        note_doubt(tx, doubt)
        assert list_doubts(tx) == (doubt,)
    try:
        with site.open_client("dora") as dora:
            assert dora.get(HEALTH).json()["clock"] == "doubted"
            page = dora.get("/oversight").text
            assert f"The clock says {now.date()}" in page
            assert "Nothing is ended or erased" in page
        with site.open_client("carol") as carol:
            assert "Nothing is ended or erased" in carol.get("/board").text
            assert carol.post("/api/v1/proposals/believe-clock", json={"reason": "x"}).status_code == 403
        with site.open_client("ada") as ada:
            assert "Propose that it is right" in ada.get("/proposals").text
            proposed = ada.post("/proposals/believe-clock", data={"reason": "The node was at rest for forty days"}).text
            assert "Proposed: End and erase what falls due: the clock is right" in proposed
            (waiting,) = [
                found
                for found in ada.get("/api/v1/proposals").json()["proposals"]
                if found["reason"].startswith("The node was at rest")
            ]
            assert ada.post(f"/api/v1/proposals/{waiting['number']}/confirm").status_code == 403
            ada.post(f"/api/v1/proposals/{waiting['number']}/decline", json={"reason": "It is a test"})
    finally:
        with site.node.store.writing() as tx:
            settle_doubt(tx, doubt, now)
    with site.open_client("dora") as dora:
        assert dora.get(HEALTH).json()["clock"] == "believed"
        assert "Nothing is ended or erased" not in dora.get("/oversight").text
    with site.open_client("ada") as ada:
        assert "The clock is doubted" not in ada.get("/proposals").text
        asked = ada.post("/api/v1/proposals/believe-clock", json={"reason": "It is right"})
        assert asked.status_code == 409
