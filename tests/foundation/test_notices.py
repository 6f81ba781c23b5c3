"""Messages are posted once, sent with retries, and secrets are wiped."""

from datetime import timedelta

import pytest
from django.db import transaction

from jiuyi.foundation import notices, ports
from jiuyi.foundation.models import Notice
from jiuyi.foundation.notices import Channel, DeliveryFailed, MessageSender, NoticeStatus
from jiuyi.kernel.ids import new_id

PHONE = "00000000001"


class Sender:
    def __init__(self):
        self.sent = []
        self.failure = None

    def send(self, message):
        if self.failure:
            raise self.failure
        self.sent.append(message)
        return f"ref-{len(self.sent)}"


@pytest.fixture
def sender(monkeypatch):
    monkeypatch.setattr(ports, "_provided", dict(ports._provided))
    made = Sender()
    ports.provide(MessageSender, made)
    return made


def post(now, key="k1", **more):
    given = {
        "channel": Channel.SMS,
        "template": "test.ready",
        "text": "您的号已约好。",
        "address": notices.seal_address(PHONE),
        "address_hint": "0001",
        "person_id": None,
        "dedupe_key": key,
        "now": now,
    } | more
    return notices.post(**given)


def test_a_message_is_posted_once(db, now):
    first = post(now)
    assert first is not None
    assert post(now, text="again") is None
    assert post(now, key="k2") is not None
    assert [row.text for row in notices.outbox()] == ["您的号已约好。", "您的号已约好。"]


def test_it_vanishes_with_its_transaction(db, now):
    with transaction.atomic():
        post(now)
        transaction.set_rollback(True)
    assert notices.outbox() == []
    assert post(now) is not None


def test_the_address_is_stored_sealed(db, now):
    post(now)
    assert PHONE.encode() not in bytes(Notice.objects.get().address)


def test_what_is_due_is_sent_once(db, now, sender):
    notice_id = post(now)
    assert notices.deliver_due(now) == 1
    assert notices.deliver_due(now + timedelta(hours=1)) == 0
    (message,) = sender.sent
    assert (message.notice_id, message.address, message.text, message.channel) == (notice_id, PHONE, "您的号已约好。", Channel.SMS)
    (row,) = notices.outbox()
    assert (row.status, row.sent_at, row.attempts) == (NoticeStatus.SENT, now, 1)
    assert notices.count_by_status()[NoticeStatus.SENT] == 1


def test_failures_are_repeated_after_growing_pauses_then_given_up(db, now, sender):
    post(now)
    sender.failure = DeliveryFailed("busy")
    pauses, at = [], now
    for _ in range(notices.MAX_ATTEMPTS):
        assert notices.deliver_due(at) == 0
        assert notices.deliver_due(at) == 0
        row = Notice.objects.get()
        if row.status == NoticeStatus.WAITING:
            pauses.append((row.next_attempt_at - at).total_seconds())
            at = row.next_attempt_at
    assert pauses == [30, 60, 120, 240]
    row = Notice.objects.get()
    assert (row.status, row.attempts, row.failure) == (NoticeStatus.FAILED, notices.MAX_ATTEMPTS, "busy")
    sender.failure = None
    assert notices.deliver_due(at + timedelta(days=1)) == 0


def test_a_sender_that_recovers_delivers(db, now, sender):
    post(now)
    sender.failure = RuntimeError("broken in any way")
    notices.deliver_due(now)
    assert Notice.objects.get().failure == "RuntimeError"
    sender.failure = None
    assert notices.deliver_due(now + timedelta(minutes=1)) == 1
    assert notices.outbox()[0].failure == ""


@pytest.mark.parametrize(
    ("_case", "more", "failure"),
    [
        ("no address", {"address": None}, "no address"),
        ("an address that does not open", {"address": b"nonsense"}, "address cannot be opened"),
    ],
)
def test_the_undeliverable_is_not_tried_again(db, now, sender, _case, more, failure):
    post(now, **more)
    assert notices.deliver_due(now) == 0
    (row,) = notices.outbox()
    assert (row.status, row.failure, row.attempts) == (NoticeStatus.FAILED, failure, 1)


def test_a_final_failure_is_final(db, now, sender):
    post(now)
    sender.failure = DeliveryFailed("no such number", final=True)
    notices.deliver_due(now)
    assert notices.outbox()[0].status is NoticeStatus.FAILED


def test_a_message_lost_in_a_crash_is_sent_again(db, now, sender):
    post(now)
    assert notices._take(now) is not None  # taken, then the worker died
    assert notices.deliver_due(now + timedelta(minutes=4)) == 0
    assert notices.deliver_due(now + timedelta(minutes=5)) == 1


@pytest.mark.parametrize(("_case", "after", "status"), [("in time", 299, "sent"), ("at its end", 300, "expired")])
def test_a_message_that_is_no_longer_true_is_not_sent(db, now, sender, _case, after, status):
    post(now, valid_until=now + timedelta(minutes=5))
    notices.deliver_due(now + timedelta(seconds=after))
    assert notices.outbox()[0].status == status
    assert len(sender.sent) == (status == "sent")


@pytest.mark.parametrize(
    ("_case", "demo", "secret", "kept"),
    [
        ("a code in a real house", False, True, False),
        ("a code in the demo", True, True, True),
        ("an ordinary message", False, False, True),
    ],
)
@pytest.mark.parametrize("failing", [False, True])
def test_secrets_are_wiped_once_finished(db, now, sender, settings, _case, demo, secret, kept, failing):  # noqa: PLR0917  # the table's columns
    settings.DEMO = demo
    sender.failure = DeliveryFailed("no such number", final=True) if failing else None
    post(now, text="验证码 123456", secret=secret)
    notices.deliver_due(now)
    assert ("123456" in Notice.objects.get().text) is kept


def test_a_secret_waits_unharmed_between_attempts(db, now, sender, settings):
    settings.DEMO = False
    sender.failure = DeliveryFailed("busy")
    post(now, text="验证码 123456", secret=True)
    notices.deliver_due(now)
    sender.failure = None
    notices.deliver_due(now + timedelta(minutes=1))
    assert sender.sent[0].text == "验证码 123456"


def test_a_phone_call_list_waits_for_a_person(db, now, sender):
    notice_id = post(now, channel=Channel.CALL_LIST, address=None)
    assert notices.deliver_due(now) == 0
    assert notices.outbox()[0].status is NoticeStatus.WAITING
    assert notices.mark_called(notice_id, now=now) is True
    assert notices.mark_called(notice_id, now=now) is False
    assert notices.mark_called(new_id(), now=now) is False


def test_the_outbox_is_searched(db, now):
    post(now, key="a", text="内科 09:00")
    post(now + timedelta(seconds=1), key="b", text="外科 10:00", address_hint="8888")
    assert [row.text for row in notices.outbox()] == ["外科 10:00", "内科 09:00"]
    assert [row.text for row in notices.outbox(search="内科")] == ["内科 09:00"]
    assert [row.text for row in notices.outbox(search=" 8888 ")] == ["外科 10:00"]
    assert len(notices.outbox(limit=1)) == 1
    assert notices.text_of_newest(address_hint="8888", template="test.ready") == "外科 10:00"
    assert notices.text_of_newest(address_hint="9999", template="test.ready") is None


def test_the_demo_sender_takes_everything(db, now, sender):
    ports.provide(MessageSender, notices.DemoSender())
    post(now)
    assert notices.deliver_due(now) == 1
