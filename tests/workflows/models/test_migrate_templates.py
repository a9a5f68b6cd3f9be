"""A gallery moves to another pack and back: nothing is compared across packs, and nothing that was decided changes."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

import numpy as np
import pytest
from tests.cast import ADA, ALICE, EMIL
from tests.workflows.record_acts import enrol, erase
from tests.workflows.searching import conclude, find_pseudonym, review_candidates, search
from tests.workflows.stand_in import StandInExtractor

from semblance.audit.entry import read_entry
from semblance.errors import Conflict, KeyDestroyed, NotFound, PackConflict, RefusedByPolicy, StoreError
from semblance.exchange.intake import IntakeItem
from semblance.faces.extractor import Extractor, FaceChoice
from semblance.messages.message import Message
from semblance.node import lookahead
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node
from semblance.store import examinations, gallery, ledger, other_packs, searches, templates
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Extraction, QuarterTurn, Template
from semblance.workflows.models import migrate_templates as migrating
from semblance.workflows.models.migrate_templates import MigrationReport, migrate_templates
from semblance.workflows.models.shadow_run import ShadowReport, run_shadow
from semblance.workflows.models.switch_pack import Switched, can_switch, forget_other_packs, switch_gallery

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
WHY = "The new pack errs less"


class OtherPack(StandInExtractor):
    """Another pack: other numbers, faces numbered from the other end, and blind to somebody's."""

    def __init__(self, *, blind: str = "nobody") -> None:
        super().__init__("other-pack")
        self._blind = blind

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        found = super().extract(data, name=name, choose=choose, turned=turned)
        if self._blind.encode() in data:
            if isinstance(choose, int):
                raise NotFound("test.no-face", "there is no face")
            return replace(found, faces=(), chosen=None, template=None)
        last = len(found.faces) - 1
        faces = tuple(replace(face, ordinal=last - face.ordinal) for face in reversed(found.faces))
        if found.chosen is None or len(faces) < 2:
            return replace(found, faces=faces)
        again = super().extract(data, name=name, choose=last - found.chosen, turned=turned)
        return replace(again, faces=faces, chosen=found.chosen)

    def _encode(self, person: str, data: bytes) -> Template:
        # whoever is called B looks like A to this pack
        seen = "A" if person == "B" else person
        own = np.random.default_rng(list(hashlib.sha256(b"other" + seen.encode()).digest())).normal(size=24)
        noise = np.random.default_rng(list(hashlib.sha256(data).digest())).normal(size=24)
        row = own / np.linalg.norm(own) + 0.2 * noise / np.linalg.norm(noise)
        return Template(self.digest, self.metric, 24, (row / np.linalg.norm(row)).astype("<f4").tobytes())

    @property
    def dimension(self) -> int:
        return 24


OTHER = OtherPack()


@pytest.fixture
def filled(node: Node, draw: Draw, item: MakeItem) -> Node:
    """Return a node with five records; of C's first photo the second face is the reference."""
    enrol(node, [item(person, f"{person}.jpg", draw(person)) for person in "ABDE"])
    enrol(node, [item("C", "c.jpg", draw("X", "C"), face=1)])
    return node


def migrate(node: Node, pack: StandInExtractor = OTHER, **options: Any) -> MigrationReport:
    return migrate_templates(node, ADA, pack, **options)


def switch(node: Node, pack: Extractor = OTHER, **options: Any) -> Switched:
    return switch_gallery(node, ADA, pack, reason=WHY, **options)


def shadow(node: Node, pack: StandInExtractor = OTHER) -> ShadowReport:
    return run_shadow(node, ADA, pack, reason=WHY)


def reopen(node: Node, extractor: StandInExtractor) -> Node:
    """Return the node as a program that was started anew after a switch has it."""
    return replace(node, extractor=extractor, index=GalleryIndex(node.store))


def say(faults: dict[Message, int]) -> dict[str, int]:
    return {str(why): count for why, count in faults.items()}


