"""A worker in a process of its own, to be killed: ``killed_job.py STORE-URL KEYRING``; it counts slowly."""

import sys
import threading
import time
from pathlib import Path

from tests.workflows.jobs.counting import make_counting
from tests.workflows.stand_in import StandInExtractor

from semblance.gallery.suitability import SuitabilityLine
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node, PolicyShelf
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.workflows.jobs.run_jobs import run_jobs


def main() -> None:
    url, keyring = sys.argv[1:]
    store = open_store(url, keyring=Keyring(keyring, b"n" * 32))
    shelf, index, line = PolicyShelf(store), GalleryIndex(store), SuitabilityLine()
    node = Node("test", Path(), store, StandInExtractor(), index, line, shelf)
    kind = make_counting(lambda _run, _number: time.sleep(0.05))
    run_jobs(node, threading.Event(), {kind.name: kind})


if __name__ == "__main__":
    main()
