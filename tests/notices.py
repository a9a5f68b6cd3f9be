"""Made-up notices, as many as wanted: names of syllables that mean nobody, dates and charges drawn at random.

``python tests/notices.py FOLDER COUNT PHOTO-FOLDER ...`` writes them with photos of those folders, as JSON and images.
"""

import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_SYLLABLES = (
    "bra",
    "dov",
    "el",
    "fim",
    "gor",
    "hul",
    "ina",
    "jor",
    "kel",
    "lom",
    "mur",
    "nev",
    "oru",
    "pel",
    "qua",
    "rit",
)
_CHARGES = (
    "theft of a made-up painting",
    "fraud with invented bonds",
    "forgery of imagined stamps",
    "smuggling of fog",
)
_COUNTRIES = ("DE", "FR", "BE", "IT", "ES", "PT", "AT", "NL")
_COLOURS = ("BRO", "BLA", "BLU", "GRE")
_ADDRESS = "https://ws-public.interpol.example/notices/v1"


def make_notice(number: int, kind: str = "red", pictures: Sequence[str] = (), **changes: Any) -> dict[str, Any]:
    """Return a notice in the form of the publisher's; equal numbers give equal notices, ``changes`` replace fields."""
    draw = random.Random(f"notice {number}")
    year = 2004 + number % 20
    entity = f"{year}/{number}"
    link = f"{_ADDRESS}/{kind}/{year}-{number}"
    notice: dict[str, Any] = {
        "entity_id": entity,
        "name": _name(draw).upper(),
        "forename": _name(draw).capitalize(),
        "date_of_birth": draw.choice((_day(draw, 1950, 2004), f"{draw.randint(1950, 2004)}")),
        "sex_id": draw.choice("FMU"),
        "nationalities": [draw.choice(_COUNTRIES)],
        "country_of_birth_id": draw.choice(_COUNTRIES),
        "place_of_birth": _name(draw).capitalize(),
        "languages_spoken_ids": ["GER", "FRE"],
        "height": draw.choice((0, 1.6, 1.75, 1.9)),
        "weight": draw.choice((0, 60, 80)),
        "eyes_colors_id": [draw.choice(_COLOURS)],
        "hairs_id": [draw.choice(_COLOURS)],
        "distinguishing_marks": draw.choice((None, "a scar that nobody has")),
        "_embedded": {
            "links": [],
            "images": [
                {"picture_id": name, "_links": {"self": {"href": f"{link}/images/{name}"}}} for name in pictures
            ],
        },
        "_links": {
            "self": {"href": link},
            "images": {"href": f"{link}/images"},
            "thumbnail": {"href": f"{link}/images/{pictures[0]}"} if pictures else None,
        },
    }
    notice |= _make_own(draw, kind) | changes
    return {name: value for name, value in notice.items() if value is not ...}


def _make_own(draw: random.Random, kind: str) -> dict[str, Any]:
    match kind:
        case "red":
            warrant = {"issuing_country_id": draw.choice(_COUNTRIES), "charge": draw.choice(_CHARGES)}
            return {"arrest_warrants": [warrant | {"charge_translation": None}]}
        case "yellow":
            event = {"date_of_event": _day(draw, 2005, 2024), "place": _name(draw).capitalize(), "country": "DE"}
            return event | {"birth_name": None, "father_forename": _name(draw), "mother_name": _name(draw)}
        case "un":
            return {
                "un_reference": f"QDi.{draw.randint(1, 999)}",
                "un_reference_date": _day(draw, 2005, 2020),
                "un_resolution": "1267",
                "name_in_original_script": "ბრა დოვ",
                "name_at_birth": None,
                "formerly_known_as": None,
                "aliases": [_name(draw)],
                "identity_documents": ["passport 12 345, made up"],
                "adresses": ["1 Nowhere Lane"],
                "summary": "Invented for tests.",
            }
        case "blue":
            return {"asked": "Where is this invented person?"}
        case "black":
            return {"date_of_event": _day(draw, 2015, 2024), "country": "DE"}
        case "green":
            return {"warning": "An invented warning."}
        case _:
            return {"asked": "Where is this invented person?", "addressees": ["FR"]}


def write_notices(folder: Path, count: int, photos: Sequence[Path]) -> None:
    """Write so many notices and their images; each image is a link to one of the photos where that can be made."""
    (folder / "images").mkdir(parents=True)
    for number, photo in zip(range(count), _cycle(photos), strict=False):
        kind = ("red", "red", "yellow", "un", "blue", "black", "green", "diffusion")[number % 8]
        picture = f"{60_000_000 + number}"
        place = folder / kind / f"{number:06}.json"
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(make_notice(number, kind, [picture])), encoding="utf-8")
        image = folder / "images" / f"{picture}{photo.suffix}"
        try:
            os.link(photo, image)
        except OSError:
            image.write_bytes(photo.read_bytes())


def _cycle(photos: Sequence[Path]) -> Iterator[Path]:
    while True:
        yield from photos


def _name(draw: random.Random) -> str:
    return "".join(draw.choices(_SYLLABLES, k=draw.randint(2, 4)))


def _day(draw: random.Random, first: int, last: int) -> str:
    days = (date(last, 12, 31) - date(first, 1, 1)).days
    return (date(first, 1, 1) + timedelta(days=draw.randint(0, days))).strftime("%Y/%m/%d")


if __name__ == "__main__":
    found = sorted(
        path
        for named in sys.argv[3:]
        for path in Path(named).rglob("*")
        if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"}
    )
    write_notices(Path(sys.argv[1]), int(sys.argv[2]), found)
    sys.stdout.write(f"{sys.argv[2]} notices with {len(found)} photos\n")
