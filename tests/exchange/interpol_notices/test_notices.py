"""Notices as JSON: what is read of them, what is dropped, and how every fault is named."""

import json
import math
import zipfile
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.cast import FR
from tests.notices import make_notice

from semblance.errors import ArchiveUnsafe, NoticesInvalid, RecordInvalid, UnreadableFile
from semblance.exchange.interpol_notices.notices import FaultyNotice, Notice, Notices, open_notices
from semblance.gallery.record import Circumstances, IdentityDocument, ImageSource, RecordTerms, Sex, Warrant
from semblance.terms.record import RecordKind, Restriction, RestrictionMode

TODAY = date(2026, 3, 1)
TERMS = RecordTerms(
    kind=RecordKind.RED,
    legal_basis="INTERPOL RPD, article 82",
    retain_until=date(2029, 1, 1),
    source=ImageSource("DE", "published with the notice", date(2026, 2, 14)),
    restriction=Restriction(RestrictionMode.EXCEPT, frozenset({FR})),
)


def open_(path: Path, kind: RecordKind | None = None, *, whole: bool = False) -> AbstractContextManager[Notices]:
    return open_notices(path, terms=TERMS, kind=kind, today=TODAY, all_or_nothing=whole)


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def read(path: Path, kind: RecordKind | None = None) -> list[Notice | FaultyNotice]:
    with open_(path, kind) as notices:
        return list(notices)


def read_one(path: Path, kind: RecordKind | None = None) -> Notice:
    (found,) = read(path, kind)
    assert isinstance(found, Notice), found
    return found


def problems(path: Path, kind: RecordKind | None = None) -> list[str]:
    with pytest.raises(NoticesInvalid) as caught, open_(path, kind):
        pass
    assert "Nothing was imported" in str(caught.value)
    return [str(problem).removeprefix(f"{path.name}: ") for problem in caught.value.problems]


def test_a_red_notice(tmp_path: Path) -> None:
    warrants = [{"issuing_country_id": "FR", "charge": " vol ", "charge_translation": "theft"}]
    notice = make_notice(
        3,
        name="BRADOV",
        forename="Elfim",
        date_of_birth="1970/5/7",
        sex_id="M",
        height=1.754,
        weight=80,
        nationalities=["DE", "FR"],
        distinguishing_marks="scar",
        arrest_warrants=warrants,
    )
    draft = read_one(write(tmp_path, "n.json", notice)).draft
    assert (draft.kind, draft.number) == (RecordKind.RED, "2007/3")
    assert (draft.legal_basis, draft.retain_until, draft.restriction) == (
        TERMS.legal_basis,
        TERMS.retain_until,
        TERMS.restriction,
    )
    person = draft.personal
    assert (person.family_name, person.given_names, person.birth_dates) == ("BRADOV", "Elfim", ("1970-05-07",))
    assert (person.sex, person.height, person.weight, person.marks) == (Sex.MALE, 175, 80, "scar")
    assert (person.nationalities, person.languages) == (("DE", "FR"), ("GER", "FRE"))
    assert draft.circumstances.warrants == (Warrant("FR", "vol", "theft"),)


def test_a_yellow_notice(tmp_path: Path) -> None:
    notice = make_notice(
        1,
        "yellow",
        birth_name="LOM",
        date_of_event="2019/04",
        place="Kelpel",
        country="BE",
        father_forename="Gor",
        mother_name="MUR",
        mother_forename="Ina",
    )
    draft = read_one(write(tmp_path, "n.json", notice)).draft
    assert draft.kind is RecordKind.YELLOW
    assert (draft.personal.birth_name, draft.personal.father_name) == ("LOM", "Gor")
    assert draft.personal.mother_name == "MUR, Ina"
    event = draft.circumstances
    assert (event.event_date, event.event_place, event.event_country) == ("2019-04", "Kelpel", "BE")


