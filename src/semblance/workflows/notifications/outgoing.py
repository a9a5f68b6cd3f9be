"""What an administrator does about notices: sees what was not sent and why, tries the ways out, hands out a key."""

from dataclasses import dataclass
from typing import Final

from semblance.audit.act import Touched, Verb
from semblance.errors import ConfigurationError, NotFound
from semblance.node.node import Node
from semblance.people.authority import Authority
from semblance.store import ledger, notifications
from semblance.store.notifications import OutgoingNotice
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import make_id
from semblance.terms.notification import TEST_NOTICE, Channel
from semblance.terms.permission import Permit
from semblance.workflows.accounts.authorities import require_authority
from semblance.workflows.notifications.deliver import NOT_SET_UP, deliver_notice
from semblance.workflows.permission import ask, describe_act

_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class NoticeList:
    """The notices that wait or were given up, the latest first, and how many were sent."""

    unsent: tuple[OutgoingNotice, ...]
    sent: int


@dataclass(frozen=True, slots=True)
class TriedChannel:
    """What became of a test notice one way; ``failure`` is a sentence, or None where it was taken.

    ``asked``: the authority is to be told this way, so that a failure is one.
    """

    channel: Channel
    asked: bool
    failure: str | None


def list_notices(node: Node, actor: Actor) -> NoticeList:
    """Return the notices that were not sent; nothing in them names anybody."""
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    with node.store.writing() as tx:
        found = NoticeList(notifications.list_unsent(tx, limit=_SHOWN), notifications.count_sent(tx))
        touched = tuple(Touched("notice", one.id) for one in found.unsent)
        act = describe_act(actor, permit, Verb.CONSULTATION, "notice.list", touched=touched)
        ledger.append(tx, act, at=node.clock())
    return found


def retry_notice(node: Node, actor: Actor, notice: str) -> None:
    """Let a notice that was given up be tried again by the worker, as often as the first time.

    Raises NotFound where there is no notice that was given up under this id.
    """
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    now = node.clock()
    with node.store.writing() as tx:
        if not notifications.begin_again(tx, notice, at=now):
            raise NotFound(
                "notifications.no-notice-given-up-semblance",
                "No notice {notice} was given up; `semblance notices list` names those that were.",
                notice=notice,
            )
        act = describe_act(actor, permit, Verb.ALTERATION, "notice.retry", touched=(Touched("notice", notice),))
        ledger.append(tx, act, at=now)
    return


def try_channels(node: Node, actor: Actor, code: str) -> tuple[TriedChannel, ...]:
    """Send a test notice to the authority every way, now, and return what became of it. Raises NotFound."""
    found = _ask_about(node, actor, code)
    permit, authority = found
    asked = {Channel.MAIL: authority.mail is not None, Channel.WEBHOOK: authority.webhook is not None}
    tried = []
    for channel in Channel:
        notice, now = make_id(), node.clock()
        failed = deliver_notice(
            node, authority, channel, kind=TEST_NOTICE, about="", notice=notice, made_at=now, deadline=None
        )
        said = f"by {channel}: {'sent' if failed is None else failed.reason}"
        touched = (Touched("notice", notice), Touched("authority", authority.code))
        act = describe_act(actor, permit, Verb.DISCLOSURE, "notice.test", reason=said, touched=touched)
        with node.store.writing() as tx:
            ledger.append(tx, act, at=node.clock())
        tried.append(TriedChannel(channel, asked[channel], None if failed is None else failed.reason))
    return tuple(tried)


def hand_out_key(node: Node, actor: Actor, code: str) -> str:
    """Return the key that verifies the calls to the authority's webhook, to be handed to it and to nobody else.

    Raises NotFound, and ConfigurationError where webhooks are not set up.
    """
    found = _ask_about(node, actor, code)
    permit, authority = found
    if node.channels.webhook is None:
        raise ConfigurationError(NOT_SET_UP[Channel.WEBHOOK])
    act = describe_act(actor, permit, Verb.DISCLOSURE, "notice.key", touched=(Touched("authority", authority.code),))
    with node.store.writing() as tx:
        ledger.append(tx, act, at=node.clock())
    return node.channels.webhook.derive_key(authority.code)


def _ask_about(node: Node, actor: Actor, code: str) -> tuple[Permit, Authority]:
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    with node.store.reading() as tx:
        return permit, require_authority(tx, code)