def read_acts(node: Node) -> list[dict[str, Any]]:
    with node.store.reading() as tx:
        return [read_entry(data) for _, data in ledger.iterate_entries(tx)]


def find_names(node: Node, data: bytes) -> list[str]:
    return [candidate.number or "" for candidate in search(node, data).candidates]


def read_values(node: Node, pack: PackDigest | None = None) -> list[bytes]:
    with node.store.reading() as tx:
        return [row.template.values for rows in templates.iterate_references(tx, after=0, pack=pack) for row in rows]


def test_templates_are_made_beside_the_old_ones_of_the_very_face(filled: Node, draw: Draw) -> None:
    before = read_values(filled)
    report = migrate(filled)
    assert (report.made, report.faults, report.coverage.wanting) == (5, {}, 0)
    assert read_values(filled) == before
    made = read_values(filled, OTHER.digest)
    expected = [OTHER.extract(draw(person), name="x").template for person in "ABDE"]
    expected.append(OTHER.extract(draw("X", "C"), name="x", choose=0).template)
    assert made == [template.values for template in expected if template is not None]
    assert find_names(filled, draw("C", take=3))[0] == "C"
    again = migrate(filled)
    assert (again.made, again.coverage) == (0, report.coverage)


def test_both_packs_are_searched_side_by_side_and_never_against_each_other(filled: Node, draw: Draw) -> None:
    migrate(filled)
    beside = GalleryIndex(filled.store, pack=OTHER.digest)
    probe = OTHER.extract(draw("D", take=2), name="x").template
    assert probe is not None
    found = beside.search(probe, limit=5, pack_name=OTHER.name, allowed=lambda _: True)
    assert (found.pack, found.gallery_references) == (OTHER.digest, 5)
    with pytest.raises(PackConflict):
        filled.index.search(probe, limit=5, pack_name=OTHER.name, allowed=lambda _: True)
    ours = filled.extractor.extract(draw("D", take=2), name="x").template
    assert ours is not None
    with pytest.raises(PackConflict):
        beside.search(ours, limit=5, pack_name="x", allowed=lambda _: True)


def test_an_index_learns_of_templates_as_they_are_made(filled: Node, draw: Draw, item: MakeItem) -> None:
    migrate(filled)
    beside = GalleryIndex(filled.store, pack=OTHER.digest)
    probe = OTHER.extract(draw("F", take=2), name="x").template
    assert probe is not None

    def count() -> int:
        return beside.search(probe, limit=5, pack_name=OTHER.name, allowed=lambda _: True).gallery_references

    assert count() == 5
    enrol(filled, [item("F", "f.jpg", draw("F"))])
    assert count() == 5
    migrate(filled)
    assert count() == 6
    erase(filled, "F")
    assert count() == 5