def test_a_un_notice(tmp_path: Path) -> None:
    notice = make_notice(
        2,
        "un",
        aliases=["HUL Nev", {"name": "PEL", "forename": "Rit"}],
        formerly_known_as="ORU; ORU Ina",
        name_at_birth="KEL",
        identity_documents=["passport 77", {"type": "card", "number": "8", "country_id": "FR"}],
        un_reference="QDi.1",
        un_reference_date="2011/02/03",
        un_resolution="1267",
        adresses=["1 Nowhere Lane"],
    )
    notice["_links"]["self"]["href"] = "https://ws-public.interpol.example/notices/v1/un/persons/2006-2"
    draft = read_one(write(tmp_path, "n.json", notice)).draft
    assert draft.kind is RecordKind.UN
    assert draft.personal.aliases == ("HUL Nev", "PEL, Rit", "ORU", "ORU Ina")
    assert draft.personal.birth_name == "KEL"
    assert draft.personal.documents == (
        IdentityDocument("document", "passport 77"),
        IdentityDocument("card", "8", "FR"),
    )
    assert (draft.circumstances.un_reference, draft.circumstances.un_reference_date) == ("QDi.1", "2011-02-03")
    assert (draft.circumstances.un_resolution, draft.circumstances.addresses) == ("1267", ("1 Nowhere Lane",))


@pytest.mark.parametrize("kind", ["blue", "black", "green", "diffusion"])
def test_the_other_kinds_in_the_same_shape(tmp_path: Path, kind: str) -> None:
    assert read_one(write(tmp_path, "n.json", make_notice(5, kind))).draft.kind.value == kind


def test_what_is_asked_may_be_said_once_for_those_that_do_not_say_it(tmp_path: Path) -> None:
    said = replace(TERMS, circumstances=Circumstances(asked="Where do they live?"))
    path = write(
        tmp_path, "n.json", [make_notice(1, "blue", asked=None), make_notice(2, "blue"), make_notice(3, "red")]
    )
    with open_notices(path, terms=said, today=TODAY) as notices:
        asked = [notice.draft.circumstances.asked for notice in notices if isinstance(notice, Notice)]
    assert asked == ["Where do they live?", "Where is this invented person?", None]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1970/05/17", "1970-05-17"),
        ("1970/5", "1970-05"),
        ("1970", "1970"),
        (1970, "1970"),
        ("1970/05/00", "1970-05"),
        ("1970/00/00", "1970"),
        (None, None),
        ("", None),
    ],
)
def test_dates_may_be_partial(tmp_path: Path, written: str | int | None, kept: str | None) -> None:
    draft = read_one(write(tmp_path, "n.json", make_notice(1, date_of_birth=written))).draft
    assert draft.personal.birth_dates == (() if kept is None else (kept,))


