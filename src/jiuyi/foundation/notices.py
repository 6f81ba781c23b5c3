"""Messages to people: posted once in the transaction of the change, delivered later through a port, with retries."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from jiuyi.foundation import ports, vault
from jiuyi.foundation.models import Notice
from jiuyi.foundation.notice_words import Channel, NoticeStatus
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.text import gettext_noop

__all__ = [
    "READ_OUTBOX",
    "Channel",
    "DeliveryFailed",
    "DemoSender",
    "MessageSender",
    "NoticeRow",
    "NoticeStatus",
    "OutgoingMessage",
    "count_by_status",
    "deliver_due",
    "mark_called",
    "outbox",
    "post",
    "posted",
    "seal_address",
    "text_of_newest",
]

READ_OUTBOX: Final = "notices.read"

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
_FIRST_PAUSE = timedelta(seconds=30)
_LOST_AFTER = timedelta(minutes=5)
_ADDRESS = "notices.address"
_HIDDEN = gettext_noop("（验证码，不显示）")
_WIPED = gettext_noop("（已送达，内容不保存）")


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What a sender is given. ``notice_id`` is the idempotency key: the same message may be handed over twice."""

    notice_id: UUID
    channel: Channel
    template: str
    address: str
    text: str


class MessageSender(Protocol):
    """The way out to the telephone network; wired by project."""

    def send(self, message: OutgoingMessage) -> str:
        """Hand the message over and return the provider's reference; ``DeliveryFailed`` otherwise."""


