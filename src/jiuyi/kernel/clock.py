"""Civil time of the consortium: instants are UTC, days are days in Shanghai (UTC+8, no summer time)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


def local(instant: datetime) -> datetime:
    """The same instant on the hospital's wall clock. A naive datetime is refused."""
    return _aware(instant).astimezone(LOCAL_ZONE)


def service_date(instant: datetime) -> date:
    """The local calendar day of an instant: 16:00 UTC already belongs to the next day."""
    return local(instant).date()


def instant_at(day: date, at: time) -> datetime:
    """The UTC instant of a local wall-clock time."""
    return datetime.combine(day, at, tzinfo=LOCAL_ZONE).astimezone(UTC)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """First instant of the local day and first instant of the next (half-open)."""
    return instant_at(day, time.min), instant_at(day + timedelta(days=1), time.min)


def completed_years(birth: date, on: date) -> int:
    """周岁 on a day: the birthday itself counts; born on 29 February means older on 1 March in common years.

    Source: rule ID-8.
    """
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        message = "an instant needs a time zone"
        raise ValueError(message)
    return instant
