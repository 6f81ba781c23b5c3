"""The desk of changes of the day: look first, decide, ring people; and the patient's page of a changed visit."""

from datetime import timedelta

import pytest
from django.urls import reverse

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import RefundStatus
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.models import ChangeNotice, SessionChange
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.words import AppointmentStatus, ChangeChoice, SessionStatus
from jiuyi.foundation import audit
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import booking, changing
from tests.desks.clerk.conftest import clerk, refusals_of, signed_in, stopped_clock, user_id  # noqa: F401
from tests.desks.patient.conftest import sign_in
from tests.factories import clinic_day, rooms
from tests.factories.clinic_day import MINUTE, OPENS, TOMORROW
from tests.journeys.conftest import channel, day, lists  # noqa: F401  # the same day as the journeys'

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(day):  # noqa: F811
    return signed_in("20007", StaffRole.SECRETARY, day.room.department_id)


@pytest.fixture
def phone(day):  # noqa: F811
    return sign_in(day.account.id)


def session_page(day):  # noqa: F811
    return reverse("daily:session", args=[day.tomorrow_id])


def text_of(answer):
    return answer.content.decode()


DELAY = {"kind": "delay", "minutes": "30", "reason": "手术未结束"}


@pytest.mark.catalogue("C4", part="the secretary sees whom a delay concerns before deciding, and who knows afterwards")
def test_a_delay_is_looked_at_first_and_then_decided(day, secretary):  # noqa: F811
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    assert reverse("daily:session", args=[day.tomorrow_id]) in text_of(
        secretary.client.get(reverse("daily:home"), {"day": f"{TOMORROW:%Y-%m-%d}"})
    )

    preview = secretary.client.post(session_page(day), DELAY)
    assert preview.status_code == 200
    assert "会影响 1 人" in text_of(preview)
    assert "09:30–09:45" in text_of(preview)
    assert "120****0001" in text_of(preview)
    assert not SessionChange.objects.exists()
    assert schedule.facts_appointment(appointment_id).window_start == TOMORROW

    done = secretary.client.post(session_page(day), DELAY | {"confirm": "1"})
    (change,) = changes.changes_of_session(day.tomorrow_id)
    assert done.headers["Location"] == reverse("daily:change", args=[change.change_id])
    assert schedule.facts_appointment(appointment_id).window_start == TOMORROW + 30 * MINUTE
    assert "还不知道" in text_of(secretary.client.get(done.headers["Location"]))


@pytest.mark.parametrize(
    ("_case", "typed", "words"),
    [
        ("nothing", {}, "请选择怎么变。"),
        ("no minutes", {"kind": "delay", "reason": "手术"}, "请填写延后多少分钟。"),
        ("no doctor", {"kind": "substitute", "reason": "手术"}, "请选择替诊医生。"),
        ("no room", {"kind": "room", "reason": "漏水"}, "请选择诊室。"),
        ("no reason", {"kind": "stop"}, "请填写原因"),
        ("a refusal of the department", {"kind": "delay", "minutes": "3", "reason": "手术"}, "延后的时间要在 5 分钟以上"),
    ],
)
def test_what_cannot_be_decided_says_why_and_keeps_what_was_typed(day, secretary, _case, typed, words):  # noqa: F811
    answer = secretary.client.post(session_page(day), typed | {"confirm": "1"})
    assert answer.status_code == 422
    assert words in text_of(answer)
    if "minutes" in typed:
        assert f'value="{typed["minutes"]}"' in text_of(answer)
    assert not SessionChange.objects.exists()


@pytest.mark.parametrize("_case", ["substitute", "room", "stop", "away"])
def test_every_kind_of_change_can_be_decided(day, secretary, _case):  # noqa: F811
    clinic_day.paid_booking(day, window_start=TOMORROW)
    doctor_id, _ = rooms.colleague(day.room)
    typed = {"kind": _case, "reason": "临时安排", "confirm": "1", "practitioner": doctor_id}
    if _case == "room":
        from tests.journeys.test_changing import another_room

        typed["room"] = another_room(day)
    assert secretary.client.post(session_page(day), typed).status_code == 302
    assert ChangeNotice.objects.count() == 1
    stopped = schedule.facts_session(day.tomorrow_id).status is SessionStatus.STOPPED
    assert stopped is (_case == "stop")


