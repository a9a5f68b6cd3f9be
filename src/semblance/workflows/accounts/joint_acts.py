"""What gives somebody an account, a role or a way in: each needs two people."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from semblance.audit.entry import Verb
from semblance.errors import Conflict, IntakeError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.person import Grant, Person, describe_grants, find_grant_fault, find_joined
from semblance.store import credentials, people, proposals, sessions
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode, make_id
from semblance.terms.permission import Action, Actor, PersonId, Refusal, Role
from semblance.workflows.accounts.authorities import require_authority, touch_authority
from semblance.workflows.accounts.people import (
    check_account,
    require_been,
    require_free,
    require_person_named,
    touch_person,
)
from semblance.workflows.permission import ask
from semblance.workflows.two_people import Affected, Doing, JointAct, Stepped, propose

_FACTOR: Final = Message("proposal.with-factor", "a second factor")
_NO_FACTOR: Final = Message("proposal.without-factor", "no second factor")


@dataclass(frozen=True, slots=True)
class AddPerson(JointAct):
    """Add an account with its roles; its owner must change the password at once, unless ``must_change`` is False.

    Without a password somebody can only sign in at the OpenID Connect provider.
    """

    kind: ClassVar[str] = "person.add"
    action: ClassVar[Action] = Action.PERSON_MANAGE
    verb: ClassVar[Verb] = Verb.COLLECTION

    person: str
    authority: str
    grants: tuple[Grant, ...] = ()
    trained_on: date | None = None
    with_password: bool = True
    must_change: bool = True

    @property
    def keyed(self) -> bool:
        return self.with_password

    def describe(self) -> Message:
        return Message(
            "proposal.add-person",
            "add {person} of {authority}; {grants}",
            person=self.person,
            authority=self.authority,
            grants=describe_grants(self.grants) or (Message("role.none-given", "no role"),),
        )

    def find_affected(self, tx: Transaction) -> Affected:
        owner, made = people.find_authority(tx, self.authority), people.find_person_named(tx, self.person)
        return Affected(None if owner is None else owner.code, () if made is None else (touch_person(made),))

    def refuse(self, doing: Doing) -> Refusal | None:
        return refuse_joined(doing.node, self.person, {grant.role for grant in self.grants})

    def check(self, doing: Doing) -> None:
        check_account(doing.node, self.person, self.grants, self.trained_on)
        require_authority(doing.tx, self.authority)
        require_free(doing.tx, self.person)

    def perform(self, doing: Doing) -> None:
        owner, changing = require_authority(doing.tx, self.authority), self.must_change and doing.password is not None
        given, now = (self.person, owner, self.grants, self.trained_on), doing.node.clock()
        people.add_person(doing.tx, Person(PersonId(make_id()), *given, False, changing, now), password=doing.password)


@dataclass(frozen=True, slots=True)
class _Change(JointAct):
    """A change of somebody's account."""

    action: ClassVar[Action] = Action.PERSON_MANAGE

    person: str

    def find_affected(self, tx: Transaction) -> Affected:
        found = people.find_person_named(tx, self.person)
        return Affected() if found is None else Affected(found.authority.code, (touch_person(found),))

    def check(self, doing: Doing) -> None:
        require_person_named(doing.tx, self.person)


@dataclass(frozen=True, slots=True)
class GiveRole(_Change):
    """Give a role until a day, or give it until another; the person's sessions end."""

    kind: ClassVar[str] = "role.give"

    role: Role
    until: date

    def describe(self) -> Message:
        return Message(
            "proposal.give-role",
            "give {person} the role {role} until {day}",
            person=self.person,
            role=self.role,
            day=self.until,
        )

    def refuse(self, doing: Doing) -> Refusal | None:
        found = people.find_person_named(doing.tx, self.person)
        today = doing.node.clock().date()
        held = () if found is None else (grant.role for grant in found.grants if grant.until >= today)
        return refuse_joined(doing.node, self.person, {self.role, *held})

    def check(self, doing: Doing) -> None:
        require_person_named(doing.tx, self.person)
        if (fault := find_grant_fault(self.until, doing.node.clock().date())) is not None:
            raise IntakeError("role.day-unusable", "The day {fault}.", fault=fault)

    def perform(self, doing: Doing) -> None:
        found = require_person_named(doing.tx, self.person)
        people.set_grant(doing.tx, found.id, Grant(self.role, self.until))
        sessions.drop_sessions(doing.tx, found.id)


