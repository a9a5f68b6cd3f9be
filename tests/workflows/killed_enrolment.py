"""One enrolment in a process of its own, to be killed: ``python killed_enrolment.py STORE-URL PHOTOS``."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from semblance.exchange.intake import IntakeItem
from semblance.gallery.suitability import SuitabilityLine
from semblance.store.engine import open_store
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.gallery_index import GalleryIndex
from semblance.workflows.node import Node


def main(url: str, count: int) -> None:
    """Enrol, and say when the first photo is committed."""
    spec = spec_from_file_location("stand_in", Path(__file__).parent / "stand_in.py")
    assert spec is not None
    assert spec.loader is not None
    stand_in = module_from_spec(spec)
    spec.loader.exec_module(stand_in)

    def hand_in(number: int) -> IntakeItem:
        people = {7: (), 11: ("a", "b")}.get(number % 13, (f"S{number}",))
        data = stand_in.draw(*people, take=number, eyes=20 if number % 17 == 5 else 90, padding=20_000)
        return IntakeItem(f"S{number // 2}", f"{number}.jpg", lambda: data)

    store = open_store(url)
    extractor = stand_in.StandInExtractor(delay=0.002)
    node = Node("test", Path.cwd(), store, extractor, GalleryIndex(store), SuitabilityLine())
    sys.stdout.write("started\n")
    sys.stdout.flush()
    enrol_photos(node, map(hand_in, range(count)), person="Emil", workers=2)
    sys.stdout.write("finished\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