def test_zeros_and_nulls_say_nothing(tmp_path: Path) -> None:
    notice = make_notice(
        1,
        height=0,
        weight=0,
        nationalities=None,
        languages_spoken_ids=[],
        eyes_colors_id=None,
        sex_id=None,
        forename="",
    )
    person = read_one(write(tmp_path, "n.json", notice)).draft.personal
    assert (person.height, person.weight, person.nationalities, person.sex) == (None, None, (), None)
    assert (person.languages, person.eye_colours, person.given_names) == ((), (), None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"entity_id": ...}, "entity_id: is missing"),
        ({"entity_id": 12}, "entity_id: must be a text"),
        ({"entity_id": ""}, "entity_id: the subject has no name"),
        ({"entity_id": "a\u202eb"}, "entity_id: the subject's name"),
        ({"name": ["X"]}, "name: must be a text"),
        ({"name": None, "forename": None}, "name: is missing; a Red notice needs name or forename"),
        ({"arrest_warrants": None}, "arrest_warrants: is missing; a Red notice needs arrest_warrants"),
        ({"arrest_warrants": {}}, "arrest_warrants: must be a list"),
        ({"arrest_warrants": [{"charge": "x"}]}, "arrest_warrants[0].issuing_country_id: is missing"),
        (
            {"arrest_warrants": [{"issuing_country_id": "FRA", "charge": "x"}]},
            "arrest_warrants[0].issuing_country_id: 'F",
        ),
        ({"arrest_warrants": [{"issuing_country_id": "FR", "charge": ""}]}, "arrest_warrants[0].charge: is empty"),
        ({"date_of_birth": "17.5.1970"}, "date_of_birth: '17.5.1970' is no date; write 1970/05/17"),
        ({"date_of_birth": "1970/02/30"}, "date_of_birth[0]: '1970-02-30' is no day of the calendar"),
        ({"date_of_birth": "2050"}, "date_of_birth[0]: 2050 lies in the future"),
        ({"date_of_birth": 19.7}, "date_of_birth: must be a text"),
        ({"sex_id": "X"}, "sex_id: 'X' is none of F, M and U"),
        ({"nationalities": "FR"}, "nationalities: must be a list"),
        ({"nationalities": ["Frankreich"]}, "nationalities[0]: 'Frankreich' is no country code"),
        ({"height": "1.75"}, "height: must be a number"),
        ({"height": 175}, "height: 175 metres cannot be meant"),
        ({"height": -1}, "height: cannot be below 0"),
        ({"height": math.inf}, "n.json: it is not JSON"),
        ({"weight": True}, "weight: must be a number"),
        ({"weight": 4000}, "weight: 4000 cannot be meant"),
        ({"distinguishing_marks": "x\x00y"}, "distinguishing_marks: contains characters that cannot be printed"),
        ({"_embedded": {"images": [{}]}}, "_embedded.images[0].picture_id: is missing"),
        ({"_embedded": {"images": [{"picture_id": 7}]}}, "_embedded.images[0].picture_id: must be a text"),
        ({"_links": {"self": {"href": 7}}}, "_links.self.href: must be a text"),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_file_and_field(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    found = problems(write(tmp_path, "n.json", make_notice(1, **change)))
    assert any(said in f"n.json: {problem}" for problem in found), found


def test_all_problems_of_all_notices_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, "red/1.json", make_notice(1, sex_id=7, nationalities="FR"))
    write(tmp_path, "red/2.json", make_notice(2))
    write(tmp_path, "all.json", [make_notice(3), make_notice(4, height=900, sex_id="Z"), make_notice(5, name=1)])
    with pytest.raises(NoticesInvalid) as caught, open_(tmp_path, whole=True):
        pass
    assert [str(problem).split(": ")[:2] for problem in caught.value.problems] == [
        ["all.json[2]", "sex_id"],
        ["all.json[2]", "height"],
        ["all.json[3]", "name"],
        ["red/1.json", "sex_id"],
        ["red/1.json", "nationalities"],
    ]
    assert "--all-or-nothing" in str(caught.value)


