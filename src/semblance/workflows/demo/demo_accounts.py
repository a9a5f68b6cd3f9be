"""The people of a demonstration: their authorities, roles and passwords, and a policy for samples only."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from semblance.cases.policy import read_default_policy
from semblance.errors import Conflict, RefusedByPolicy
from semblance.node.node import Node
from semblance.people.passwords import join_halves, make_password
from semblance.people.person import Grant
from semblance.store import people as people_store
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Actor, Purpose, Role
from semblance.workflows.accounts.authorities import add_authority
from semblance.workflows.accounts.first_person import add_first_person
from semblance.workflows.accounts.joint_acts import AddPerson, AdmitAuthority
from semblance.workflows.accounts.sign_in import find_actor, sign_in, sign_out
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.oversight.proposals import confirm_proposal
from semblance.workflows.two_people import JointAct, propose

ACCOUNTS_FILE: Final = "accounts.txt"
_LIFE: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Player:
    """One of the cast, and what they show."""

    name: str
    authority: AuthorityCode
    roles: tuple[Role, ...]
    words: str


_FR, _DE, _XX = AuthorityCode("FR"), AuthorityCode("DE"), AuthorityCode("XX")
CAST: Final = (
    Player("ada", _FR, (Role.ADMINISTRATOR,), "administrator: people, roles, authorities"),
    Player("axel", _FR, (Role.ADMINISTRATOR,), "second administrator: confirms what ada proposes"),
    Player("alice", _FR, (Role.EXAMINER,), "examiner: opens cases, hands in probes, searches"),
    Player("bob", _FR, (Role.EXAMINER,), "second examiner"),
    Player("carol", _FR, (Role.SUPERVISOR,), "supervisor: authorises searches"),
    Player("dora", _FR, (Role.DATA_PROTECTION_OFFICER,), "data-protection officer: ledger, disputes, requests, policy"),
    Player("emil", _DE, (Role.RECORDS_OFFICER,), "records officer: owns the samples"),
    Player("mallory", _XX, (Role.EXAMINER,), "examiner, of an authority that is not admitted: refused everywhere"),
)
_BODIES: Final = ((_DE, "Demonstration authority DE", True), (_XX, "Demonstration authority XX", False))


def add_cast(node: Node) -> dict[str, str] | None:
    """Give the cast accounts on a node without any, and bring the policy for samples into force.

    Return everybody's password, or None where there are accounts already.
    """
    with node.store.reading() as tx:
        if people_store.count_people(tx):
            return None
    administrators = [player for player in CAST if Role.ADMINISTRATOR in player.roles]
    passwords = {player.name: make_password() for player in administrators}
    for player in administrators:
        add_first_person(node, player.name, authority=player.authority, password=passwords[player.name])
    agree = make_agreement(node, passwords)
    for code, name, admitted in _BODIES:
        add_authority(node, act_as(node, "ada", passwords), code, name=name, contact="")
        if admitted:
            agree(AdmitAuthority(code))
    today = node.clock().date()
    for player in CAST:
        if player.name not in passwords:
            grants = tuple(Grant(role, today + _LIFE) for role in player.roles)
            trained = today if Role.EXAMINER in player.roles else None
            passwords[player.name] = agree(AddPerson(player.name, player.authority, grants, trained, must_change=False))
    dora = act_as(node, "dora", passwords)
    replace_policy(node, dora, write_demo_policy(), reason="This node holds samples and nothing else.")
    return passwords


def make_agreement(node: Node, passwords: Mapping[str, str]) -> Callable[[JointAct], str]:
    """Return what lets both administrators do an act, and returns the password that it makes, or an empty text."""
    ada, axel = (act_as(node, name, passwords) for name in ("ada", "axel"))

    def agree(act: JointAct) -> str:
        made = propose(node, ada, act, reason="The demonstration needs it.")
        done = confirm_proposal(node, axel, made.proposal.number)
        return join_halves(made.half, done.half) if made.half and done.half else ""

    return agree


def require_accounts(node: Node) -> dict[str, str]:
    """Return the passwords of the cast, made now, or read from the file in the node's folder that they were written to.

    Raises Conflict where the node has other people's accounts.
    """
    path = node.home / ACCOUNTS_FILE
    made = add_cast(node)
    if made is not None:
        lines = [f"{player.name:<9}{made[player.name]}  {player.authority}, {player.words}" for player in CAST]
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return made
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return {words[0]: words[1] for words in (line.split(maxsplit=2) for line in lines if line.strip())}
    except (OSError, UnicodeDecodeError, IndexError):
        raise Conflict(
            "operator.demo.no-demonstration",
            "{home} holds a node that is no demonstration, or its {file} is gone. Name another folder with --home.",
            home=node.home,
            file=ACCOUNTS_FILE,
        ) from None


def act_as(node: Node, name: str, passwords: Mapping[str, str]) -> Actor:
    """Sign in as one of the cast for what the demonstration does; raises Conflict where the password is another now."""
    try:
        opened = sign_in(node, name, passwords.get(name, ""))
    except RefusedByPolicy as error:
        raise Conflict(
            "operator.demo.other-password",
            "{name} of this demonstration has another password now, or a second factor. Serve it with "
            "`semblance serve --home`, or make a new one in another folder.",
            name=name,
        ) from error
    actor = find_actor(node, opened.secret)
    sign_out(node, opened.secret)
    return actor


def write_demo_policy() -> str:
    """Return the shipped policy with the purpose of demonstration alone."""
    text = read_default_policy().text.replace("Semblance's default policy", "Semblance's policy for demonstrations")
    for purpose in Purpose:
        if purpose is not Purpose.DEMONSTRATION:
            before, _, after = text.partition(f"[purposes.{purpose.value}]\n")
            text = before + after.partition("\n\n")[2]
    return text
