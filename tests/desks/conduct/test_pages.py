"""Three missed visits, the closed door, the appeal on the phone, the decision at the desk, and the open door again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from jiuyi.desks.patient.safety import SAFETY_KEY
from jiuyi.desks.patient.times import slot_value
from jiuyi.desks.requests import PATIENT_SESSION_KEY
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import reviewing
from jiuyi.domains.scheduling.models import Appeal, Appointment, ReviewCase
from jiuyi.domains.scheduling.queries import conduct as standing
from jiuyi.domains.scheduling.words import AbsencePenalty, AppealState, AppointmentStatus, BookingChannel, ReviewState
from jiuyi.foundation import access, clock, journal, notices, rulebook
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import absences, conduct_telling
from jiuyi.journeys.listeners import LISTENERS
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kit.formats import full_day_text
from tests.desks.signed_in import sign_in_staff
from tests.factories import clinic_day, institutions
from tests.factories.clinic_day import NOW, TOMORROW
from tests.journeys.conftest import channel, day  # noqa: F401  # the same day as the journeys'

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Hour:
    """The clock of the test."""

    now = NOW


@pytest.fixture(autouse=True)
def hour(monkeypatch):
    state = Hour()
    monkeypatch.setattr(clock, "now", lambda: state.now)
    return state


def phone_of(account_id, *people) -> Client:
    phone = Client()
    session = phone.session
    session[PATIENT_SESSION_KEY] = str(account_id)
    session[SAFETY_KEY] = {str(person_id): (NOW + 9 * DAY).isoformat() for person_id in people}
    session.save()
    return phone


def secretary(node_id) -> Client:
    user_id = institutions.staff_user("60001", display_name="方晓华")
    access.assign_role(actor=SYSTEM, user_id=user_id, role=StaffRole.SECRETARY, node_id=node_id, now=NOW)
    desk = Client()
    sign_in_staff(desk, user_id)
    return desk


@pytest.fixture
def missed(day, hour):  # noqa: F811
    """Age spares nobody here, and 李秀兰 missed three visits in three days; it is the noon of the last."""
    rulebook.change_rule(
        actor=SYSTEM, now=NOW - DAY, rule_id="AP-14", scope_id=None, values=AbsencePenalty(warn_only_from_age=120).as_json(),
        valid_from=NOW - DAY, reason="试行", source="院办通知",
    )  # fmt: skip
    found = []
    for number in range(1, 4):
        opens = TOMORROW + number * DAY
        session_id = clinic_day.publish(day.room, opens)
        booked = clinic_day.book(day, session_id=session_id, window_start=opens, now=opens - timedelta(hours=2))
        hour.now = opens + timedelta(hours=3)
        scheduling.mark_noshows(now=hour.now)
        found.append(booked.appointment_id)
    absences.judge_due(now=hour.now)
    return found


def check_page(day, hour):  # noqa: F811
    opens = TOMORROW + 10 * DAY
    session_id = clinic_day.publish(day.room, opens)
    return f"{reverse('patient:book_check', args=[day.person_id])}?slot={slot_value(session_id, opens)}"


@pytest.mark.catalogue(
    "C4", part="the rule and the count stand before the booking; a refused booking says until when, what stays open and how to appeal"
)
@pytest.mark.catalogue("C4", part="an appeal from the phone is decided by a person at a desk, and the door opens again")
def test_from_the_third_missed_visit_to_the_open_door(day, hour, missed):  # noqa: F811
    phone, page = phone_of(day.account.id, day.person_id), check_page(day, hour)
    before = phone.get(page).content.decode()
    assert "90 天内约了没来也没退号满 3 次" in before
    assert "网上和电话预约已暂停" in before
    refused = phone.post(page, {"how": "at_hospital", "key": str(new_id())})
    assert refused.status_code == 422
    until = full_day_text(service_date(TOMORROW) + timedelta(days=93))
    text = refused.content.decode()
    assert all(words in text for words in (until, "急诊", "家庭医生", "申诉"))
    assert Appointment.objects.filter(person_id=day.person_id, status=AppointmentStatus.BOOKED).count() == 0
    assert "网上和电话预约已暂停" in phone.get(reverse("patient:appointments")).content.decode()

    appeal_page = reverse("patient:appeal", args=[missed[2]])
    assert appeal_page in phone.get(reverse("patient:appointment", args=[missed[2]])).content.decode()
    assert phone.post(appeal_page, {"words": " "}).status_code == 422
    assert phone.post(appeal_page, {"words": "那天在县急救站。"}).status_code == 302
    appeal = Appeal.objects.get()

    desk = secretary(day.hospital_id)
    listed = desk.get(reverse("conduct:appeals")).content.decode()
    assert "李*" in listed
    assert "李秀兰" not in listed
    decide = reverse("conduct:appeal", args=[appeal.id])
    unexplained = desk.post(decide, {"act": "accept", "answer": "", "seen": "open"})
    assert unexplained.status_code == 422
    assert Appeal.objects.get().state == AppealState.OPEN
    assert desk.post(decide, {"act": "accept", "answer": "查到急诊记录。", "seen": "open"}).status_code == 302
    stale = desk.post(decide, {"act": "refuse", "answer": "没有记录。", "seen": "open"})
    assert stale.status_code == 422
    assert "没有记录。" in stale.content.decode()

    shown = phone.get(reverse("patient:appointment", args=[missed[2]])).content.decode()
    assert "这次不算爽约" in shown
    assert "记了一次爽约" not in shown
    assert reverse("patient:book_doctor", args=[day.person_id, day.room.department_id]) in shown
    assert "查到急诊记录。" in shown
    assert phone.post(page, {"how": "at_hospital", "key": str(new_id())}).status_code == 302
    heard = {each.event_name: each.function for each in LISTENERS if each.function.__module__ == conduct_telling.__name__}
    for row in journal.entries_of_person(day.person_id):
        if row.name in heard:
            heard[row.name](row)
    assert {"suspended", "restored", "appeal"} <= {row.template for row in notices.outbox(50)}


def test_a_claimed_account_learns_nothing_of_visits_that_others_booked(day, hour, missed):  # noqa: F811
    from tests.factories import people

    stranger = people.signed_in("13900009999")
    person_id = people.claim(stranger)
    assert person_id == day.person_id
    phone, page = phone_of(stranger.id, person_id), check_page(day, hour)
    before = phone.get(page).content.decode()
    assert "90 天内约了没来也没退号满 3 次" in before
    assert "已暂停" not in before
    assert "次约了没来" not in before
    refused = phone.post(page, {"how": "at_hospital", "key": str(new_id())})
    assert refused.status_code == 422
    assert "暂停到" not in refused.content.decode()
    assert phone.get(reverse("patient:appeal", args=[missed[2]])).status_code == 404


@pytest.mark.catalogue("C4", part="any clinical act of the day counts as attended")
def test_somebody_who_was_seen_elsewhere_that_day_is_excused(day, hour):  # noqa: F811
    booked = clinic_day.book(day, window_start=clinic_day.OPENS, now=NOW)
    other = clinic_day.publish(day.room, clinic_day.OPENS + timedelta(hours=5))
    hour.now = clinic_day.OPENS + timedelta(hours=3)
    scheduling.mark_noshows(now=hour.now)
    assert schedule.facts_appointment(booked.appointment_id).status is AppointmentStatus.NOSHOW
    walk_in = clinic_day.book(day, session_id=other, window_start=clinic_day.OPENS + timedelta(hours=5), now=hour.now)
    paid = clinic_day.begin_payment(day, [clinic_day.charge_of(walk_in.appointment_id).charge_id], now=hour.now)
    clinic_day.arrives(paid, now=hour.now)
    clinic_day.checks_in(day, walk_in.appointment_id, now=hour.now)
    assert absences.judge_due(now=hour.now) == 1
    assert absences.judge_due(now=hour.now) == 0
    assert standing.facts_conduct(day.person_id, organization_id=None, now=hour.now).counted == 0


@pytest.mark.catalogue("C5", part="patterns of resale go to a person's list; nobody is blocked by a machine")
def test_a_pattern_is_laid_before_a_person(day):  # noqa: F811
    clinic_day.book(day)
    for number in range(5):  # five further patients of the same account
        person_id = institutions_person(day, number)
        opens = TOMORROW + (20 + number) * DAY
        session_id = clinic_day.publish(day.room, opens)
        scheduling.claim_place(
            actor=day.account, now=NOW, person_id=person_id, session_id=session_id, window_start=opens, channel=BookingChannel.WEB,
            account_id=day.account.id, fee_fen=0, fee_rule=None, held_until=None, pay_at_arrival=True, idempotency_key=new_id(),
        )  # fmt: skip
    (case_id,) = reviewing.look_for_patterns(now=NOW)
    assert reviewing.look_for_patterns(now=NOW) == []
    desk = secretary(day.hospital_id)
    listed = desk.get(reverse("conduct:cases")).content.decode()
    assert "一个账号短期内为很多人预约" in listed
    page = reverse("conduct:case", args=[case_id])
    assert desk.post(page, {"state": "cleared"}).status_code == 422
    assert ReviewCase.objects.get().state == ReviewState.OPEN
    assert desk.post(page, {"state": "cleared", "reason": "大家庭，已电话核实。"}).status_code == 302
    assert ReviewCase.objects.get().state == ReviewState.CLEARED
    assert reviewing.look_for_patterns(now=NOW) == []  # judged is judged
    later = TOMORROW + 40 * DAY
    assert clinic_day.book(day, person_id=day.mother_id, session_id=clinic_day.publish(day.room, later), window_start=later)


def institutions_person(day, number):  # noqa: F811
    from tests.factories import people

    return people.resident(day.hospital_id, name=f"张{chr(0x4E01 + number)}", number=None, birth_date=people.date(1980, 1, 1 + number))