def test_a_faulty_one_stops_no_other(tmp_path: Path) -> None:
    path = write(tmp_path, "all.json", [make_notice(1, sex_id=7), make_notice(2)])
    bad, good = read(path)
    assert isinstance(bad, FaultyNotice)
    assert (bad.place, bad.number, tuple(map(str, bad.problems))) == (
        "all.json[1]",
        "2005/1",
        ("sex_id: must be a text",),
    )
    assert isinstance(good, Notice)
    with pytest.raises(NoticesInvalid), open_(write(tmp_path, "bad.json", make_notice(1, sex_id=7))):
        pass


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"not json", "cannot be read as JSON"),
        (b"[]", "names no notices"),
        (b'{"a":' * 10_000, "nests deeper than 32 levels"),
        (b'{"entity_id": "1", "entity_id": "2"}', "stands in one object twice"),
    ],
)
def test_what_is_no_json(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in problems(write(tmp_path, "n.json", content))[0]


def test_json_lines_and_lists_are_read_too(tmp_path: Path) -> None:
    two = [make_notice(1), make_notice(2, "yellow")]
    lines = write(tmp_path, "n.jsonl", "\n".join(json.dumps(notice) for notice in two).encode())
    listed = write(tmp_path, "n.json", two)
    assert [notice.draft for notice in read(lines) if isinstance(notice, Notice)] == [
        notice.draft for notice in read(listed) if isinstance(notice, Notice)
    ]
    assert len(read(lines)) == 2


def test_unknown_fields_are_named_and_forbidden_ones_dropped(tmp_path: Path) -> None:
    bad = {"issuing_country_id": "FR", "charge": "x", "religion": "none"}
    write(tmp_path, "1.json", make_notice(1, religion="x", shoe_size=43, political_party="y", arrest_warrants=[bad]))
    write(tmp_path, "2.json", make_notice(2, shoe_size=44, ethnicity_id=["Z"]))
    with open_(tmp_path) as notices:
        assert set(map(str, notices.notes)) == {
            "religion in 1.json: no record says this of anybody: it was dropped",
            "political_party in 1.json: no record says this of anybody: it was dropped",
            "arrest_warrants.religion in 1.json: no record says this of anybody: it was dropped",
            "ethnicity_id in 2.json: no record says this of anybody: it was dropped",
            "shoe_size in 1.json and 1 more: there is no such field: it was left out",
        }
        assert not [notice for notice in notices if "shoe" in repr(notice) or "religion" in repr(notice)]


def test_a_field_of_another_kind_is_named_as_unknown(tmp_path: Path) -> None:
    with open_(write(tmp_path, "n.json", make_notice(1, "yellow", arrest_warrants=[]))) as notices:
        assert tuple(map(str, notices.notes)) == ("arrest_warrants in n.json: there is no such field: it was left out",)


def test_a_kind_may_be_said_by_its_own_fields_or_once_for_all(tmp_path: Path) -> None:
    plain = write(tmp_path, "n.json", make_notice(1, _links=...))
    assert read_one(plain).draft.kind is RecordKind.RED
    nothing = write(tmp_path, "m.json", make_notice(1, "blue", _links=...))
    assert "name it with --kind" in problems(nothing)[0]
    assert read_one(nothing, RecordKind.BLUE).draft.kind is RecordKind.BLUE
    said = write(tmp_path, "o.json", make_notice(1, "yellow"))
    assert "it is a yellow notice, and blue notices were to be imported" in problems(said, RecordKind.BLUE)[0]


def test_images_lie_beside_or_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "red/1.json", make_notice(1, pictures=["100", "101.png", "102", "103"]))
    for name in ("red/100.jpg", "red/images/101.png", "images/102", "images/103.webp", "other/100.jpg"):
        write(tmp_path, name, name.encode())
    with open_(tmp_path) as notices:
        (found,) = notices
        assert isinstance(found, Notice)
        assert [(image.name, image.load()) for image in found.images] == [
            (name, name.encode()) for name in ("red/100.jpg", "red/images/101.png", "images/102", "images/103.webp")
        ]
        assert found.size == sum(image.size for image in found.images) == 54
        assert tuple(map(str, notices.notes)) == ("1 files are named by no notice and were passed over",)


def test_the_thumbnail_stands_in_where_no_images_are_listed(tmp_path: Path) -> None:
    notice = make_notice(1, pictures=["100"], _embedded={"links": []})
    write(tmp_path, "100.jpg", b"x")
    (image,) = read_one(write(tmp_path, "n.json", notice)).images
    assert image.name == "100.jpg"


def test_an_image_that_is_not_there_keeps_that_notice_out_and_no_other(tmp_path: Path) -> None:
    write(tmp_path, "1.json", make_notice(1, pictures=["100", "101"]))
    write(tmp_path, "2.json", make_notice(2, pictures=["102"]))
    for name in ("100.jpg", "102.jpg"):
        write(tmp_path, name, b"x")
    faulty, sound = read(tmp_path)
    assert isinstance(sound, Notice)
    assert isinstance(faulty, FaultyNotice)
    assert faulty.number == "2005/1"
    assert tuple(map(str, faulty.problems)) == (
        "_embedded.images: the image '101' is not there: put a file of that name beside the notice or into a folder "
        "images",
    )


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "../../secret.jpg", "a/b", ".", ".."])
def test_an_image_never_lies_outside(tmp_path: Path, name: str) -> None:
    write(tmp_path, "secret.jpg", b"x")
    write(tmp_path, "in/n.json", make_notice(1, pictures=[name]))
    (found,) = read(tmp_path / "in")
    assert isinstance(found, FaultyNotice)


