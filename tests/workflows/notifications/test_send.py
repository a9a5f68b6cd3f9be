"""Owners are told of leads: in the act's own transaction, at least once, again after any failure, naming nobody."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from standardwebhooks import Webhook
from tests.cast import ADA, ALICE, CAROL, DE, DORA, EMIL, FR, MALLORY, OUTSIDE
from tests.outside import Outside, find_closed_port, run_hook, run_smtp
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import enrol, find_id
from tests.workflows.records.test_write_record import create

from semblance.audit.entry import read_entry
from semblance.errors import ConfigurationError, IntakeError, NotFound, PolicyError, RefusedByPolicy, StoreFull
from semblance.exchange.delivery.mail import MailServer
from semblance.exchange.delivery.webhook import WebhookCaller
from semblance.exchange.intake import IntakeItem
from semblance.node.node import NO_CHANNELS, Node, NotificationChannels
from semblance.store import ledger, notifications, people
from semblance.store.notifications import OutgoingNotification, queue_notification
from semblance.terms.ids import make_id
from semblance.terms.notification import Channel, LeadNotification
from semblance.terms.permission import Actor
from semblance.workflows.accounts.authorities import add_authority, exclude_authority, set_reach
from semblance.workflows.notifications import send as sending
from semblance.workflows.notifications.outgoing import (
    hand_out_key,
    list_notifications,
    retry_notification,
    try_channels,
)
from semblance.workflows.notifications.send import (
    LONGEST_PAUSE,
    NOT_SET_UP_LIMIT,
    TRIES_CAP,
    find_pause,
    send_notifications,
)

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

WHY = "The desk moved"
DEADLINE = datetime(2026, 3, 15, 9, tzinfo=UTC)


def list_actions(node: Node) -> list[str]:
    with node.store.reading() as tx:
        return [read_entry(data)["action"] for _, data in ledger.iterate_entries(tx)]


def count_entries(node: Node, action: str) -> int:
    return list_actions(node).count(action)


def read_notifications(node: Node, lead: str) -> tuple[OutgoingNotification, ...]:
    with node.store.reading() as tx:
        return notifications.list_about(tx, [lead])


def queue(node: Node, kind: LeadNotification = LeadNotification.WAITING) -> str:
    lead = make_id()
    with node.store.writing() as tx:
        queue_notification(tx, kind.value, lead, DE, at=node.clock(), deadline=DEADLINE)
    return lead


def queue_and_fail(node: Node) -> None:
    with node.store.writing() as tx:
        assert len(queue_notification(tx, LeadNotification.WAITING.value, make_id(), DE, at=node.clock())) == 2
        raise StoreFull("test.error", "There is no room left; make room.")


def register(node: Node, *, contact: str = "desk@de.invalid", webhook: str | None = None) -> None:
    add_authority(node, ADA, "DE", name="Bundeskriminalamt", contact=contact, webhook=webhook)
    admit(node)


def admit(node: Node) -> None:
    with node.store.writing() as tx:
        people.set_admitted(tx, DE, admitted=True)


def open_channels(node: Node, mail: int | None, hook: bool = True, timeout: float = 5.0) -> Node:
    server = None if mail is None else MailServer("127.0.0.1", mail, "none", "node@fr.invalid", timeout=timeout)
    caller = WebhookCaller(b"s" * 64, timeout) if hook else None
    return replace(node, channels=NotificationChannels(server, caller, "https://semblance.fr.invalid"))


@contextmanager
def run_both(node: Node, **behaviour: Any) -> Iterator[tuple[Node, Outside, Outside]]:
    with run_smtp(Outside(starttls=False, **behaviour)) as smtp, run_hook(Outside(**behaviour)) as hook:
        register(node, webhook=f"http://127.0.0.1:{hook.port}/semblance")
        yield open_channels(node, smtp.port), smtp, hook


def test_a_notification_goes_every_way_and_names_nobody(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("Zebedaeus-4711", "portrait-zq.jpg", draw("Zebedaeus-4711"))])
    subject = find_id(node, "Zebedaeus-4711")
    warrant = create(node)
    with run_both(node) as (open_node, smtp, hook):
        lead = queue(node)
        assert list(send_notifications(open_node)) == [1, 1]
        assert list(send_notifications(open_node)) == []
    mail, called = read_notifications(node, lead)
    if mail.channel is not Channel.MAIL:
        mail, called = called, mail
    message = message_from_bytes(smtp.messages[0])
    assert message["To"] == "desk@de.invalid"
    assert message["Message-ID"] == f"<{mail.id}@fr.invalid>"
    assert message["Semblance-Notice-Id"] == mail.id
    text = str(message.get_payload())
    assert f"https://semblance.fr.invalid/leads/{lead}" in text
    assert "2026-03-15 09:00" in text
    ((target, headers, body),) = hook.calls
    assert target == "/semblance"
    told = json.loads(body)
    assert told == {
        "id": called.id,
        "kind": "lead-waits",
        "lead": lead,
        "authority": "DE",
        "due_on": "2026-03-15",
        "at": "2026-03-01T09:00:00+00:00",
        "link": f"https://semblance.fr.invalid/leads/{lead}",
    }
    key = hand_out_key(open_node, ADA, "DE")
    assert headers["webhook-timestamp"] == str(int(node.clock().timestamp()))
    assert headers["webhook-signature"] == Webhook(key).sign(called.id, node.clock(), body.decode())
    for sent in (bytes(smtp.received), bytes(hook.received)):
        for secret in (
            "Zebedaeus",
            "portrait",
            subject,
            warrant.subject,
            "2026/17",
            "Moreau",
            "Zo",
            "Bundeskriminalamt",
            "emil",
            "score",
        ):
            assert secret.encode() not in sent
    assert count_entries(node, "notice.send") == 2


@pytest.mark.parametrize("kind", LeadNotification)
def test_every_kind_has_its_words(node: Node, kind: LeadNotification) -> None:
    with run_both(node) as (open_node, smtp, hook):
        queue(node, kind)
        assert sum(send_notifications(open_node)) == 2
    message = message_from_bytes(smtp.messages[0])
    assert message["Subject"]
    assert all(len(line) < 998 and line.isascii() for line in smtp.messages[0].split(b"\r\n"))
    assert json.loads(hook.calls[0][2])["kind"] == kind.value


def test_what_was_rolled_back_is_not_sent(node: Node) -> None:
    with run_both(node) as (open_node, smtp, hook):
        with pytest.raises(StoreFull):
            queue_and_fail(node)
        assert list(send_notifications(open_node)) == []
    assert (smtp.connections, hook.connections) == (0, 0)


def test_an_authority_that_no_way_leads_to_is_queued_nothing(node: Node) -> None:
    register(node, contact="Desk: +49 30 1234, or desk@de.invalid\r\nBcc: x@xx.invalid".replace("\r\n", "\n"))
    add_authority(node, ADA, "XX", name="Elsewhere", contact="desk@xx.invalid")
    with node.store.writing() as tx:
        for code in (DE, OUTSIDE, FR):
            assert queue_notification(tx, LeadNotification.WAITING.value, make_id(), code, at=node.clock()) == ()


@pytest.mark.parametrize("code", [500, 503, 404, 451])
def test_what_is_not_taken_is_tried_again_later_under_the_same_id(node: Node, clock: Clock, code: int) -> None:
    with run_both(node) as (open_node, smtp, hook):
        smtp.answers, hook.answers = [code], [code]
        lead = queue(node)
        assert list(send_notifications(open_node)) == [0, 0]
        assert list(send_notifications(open_node)) == []
        assert all(str(code) in str(unsent.failure) and unsent.tries == 1 for unsent in read_notifications(node, lead))
        clock.now += timedelta(minutes=1)
        assert list(send_notifications(open_node)) == [1, 1]
    assert all(sent.sent_at is not None and sent.failure is None for sent in read_notifications(node, lead))
    first, second = (headers["webhook-id"] for _, headers, _ in hook.calls)
    assert first == second
    mailed = next(one for one in read_notifications(node, lead) if one.channel is Channel.MAIL)
    assert smtp.received.count(f"Message-ID: <{mailed.id}@".encode()) == 2
    assert count_entries(node, "notice.send") == 2


def test_pauses_grow_to_six_hours_and_end_after_twenty_tries(node: Node, clock: Clock) -> None:
    pauses = [find_pause(tries) for tries in range(1, TRIES_CAP + 1)]
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE == timedelta(hours=6)
    register(node)
    open_node = open_channels(node, find_closed_port())
    lead = queue(node)
    for tries in range(1, TRIES_CAP + 1):
        assert list(send_notifications(open_node)) == [0]
        assert read_notifications(node, lead)[0].tries == tries
        assert list(send_notifications(open_node)) == []
        clock.now += pauses[tries - 1]
    assert list(send_notifications(open_node)) == []
    (waiting,) = read_notifications(node, lead)
    assert waiting.given_up_at is not None
    assert waiting.failure is not None
    assert "cannot be reached" in str(waiting.failure)
    assert count_entries(node, "notice.give-up") == 1
    assert count_entries(node, "notice.send") == 0
    assert list_notifications(node, ADA).unsent == (waiting,)


@pytest.mark.parametrize("when", ["before the try", "after the sending"])
def test_a_program_killed_in_the_middle_sends_again_with_the_same_id(
    node: Node, clock: Clock, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    deliver = sending.deliver

    def die(*arguments: Any, **named: Any) -> None:
        if when == "after the sending":
            assert deliver(*arguments, **named) is None
        raise Killed

    with run_hook() as hook:
        register(node, contact="", webhook=f"http://127.0.0.1:{hook.port}/")
        open_node = open_channels(node, None)
        lead = queue(node)
        with monkeypatch.context() as patch:
            patch.setattr(sending, "deliver", die)
            with pytest.raises(Killed):
                list(send_notifications(open_node))
        (waiting,) = read_notifications(node, lead)
        assert (waiting.sent_at, waiting.tries) == (None, 1)
        # a program that dies each time does not try without end
        assert list(send_notifications(open_node)) == []
        clock.now += timedelta(minutes=1)
        assert list(send_notifications(open_node)) == [1]
    ids = [headers["webhook-id"] for _, headers, _ in hook.calls]
    assert ids == [waiting.id] * (2 if when == "after the sending" else 1)
    assert count_entries(node, "notice.send") == 1


def test_two_workers_do_not_send_the_same_notification_at_once(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver = sending.deliver
    others: list[int] = []

    def meet(*arguments: Any, **named: Any) -> Any:
        # the other worker's round, while this one's message is on its way and nothing is locked
        if not others:
            others.append(0)
            others.extend(send_notifications(open_node))
        return deliver(*arguments, **named)

    with run_hook() as hook:
        register(node, contact="", webhook=f"http://127.0.0.1:{hook.port}/")
        open_node = open_channels(node, None)
        queue(node)
        monkeypatch.setattr(sending, "deliver", meet)
        assert list(send_notifications(open_node)) == [1]
    assert others == [0]
    assert len(hook.calls) == 1


def test_a_round_that_read_the_queue_earlier_sends_nothing_twice(node: Node) -> None:
    with run_hook() as hook:
        register(node, contact="", webhook=f"http://127.0.0.1:{hook.port}/")
        open_node = open_channels(node, None)
        queue(node)
        queue(node)
        slow = send_notifications(open_node)
        assert next(slow) == 1
        assert list(send_notifications(open_node)) == [1]
        assert list(slow) == [0]
    assert len(hook.calls) == 2


def test_what_does_not_answer_is_asked_once_in_a_round_and_holds_up_no_other(node: Node) -> None:
    with run_smtp(Outside(hangs=True)) as smtp, run_hook() as hook:
        register(node, webhook=f"http://127.0.0.1:{hook.port}/")
        open_node = open_channels(node, smtp.port, timeout=0.2)
        leads = [queue(node) for _ in range(3)]
        assert sum(send_notifications(open_node)) == 3
        assert smtp.connections == 1
    assert len(hook.calls) == 3
    waiting = [one for lead in leads for one in read_notifications(node, lead) if one.sent_at is None]
    assert sorted(one.tries for one in waiting) == [0, 0, 1]


def test_a_way_that_is_not_set_up_waits_a_week_and_is_given_up(node: Node, clock: Clock) -> None:
    register(node)
    lead = queue(node)
    assert list(send_notifications(node)) == [0]
    (waiting,) = read_notifications(node, lead)
    assert waiting.failure is not None
    assert "mail.host" in str(waiting.failure)
    assert (waiting.tries, waiting.given_up_at) == (0, None)
    clock.now += NOT_SET_UP_LIMIT
    assert list(send_notifications(node)) == [0]
    assert read_notifications(node, lead)[0].given_up_at is not None
    assert count_entries(node, "notice.give-up") == 1


def test_addresses_are_those_of_the_moment_of_sending(node: Node) -> None:
    with run_smtp() as smtp:
        register(node)
        open_node = open_channels(node, smtp.port)
        queue(node)
        set_reach(node, ADA, "DE", contact="night-desk@de.invalid", reason=WHY)
        assert list(send_notifications(open_node)) == [1]
        assert b"night-desk" in smtp.received
        kept = queue(node)
        exclude_authority(node, ADA, "DE", reason=WHY)
        assert list(send_notifications(open_node)) == [0]
    assert len(smtp.messages) == 1
    assert read_notifications(node, kept)[0].given_up_at is not None


def test_what_was_given_up_is_tried_again_on_request(node: Node) -> None:
    register(node)
    lead = queue(node)
    exclude_authority(node, ADA, "DE", reason=WHY)
    assert list(send_notifications(node)) == [0]
    (given_up,) = read_notifications(node, lead)
    assert given_up.given_up_at is not None
    admit(node)
    retry_notification(node, ADA, given_up.id)
    with run_smtp() as smtp:
        assert list(send_notifications(open_channels(node, smtp.port))) == [1]
    assert count_entries(node, "notice.retry") == 1
    with pytest.raises(NotFound, match="No notification"):
        retry_notification(node, ADA, given_up.id)
    with pytest.raises(RefusedByPolicy):
        retry_notification(node, DORA, given_up.id)


def test_unsent_notifications_of_what_is_erased_are_dropped(node: Node) -> None:
    register(node)
    gone, kept = queue(node), queue(node)
    with node.store.writing() as tx:
        assert notifications.drop_unsent(tx, [gone]) == 1
    assert (len(read_notifications(node, gone)), len(read_notifications(node, kept))) == (0, 1)


def test_reach_is_changed_in_part_and_taken_away(node: Node) -> None:
    register(node, webhook="https://de.example/semblance")
    changed = set_reach(node, ADA, "DE", contact="other@de.invalid", reason=WHY)
    assert (changed.mail, changed.webhook) == ("other@de.invalid", "https://de.example/semblance")
    assert set_reach(node, ADA, "DE", webhook="", reason=WHY).webhook is None
    for wrong in ("http://de.example/", "https://169.254.169.254/", "https://de.example/\r\nX: y"):
        with pytest.raises(IntakeError):
            set_reach(node, ADA, "DE", webhook=wrong, reason=WHY)
    with pytest.raises(PolicyError):
        set_reach(node, ADA, "DE", webhook="", reason=" ")
    with pytest.raises(NotFound):
        set_reach(node, ADA, "ZZ", webhook="", reason=WHY)
    assert set_reach(node, ADA, "DE", reason=WHY).mail == "other@de.invalid"


def test_an_administrator_tries_every_way_and_is_told_what_happened(node: Node) -> None:
    with run_both(node) as (open_node, smtp, hook):
        hook.answers = [503]
        mail, webhook = try_channels(open_node, ADA, "DE")
        assert (mail.channel, mail.asked, mail.failure) == (Channel.MAIL, True, None)
        assert "503" in str(webhook.failure)
        set_reach(node, ADA, "DE", webhook="", reason=WHY)
        _, webhook = try_channels(open_node, ADA, "DE")
        assert not webhook.asked
    assert b"test notification" in smtp.messages[0]
    assert json.loads(hook.calls[0][2])["lead"] is None
    assert count_entries(node, "notice.test") == 4
    shut = replace(node, channels=NO_CHANNELS)
    assert all("not set up" in str(way.failure) for way in try_channels(shut, ADA, "DE"))
    with pytest.raises(ConfigurationError, match="secret_file"):
        hand_out_key(shut, ADA, "DE")
    with pytest.raises(NotFound):
        try_channels(open_node, ADA, "ZZ")


@pytest.mark.parametrize("actor", [ALICE, CAROL, DORA, EMIL, MALLORY])
def test_nobody_else_may(node: Node, actor: Actor) -> None:
    register(node)
    acts: tuple[Callable[[], object], ...] = (
        lambda: list_notifications(node, actor),
        lambda: try_channels(node, actor, "DE"),
        lambda: hand_out_key(node, actor, "DE"),
        lambda: set_reach(node, actor, "DE", webhook="", reason=WHY),
    )
    for act in acts:
        with pytest.raises(RefusedByPolicy):
            act()
    with node.store.reading() as tx:
        verbs = [read_entry(data)["verb"] for _, data in ledger.iterate_entries(tx)]
    assert verbs.count("refusal") == len(acts)
