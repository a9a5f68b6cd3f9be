"""One enrolment in a process of its own, to be killed: ``killed_enrolment.py STORE-URL KEYRING COUNT [PHOTOS MODELS]``.

With a folder of photos the pack ``embedded`` enrols them; without one the stand-in enrols what it draws.
"""

import sys
from collections.abc import Callable, Iterable
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from itertools import islice
from pathlib import Path

from semblance.exchange.folder import read_intake
from semblance.exchange.intake import IntakeItem
from semblance.faces.extractor import Extractor
from semblance.faces.packs.opening import open_extractor
from semblance.gallery.record import Circumstances, ImageSource, RecordTerms
from semblance.gallery.suitability import SuitabilityLine
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node, PolicyShelf
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Actor, PersonId, Role
from semblance.terms.record import RecordKind
from semblance.workflows.enrolment.enrol import enrol_photos

EMIL = Actor(PersonId("emil"), "emil", AuthorityCode("DE"), frozenset({Role.RECORDS_OFFICER}))
TERMS = RecordTerms(
    kind=RecordKind.BLUE,
    legal_basis="INTERPOL RPD, article 90",
    retain_until=date(2099, 1, 1),
    source=ImageSource("DE", "handed in by the family", date(2026, 2, 14)),
    neutral=True,
    circumstances=Circumstances(asked="Who is this person?"),
)


def prepare_drawn() -> tuple[Extractor, Callable[[int], IntakeItem]]:
    """Return the stand-in, and what hands in its photos, of which some have no face, several, or are unsuitable."""
    spec = spec_from_file_location("stand_in", Path(__file__).parent / "stand_in.py")
    assert spec is not None
    assert spec.loader is not None
    stand_in = module_from_spec(spec)
    spec.loader.exec_module(stand_in)

    def hand_in(number: int) -> IntakeItem:
        people = {7: (), 11: ("a", "b")}.get(number % 13, (f"S{number}",))
        data = stand_in.draw(*people, take=number, eyes=20 if number % 17 == 5 else 90, padding=20_000)
        return IntakeItem(f"S{number // 2}", f"{number}.jpg", lambda: data)

    return stand_in.StandInExtractor(delay=0.002), hand_in


def say(word: str) -> None:
    """Tell the test how far it is."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(url: str, keyring: str, count: int, *real: str) -> None:
    """Enrol, saying when it begins and when it is done."""
    extractor, hand_in = prepare_drawn()
    items: Iterable[IntakeItem] = map(hand_in, range(count))
    if real:
        photos, models = map(Path, real)
        extractor = open_extractor("embedded", models=models)
        items = islice(read_intake(photos).items, count)
    store = open_store(url, keyring=Keyring(keyring, b"n" * 32))
    # the real portraits are 200 pixels wide
    line = SuitabilityLine(inter_eye_distance=45)
    node = Node("test", Path.cwd(), store, extractor, GalleryIndex(store), line, PolicyShelf(store))
    say("started")
    enrol_photos(node, EMIL, items, terms=TERMS, workers=2)
    say("finished")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
