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
    finally:
        with site.node.store.writing() as tx:
            settle_doubt(tx, doubt, now)
    with site.open_client("dora") as dora:
        assert dora.get(HEALTH).json()["clock"] == "believed"
        assert "Nothing is ended or erased" not in dora.get("/oversight").text
