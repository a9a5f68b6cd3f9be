"""Tell somebody what is held about them and to whom it was disclosed: all in one file, in plain words and JSON."""

import base64
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from semblance.audit.entry import Verb, read_entry
from semblance.audit.merkle import hash_leaf
from semblance.errors import Conflict, RequestInvalid
from semblance.gallery.kinds import KINDS
from semblance.gallery.request import AccessPart, Request, RequestKind, RequestState, Withheld, find_withheld_faults
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import examinations, ledger, records, requests, searches
from semblance.store.engine import Transaction
from semblance.store.touched import find_touching, is_shut
from semblance.terms.ids import RequestId, SubjectId
from semblance.terms.permission import Action, Actor
from semblance.terms.record import RecordKind
from semblance.workflows.data_subjects.access_readme import write_readme
from semblance.workflows.data_subjects.requests import (
    ask_for_request,
    changed_since,
    require_open_here,
    require_request,
    touch_request,
)
from semblance.workflows.permission import log_act
from semblance.workflows.records.export_record import collect_record, zip_files
from semblance.workflows.records.read_record import ask_for_record

FORMAT: Final = "semblance-access/1"
_STAFF: Final = frozenset({"person", "created_by", "enrolled_by"})


@dataclass(frozen=True, slots=True)
class AccessFile:
    """The file that is handed out; ``ledger_entry`` is the entry that says so.

    ``until``: searches whose candidates people still examine are not in it, whoever they found, until then at the
    latest; None where none is examined.
    """

    name: str
    data: bytes
    ledger_entry: int
    until: datetime | None


def make_access_file(
    node: Node, actor: Actor, request_id: RequestId, *, withheld: tuple[Withheld, ...] = ()
) -> AccessFile:
    """Return a zip of everything that is held about the subjects of the request's records; it is a disclosure.

    What is withheld is named in the file with the law that allows it, and recorded. The names of those who work with
    the records are left out, their authorities stand there; of searches nothing is told of the case. Those whose
    candidates people still examine are left out: the file says so whether or not they found somebody in it. Raises
    RequestInvalid where what is withheld is not justified, NotFound, and Conflict where the request is not one for
    access, or was declined.
    """
    if faults := find_withheld_faults(withheld):
        raise RequestInvalid(
            "withheld.faulty",
            "What is to be withheld cannot be taken: {faults:;}. Nothing was changed.",
            faults=faults,
            problems=faults,
        )
    request, permit = ask_for_request(node, actor, request_id)
    _require_access(request)
    now = node.clock()
    with node.store.reading() as tx:
        require_open_here(tx, request)
        still = tuple(about.subject for about in request.about if records.find_facts(tx, about.subject) is not None)
    for subject in still:
        ask_for_record(node, actor, Action.SUBJECT_ACCESS, subject)
    with node.store.reading() as tx:
        files, told = _collect(tx, still, frozenset(kept.part for kept in withheld))
        until = examinations.find_last_end(tx)
    document = {
        "format": FORMAT,
        "request": request.id,
        "kind": request.kind.value,
        "received_on": request.draft.received_on.isoformat(),
        "due_on": request.due_on.isoformat(),
        "about": request.draft.whom,
        "asked": request.draft.what,
        "answered_by": actor.authority,
        "made_at": now.isoformat(timespec="seconds"),
        "records": told,
        "withheld": [{"part": kept.part.value, "law": kept.law} for kept in withheld],
        "examined_until": None if until is None else until.date().isoformat(),
    }
    files = {"README.txt": write_readme(document).encode(), "request.json": _dump(document), **files}
    with node.store.writing() as tx:
        entry = log_act(tx, permit, Verb.DISCLOSURE, *touch_request(request), at=now, reason=_explain(withheld))
        current = require_request(tx, request_id, request.authority)
        _require_access(current)
        if current.about != request.about:
            raise changed_since()
        requests.change_request(tx, replace(current, told_in=entry, withheld=withheld))
    return AccessFile(f"access-{request.id}.zip", zip_files(files), entry, until)