def test_no_template_comes_or_goes_without_an_entry(filled: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("test.full", "The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append", fail)
        with pytest.raises(StoreError):
            migrate_templates(filled, ADA, OTHER)
    assert read_values(filled, OTHER.digest) == []
    migrate(filled)
    noted = [entry for entry in read_acts(filled) if entry["action"] == "model.migrate"]
    assert sum(len(entry["touched"]) - 1 for entry in noted) == 5
    switch(filled)
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append", fail)
        with pytest.raises(StoreError):
            forget_other_packs(filled, ADA, reason=WHY)
    assert len(read_values(filled, StandInExtractor().digest)) == 5
    forget_other_packs(filled, ADA, reason=WHY)
    assert [entry["action"] for entry in read_acts(filled)].count("model.forget") == 1


def test_stopped_at_any_moment_it_goes_on_there(filled: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "_COMMITTED_AT_ONCE", 1)
    monkeypatch.setattr(lookahead, "_PER_WORKER", 0)
    monkeypatch.setattr(other_packs, "_CHUNK", 2)
    stop = Event()
    told: list[tuple[int, int]] = []

    class Listening:
        def __enter__(self) -> Event:
            return stop

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(lookahead, "listen_for_stop", Listening)

    def stop_at_two(done: int, whole: int) -> None:
        told.append((done, whole))
        if done == 2:
            stop.set()

    first = migrate(filled, workers=1, on_progress=stop_at_two)
    assert first.interrupted
    assert 2 <= first.made < 5
    assert told[0] == (1, 5)
    stop.clear()
    pack = OtherPack()
    second = migrate(filled, pack)
    assert (second.made, second.coverage.wanting, second.interrupted) == (5 - first.made, 0, False)
    # nothing was looked at twice
    assert len(set(pack.extracted)) <= second.made + 1


def test_where_the_pack_finds_no_face_that_is_said_and_nothing_is_lost(filled: Node, draw: Draw) -> None:
    blind = OtherPack(blind='"D"')
    report = migrate(filled, blind)
    assert (report.made, say(report.faults)) == (4, {"the pack finds no face where the reference lies": 1})
    with pytest.raises(PackConflict, match=r"1 of 5 references.*leave-missing"):
        switch_gallery(filled, ADA, OTHER, reason=WHY)
    switched = switch(filled, leave_missing=True)
    assert switched.missing == 1
    after = reopen(filled, blind)
    assert "D" not in find_names(after, draw("A", take=4))
    assert search(after, draw("A", take=5)).record.gallery_references == 4
    switch(after, filled.extractor)
    assert find_names(reopen(after, StandInExtractor()), draw("D", take=4))[0] == "D"
    # looked at once more, by a pack that sees it
    assert migrate(filled, OTHER).made == 0
    assert migrate(filled, OTHER, again=True).made == 1


def test_switch_and_roll_back_are_one_act_each(filled: Node, draw: Draw, item: MakeItem) -> None:
    own = filled.extractor
    with pytest.raises(PackConflict, match="5 of 5 references"):
        switch_gallery(filled, ADA, OTHER, reason=WHY)
    assert not can_switch(filled, OTHER.digest)
    before = find_names(filled, draw("E", take=7))
    migrate(filled)
    assert can_switch(filled, OTHER.digest)
    done = switch(filled)
    assert (done.references, done.missing) == (5, 0)
    # a program that was not started anew compares nothing
    with pytest.raises(PackConflict):
        search(filled, draw("E", take=8))
    after = reopen(filled, OTHER)
    assert find_names(after, draw("E", take=7))[0] == "E"
    enrol(after, [item("G", "g.jpg", draw("G"))])
    # who came since has no template of the old pack
    with pytest.raises(PackConflict, match="1 of 6 references"):
        switch_gallery(after, ADA, own, reason=WHY)
    migrate(after, StandInExtractor())
    switch(after, own)
    back = reopen(after, StandInExtractor())
    assert find_names(back, draw("E", take=7))[0] == before[0]
    assert find_names(back, draw("G", take=7))[0] == "G"
    switches = [entry for entry in read_acts(filled) if entry["action"] == "model.switch"]
    assert [switche["person"] for switche in switches] == [ADA.name] * 2


def test_decisions_stay_bound_to_what_they_were_made_of(filled: Node, draw: Draw) -> None:
    answer = search(filled, draw("A", take=9))
    conclude(filled, answer.search, potential=[find_pseudonym(filled, answer.search, "A")])
    with filled.store.reading() as tx:
        record = searches.find_search(tx, answer.search)
        held = examinations.find_of_search(tx, answer.search)
    migrate(filled)
    switch(filled)
    forget_other_packs(filled, ADA, reason="The new pack stays")
    with filled.store.reading() as tx:
        assert searches.find_search(tx, answer.search) == record
        assert examinations.find_of_search(tx, answer.search) == held


def test_a_shadow_run_says_whose_rank_changes_and_names_nobody(filled: Node, draw: Draw) -> None:
    with pytest.raises(PackConflict, match="models migrate other-pack"):
        run_shadow(filled, ADA, OTHER, reason=WHY)
    migrate(filled)
    lead = search(filled, draw("B", take=9))
    conclude(filled, lead.search, potential=[find_pseudonym(filled, lead.search, "B")])
    waits = search(filled, draw("E", take=9))
    review_candidates(filled, ALICE, waits.search)
    report = shadow(filled)
    rows = {row.search: row for row in report.rows}
    assert (len(rows), report.skipped) == (2, {})
    assert rows[waits.search].first
    # an open examination: nothing that anybody could learn a rank from
    assert rows[waits.search].examined == ()
    (told,) = report.leads
    assert (told.pseudonym, told.before, told.lead) == (find_pseudonym(filled, lead.search, "B"), 1, True)
    assert told.after in (1, 2)
    assert rows[lead.search].moved + rows[lead.search].entered + rows[lead.search].left > 0
    entries = [entry for entry in read_acts(filled) if entry["action"] == "model.shadow"]
    assert [(entry["person"], entry["purpose"]) for entry in entries] == [(ADA.name, "missing-person")] * 2
    assert all(entry["case"] and entry["message"] for entry in entries)
    with filled.store.reading() as tx:
        assert len(searches.list_answered(tx, limit=10)) == 2


def test_a_probe_that_is_gone_is_left_out_of_a_shadow_run(filled: Node, draw: Draw, clock: Any) -> None:
    migrate(filled)
    search(filled, draw("E", take=9))
    clock.now = clock.now.replace(year=clock.now.year + 2)
    report = shadow(filled)
    assert (report.rows, sum(report.skipped.values())) == ((), 1)


def test_what_is_left_over_is_deleted_when_nobody_wants_it_any_more(filled: Node, draw: Draw) -> None:
    migrate(filled, OtherPack(blind='"D"'))
    switch(filled, leave_missing=True)
    with pytest.raises(Conflict, match="1 references have no template"):
        forget_other_packs(filled, ADA, reason=WHY)
    migrate(filled, OTHER, again=True)
    made = read_values(filled, OTHER.digest)
    assert forget_other_packs(filled, ADA, reason=WHY) == 5
    assert read_values(filled) == made
    own = PackDigest(StandInExtractor().digest)
    assert read_values(filled, own) == []
    with filled.store.reading() as tx:
        assert other_packs.read_coverage(tx, own).made == 0
    assert find_names(reopen(filled, OTHER), draw("E", take=7))[0] == "E"


def test_an_erased_subject_leaves_no_template_of_any_pack(filled: Node) -> None:
    migrate(filled)
    erase(filled, "A")
    assert len(read_values(filled, OTHER.digest)) == 4
    with filled.store.reading() as tx:
        held = other_packs.read_coverage(tx, OTHER.digest)
    assert (held.references, held.made) == (4, 4)


def test_a_photo_whose_key_is_gone_is_passed_over(filled: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise KeyDestroyed("test.error", "gone")

    monkeypatch.setattr("semblance.workflows.models.migrate_templates.photos.read_photo_bytes", fail)
    assert say(migrate(filled).faults) == {"the photo is gone": 5}


@pytest.mark.parametrize("actor", [ALICE, EMIL])
def test_who_does_not_run_the_node_changes_no_pack(filled: Node, actor: Any) -> None:
    migrate(filled)
    for act in (
        partial(migrate_templates, filled, actor, OTHER),
        partial(run_shadow, filled, actor, OTHER, reason=WHY),
        partial(switch_gallery, filled, actor, OTHER, reason=WHY),
        partial(forget_other_packs, filled, actor, reason=WHY),
    ):
        with pytest.raises(RefusedByPolicy) as refused:
            act()
        assert refused.value.rule == "policy.role"
    with filled.store.reading() as tx:
        assert gallery.read_pack(tx) == filled.extractor.digest
