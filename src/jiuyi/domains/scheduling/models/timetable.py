"""The standing timetable: templates, exceptions, and the days that are worked or not."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from jiuyi.domains.scheduling.words import ExceptionKind, HalfDay, NumberClass, WeekRhythm
from jiuyi.kernel.ids import new_id

DAY_MINUTES = 24 * 60


class ScheduleTemplate(models.Model):
    """One doctor's standing clinic: weekday, hours, room, class of number; valid in ``[valid_from, valid_until)``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey("organizations.Room", on_delete=models.PROTECT, null=True, related_name="+")
    weekday = models.SmallIntegerField()  # 0 = Monday
    rhythm = models.CharField(max_length=20, choices=WeekRhythm.choices(), default=WeekRhythm.EVERY)
    start_minute = models.SmallIntegerField()
    end_minute = models.SmallIntegerField()
    number_class = models.CharField(max_length=20, choices=NumberClass.choices())
    slot_minutes = models.SmallIntegerField(null=True)
    per_window = models.SmallIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Every week meets odd and even ones; odd and even never meet.
            ExclusionConstraint(
                name="template_doctor_in_one_place",
                expressions=[
                    ("practitioner", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (
                        Func(
                            Func(F("rhythm"), function="scheduling_first_week", output_field=models.IntegerField()),
                            Func(F("rhythm"), function="scheduling_last_week", output_field=models.IntegerField()),
                            models.Value("[]"),
                            function="int4range",
                            output_field=IntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("start_minute"), F("end_minute"), function="int4range", output_field=IntegerRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("valid_from"), F("valid_until"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(
                    weekday__gte=0, weekday__lte=6, start_minute__gte=0, end_minute__gt=F("start_minute"), end_minute__lte=DAY_MINUTES
                ),
                name="template_hours_sane",
            ),
            models.CheckConstraint(condition=Q(per_window__gte=1), name="template_sells_something"),
            models.CheckConstraint(condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")), name="template_period_sane"),
            models.CheckConstraint(condition=Q(rhythm__in=[r.value for r in WeekRhythm]), name="template_rhythm_known"),
            models.CheckConstraint(condition=Q(number_class__in=[c.value for c in NumberClass]), name="template_class_known"),
        ]


class TemplateException(models.Model):
    """Days on which a doctor's, or a whole department's, standing timetable does not apply; ``last_day`` is included."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, null=True, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    half_day = models.CharField(max_length=20, choices=HalfDay.choices(), blank=True)  # empty: the whole day
    kind = models.CharField(max_length=20, choices=ExceptionKind.choices())
    reason = models.CharField(max_length=120, blank=True)
    entered_by_id = models.UUIDField()
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="exception_days_sane"),
            models.CheckConstraint(condition=Q(half_day="") | Q(half_day__in=[h.value for h in HalfDay]), name="exception_half_day_known"),
            models.CheckConstraint(
                condition=Q(practitioner__isnull=False) | Q(department__isnull=False), name="exception_is_about_somebody"
            ),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in ExceptionKind]), name="exception_kind_known"),
        ]
        indexes = [models.Index(fields=["first_day", "last_day"], name="exception_by_day")]


class CalendarDay(models.Model):
    """A day whose being worked or not was decided by hand; it wins over the announced calendar (§21)."""

    day = models.DateField(primary_key=True)
    working = models.BooleanField()
    note = models.CharField(max_length=60, blank=True)
    entered_by_id = models.UUIDField()
    entered_at = models.DateTimeField()
