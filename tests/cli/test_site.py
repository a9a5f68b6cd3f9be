"""What the server does beside answering."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.accounts import add_cast
from tests.cast import ALICE
from tests.workflows.searching import count_probes

from semblance.bootstrap.node import create_node, run_node
from semblance.cases.case import Case, CaseDraft, Category
from semblance.server.site import work_beside
from semblance.store import probes
from semblance.store.probes import StoredProbe
from semblance.terms.ids import ProbeId, Sha256, make_id
from semblance.terms.permission import Purpose
from semblance.terms.samples import PhotoFacts
from semblance.workflows.cases.cases import open_case

CASE = CaseDraft("FR-1", Purpose.MISSING_PERSON, Category.MISSING, "To find her", link="Report 1")


def test_a_served_node_forgets_probes_though_nobody_comes(tmp_path: Path) -> None:
    create_node(tmp_path / "node")
    now = datetime.now(UTC)
    facts = PhotoFacts(Sha256("0" * 64), "image/jpeg", 10, 10, 5)
    with run_node(tmp_path / "node") as node:
        add_cast(node)
        case = open_case(node, ALICE, CASE)
        assert isinstance(case, Case)
        with node.store.writing() as tx:
            made = StoredProbe(ProbeId(make_id()), case.id, "a.jpg", facts, (), now, "alice", now + timedelta(hours=1))
            probes.add_probe(tx, made, b"photo")
        later = replace(node, clock=lambda: now + timedelta(hours=2))
        with work_beside(later, seconds=0.02):
            deadline = time.monotonic() + 20
            while count_probes(later) and time.monotonic() < deadline:
                time.sleep(0.02)
        assert count_probes(later) == 0