def test_another_departments_secretary_changes_nothing_here(day):  # noqa: F811
    stranger = signed_in("20008", StaffRole.SECRETARY, day.room.county.surgery_id)
    for method in (stranger.client.get, stranger.client.post):
        assert method(session_page(day), DELAY | {"confirm": "1"}).status_code == 403
    assert not SessionChange.objects.exists()
    assert refusals_of(stranger)


def stopped(day, now=OPENS):  # noqa: F811
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    changing.stop(actor=SYSTEM, now=now, session_id=day.tomorrow_id, reason="医生生病")
    notice = changes.newest_notices([appointment_id])[appointment_id]
    return appointment_id, notice.notice_id


def due_now(notice_id):
    ChangeNotice.objects.filter(pk=notice_id).update(call_due_at=OPENS)


@pytest.mark.catalogue("C25", part="the list of calls: the number only on the page of one call, each look witnessed")
def test_the_list_of_calls_masks_and_the_page_of_one_call_shows_the_number(day, clerk):  # noqa: F811
    _, notice_id = stopped(day)
    due_now(notice_id)
    listed = text_of(clerk.client.get(reverse("daily:calls")))
    assert clinic_day.PHONE not in listed
    assert "李秀兰" not in listed
    assert reverse("daily:call", args=[notice_id]) in listed

    one = text_of(clerk.client.get(reverse("daily:call", args=[notice_id])))
    assert clinic_day.PHONE in one
    assert "停诊通知" in one
    (row,) = audit.entries(kind=audit.AuditKind.OPENED, act="identity.phones", actor_id=user_id(clerk))
    assert row.person_id == day.person_id


@pytest.mark.parametrize(
    ("_case", "status", "choice"),
    [
        ("told", AppointmentStatus.BOOKED, None),
        ("refund", AppointmentStatus.CANCELLED, ChangeChoice.REFUND),
        ("substitute", AppointmentStatus.BOOKED, ChangeChoice.SUBSTITUTE),
        ("move", AppointmentStatus.BOOKED, ChangeChoice.MOVE),
        ("no_answer", AppointmentStatus.BOOKED, None),
    ],
)
def test_what_came_of_a_call(day, clerk, _case, status, choice):  # noqa: F811
    appointment_id, notice_id = stopped(day)
    due_now(notice_id)
    doctor_id, _ = rooms.colleague(day.room)
    other = clinic_day.publish(day.room, TOMORROW, practitioner_id=doctor_id)
    typed = {"result": _case, "slot": f"{other}_{int(TOMORROW.timestamp())}" if _case == "move" else ""}
    answer = clerk.client.post(reverse("daily:call", args=[notice_id]), typed)
    assert answer.status_code == 302, text_of(answer)
    notice = changes.facts_notice(notice_id)
    assert (schedule.facts_appointment(appointment_id).status, notice.choice) == (status, choice)
    assert (notice.known_at is None) is (_case == "no_answer")
    assert notice.calls == 1
    if _case in {"substitute", "move"}:
        assert schedule.facts_appointment(appointment_id).session_id == other


def test_a_clerk_of_another_hospital_rings_nobody_here(day):  # noqa: F811
    _, notice_id = stopped(day)
    due_now(notice_id)
    stranger = signed_in("20009", StaffRole.CLERK, day.room.county.township_id)
    assert reverse("daily:call", args=[notice_id]) not in text_of(stranger.client.get(reverse("daily:calls")))
    assert stranger.client.get(reverse("daily:call", args=[notice_id])).status_code == 403
    assert stranger.client.post(reverse("daily:call", args=[notice_id]), {"result": "refund"}).status_code == 403
    assert changes.facts_notice(notice_id).calls == 0


# The patient's pages.


@pytest.mark.catalogue(
    "C4", part="a stopped visit stands first on the home page and offers substitute, another time, or all the money back"
)
def test_a_stopped_visit_is_shown_first_and_paid_back_by_two_taps(day, phone):  # noqa: F811
    appointment_id, notice_id = stopped(day)
    page = reverse("patient:change", args=[appointment_id])
    home = text_of(phone.get(reverse("patient:home")))
    assert page in home
    assert "停诊了，请不要来" in home
    assert "从东门进" not in home  # nobody may be shown the way to a visit that will not be
    assert "停诊，请选择" in text_of(phone.get(reverse("patient:appointments")))
    own = text_of(phone.get(reverse("patient:appointment", args=[appointment_id])))
    assert page in own
    assert reverse("patient:cancel", args=[appointment_id]) not in own

    shown = text_of(phone.get(page))
    assert "看替诊医生" not in shown  # nobody else sees patients that day
    assert "&lt;" not in shown
    assert "全额退费" in shown
    assert changes.facts_notice(notice_id).known_at == OPENS
    assert phone.post(page, {"choice": "refund"}).status_code == 302
    assert phone.post(page, {"choice": "refund"}).status_code in {302, 422}
    assert schedule.facts_appointment(appointment_id).status is AppointmentStatus.CANCELLED
    (refund,) = bills.facts_refunds([clinic_day.charge_of(appointment_id).charge_id])
    assert refund.amount_fen == clinic_day.charge_of(appointment_id).amount_fen


