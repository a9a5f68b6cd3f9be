"""Every shape in which the notices service answers: told apart, put together where it belongs together, or named."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.exchange.interpol_notices.test_notices import TODAY, open_, read, write
from tests.notices import make_notice

from semblance.errors import NoticesInvalid
from semblance.exchange.interpol_notices.notices import FaultyNotice, Notice
from semblance.gallery.record import fits, name_codes
from semblance.gallery.record_faults import LINE_CAP, LONG_TEXT_CAP
from semblance.terms.search import Narrowing

ADDRESS = "https://ws-public.interpol.example/notices/v1"


def make_entry(number: int, kind: str = "red", **changes: Any) -> dict[str, Any]:
    """Return what a list says of a notice."""
    whole = make_notice(number, kind)
    fields = ("entity_id", "name", "forename", "date_of_birth", "nationalities", "_links")
    return {name: whole[name] for name in fields} | changes


def make_page(*entries: dict[str, Any]) -> dict[str, Any]:
    links = {name: {"href": f"{ADDRESS}/red?page=1"} for name in ("self", "first", "last")}
    return {"total": len(entries), "query": {"page": 1}, "_embedded": {"notices": list(entries)}, "_links": links}


def make_images(number: int, *names: str, kind: str = "red") -> dict[str, Any]:
    address = f"{make_notice(number, kind)['_links']['self']['href']}/images"
    images = [{"picture_id": name, "_links": {"self": {"href": f"{address}/{name}"}}} for name in names]
    links = {"self": {"href": address}, "notice": {"href": address.removesuffix("/images")}}
    return {"total": len(images), "_embedded": {"images": images}, "_links": links}


def make_detail(number: int, kind: str = "red", **changes: Any) -> dict[str, Any]:
    """Return a notice as the service answers it: without its images, which have an address of their own."""
    return make_notice(number, kind, **{"_embedded": {"links": []}} | changes)


def test_a_page_of_a_list_the_notices_and_their_images_are_put_together(tmp_path: Path) -> None:
    write(tmp_path, "page-1.json", make_page(make_entry(1), make_entry(2)))
    write(tmp_path, "2005-1.json", make_detail(1))
    write(tmp_path, "2006-2.json", make_detail(2))
    write(tmp_path, "2005-1-images.json", make_images(1, "100", "101"))
    for name in ("100.jpg", "101.jpg"):
        write(tmp_path, name, b"jpeg")
    with open_(tmp_path) as notices:
        first, second = notices
        assert (notices.total, notices.notes) == (2, ())
    assert isinstance(first, Notice)
    assert isinstance(second, Notice)
    assert [image.name for image in first.images] == ["100.jpg", "101.jpg"]
    assert second.images == ()


def test_what_a_list_alone_says_is_no_notice_and_stops_none(tmp_path: Path) -> None:
    write(tmp_path, "page.json", make_page(make_entry(1), make_entry(2), make_entry(3, "yellow")))
    write(tmp_path, "2006-2.json", make_detail(2))
    with open_(tmp_path) as notices:
        found = list(notices)
        assert notices.total == 3
    faulty = [notice for notice in found if isinstance(notice, FaultyNotice)]
    assert [(notice.place, notice.number) for notice in faulty] == [
        ("page.json.notices[1]", "2005/1"),
        ("page.json.notices[3]", "2007/3"),
    ]
    assert "put the notice itself beside it" in str(faulty[0].problems[0])


def test_a_page_may_hold_whole_notices(tmp_path: Path) -> None:
    path = write(tmp_path, "all.json", [make_page(make_notice(1), make_notice(2)), make_notice(3, "yellow")])
    places = [notice.place for notice in read(path) if isinstance(notice, Notice)]
    assert places == ["all.json[1].notices[1]", "all.json[1].notices[2]", "all.json[2]"]


def test_a_list_that_says_something_else_than_the_notice_is_named(tmp_path: Path) -> None:
    write(tmp_path, "page.json", make_page(make_entry(1, name="OTHER", forename=None)))
    write(tmp_path, "2005-1.json", make_detail(1))
    faulty, sound = read(tmp_path)
    assert isinstance(sound, Notice)
    assert isinstance(faulty, FaultyNotice)
    assert (faulty.place, str(faulty.problems[0])) == (
        "page.json.notices[1]",
        "the notice itself says something else here: name",
    )


def test_images_of_a_notice_that_is_not_there_are_named(tmp_path: Path) -> None:
    write(tmp_path, "images.json", make_images(7, "700"))
    write(tmp_path, "odd.json", {"_embedded": {"images": []}})
    write(tmp_path, "1.json", make_detail(1))
    alone, nobody = (notice for notice in read(tmp_path) if isinstance(notice, FaultyNotice))
    assert "it lists the images of '2011-7', which is not there" in str(alone.problems[0])
    assert "does not say of which notice" in str(nobody.problems[0])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"message": "Forbidden"}, "neither a notice nor a page of a list nor a list of images; its fields: message"),
        ({"status": 404, "error": "Not Found", "path": "/notices"}, "its fields: status, error, path"),
        ({}, "its fields: "),
        ({"entity_id": "1", "_links": {"self": {"href": f"{ADDRESS}/un/entities/1"}}}, "about an organisation"),
        ({"_embedded": {"notices": [1]}}, "the list holds something that is no object"),
    ],
)
def test_what_is_none_of_them_is_named(tmp_path: Path, content: dict[str, Any], words: str) -> None:
    write(tmp_path, "1.json", make_detail(1))
    write(tmp_path, "other.json", content)
    (faulty,) = (notice for notice in read(tmp_path) if isinstance(notice, FaultyNotice))
    assert words in str(faulty.problems[0])


def test_a_page_without_a_notice_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoticesInvalid, match="there is no notice"):
        read(write(tmp_path, "page.json", make_page()))


def test_an_embedded_thumbnail_is_an_image(tmp_path: Path) -> None:
    address = f"data:image/jpeg;base64,{base64.b64encode(b'jpeg').decode()}"
    detail = make_detail(1)
    detail["_links"]["thumbnail"] = {"href": address}
    entry = make_entry(2)
    entry["_links"] = {**entry["_links"], "thumbnail": {"href": address}}
    path = write(tmp_path, "all.json", [detail, make_page(entry), make_detail(2)])
    for notice in read(path):
        assert isinstance(notice, Notice)
        assert [(image.load(), image.size) for image in notice.images] == [(b"jpeg", 4)]


def test_parts_that_are_null_or_empty_lists_say_nothing(tmp_path: Path) -> None:
    """Some programs write an empty list where an empty object stands."""
    odd = make_notice(1, "yellow", _embedded=[], _links={"self": None, "thumbnail": None}, arrest_warrants=None)
    (found,) = read(write(tmp_path, "n.json", odd))
    assert isinstance(found, Notice)


@pytest.mark.parametrize("code", ["914", "916", "922"])
def test_codes_of_interpols_own_are_kept_and_never_guessed(tmp_path: Path, code: str) -> None:
    warrant = {"issuing_country_id": code, "charge": "x"}
    notice = make_notice(1, nationalities=[code, "FR"], country_of_birth_id=code, arrest_warrants=[warrant])
    (found,) = read(write(tmp_path, "n.json", notice))
    assert isinstance(found, Notice)
    personal, circumstances = found.draft.personal, found.draft.circumstances
    assert (personal.nationalities, personal.birth_country) == ((code, "FR"), code)
    assert circumstances.warrants[0].country == code
    shown = name_codes(found.draft)
    assert shown.personal.nationalities == (f"INTERPOL code {code}", "FR")
    assert shown.circumstances.warrants[0].country == f"INTERPOL code {code}"
    # it may be the country that is looked for
    assert fits(personal, Narrowing(nationality="BE"), TODAY)


def test_invisible_characters_are_dropped_and_that_is_noted(tmp_path: Path) -> None:
    notice = make_notice(
        1,
        name="\u200bBRA\u00adDOV\ufeff",
        forename="E\u200elf\u200fim\u2060",
        aliases=["HUL\u061c"],
        distinguishing_marks="a scar\u2028and another\u200b",
    )
    with open_(write(tmp_path, "n.json", notice)) as notices:
        (found,) = notices
        notes = sorted(map(str, notices.notes))
    assert isinstance(found, Notice)
    person = found.draft.personal
    assert (person.family_name, person.given_names, person.aliases) == ("BRADOV", "Elfim", ("HUL",))
    assert person.marks == "a scar\nand another"
    assert notes == [
        f"{name} in n.json: characters that nobody sees were dropped"
        for name in ("aliases", "distinguishing_marks", "forename", "name")
    ]


@pytest.mark.parametrize("mark", ["\u202e", "\u202d", "\u2066", "\x1b"])
def test_what_turns_the_reading_direction_stays_refused(tmp_path: Path, mark: str) -> None:
    with pytest.raises(NoticesInvalid, match="characters that cannot be printed"):
        read(write(tmp_path, "n.json", make_notice(1, name=f"BRA{mark}DOV")))


def test_names_keep_the_joiners_that_scripts_write_words_with(tmp_path: Path) -> None:
    (found,) = read(write(tmp_path, "n.json", make_notice(1, name="\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")))
    assert isinstance(found, Notice)
    assert found.draft.personal.family_name == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"


def test_long_charges_and_places_are_kept(tmp_path: Path) -> None:
    charge, place = "paragraph 1 of a law. " * 800, "a place that is far away, " * 70
    warrants = [{"issuing_country_id": "FR", "charge": charge, "charge_translation": charge}]
    notice = make_notice(1, arrest_warrants=warrants, place_of_birth=f"{place}\r\n  and further")
    (found,) = read(write(tmp_path, "n.json", notice))
    assert isinstance(found, Notice)
    assert len(charge) < LONG_TEXT_CAP
    assert len(place) < LINE_CAP
    assert found.draft.circumstances.warrants[0].charge == charge.strip()
    assert found.draft.personal.birth_place == f"{place.strip()} and further"


def test_a_translation_stands_in_for_a_charge_that_is_not_told(tmp_path: Path) -> None:
    warrants = [{"issuing_country_id": "FR", "charge": None, "charge_translation": "theft"}]
    (found,) = read(write(tmp_path, "n.json", make_notice(1, arrest_warrants=warrants)))
    assert isinstance(found, Notice)
    assert found.draft.circumstances.warrants[0].charge == "theft"


@pytest.mark.parametrize(
    "broken", ['{"entity_id": "1", "name": ', '{"entity_id": "1"}}', '{"a": [}', "null", '{"a": "' + "x" * 10]
)
@pytest.mark.parametrize("form", ["lines", "list", "indented"])
def test_one_broken_notice_hides_none_that_begins_a_line(tmp_path: Path, broken: str, form: str) -> None:
    sound = [json.dumps(make_notice(number), indent=2 if form == "indented" else None) for number in (1, 2, 3)]
    parts = [sound[0], broken, sound[1], sound[2]]
    text = "\n".join(parts) if form == "lines" else "[\n" + ",\n".join(parts) + "\n]"
    found = read(write(tmp_path, "n.jsonl", text.encode()))
    numbers = [notice.draft.number for notice in found if isinstance(notice, Notice)]
    assert numbers == ["2005/1", "2006/2", "2007/3"]
    assert [notice for notice in found if isinstance(notice, FaultyNotice)]
