from datetime import timedelta

import pytest
from django.urls import reverse

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.models import ClinicSession, DrawEntry, Place
from jiuyi.domains.scheduling.queries import releases as reading
from jiuyi.domains.scheduling.words import AppointmentStatus, DrawOutcome
from jiuyi.journeys import releases
from jiuyi.journeys.booking import APPOINTMENT
from tests.factories import clinic_day
from tests.factories.clinic_day import MINUTE, NOW

OPENS_TO_ALL = NOW + timedelta(minutes=30)
TUESDAY = NOW + timedelta(days=1, hours=3)


@pytest.fixture
def session_id(day):
    """Four places of tomorrow noon, released by a draw in half an hour."""
    found = clinic_day.publish(day.room, TUESDAY)
    ClinicSession.objects.filter(pk=found).update(visible_at=OPENS_TO_ALL, draws=True)
    Place.objects.filter(session_id=found).update(visible_at=OPENS_TO_ALL)
    return found


@pytest.fixture
def here(day, session_id):
    return reverse("patient:release", args=[session_id, day.person_id])


def words(answer):
    return answer.content.decode()


def test_before_its_time_the_page_says_when(phone, here, hour):
    hour.now = OPENS_TO_ALL - timedelta(hours=2)
    answer = phone.get(here)
    assert answer.status_code == 200
    assert "还没有放号" in words(answer)
    assert "登记抽签" not in words(answer).replace("起可以登记抽签", "")


def test_the_doctors_time_page_leads_to_what_is_released_soon(phone, day, here):
    page = reverse("patient:book_time", args=[day.person_id, day.room.department_id, day.room.practitioner_id])
    assert here in words(phone.get(page))


@pytest.mark.catalogue("C1", part="a slow phone loses nothing: whoever was there at the release is drawn, and pays afterwards")
def test_from_entering_to_paying(phone, day, session_id, here, hour):
    assert "登记抽签" in words(phone.get(here))
    answer = phone.post(here, {"window": TUESDAY.isoformat(), "any_window": "yes", "how": "online"})
    assert answer.status_code == 302
    assert "已登记，等放号" in words(phone.get(here))
    hour.now = OPENS_TO_ALL
    waiting = phone.get(here)
    assert "正在抽签" in words(waiting)
    assert waiting["Refresh"] == "2"
    assert releases.draw_due(now=OPENS_TO_ALL) == 1
    assert "抽中了" in words(phone.get(here))
    entry = reading.facts_draw_entry(session_id, day.person_id)
    page = phone.get(reverse("patient:appointment", args=[entry.appointment_id]))
    assert page.status_code == 200
    (charge,) = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[entry.appointment_id])
    assert charge.amount_fen > 0


def test_leaving_before_the_release(phone, session_id, here, day):
    phone.post(here, {"any_window": "yes", "how": "online"})
    phone.post(here, {"act": "leave"})
    assert reading.facts_draw_entry(session_id, day.person_id).outcome is DrawOutcome.LEFT
    assert "登记抽签" in words(phone.get(here))


@pytest.mark.parametrize(
    ("_case", "typed"),
    [
        ("nothing chosen", {}),
        ("no such window", {"window": "2026-01-01T00:00:00+00:00", "any_window": "yes", "how": "online"}),
        ("no such way to pay", {"any_window": "yes", "how": "gold"}),
    ],
)
def test_what_cannot_be_entered_changes_nothing(phone, here, _case, typed):
    answer = phone.post(here, typed)
    assert answer.status_code == 422
    assert not DrawEntry.objects.exists()


def test_too_late_to_be_drawn_is_said(phone, here, hour):
    hour.now = OPENS_TO_ALL + timedelta(seconds=1)
    answer = phone.post(here, {"any_window": "yes", "how": "online"})
    assert answer.status_code == 422
    assert "现在不能登记抽签" in words(answer)


def test_after_the_draw_the_pass_books_by_the_ordinary_path_too_and_twice_is_once(phone, day, session_id, here, hour):
    hour.now = OPENS_TO_ALL + MINUTE
    releases.draw_due(now=hour.now)
    page = phone.get(here)
    assert "已放号，请选时间" in words(page)
    sealed = page.context["sealed"]
    form = {"pass": sealed, "window_start": TUESDAY.isoformat()}
    first, second = (phone.post(reverse("patient:claim_without_gate"), form) for _ in range(2))
    assert (first.status_code, first["Location"]) == (302, second["Location"])
    assert phone.get(first["Location"]).status_code == 200
    (booked,) = schedule.facts_appointments_of_session(session_id, live_only=False)
    assert booked.status is AppointmentStatus.HELD
    assert len(bills.facts_charges(source_kind=APPOINTMENT, source_ids=[booked.appointment_id])) == 1


def test_a_forged_pass_books_nothing(phone, here, hour):
    hour.now = OPENS_TO_ALL + MINUTE
    releases.draw_due(now=hour.now)
    answer = phone.post(reverse("patient:claim_without_gate"), {"pass": "x" * 80, "window_start": TUESDAY.isoformat()})
    assert answer.status_code == 403
    assert "预约凭据无法识别" in words(answer)


def test_what_the_gate_said_is_shown(phone, here, hour):
    hour.now = OPENS_TO_ALL + MINUTE
    releases.draw_due(now=hour.now)
    assert "这个时段刚刚约满" in words(phone.get(here, {"said": "scheduling.place_gone"}))


def test_whoever_was_drawn_but_had_booked_meanwhile_reads_why(phone, day, session_id, here, hour):
    phone.post(here, {"window": TUESDAY.isoformat(), "any_window": "yes", "how": "online"})
    DrawEntry.objects.update(outcome=DrawOutcome.LOST, rank=1, refusal="already_booked_that_day")
    ClinicSession.objects.filter(pk=session_id).update(drawn_at=OPENS_TO_ALL)
    hour.now = OPENS_TO_ALL + MINUTE
    page = words(phone.get(here))
    assert "就诊人当天在这个科室已有预约" in page
    assert "第 1 位" not in page
