"""Fill a node with synthetic records under law: of many owners, kinds and states, some of them restricted."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.errors import Conflict
from semblance.gallery.record import (
    Circumstances,
    Dispute,
    Personal,
    PublishAnswer,
    Record,
    RecordDraft,
    RecordVersion,
    Warrant,
)
from semblance.node.node import Node
from semblance.store import ledger, records, subjects
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Action
from semblance.terms.record import UNRESTRICTED, RecordKind, RecordState, Restriction, RestrictionMode
from semblance.workflows.accounts.authorities import add_authority
from semblance.workflows.accounts.joint_acts import AdmitAuthority
from semblance.workflows.demo.demo_accounts import act_as, make_agreement

OWNERS: Final = tuple(
    AuthorityCode(code)
    for code in (
        *("DE", "FR", "AR", "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CL", "CZ", "DK", "EE", "EG", "ES", "FI", "GB"),
        *("GR", "HR", "HU", "ID", "IE", "IN", "IT", "JP", "KE", "KR", "LT", "LV", "MA", "MX", "NG", "NL", "NO", "NZ"),
        *("PE", "PL", "PT", "RO", "RS", "SE", "SG", "SI", "SK", "SN", "TH", "TN", "TR", "UA", "US", "VN", "ZA"),
    )
)
_BATCH: Final = 500
_WHO: Final = "synthetic"
_BASIS: Final = "none: a synthetic record for measurements"
_STATES: Final = {
    RecordState.ACTIVE: 78,
    RecordState.EXPIRED: 8,
    RecordState.WITHDRAWN: 8,
    RecordState.DRAFT: 4,
    RecordState.BLOCKED: 2,
}
_KINDS: Final = {
    RecordKind.RED: 40,
    RecordKind.BLUE: 20,
    RecordKind.YELLOW: 14,
    RecordKind.DIFFUSION: 10,
    RecordKind.GREEN: 8,
    RecordKind.BLACK: 3,
    RecordKind.UNIDENTIFIED: 3,
    RecordKind.UN: 2,
}
_CIRCUMSTANCES: Final = Circumstances(
    warrants=(Warrant("FR", "a synthetic charge"),),
    asked="Who is this person?",
    warning="none: synthetic",
    event_date="2026-01-17",
    event_country="FR",
    un_reference="QDi.000",
    un_resolution="S/RES/1267",
    addressees=("FR",),
    summary="A synthetic record",
)
_FAMILIES: Final = (
    "Abel",
    "Böhm",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fiala",
    "García",
    "Haddad",
    "Ivanov",
    "Jansen",
    "Kim",
)
_GIVEN: Final = ("Ada", "Bruno", "Chloé", "Dario", "Elif", "Farid", "Grażyna", "Hugo", "Ines", "Jonas", "Kenji")


def fill_node(node: Node, passwords: Mapping[str, str], number: int, *, on_progress: Callable[[int, int], None]) -> int:
    """Add the records that are missing up to that number, and return how many were added.

    They are committed by the hundred: whoever is interrupted goes on where it ended, and a larger number goes on from
    a smaller one. The same number makes the same records, but for their ids and when they were made.
    """
    _add_owners(node, passwords)
    added = 0
    for start in range(0, number, _BATCH):
        with node.store.writing() as tx:
            for place in range(start, min(start + _BATCH, number)):
                added += _add_record(tx, place, node.clock())
        on_progress(min(start + _BATCH, number), number)
    return added


def _add_owners(node: Node, passwords: Mapping[str, str]) -> None:
    ada, agree = act_as(node, "ada", passwords), make_agreement(node, passwords)
    for code in OWNERS:
        try:
            add_authority(node, ada, code, name=f"Synthetic authority {code}", contact="")
        except Conflict:
            # it is registered already
            continue
        agree(AdmitAuthority(code))


def _add_record(tx: Transaction, place: int, now: datetime) -> bool:
    """Add one record with its entry in the ledger, unless it is held already."""
    chance = Random(place)  # noqa: S311 - nothing here is secret
    # a few authorities have most of the records
    owner = OWNERS[min(int(chance.paretovariate(0.7)) - 1, len(OWNERS) - 1)]
    number = f"{owner}-2026-{place:07}"
    if subjects.find_subject_id(tx, owner, number) is not None:
        return False
    subject = subjects.add_subject(tx, owner, number, at=now, person=_WHO)
    state = chance.choices(list(_STATES), list(_STATES.values()))[0]
    made = Record(
        subject=subject.id,
        owner=owner,
        draft=_make_draft(chance, owner, number, state, now.date()),
        state=state,
        version=1,
        created_at=now,
        created_by=_WHO,
        changed_at=now,
        answer=None if state is RecordState.DRAFT else PublishAnswer(True, _WHO, owner, now),
    )
    if state is RecordState.BLOCKED:
        made = replace(made, dispute=Dispute("It is not this person", _WHO, owner, now))
    records.add_record(tx, RecordVersion(made, _WHO, owner, now, _BASIS))
    touched = (Touched("subject", subject.id),)
    act = Act(Verb.COLLECTION, Action.RECORD_CREATE, _WHO, owner, reason=_BASIS, touched=touched)
    ledger.append(tx, act, at=now)
    return True


def _make_draft(chance: Random, owner: AuthorityCode, number: str, state: RecordState, today: date) -> RecordDraft:
    days = chance.randrange(1, 1095)
    return RecordDraft(
        kind=chance.choices(list(_KINDS), list(_KINDS.values()))[0],
        number=number,
        legal_basis=_BASIS,
        retain_until=today + timedelta(days=-(days % 30) - 1 if state is RecordState.EXPIRED else days),
        restriction=_choose_restriction(chance, owner),
        personal=Personal(
            family_name=chance.choice(_FAMILIES),
            given_names=chance.choice(_GIVEN),
            birth_dates=(f"{chance.randrange(1950, 2008)}",),
            nationalities=(chance.choice(OWNERS),),
        ),
        circumstances=_CIRCUMSTANCES,
    )


def _choose_restriction(chance: Random, owner: AuthorityCode) -> Restriction:
    """Return none for nine of ten, else one of the three that the owner has for all its records."""
    if chance.random() < 0.9:
        return UNRESTRICTED
    habit = Random(f"{owner}/{chance.randrange(3)}")  # noqa: S311
    named = habit.sample([code for code in OWNERS if code != owner], habit.choice((1, 2, 5, 20)))
    return Restriction(habit.choice((RestrictionMode.EXCEPT, RestrictionMode.ONLY)), frozenset(named))