class DeliveryFailed(Exception):  # noqa: N818  # names what happened
    """The provider did not take the message; ``final`` when trying again is useless (no such number)."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


class DemoSender:
    """Sends nowhere: in the demo the outbox page is everybody's phone."""

    def send(self, message: OutgoingMessage) -> str:
        """Accept anything."""
        return f"demo-{message.notice_id}"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A message as the outbox page shows it; the address only as its hint."""

    id: UUID
    channel: Channel
    template: str
    text: str
    secret: bool
    address_hint: str
    person_id: UUID | None
    status: NoticeStatus
    posted_at: datetime
    sent_at: datetime | None
    attempts: int
    failure: str


def seal_address(address: str) -> bytes:
    """A phone number in the form that ``post`` takes."""
    return vault.seal(address, purpose=_ADDRESS)


def post(
    *,
    channel: Channel,
    template: str,
    text: str,
    address: bytes | None,
    address_hint: str,
    person_id: UUID | None,
    dedupe_key: str,
    now: datetime,
    secret: bool = False,
    valid_until: datetime | None = None,
) -> UUID | None:
    """Put a message into the outbox, in the caller's transaction. None if ``dedupe_key`` was posted already.

    ``address`` comes from ``seal_address``. After ``valid_until`` it is no longer sent.
    """
    notice_id = new_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_notice (id, channel, template, text, secret, address, address_hint, person_id,"
            " dedupe_key, status, posted_at, valid_until, attempts, next_attempt_at, provider_reference, failure)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, '', '')"
            " ON CONFLICT (dedupe_key) DO NOTHING RETURNING id",
            [
                notice_id,
                channel.value,
                template,
                text,
                secret,
                address,
                address_hint,
                person_id,
                dedupe_key,
                NoticeStatus.WAITING.value,
                now,
                valid_until,
                now,
            ],
        )
        return notice_id if cursor.fetchone() else None


def posted(dedupe_keys: Iterable[str]) -> set[str]:
    """Which of the keys were posted already: for sweeps that look at many people again and again."""
    return set(Notice.objects.filter(dedupe_key__in=list(dedupe_keys)).values_list("dedupe_key", flat=True))


def deliver_due(now: datetime, limit: int = 100) -> int:
    """Hand waiting messages to the sender; returns how many it took. Phone-call list entries wait for a person.

    A message is marked before it is handed over and again afterwards, so a crash in between repeats it rather than
    losing it. Failed attempts are repeated after growing pauses, five in all.
    """
    delivered = 0
    for _ in range(limit):
        notice = _take(now)
        if notice is None:
            break
        delivered += _deliver(notice, now)
    return delivered


def mark_called(notice_id: UUID, *, now: datetime) -> bool:
    """A person of the phone-call list was told; False if somebody noted that before."""
    waiting = Notice.objects.filter(id=notice_id, channel=Channel.CALL_LIST, status=NoticeStatus.WAITING)
    return waiting.update(status=NoticeStatus.SENT, sent_at=now) == 1


def outbox(
    limit: int = 100,
    search: str = "",
    *,
    channel: Channel | None = None,
    status: NoticeStatus | None = None,
) -> list[NoticeRow]:
    """The newest messages; ``search`` looks into text, template and address hint. The text of a secret one is for the demo only."""
    rows = Notice.objects.order_by("-posted_at", "-id")
    if channel is not None:
        rows = rows.filter(channel=channel)
    if status is not None:
        rows = rows.filter(status=status)
    if search.strip():
        words = search.strip()
        readable = Q(text__icontains=words) if settings.DEMO else Q(text__icontains=words, secret=False)
        rows = rows.filter(readable | Q(template__icontains=words) | Q(address_hint__icontains=words))
    return [_value(row) for row in rows[:limit]]


def text_of_newest(*, address_hint: str, template: str) -> str | None:
    """The newest message of a template to an address hint: how a demo or a test reads a code from the phone."""
    rows = Notice.objects.filter(address_hint=address_hint, template=template).order_by("-posted_at", "-id")
    return rows.values_list("text", flat=True).first()


def count_by_status() -> dict[NoticeStatus, int]:
    """How many messages stand where."""
    counted = Notice.objects.values_list("status").annotate(number=Count("id")).order_by()
    return dict.fromkeys(NoticeStatus, 0) | {NoticeStatus(status): number for status, number in counted}


def _take(now: datetime) -> Notice | None:
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(skip_locked=True)
            .filter(status__in=[NoticeStatus.WAITING, NoticeStatus.SENDING], next_attempt_at__lte=now)
            .exclude(channel=Channel.CALL_LIST)
            .order_by("next_attempt_at", "id")
            .first()
        )
        if notice is not None:
            notice.status = NoticeStatus.SENDING
            notice.attempts += 1
            notice.next_attempt_at = now + _LOST_AFTER
            notice.save(update_fields=["status", "attempts", "next_attempt_at"])
        return notice


def _deliver(notice: Notice, now: datetime) -> int:
    if notice.valid_until is not None and notice.valid_until <= now:
        _finish(notice, status=NoticeStatus.EXPIRED)
        return 0
    try:
        reference = ports.port(MessageSender).send(_message(notice))
    except DeliveryFailed as failed:
        _fail(notice, failed.reason, final=failed.final, now=now)
        return 0
    except vault.VaultError:
        _fail(notice, "address cannot be opened", final=True, now=now)
        return 0
    except Exception as error:
        # A sender may break in any way; the message must not be lost with it, nor those behind it.
        logger.exception("sender failed", extra={"notice_id": str(notice.id)})
        _fail(notice, type(error).__name__, final=False, now=now)
        return 0
    _finish(notice, status=NoticeStatus.SENT, sent_at=now, provider_reference=reference[:120], failure="")
    return 1


def _message(notice: Notice) -> OutgoingMessage:
    if notice.address is None:
        reason = "no address"
        raise DeliveryFailed(reason, final=True)
    address = vault.unseal(bytes(notice.address), purpose=_ADDRESS)
    return OutgoingMessage(notice.id, Channel(notice.channel), notice.template, address, notice.text)


def _fail(notice: Notice, reason: str, *, final: bool, now: datetime) -> None:
    if final or notice.attempts >= MAX_ATTEMPTS:
        _finish(notice, status=NoticeStatus.FAILED, failure=reason[:120])
        return
    again_at = now + _FIRST_PAUSE * 2 ** (notice.attempts - 1)
    Notice.objects.filter(id=notice.id, attempts=notice.attempts).update(
        status=NoticeStatus.WAITING, next_attempt_at=again_at, failure=reason[:120]
    )


def _finish(notice: Notice, **changes: object) -> None:
    if notice.secret and not settings.DEMO:
        changes["text"] = _WIPED
    Notice.objects.filter(id=notice.id, status=NoticeStatus.SENDING).update(**changes)


def _value(row: Notice) -> NoticeRow:
    return NoticeRow(
        id=row.id,
        channel=Channel(row.channel),
        template=row.template,
        text=row.text if settings.DEMO or not row.secret else _HIDDEN,
        secret=row.secret,
        address_hint=row.address_hint,
        person_id=row.person_id,
        status=NoticeStatus(row.status),
        posted_at=row.posted_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        failure=row.failure,
    )