def test_another_time_is_chosen_on_a_page_of_its_own(day, phone):  # noqa: F811
    appointment_id, _ = stopped(day)
    later = TOMORROW + timedelta(days=1)
    session_id = clinic_day.publish(day.room, later)
    answer = phone.post(reverse("patient:change", args=[appointment_id]), {"choice": "move"})
    page = reverse("patient:change_move", args=[appointment_id])
    assert answer.headers["Location"] == page
    slot = f"{session_id}_{int(later.timestamp())}"
    assert slot in text_of(phone.get(page))
    assert "3月4日 周三 09:00–09:15 林安宁医生" in text_of(phone.get(page))
    assert phone.post(page, {}).status_code == 422
    assert phone.post(page, {"slot": slot}).status_code == 302
    assert schedule.facts_appointment(appointment_id).window_start == later
    assert changes.newest_notices([appointment_id])[appointment_id].choice is ChangeChoice.MOVE


def test_without_a_substitute_the_page_says_what_else_there_is(day, phone):  # noqa: F811
    appointment_id, _ = stopped(day)
    answer = phone.post(reverse("patient:change", args=[appointment_id]), {"choice": "substitute"})
    assert answer.status_code == 422
    assert "全额退费" in text_of(answer)
    assert "看替诊医生" not in text_of(answer)
    assert schedule.facts_appointment(appointment_id).status is AppointmentStatus.BOOKED


def test_somebody_elses_changed_visit_does_not_exist(day):  # noqa: F811
    from tests.factories import people

    appointment_id, _ = stopped(day)
    stranger = sign_in(people.signed_in("12000000009").id)
    for name in ("change", "change_move"):
        assert stranger.get(reverse(f"patient:{name}", args=[appointment_id])).status_code == 404
        assert stranger.post(reverse(f"patient:{name}", args=[appointment_id]), {"choice": "refund"}).status_code == 404
    assert schedule.facts_appointment(appointment_id).status is AppointmentStatus.BOOKED


def test_a_visit_that_nothing_happened_to_has_no_such_page(day, phone):  # noqa: F811
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    assert phone.get(reverse("patient:change", args=[appointment_id])).status_code == 404


# Refunds that could not be sent.


@pytest.mark.catalogue("C11", part="a refund the channel refused ten times is listed and sent again")
def test_a_failed_refund_is_listed_and_put_back_in_line(day, clerk, channel):  # noqa: F811
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    booking.give_back_stopped(actor=SYSTEM, now=OPENS, appointment_id=appointment_id)
    charge_id = clinic_day.charge_of(appointment_id).charge_id
    (refund,) = bills.facts_refunds([charge_id])
    channel.refund = None  # not callable: what nobody understands
    for attempt in range(10):
        billing.send_refund(actor=SYSTEM, now=OPENS + timedelta(hours=2 * attempt), refund_id=refund.refund_id)
    assert bills.facts_refunds([charge_id])[0].status is RefundStatus.FAILED

    listed = text_of(clerk.client.get(reverse("daily:refunds")))
    assert reverse("daily:retry_refund", args=[refund.refund_id]) in listed
    assert clerk.client.post(reverse("daily:retry_refund", args=[refund.refund_id])).status_code == 302
    assert bills.facts_refunds([charge_id])[0].status is RefundStatus.REQUESTED
    assert "没有退不出去的钱" in text_of(clerk.client.get(reverse("daily:refunds")))


def test_another_hospitals_clerk_sends_no_refund_again(day):  # noqa: F811
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    booking.give_back_stopped(actor=SYSTEM, now=OPENS, appointment_id=appointment_id)
    (refund,) = bills.facts_refunds([clinic_day.charge_of(appointment_id).charge_id])
    stranger = signed_in("20009", StaffRole.CLERK, day.room.county.township_id)
    assert stranger.client.post(reverse("daily:retry_refund", args=[refund.refund_id])).status_code == 403
