"""Department, day, clinic and window on one screen: what the desks that book for others show, whatever channel they sell on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from jiuyi.domains.billing import queries as prices
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import SessionOffer
from jiuyi.domains.scheduling.words import BookingChannel, PlaceGone
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import Refusal
from jiuyi.kit.formats import day_text, money_text, window_text
from jiuyi.kit.pieces import Day, Slot

DAYS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One clinic of the chosen day with its windows."""

    offer: SessionOffer
    doctor: str
    title: str
    fee_fen: int
    url: str
    chosen: bool


def choices(
    typed: Mapping[str, Any], *, organization_id: UUID, remembered: str | None, url: str, channel: BookingChannel, now: datetime
) -> dict[str, Any]:
    """Departments, days, clinics and windows as chosen so far; what was not chosen is the nearest.

    ``typed`` holds ``department``, ``day`` and ``session`` as the address or the form has them; ``url`` is the page.
    """
    names = {each.id: each for each in organizations.departments(organization_id)}
    offered = {each.department_id for each in schedule.departments_with_sessions(organization_id, now)}
    departments = [each for each in names.values() if each.id in offered]
    wished = typed.get("department") or remembered
    department = next((each for each in departments if str(each.id) == wished), departments[0] if departments else None)
    if department is None:
        return {"departments": [], "department": None}
    pools = schedule.pools_of_channel(channel)
    days = schedule.available_days(department.id, service_date(now), DAYS_SHOWN, now, pools=pools)
    with_clinics = [each for each in days if each.sessions]
    first = next((each.day for each in with_clinics if each.free), with_clinics[0].day if with_clinics else service_date(now))
    day = next((each.day for each in with_clinics if each.day.isoformat() == typed.get("day")), first)
    here_url = f"{url}?department={department.id}"
    sessions = schedule.sessions_on(department.id, day, now, pools=pools)
    windows = {each.session_id: _open_windows(each, channel, now) for each in sessions}
    first_free = next((each for each in sessions if each.free), None)
    chosen = next((each for each in sessions if str(each.session_id) == typed.get("session")), first_free)
    rows = _rows(sessions, chosen, now=now, url=f"{here_url}&day={day.isoformat()}")
    return {
        "departments": departments,
        "department": department,
        "days": [Day(each.day, each.free if each.sessions else None, url=f"{here_url}&day={each.day.isoformat()}") for each in days],
        "day": day,
        "rows": rows,
        "chosen": chosen,
        "slots": windows[chosen.session_id] if chosen else [],
        "nearest": _nearest(rows, windows, day) if day == service_date(now) else None,
    }


def nearest_of(refusal: Refusal | None) -> list[dict[str, str]]:
    """The free windows that a refusal offers instead, as values and words of buttons."""
    if not isinstance(refusal, PlaceGone):
        return []
    doctors = organizations.facts_practitioners({each.practitioner_id for each in refusal.data["nearest"]})
    return [
        {
            "value": slot_value(each.session_id, each.start),
            "text": f"{day_text(each.start)} {window_text(each.start, each.end)} {doctors[each.practitioner_id].name}",
        }
        for each in refusal.data["nearest"]
    ]


def slot_value(session_id: UUID, start: datetime) -> str:
    """A window in one word, for a button or a radio."""
    return f"{session_id}_{int(start.timestamp())}"


def slot_of(text: str) -> tuple[UUID, datetime] | None:
    """The window of such a word, or None for anything that is none."""
    session_text, _, second_text = text.partition("_")
    try:
        return UUID(session_text), datetime.fromtimestamp(int(second_text), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _rows(sessions: list[SessionOffer], chosen: SessionOffer | None, *, now: datetime, url: str) -> list[SessionRow]:
    doctors = organizations.facts_practitioners({each.practitioner_id for each in sessions})
    fees = {
        each.number_class: prices.visit_fee(number_class=each.number_class, organization_id=each.organization_id, at=now).amount_fen
        for each in sessions
    }
    return [
        SessionRow(
            offer=each,
            doctor=doctors[each.practitioner_id].name,
            title=gettext(doctors[each.practitioner_id].title.label),
            fee_fen=fees[each.number_class],
            url=f"{url}&session={each.session_id}",
            chosen=chosen is not None and each.session_id == chosen.session_id,
        )
        for each in sessions
    ]


def _open_windows(session: SessionOffer, channel: BookingChannel, now: datetime) -> list[Slot]:
    windows = schedule.session_windows(session.session_id, now, pools=schedule.pools_of_channel(channel))
    return [Slot(each.start, each.end, each.free, value=slot_value(session.session_id, each.start)) for each in windows if not each.passed]


def _nearest(rows: list[SessionRow], windows: dict[UUID, list[Slot]], day: date) -> dict[str, Any] | None:
    """The first free window of the day's clinics: the button for somebody who walks in."""
    free = [(slot.start, row, slot) for row in rows for slot in windows[row.offer.session_id] if slot.free]
    if not free:
        return None
    _, row, slot = min(free, key=lambda each: each[0])
    words = {"time": window_text(slot.start, slot.end), "doctor": row.doctor, "fee": money_text(row.fee_fen)}
    return {
        "value": slot.value,
        "day": day,
        "text": gettext("挂最近的号：%(time)s %(doctor)s %(fee)s") % words,
    }
