"""The index on a Milvus cluster, or in a file of Milvus Lite, for galleries beyond one machine's memory.

Milvus compares with every row (FLAT) in float32 and gives the best; more of them are asked for than are wanted, scored
exactly here, and asked for anew until the error of float32 leaves no doubt. It holds templates under random identifiers
and the number of the compartment that the policy judges; what a compartment is lies in a collection beside them.
"""

import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

import numpy as np

from semblance.errors import DependencyMissing, IndexDisagrees, IndexUnreachable
from semblance.search.canonical import canonical_scores, gamma
from semblance.search.index import Allowed, Found, IndexRow, Question, Scored
from semblance.search.milvus.place import MilvusPlace
from semblance.search.templates import require_same_pack, stack_templates
from semblance.search.written_facts import read_facts, write_facts
from semblance.terms.ids import PackDigest, ReferenceId, SubjectId
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Metric, Template
from semblance.terms.search import CANDIDATE_CAP

Answer = TypeVar("Answer")
Item = TypeVar("Item")

_AT_ONCE: Final = 1_000
_MOST: Final = 16_384
"""Milvus gives no more rows than that to one search."""

_TIMEOUT: Final = 10.0
_CHECKPOINT: Final = -1
_KIND: Final = -2
_LONGEST: Final = -3
_SINGLE: Final = 2.0**-24
_FIELDS: Final = ["reference", "subject", "sequence", "compartment", "leads", "template"]