@dataclass(frozen=True, slots=True)
class NoteTraining(_Change):
    """Note the day of an examiner's training, which may bring the role into force; the person's sessions end."""

    kind: ClassVar[str] = "person.train"

    on: date

    def describe(self) -> Message:
        return Message(
            "proposal.note-training", "note the training of {person} on {day}", person=self.person, day=self.on
        )

    def check(self, doing: Doing) -> None:
        require_person_named(doing.tx, self.person)
        require_been(self.on, doing.node)

    def perform(self, doing: Doing) -> None:
        found = require_person_named(doing.tx, self.person)
        people.set_training(doing.tx, found.id, self.on)
        sessions.drop_sessions(doing.tx, found.id)


@dataclass(frozen=True, slots=True)
class EnablePerson(_Change):
    """Let somebody who was disabled sign in again."""

    kind: ClassVar[str] = "person.enable"

    def describe(self) -> Message:
        return Message("proposal.enable-person", "let {person}, who was disabled, sign in again", person=self.person)

    def perform(self, doing: Doing) -> None:
        people.set_disabled(doing.tx, require_person_named(doing.tx, self.person).id, None)


@dataclass(frozen=True, slots=True)
class ResetPerson(_Change):
    """Give somebody another password, which they must change; every other way in is taken away.

    Second factor, tokens, sessions and links with accounts at a provider go: then whoever alone had a hand in the
    account has none any more.
    """

    kind: ClassVar[str] = "person.reset"

    @property
    def keyed(self) -> bool:
        return True

    def describe(self) -> Message:
        return Message(
            "proposal.reset-person",
            "give {person} a new password, and take the second factor, tokens and links away",
            person=self.person,
        )

    def perform(self, doing: Doing) -> None:
        assert doing.password is not None
        close_every_way_in(doing.node, doing.tx, require_person_named(doing.tx, self.person), doing.password)


@dataclass(frozen=True, slots=True)
class LinkPerson(_Change):
    """Let an account at the OpenID Connect provider sign in as the person."""

    kind: ClassVar[str] = "person.link"

    issuer: str
    subject: str

    def describe(self) -> Message:
        return Message(
            "proposal.link-person",
            "let the account {account} of {issuer} sign in as {person}",
            account=self.subject,
            issuer=self.issuer,
            person=self.person,
        )

    def check(self, doing: Doing) -> None:
        require_person_named(doing.tx, self.person)
        if not self.issuer.strip() or not self.subject.strip():
            raise IntakeError(
                "people.link-incomplete",
                "A link needs the provider's issuer and the account's subject (`sub`); name both.",
            )
        owner = people.find_linked(doing.tx, self.issuer.strip(), self.subject.strip())
        if owner is not None:
            raise Conflict(
                "people.linked-already",
                "That account is linked with {name} already; unlink it there first.",
                name=owner.name,
            )

    def perform(self, doing: Doing) -> None:
        found = require_person_named(doing.tx, self.person)
        people.link_account(doing.tx, found.id, self.issuer.strip(), self.subject.strip())


