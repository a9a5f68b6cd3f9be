"""Values as they are written in the database, and back.

Types of fields that are written as JSON inside sealed documents stand here as ``WrittenFacts`` and ``WrittenFace``.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter

from semblance.messages.stored import read_message, write_message
from semblance.terms.ids import AuthorityCode
from semblance.terms.record import RecordFacts, RecordKind, RecordStanding, RecordState, Restriction, RestrictionMode
from semblance.terms.samples import Box, FaceSample, Landmarks, PhotoFacts, Point

_STRINGS: Final = TypeAdapter(tuple[str, ...])
_FACE: Final = TypeAdapter(FaceSample)


def write_text(text: str) -> str:
    """Return the text with what no database can hold (NUL, half a surrogate pair) in visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def write_json(value: Any) -> str:
    """Return texts, numbers, lists and dictionaries as JSON, every text in it as ``write_text`` returns it."""
    return json.dumps(_clean(value), ensure_ascii=False)


def write_strings(texts: Iterable[str]) -> str:
    """Return the texts as a JSON list."""
    return write_json(list(texts))


def read_strings(text: str) -> tuple[str, ...]:
    """Return the texts that were written."""
    return _STRINGS.validate_json(text)


def write_fields(adapter: TypeAdapter[Any], value: object, names: set[str]) -> str:
    """Return these fields of a value as a JSON object; ``adapter`` is that of its type."""
    # numbers of numpy are no floats to pydantic
    return write_json(adapter.dump_python(value, mode="json", include=names, fallback=float, warnings=False))


def write_face(face: FaceSample) -> str:
    """Return the face as a JSON object, its points and its quality as lists; every float comes back as it was."""
    document = asdict(face)
    document["box"] = list(document["box"].values())
    document["landmarks"] = [list(point.values()) for point in document["landmarks"].values()]
    scores = document["quality"]["scores"]
    document["quality"] = {score["measure"]: [score["scalar"], score["native"]] for score in scores}
    return json.dumps(document, default=float)


def read_face(text: str) -> FaceSample:
    """Return the face that was written."""
    document = json.loads(text)
    document["box"] = Box(*document["box"])
    document["landmarks"] = Landmarks(*(Point(*point) for point in document["landmarks"]))
    scores = document["quality"].items()
    document["quality"] = {
        "scores": [{"measure": name, "scalar": scalar, "native": native} for name, (scalar, native) in scores]
    }
    return _FACE.validate_python(document)


def read_facts_row(row: Any) -> RecordFacts:
    """Return what the law sees of a record, from a row that has the columns ``RECORD_FACTS``."""
    return read_facts(row.kind, row.owner, row.state, row.retain_until, row.restriction, row.restricted)


@lru_cache(maxsize=65536)
def read_facts(kind: str, owner: str, state: str, until: date, mode: str, restricted: str) -> RecordFacts:
    """Return the facts in these columns of the tables ``record`` and ``audience``."""
    return RecordFacts(
        kind=RecordKind(kind),
        owner=AuthorityCode(owner),
        state=RecordState(state),
        retain_until=until,
        restriction=_read_restriction(mode, restricted),
    )


@lru_cache(maxsize=65536)
def read_standing(owner: str, state: str, mode: str, restricted: str) -> RecordStanding:
    """Return the standing of records of an audience in a state."""
    return RecordStanding(AuthorityCode(owner), RecordState(state), _read_restriction(mode, restricted))


def _read_restriction(mode: str, restricted: str) -> Restriction:
    return Restriction(RestrictionMode(mode), frozenset(map(AuthorityCode, read_strings(restricted))))


def _open_facts(written: Any) -> Any:
    if isinstance(written, PhotoFacts):
        return written
    fields = json.loads(written) if isinstance(written, str) else written
    return {**fields, "notes": tuple(map(read_message, fields["notes"]))}


def _write_facts(facts: PhotoFacts) -> dict[str, Any]:
    return {**asdict(replace(facts, notes=())), "notes": list(map(write_message, facts.notes))}


def _open_face(written: Any) -> Any:
    return read_face(written) if isinstance(written, str) else written


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return write_text(value) if isinstance(value, str) else value


# stores of before hold facts as a text of JSON in the document
WrittenFacts = Annotated[PhotoFacts, BeforeValidator(_open_facts), PlainSerializer(_write_facts)]
WrittenFace = Annotated[FaceSample, BeforeValidator(_open_face), PlainSerializer(write_face)]