class MilvusIndex:
    """A TemplateIndex outside of this process; what it holds outlives it, and ``checkpoint`` with it."""

    durable = True

    def __init__(self, place: MilvusPlace, *, timeout: float = _TIMEOUT) -> None:
        """Connect; raises DependencyMissing, and IndexUnreachable where nothing answers in time."""
        try:
            import pymilvus
        except ImportError as error:
            raise DependencyMissing(
                "operator.index.no-pymilvus",
                "Milvus needs the package pymilvus: pip install 'semblance-faces[milvus]'.",
            ) from error
        self._pymilvus: Any = pymilvus
        self._place, self._timeout = place, timeout
        self._rows, self._facts = place.collection, f"{place.collection}_facts"
        self._client: Any = self._ask(pymilvus.MilvusClient, uri=place.uri, token=place.token, timeout=self._timeout)
        self._compartments: dict[RecordFacts, int] = {}
        self._kind: Template | None = None
        self._longest = 0.0
        for name in (self._rows, self._facts):
            if self._ask(self._client.has_collection, name):
                # what another process made is not in memory there by itself
                self._ask(self._client.load_collection, name, timeout=self._timeout)
        if self._ask(self._client.has_collection, self._facts):
            self._read_facts()

    @property
    def checkpoint(self) -> int:
        """Return the version of the gallery in the store that this index was brought to; 0 is none."""
        found = self._read_said(_CHECKPOINT)
        return int(found) if found else 0

    @checkpoint.setter
    def checkpoint(self, version: int) -> None:
        self._open_facts()
        self._write_said(_CHECKPOINT, str(version))

    @property
    def size(self) -> int:
        """Return the number of references held."""
        return 0 if self._kind is None else self._count("")

    @property
    def pack(self) -> PackDigest | None:
        """Return which pack made the templates held; None where nothing is."""
        return None if self._kind is None else self._kind.pack

    @property
    def subjects(self) -> int:
        """Return the number of subjects that have at least one reference here."""
        return 0 if self._kind is None else self._count("leads == 1")

    def estimate(self, references: int, dimension: int) -> int:
        """Return 0: nothing of it is in this process."""
        return 0 * references * dimension

    def add(self, rows: Iterable[IndexRow]) -> None:
        """Hold these references, too; none of them where one raises PackConflict or ModelError."""
        given = list({row.reference: row for row in rows}.values())
        if not given:
            return
        values = stack_templates([row.template for row in given])
        if self._kind is not None:
            require_same_pack(self._kind, given[0].template)
        else:
            self._open_rows(given[0].template)
        known = self._query("reference", [row.reference for row in given], ["reference"])
        present = {stored["reference"] for stored in known}
        led = {stored["subject"] for stored in self._query("subject", {row.subject for row in given}, ["subject"])}
        made = []
        for row, template in zip(given, values, strict=True):
            if row.reference in present:
                continue
            made.append(
                {
                    "reference": row.reference,
                    "subject": row.subject,
                    "sequence": row.sequence,
                    "compartment": self._number(row.facts),
                    "leads": int(row.subject not in led),
                    "template": template.tolist(),
                }
            )
            led.add(row.subject)
        longest = float(np.linalg.norm(values.astype(np.float64), axis=1).max())
        if longest > self._longest:
            self._longest = longest
            self._write_said(_LONGEST, repr(longest))
        for part in _cut(made):
            self._ask(self._client.insert, self._rows, part, timeout=self._timeout)

    def remove(self, references: Collection[ReferenceId]) -> None:
        """Forget these references; raises IndexDisagrees where one is found afterwards all the same."""
        if self._kind is None:
            return
        gone = self._query("reference", references, ["reference", "subject", "leads"])
        names = [row["reference"] for row in gone]
        for part in _cut(names):
            self._ask(self._client.delete, self._rows, ids=part, timeout=self._timeout)
        if self._query("reference", names, ["reference"]):
            raise IndexDisagrees(
                "index.still-finds",
                "The index at {place} still finds what was removed from it. Remove its collections and search "
                "again; they are filled anew from the store.",
                place=self._place.shown,
            )
        # a subject whose first reference went is led by another of its references
        widowed = {row["subject"] for row in gone if row["leads"]}
        left = self._query("subject", widowed, _FIELDS)
        first = {row["subject"]: row for row in sorted(left, key=lambda row: -row["sequence"])}
        self._replace([{**row, "leads": 1} for row in first.values()])
        if not self._count(""):
            # an empty gallery may be filled by another pack
            self._ask(self._client.drop_collection, self._rows)
            self._write_said(_KIND, "")
            self._kind = None

    def alter(self, facts: Mapping[ReferenceId, RecordFacts]) -> None:
        """Take in what the records of these references are now; unknown references are passed over."""
        if self._kind is None:
            return
        for part in _cut(list(facts)):
            rows = self._query("reference", part, _FIELDS)
            self._replace([{**row, "compartment": self._number(facts[row["reference"]])} for row in rows])

    def clear(self) -> None:
        """Forget everything."""
        for name in (self._rows, self._facts):
            if self._ask(self._client.has_collection, name):
                self._ask(self._client.drop_collection, name)
        self._compartments, self._kind, self._longest = {}, None, 0.0

    def iterate_held(self) -> Iterator[list[IndexRow]]:
        """Yield all rows, page by page; rows of an unknown compartment are left out."""
        if self._kind is None:
            return
        kind, known = self._kind, {number: facts for facts, number in self._compartments.items()}
        for rows in self._iterate(""):
            yield [
                IndexRow(
                    ReferenceId(row["reference"]),
                    SubjectId(row["subject"]),
                    int(row["sequence"]),
                    replace(kind, values=np.array(row["template"], dtype="<f4").tobytes()),
                    known[row["compartment"]],
                )
                for row in rows
                if row["compartment"] in known
            ]

    def find_held(self, references: Collection[ReferenceId]) -> frozenset[ReferenceId]:
        """Return which of these references are held."""
        if self._kind is None:
            return frozenset()
        return frozenset(ReferenceId(row["reference"]) for row in self._query("reference", references, ["reference"]))

    def search(self, questions: Sequence[Question]) -> tuple[Found, ...]:
        """Return the best allowed subjects of each probe; an empty gallery has none."""
        stack_templates([question.probe for question in questions])
        if self._kind is None:
            return tuple(Found((), 0, 0) for _ in questions)
        return tuple(map(self._answer, questions))

    def _answer(self, question: Question) -> Found:
        assert self._kind is not None
        require_same_pack(self._kind, question.probe)
        clause = self._write_clause(question.allowed)
        clauses = [clause]
        if question.among is not None:
            parts = _cut(sorted(set(question.among)))
            clauses = [_join(clause, f"subject in {json.dumps(part)}") for part in parts]
        subjects = sum(self._count(_join(clause, "leads == 1")) for clause in clauses)
        references = sum(self._count(clause) for clause in clauses)
        wanted = min(question.limit, CANDIDATE_CAP)
        scored = [candidate for clause in clauses for candidate in self._search_in(question.probe, wanted, clause)]
        return Found(tuple(_merge(scored, wanted)), subjects, references)

    def _write_clause(self, allowed: Allowed) -> str:
        """Return the filter of what is allowed, by the shorter of two lists; empty where everything is."""
        let = {number: allowed(facts) for facts, number in self._compartments.items()}
        inside, outside = ([number for number, lets in let.items() if lets is which] for which in (True, False))
        if not outside:
            return ""
        return f"compartment in {inside}" if len(inside) <= len(outside) else f"compartment not in {outside}"

    def _search_in(self, probe: Template, wanted: int, clause: str) -> list[Scored]:
        asked = max(64, 4 * wanted)
        values = np.frombuffer(probe.values, dtype="<f4").astype(np.float32)
        while True:
            (hits,) = self._ask(
                self._client.search,
                self._rows,
                [values.tolist()],
                limit=asked,
                filter=clause,
                output_fields=_FIELDS,
                timeout=self._timeout,
            )
            best = _merge(self._score(probe, [hit["entity"] for hit in hits]), wanted)
            if len(hits) < asked:
                return best
            last = self._bound(values, min(hit["distance"] for hit in hits), max(hit["distance"] for hit in hits))
            if len(best) == wanted and best[-1].score > last:
                return best
            if asked == _MOST:
                return self._search_plainly(probe, wanted, clause)
            asked = min(4 * asked, _MOST)

    def _search_plainly(self, probe: Template, wanted: int, clause: str) -> list[Scored]:
        """Return the best by scoring every row: where more rows are alike than Milvus gives to one search."""
        best: list[Scored] = []
        for rows in self._iterate(clause):
            best = _merge([*best, *self._score(probe, rows)], wanted)
        return best

    def _bound(self, probe: Any, least: float, most: float) -> float:
        """Return more than the score of any row that was not given, from the distances of those that were."""
        error = gamma(len(probe) + 3, _SINGLE)
        if self._kind is not None and self._kind.metric is Metric.COSINE:
            return (
                least + 2 * error * self._longest * float(np.linalg.norm(probe.astype(np.float64))) + 1e-6 * abs(least)
            )
        return -math.sqrt(max(most, 0.0)) * (1 - 2 * error - 1e-6)

    def _score(self, probe: Template, rows: Sequence[Mapping[str, Any]]) -> list[Scored]:
        if not rows:
            return []
        values = np.frombuffer(probe.values, dtype="<f4").astype(np.float32)
        templates = np.array([row["template"] for row in rows], dtype=np.float32)
        scores = canonical_scores(values[None], templates, probe.metric)[0]
        return [
            Scored(SubjectId(row["subject"]), ReferenceId(row["reference"]), int(row["sequence"]), float(score))
            for row, score in zip(rows, scores, strict=True)
        ]

    def _iterate(self, clause: str) -> Iterator[list[dict[str, Any]]]:
        pages = self._ask(
            self._client.query_iterator,
            self._rows,
            batch_size=_AT_ONCE,
            filter=clause,
            output_fields=_FIELDS,
            timeout=self._timeout,
        )
        while page := self._ask(pages.next):
            yield list(page)

    def _query(self, name: str, wanted: Collection[str], fields: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for part in _cut(sorted(wanted)):
            clause = f"{name} in {json.dumps(part)}"
            found += self._ask(
                self._client.query, self._rows, filter=clause, output_fields=fields, timeout=self._timeout
            )
        return [dict(row) for row in found]

    def _replace(self, rows: list[dict[str, Any]]) -> None:
        for part in _cut(rows):
            self._ask(self._client.upsert, self._rows, part, timeout=self._timeout)

    def _count(self, clause: str) -> int:
        found = self._ask(
            self._client.query, self._rows, filter=clause, output_fields=["count(*)"], timeout=self._timeout
        )
        return int(found[0]["count(*)"])

    def _number(self, facts: RecordFacts) -> int:
        number = self._compartments.get(facts)
        if number is None:
            number = self._compartments[facts] = len(self._compartments) + 1
            self._write_said(number, write_facts(facts))
        return number

    def _open_rows(self, kind: Template) -> None:
        types = self._pymilvus.DataType
        self._open_facts()
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("reference", types.VARCHAR, is_primary=True, max_length=32)
        schema.add_field("subject", types.VARCHAR, max_length=32)
        schema.add_field("sequence", types.INT64)
        schema.add_field("compartment", types.INT64)
        schema.add_field("leads", types.INT64)
        schema.add_field("template", types.FLOAT_VECTOR, dim=kind.dimension)
        index = self._client.prepare_index_params()
        index.add_index("template", index_type="FLAT", metric_type="IP" if kind.metric is Metric.COSINE else "L2")
        self._create(self._rows, schema, index)
        self._kind = replace(kind, values=b"")
        self._write_said(_KIND, json.dumps([kind.pack, kind.metric, kind.dimension]))

    def _open_facts(self) -> None:
        if self._ask(self._client.has_collection, self._facts):
            return
        types = self._pymilvus.DataType
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("number", types.INT64, is_primary=True)
        schema.add_field("said", types.VARCHAR, max_length=8_192)
        # every collection must have a vector; nothing is ever searched here
        schema.add_field("nothing", types.FLOAT_VECTOR, dim=2)
        index = self._client.prepare_index_params()
        index.add_index("nothing", index_type="FLAT", metric_type="IP")
        self._create(self._facts, schema, index)

    def _create(self, name: str, schema: Any, index: Any) -> None:
        if not self._ask(self._client.has_collection, name):
            self._ask(
                self._client.create_collection,
                name,
                schema=schema,
                index_params=index,
                consistency_level="Strong",
                timeout=self._timeout,
            )

    def _read_facts(self) -> None:
        rows = self._ask(
            self._client.query,
            self._facts,
            filter="number > 0",
            output_fields=["number", "said"],
            limit=_MOST,
            timeout=self._timeout,
        )
        self._compartments = {read_facts(row["said"]): int(row["number"]) for row in rows}
        kind, self._longest = self._read_said(_KIND), float(self._read_said(_LONGEST) or 0)
        if kind:
            pack, metric, dimension = json.loads(kind)
            self._kind = Template(PackDigest(pack), Metric(metric), int(dimension), b"")

    def _read_said(self, number: int) -> str:
        if not self._ask(self._client.has_collection, self._facts):
            return ""
        found = self._ask(
            self._client.query, self._facts, filter=f"number == {number}", output_fields=["said"], timeout=self._timeout
        )
        return str(found[0]["said"]) if found else ""

    def _write_said(self, number: int, text: str) -> None:
        row = {"number": number, "said": text, "nothing": [0.0, 0.0]}
        self._ask(self._client.upsert, self._facts, [row], timeout=self._timeout)

    def _ask(self, act: Callable[..., Answer], *given: Any, **named: Any) -> Answer:
        try:
            return act(*given, **named)
        except (self._pymilvus.exceptions.MilvusException, OSError, TimeoutError) as error:
            raise IndexUnreachable(
                "index.unreachable",
                "The index at {place} does not answer as it should ({why}). Check that Milvus runs and can be "
                "reached; the store is as it was, and nothing was searched.",
                place=self._place.shown,
                why=" ".join(str(error).split())[:200],
            ) from error


def _merge(scored: Iterable[Scored], wanted: int) -> list[Scored]:
    """Return the best of each subject, by falling score, then rising sequence."""
    best: dict[SubjectId, Scored] = {}
    for candidate in sorted(scored, key=lambda candidate: (-candidate.score, candidate.sequence)):
        best.setdefault(candidate.subject, candidate)
    return list(best.values())[:wanted]


def _join(clause: str, other: str) -> str:
    return f"{clause} and {other}" if clause else other


def _cut(items: Sequence[Item]) -> Iterator[list[Item]]:
    for start in range(0, len(items), _AT_ONCE):
        yield list(items[start : start + _AT_ONCE])