@dataclass(frozen=True, slots=True)
class ConfirmPerson(_Change):
    """Let an account of a restored copy count as it stands: its roles, its ways in, and whether it is disabled.

    What stands there is part of the proposal, so that both people confirm the same.
    """

    kind: ClassVar[str] = "person.confirm"

    grants: tuple[Grant, ...]
    disabled: bool
    second_factor: bool
    links: int

    @classmethod
    def of(cls, tx: Transaction, name: str) -> "ConfirmPerson":
        """Return the act for somebody as their account stands now; raises NotFound."""
        found = require_person_named(tx, name)
        links = len(people.list_links(tx, found.id))
        return cls(name, found.grants, found.disabled_at is not None, found.second_factor, links)

    def describe(self) -> Message:
        ways = Message(
            "proposal.ways-in",
            "the password as it was, {factor}, {n} linked accounts at a provider",
            factor=_FACTOR if self.second_factor else _NO_FACTOR,
            n=self.links,
        )
        return Message(
            "proposal.confirm-person",
            "let the account of {person} in the restored copy count: {grants}; {ways}",
            person=self.person,
            grants=describe_grants(self.grants) or (Message("role.none-given", "no role"),),
            ways=Message("proposal.disabled", "disabled") if self.disabled else ways,
        )

    def check(self, doing: Doing) -> None:
        found = require_person_named(doing.tx, self.person)
        if found.doubted_at is None:
            raise Conflict("people.not-doubted", "The account of {name} is in no doubt.", name=self.person)
        if ConfirmPerson.of(doing.tx, self.person) != self:
            raise Conflict(
                "people.changed-since",
                "The account of {name} is another than what was proposed to be confirmed. Propose it anew.",
                name=self.person,
            )

    def perform(self, doing: Doing) -> None:
        people.trust(doing.tx, require_person_named(doing.tx, self.person).id)


@dataclass(frozen=True, slots=True)
class AdmitAuthority(JointAct):
    """Let the people of an authority act here, each with their roles."""

    kind: ClassVar[str] = "authority.admit"
    action: ClassVar[Action] = Action.AUTHORITY_MANAGE

    authority: str

    def describe(self) -> Message:
        return Message("proposal.admit-authority", "admit the people of {authority}", authority=self.authority)

    def find_affected(self, tx: Transaction) -> Affected:
        found = people.find_authority(tx, self.authority)
        return Affected() if found is None else Affected(touched=(touch_authority(found),))

    def check(self, doing: Doing) -> None:
        require_authority(doing.tx, self.authority)

    def perform(self, doing: Doing) -> None:
        people.set_admitted(doing.tx, AuthorityCode(self.authority), admitted=True)


ACCOUNT_ACTS = (AddPerson, GiveRole, NoteTraining, EnablePerson, ResetPerson, LinkPerson, ConfirmPerson, AdmitAuthority)
"""Every kind of act on accounts and authorities that two people do together."""


def propose_confirmation(node: Node, actor: Actor, name: str, *, reason: str) -> Stepped:
    """Propose to let somebody's account in a restored copy count as it stands now; raises NotFound, Conflict."""
    ask(node, actor, ConfirmPerson.action)
    with node.store.reading() as tx:
        act = ConfirmPerson.of(tx, name)
    return propose(node, actor, act, reason=reason)


def refuse_joined(node: Node, person: str, roles: set[Role]) -> Refusal | None:
    """Return the rule that keeps somebody from holding all of the roles, or None."""
    joined = find_joined(roles, node.policy.read().roles.apart)
    if not joined:
        return None
    return Refusal(
        "roles.apart",
        "{person} would hold {roles:and}, which the policy keeps apart; take the other role away first, or give it "
        "to somebody else",
        person=person,
        roles=joined,
    )


def close_every_way_in(node: Node, tx: Transaction, person: Person, password: str, *, must_change: bool = True) -> None:
    """Let somebody in by a new password alone, ``password`` being its hash."""
    credentials.set_password(tx, person.id, password, must_change=must_change)
    credentials.drop_second_factor(tx, person.id)
    credentials.forgive(tx, person.id)
    credentials.forget_devices(tx, person.id)
    people.drop_links(tx, person.id)
    sessions.drop_sessions(tx, person.id)
    sessions.revoke_tokens(tx, person.id, node.clock())
    proposals.drop_hands(tx, person.id)