def _explain(withheld: tuple[Withheld, ...]) -> str | Message:
    parts = tuple(Message("withheld.part", "{part} withheld: {law}", part=kept.part, law=kept.law) for kept in withheld)
    return Message("withheld.parts", "not told: {parts:;}", parts=parts) if parts else ""


def _require_access(request: Request) -> None:
    if request.kind is not RequestKind.ACCESS:
        raise Conflict(
            "requests.not-for-access",
            "This is a request for {kind}; a file of what is held answers requests for access.",
            kind=request.kind,
        )
    if request.state not in (RequestState.RECEIVED, RequestState.ANSWERED):
        raise Conflict(
            "requests.closed",
            "The request was {state}; take in a new one where somebody asks again.",
            state=request.state,
        )


def _collect(
    tx: Transaction, subjects: tuple[SubjectId, ...], kept_back: frozenset[AccessPart]
) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    files: dict[str, bytes] = {}
    told = []
    for number, subject in enumerate(subjects, start=1):
        folder = f"record-{number}"
        collected = collect_record(tx, subject)
        document = _leave_out_staff(json.loads(collected.pop("record.json")))
        whole = AccessPart.RECORD not in kept_back
        told.append({"folder": folder, **_describe_record(document["record"], whole=whole)})
        if AccessPart.IMAGES in kept_back:
            document.pop("images")
        else:
            files |= {f"{folder}/{name}": data for name, data in collected.items()}
        if whole:
            files[f"{folder}/record.json"] = _dump(document)
        if AccessPart.SEARCHES not in kept_back:
            files[f"{folder}/searches.json"] = _dump(_describe_searches(tx, subject))
        if AccessPart.DISCLOSURES not in kept_back:
            files[f"{folder}/disclosures.json"] = _dump(_describe_disclosures(tx, subject))
    return files, told


def _describe_record(record: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    draft = record["draft"]
    always = {"owner": record["owner"], "held_since": record["created_at"], "last_day": draft["retain_until"]}
    if not whole:
        return always
    purpose = str(KINDS[RecordKind(draft["kind"])].purpose)
    more = {"number": draft["number"], "kind": draft["kind"], "purpose": purpose, "state": record["state"]}
    return {**more, "legal_basis": draft["legal_basis"], **always}


def _describe_searches(tx: Transaction, subject: SubjectId) -> list[dict[str, str]]:
    return [
        {"at": found.at.isoformat(timespec="seconds"), "authority": found.authority, "purpose": found.purpose}
        for found in searches.list_appearances(tx, subject)
    ]


def _describe_disclosures(tx: Transaction, subject: SubjectId) -> dict[str, Any]:
    """Return every entry of the ledger that touched the subject, with the proof that it stands there.

    An entry's bytes name a case and who acted; its hash does not, and is what the proof is about.
    """
    checkpoint = ledger.read_checkpoint_note(tx)
    entries = []
    for number in find_touching(tx, subject):
        data = ledger.read_data(tx, number)
        assert data is not None
        fields = read_entry(data)
        if fields["verb"] == Verb.REFUSAL.value or is_shut(tx, number):
            # nobody was told anything; or nobody is yet
            continue
        entry = {name: fields[name] for name in ("number", "at", "verb", "action", "authority", "purpose")}
        if checkpoint is not None:
            path = ledger.prove_entry(tx, number, checkpoint.size)
            entry |= {"leaf": _encode(hash_leaf(data)), "path": [_encode(sibling) for sibling in path]}
        entries.append(entry)
    key = None if tx.ledger is None else str(tx.ledger.key.public)
    return {"checkpoint": None if checkpoint is None else str(checkpoint), "key": key, "entries": entries}


def _leave_out_staff(value: Any) -> Any:
    """Return the document without the names of those who work with records; the authority beside each stays."""
    if isinstance(value, dict):
        return {name: _leave_out_staff(inner) for name, inner in value.items() if name not in _STAFF}
    if isinstance(value, list):
        return [_leave_out_staff(inner) for inner in value]
    return value


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _dump(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode()
