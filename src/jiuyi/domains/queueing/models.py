"""Queues, their daily numbers, tickets and the calls made from them."""

from django.db import models
from django.db.models import F, Q

from jiuyi.domains.queueing.words import LIVE, WITH_DOCTOR, TicketCategory, TicketStatus
from jiuyi.kernel.ids import new_id

_WITH_DOCTOR = [status.value for status in WITH_DOCTOR]
_LIVE = [status.value for status in LIVE]


class Queue(models.Model):
    """People wait here for one department: one row of numbers a day, shared by all its doctors."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=4)
    area = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["department", "name"], name="queue_name_once")]


class QueueDay(models.Model):
    """The last number given in a queue on a local day; its row is the lock of that queue."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    queue = models.ForeignKey("queueing.Queue", on_delete=models.PROTECT, related_name="+")
    service_date = models.DateField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "service_date"], name="queue_day_once")]


class Ticket(models.Model):
    """One person waits in one queue; number and check-in never change, so a position can always be restored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    queue = models.ForeignKey("queueing.Queue", on_delete=models.PROTECT, related_name="+")
    service_date = models.DateField()
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=12)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey("scheduling.Appointment", on_delete=models.PROTECT, null=True, related_name="+")
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    window_start = models.DateTimeField(null=True)
    window_end = models.DateTimeField(null=True)
    category = models.CharField(max_length=12, choices=TicketCategory.choices())
    reason = models.CharField(max_length=120, blank=True)
    late = models.BooleanField(default=False)
    status = models.CharField(max_length=12, choices=TicketStatus.choices(), default=TicketStatus.WAITING.value)
    checked_in_at = models.DateTimeField()
    calls = models.PositiveSmallIntegerField(default=0)
    first_called_at = models.DateTimeField(null=True)
    last_called_at = models.DateTimeField(null=True)
    put_back_at = models.DateTimeField(null=True)
    put_back_calls = models.PositiveSmallIntegerField(default=0)
    room = models.ForeignKey("organizations.Room", on_delete=models.PROTECT, null=True, related_name="+")
    called_by = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "service_date", "number"], name="ticket_number_once"),
            models.UniqueConstraint(
                fields=["person", "service_date"], condition=Q(status__in=_WITH_DOCTOR), name="ticket_person_in_one_room"
            ),
            models.UniqueConstraint(
                fields=["called_by", "service_date"], condition=Q(status__in=_WITH_DOCTOR), name="ticket_doctor_has_one_person"
            ),
            models.UniqueConstraint(
                fields=["queue", "service_date", "person"], condition=Q(status__in=_LIVE), name="ticket_person_once_per_queue"
            ),
            models.UniqueConstraint(
                fields=["appointment"],
                condition=~Q(status=TicketStatus.LEFT.value) & ~Q(category=TicketCategory.RETURNED.value),
                name="ticket_appointment_once",
            ),
            models.CheckConstraint(condition=Q(category__in=[c.value for c in TicketCategory]), name="ticket_category_known"),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in TicketStatus]), name="ticket_status_known"),
            models.CheckConstraint(condition=Q(number__gt=0), name="ticket_number_positive"),
            models.CheckConstraint(
                condition=~Q(status__in=_WITH_DOCTOR) | Q(room__isnull=False, called_by__isnull=False), name="ticket_called_to_a_room"
            ),
            models.CheckConstraint(
                condition=~Q(category__in=[TicketCategory.PRIORITY.value, TicketCategory.ACUTE.value]) | ~Q(reason=""),
                name="ticket_priority_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(window_start__isnull=True, window_end__isnull=True) | Q(window_end__gt=F("window_start")),
                name="ticket_window_forward",
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "service_date", "status"], name="ticket_queue_day"),
            models.Index(fields=["person", "service_date"], name="ticket_person_day"),
        ]


class Call(models.Model):
    """One person called to one room: kept even when it was undone, so waits and turns can be recounted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey("queueing.Ticket", on_delete=models.PROTECT, related_name="+")
    queue = models.ForeignKey("queueing.Queue", on_delete=models.PROTECT, related_name="+")
    service_date = models.DateField()
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey("organizations.Room", on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=12, choices=TicketCategory.choices())
    again = models.BooleanField(default=False)
    called_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(category__in=[c.value for c in TicketCategory]), name="call_category_known"),
        ]
        indexes = [models.Index(fields=["queue", "service_date", "practitioner", "called_at"], name="call_queue_day")]
