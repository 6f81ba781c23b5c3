"""Messages to people, on their way or delivered."""

from django.db import models

from jiuyi.foundation.notice_words import Channel, NoticeStatus
from jiuyi.kernel.ids import new_id


class Notice(models.Model):
    """One message to one address; ``dedupe_key`` makes a second posting of the same news impossible.

    ``address`` is sealed by the vault; a phone-call list entry may have none. The text of a secret notice (a log-in
    code) is wiped once delivered, outside the demo.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.CharField(max_length=12, choices=Channel.choices())
    template = models.CharField(max_length=80)
    text = models.TextField()
    secret = models.BooleanField(default=False)
    address = models.BinaryField(null=True)
    address_hint = models.CharField(max_length=40, blank=True)
    person_id = models.UUIDField(null=True)
    dedupe_key = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=12, choices=NoticeStatus.choices(), default=NoticeStatus.WAITING.value)
    posted_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    provider_reference = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(channel__in=[word.value for word in Channel]), name="notice_channel_known"),
            models.CheckConstraint(condition=models.Q(status__in=[word.value for word in NoticeStatus]), name="notice_status_known"),
            models.CheckConstraint(condition=~models.Q(status="sent") | models.Q(sent_at__isnull=False), name="notice_sent_has_a_time"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(status__in=["waiting", "sending"]),
                name="notice_due",
            ),
            models.Index(fields=["-posted_at"], name="notice_newest"),
            models.Index(fields=["person_id", "-posted_at"], name="notice_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.template}"
