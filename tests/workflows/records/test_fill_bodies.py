"""What is known of bodies, taken from a table into records: every fault named at once, and nothing half done."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from tests.cast import ALICE, EMIL
from tests.workflows.reconciling import FELIX, add_body, add_missing
from tests.workflows.record_acts import catch_refusal

from semblance.errors import RecordInvalid, VerificationError
from semblance.exchange.body_table import read_body_table, write_template
from semblance.node.node import Node
from semblance.store.schema.record import record
from semblance.terms.description import BodyPlace, Description, Existence, EyeColour, HairColour, MarkKind, ToothState
from semblance.terms.ids import SubjectId
from semblance.workflows.records.fill_bodies import fill_bodies
from semblance.workflows.records.read_record import list_history, read_record

WHY = "The odontologist's report came in"


@pytest.fixture
def bodies(node: Node, draw: Callable[..., bytes]) -> dict[str, SubjectId]:
    """Return two bodies of DE and a missing person of FR by their numbers."""
    found = {number: add_body(node, number, draw(number)) for number in ("B1", "B2")}
    return found | {"M1": add_missing(node, "M1", draw("M1"))}


def fill(node: Node, *rows: str, columns: str = "number,hair,teeth,shortest") -> tuple[str, ...]:
    table = "\n".join([columns, *rows]).encode()
    return tuple(changed.number for changed in fill_bodies(node, EMIL, table, reason=WHY))


def read(node: Node, subject: SubjectId) -> Description:
    return read_record(node, EMIL, subject).record.draft.description


def test_the_template_names_every_field_and_its_example_can_be_taken(node: Node, bodies: dict[str, SubjectId]) -> None:
    template = write_template()
    with pytest.raises(RecordInvalid, match="names no record"):
        read_body_table(template.encode())
    table = template.replace("# example", "B1").encode()
    (changed,) = fill_bodies(node, EMIL, table, reason=WHY)
    said = changed.draft.description
    assert said == read(node, bodies["B1"])
    assert (said.latitude, said.youngest, said.tallest) == (48.8566, 30, 178)
    assert (said.hair, said.eyes) == ((HairColour.BROWN, HairColour.GREY), (EyeColour.BLUE,))
    mark = said.body_marks[0]
    assert (mark.place, mark.kind, mark.text) == (BodyPlace.LEFT_ARM, MarkKind.TATTOO, "an anchor")
    assert {tooth.number: tooth.state for tooth in said.teeth}[26] is ToothState.CROWN
    assert (said.fingerprints, said.dna) == (Existence.EXISTS, Existence.NONE)
    for value in (*HairColour, *EyeColour, *BodyPlace, *MarkKind, *ToothState, *Existence):
        assert value.value in template


def test_a_row_changes_what_it_fills_and_empties_what_it_says(node: Node, bodies: dict[str, SubjectId]) -> None:
    assert fill(node, "B1,brown | grey,16; filled,170", "B2,,,") == ("B1",)
    assert fill(node, "# a remark,pink,", "B1,,-,171") == ("B1",)
    said = read(node, bodies["B1"])
    assert (said.hair, said.teeth, said.shortest) == ((HairColour.BROWN, HairColour.GREY), (), 171)
    assert [version.reason for version in list_history(node, EMIL, bodies["B1"])].count(WHY) == 2
    # what stays as it was gets no version
    assert fill(node, "B1,,,171") == ()


def test_every_fault_of_every_row_is_named_and_nothing_is_changed(node: Node, bodies: dict[str, SubjectId]) -> None:
    before = {number: read_record(node, EMIL, bodies[number]).record.version for number in ("B1", "B2")}
    with pytest.raises(RecordInvalid) as raised:
        fill(node, "B1,brown,16; filled,170", "B2,pink,99; filled | 16; rotten,170", "B9,brown,,", "M1,brown,,")
    told = [str(problem) for problem in raised.value.problems]
    assert [told[0][:10], len(told)] == ["line 3, B2", 4]
    for part in ("hair", "teeth", "line 4, B9: your authority holds no record", "line 5, M1: your authority holds no"):
        assert any(part in problem for problem in told), part
    with pytest.raises(RecordInvalid) as later:
        fill(node, "B1,brown,16; filled | 16; crown,170", "B2,brown,99; filled,0")
    assert len(later.value.problems) == 3
    assert {number: read_record(node, EMIL, bodies[number]).record.version for number in before} == before


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("number,hairs\nB1,brown", "is hair meant"),
        ("number,religion\nB1,none", "no column 'religion'"),
        ("hair\nbrown", "column 'number' is missing"),
        ("number,hair\nB1,brown\nB1,grey", "in line 2 already"),
        ("number,hair\n,brown", "does not say which record"),
        ("number,hair\n" + "\n".join(f"B{n},brown" for n in range(2_001)), "2000 are taken at once"),
        ("number,hair\nB1,brown\x00", "NUL"),
    ],
)
def test_a_table_that_is_none_is_refused(table: str, fault: str) -> None:
    with pytest.raises(RecordInvalid, match=fault):
        read_body_table(table.encode())


def test_others_records_are_not_there_and_the_same_for_those_that_are_hidden(
    node: Node, bodies: dict[str, SubjectId]
) -> None:
    for number in ("B1", "nothing"):
        with pytest.raises(RecordInvalid, match="holds no record of this number"):
            fill_bodies(node, FELIX, f"number,hair\n{number},brown".encode(), reason=WHY)
    refused = catch_refusal(lambda: fill_bodies(node, ALICE, b"number,hair\nB1,brown", reason=WHY))
    assert refused.rule == "policy.role"


def test_a_record_changed_by_hand_is_refused_with_the_whole_table(node: Node, bodies: dict[str, SubjectId]) -> None:
    with node.store.writing() as tx:
        changed = sa.update(record).where(record.c.subject_id == bodies["B2"])
        tx.connection.execute(changed.values(state="draft"))
    with pytest.raises(VerificationError):
        fill(node, "B1,brown,,170", "B2,brown,,170")
    assert read(node, bodies["B1"]) == Description()