def test_an_image_that_may_be_either_of_two_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, "n.json", make_notice(1, pictures=["100"]))
    for name in ("100.jpg", "100.png"):
        write(tmp_path, name, b"x")
    (found,) = read(tmp_path)
    assert isinstance(found, FaultyNotice)
    assert "may be any of 100.jpg, 100.png" in str(found.problems[0])


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "secret.jpg", b"x")
    write(tmp_path, "in/n.json", make_notice(1, pictures=["100"]))
    (tmp_path / "in" / "100.jpg").symlink_to(tmp_path / "secret.jpg")
    with open_(tmp_path / "in") as notices:
        (found,) = notices
        assert isinstance(found, FaultyNotice)
        assert "100.jpg is a link that leads elsewhere and was not followed" in map(str, notices.notes)


def test_one_number_with_two_contents_is_a_fault_and_with_one_is_noted(tmp_path: Path) -> None:
    write(tmp_path, "1.json", make_notice(1))
    write(tmp_path, "2.json", make_notice(1))
    with open_(tmp_path) as notices:
        assert len(list(notices)) == 1
        assert tuple(map(str, notices.notes)) == (
            "1 notices stand there more than once, word for word, and are taken once",
        )
    write(tmp_path, "2.json", make_notice(1, name="OTHER"))
    _, second = read(tmp_path)
    assert isinstance(second, FaultyNotice)
    assert "'2005/1' stands in 1.json, too, and says something else there" in str(second.problems[0])


def test_a_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write(folder, "red/1.json", make_notice(1, pictures=["100"]))
    write(folder, "images/100.jpg", b"jpeg")
    path = tmp_path / "notices.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(folder.rglob("*.*")):
            made.write(file, file.relative_to(folder))
        made.writestr("__MACOSX/red/._1.json", b"\x00\x05\x16\x07")
    before = set(tmp_path.rglob("*"))
    with open_(path) as zipped, open_(folder) as plain:
        (one,), (other,) = zipped, plain
        assert isinstance(one, Notice)
        assert isinstance(other, Notice)
        assert one.draft == other.draft
        assert one.images[0].load() == other.images[0].load() == b"jpeg"
    assert set(tmp_path.rglob("*")) == before


def test_a_zip_that_leaves_its_folder_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "notices.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("1.json", json.dumps(make_notice(1)))
        made.writestr("../2.json", json.dumps(make_notice(2)))
    with pytest.raises(ArchiveUnsafe, match=r"\.\./2\.json leads out of the folder"):
        read(path)


def test_json_in_a_zip_that_lies_about_its_size_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "notices.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("1.json", json.dumps(make_notice(1)))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"made-up", b"made+up"))
    with pytest.raises(NoticesInvalid, match="damaged"):
        read(path)


def test_what_is_none_of_them_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"name a \.json"):
        read(write(tmp_path, "notice.txt", b"{}"))
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoticesInvalid, match="there is no notice"):
        read(tmp_path / "empty")


def test_terms_that_cannot_be_taken_are_said_once_and_not_of_every_notice(tmp_path: Path) -> None:
    path = write(tmp_path, "n.json", [make_notice(1), make_notice(2)])
    late = replace(TERMS, retain_until=TODAY, legal_basis=" ")
    with pytest.raises(RecordInvalid) as caught, open_notices(path, terms=late, today=TODAY):
        pass
    assert [str(problem).split(":")[0] for problem in caught.value.problems] == ["legal_basis", "retain_until"]


def test_nothing_is_ever_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    (found,) = read(write(tmp_path, "n.json", make_notice(1, pictures=["100"])))
    assert isinstance(found, FaultyNotice)
