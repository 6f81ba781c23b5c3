"""Absences, the suspension they lead to, and how a person undoes it; whom a suspension never stops."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from jiuyi.domains.identity.models import Person
from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory, StaffRole
from jiuyi.domains.scheduling import actions, models, queries
from jiuyi.domains.scheduling.actions import conduct
from jiuyi.domains.scheduling.queries import conduct as standing
from jiuyi.domains.scheduling.words import (
    AbsencePenalty,
    AppealDecided,
    AppealOpen,
    AppealState,
    AppealTooLate,
    AppointmentStatus,
    BookingChannel,
    BookingSuspended,
    CancelReason,
    Excuse,
    NothingToAppeal,
    NumberClass,
    ReasonNeeded,
)
from jiuyi.domains.scheduling.words.conduct import AppealAct
from jiuyi.foundation import journal, rulebook
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound
from tests.factories import institutions, schedules
from tests.factories.schedules import CLERK, PATIENT

pytestmark = pytest.mark.django_db

DAYS = ("2026-01-05", "2026-02-10", "2026-04-04")
AFTER = datetime(2026, 4, 5, 2, tzinfo=UTC)
WEB = BookingChannel.WEB


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def opening(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")  # 08:00 in Shanghai


def misses(clinic, person_id: UUID, *days: str) -> list[UUID]:
    """Booked the day before, and did not come."""
    missed = []
    for day in days:
        starts_at = opening(day)
        asked = starts_at - timedelta(days=1)
        session_id = schedules.session(
            clinic, starts_at=starts_at, minutes=15, visible_at=asked, now=asked, practitioner_id=schedules.doctor(clinic.organization_id)
        )  # fmt: skip
        missed.append(schedules.book(session_id, person_id, window_start=starts_at, now=asked).appointment_id)
        actions.mark_noshows(now=starts_at + timedelta(hours=4))
    assert {queries.facts_appointment(each).status for each in missed} <= {AppointmentStatus.NOSHOW}
    return missed


def reckon(person_id: UUID, now: datetime = AFTER) -> None:
    conduct.reckon_suspensions(actor=SYSTEM, now=now, person_id=person_id)


def until(person_id: UUID, on: date) -> date | None:
    return standing.facts_suspended_until([person_id], today=on)


def ahead(clinic, now: datetime, **changes) -> tuple[UUID, datetime]:
    starts_at = now.replace(hour=0, minute=0) + timedelta(days=2)
    doctor = schedules.doctor(clinic.organization_id, "后来")
    return schedules.session(clinic, starts_at=starts_at, visible_at=now, now=now, practitioner_id=doctor, **changes), starts_at


@pytest.mark.catalogue("C4", part="the third absence closes web and telephone until the day that the rule says")
def test_three_absences_close_the_remote_doors(clinic):
    person = schedules.person(clinic)
    misses(clinic, person, *DAYS)
    reckon(person)
    assert until(person, date(2026, 4, 5)) == date(2026, 7, 3)
    assert until(person, date(2026, 7, 2)) == date(2026, 7, 3)
    assert until(person, date(2026, 7, 3)) is None
    for channel in (WEB, BookingChannel.PHONE):
        session_id, starts_at = ahead(clinic, AFTER)
        actor = PATIENT if channel is WEB else CLERK
        with pytest.raises(BookingSuspended) as caught:
            schedules.book(session_id, person, window_start=starts_at, now=AFTER, actor=actor, channel=channel)
        assert caught.value.data["until"] == date(2026, 7, 3)
        assert models.Appointment.objects.filter(session_id=session_id).count() == 0


def test_the_third_on_the_ninety_first_day_closes_nothing(clinic):
    person = schedules.person(clinic)
    misses(clinic, person, "2026-01-05", "2026-02-10", "2026-04-05")
    reckon(person)
    assert models.Suspension.objects.count() == 0


def test_reckoning_again_changes_nothing(clinic):
    person = schedules.person(clinic)
    misses(clinic, person, *DAYS)
    reckon(person)
    before = len(journal.entries_of_person(person))
    reckon(person)
    assert models.Suspension.objects.count() == 1
    assert len(journal.entries_of_person(person)) == before


@pytest.mark.catalogue("C4", part="window, room, family doctor, emergency, obstetrics, oncology and referrals are never blocked")
@pytest.mark.parametrize(
    ("_case", "channel", "changes", "department", "category", "counts"),
    [
        ("window", BookingChannel.WINDOW, {}, "", DepartmentCategory.INTERNAL, True),
        ("doctor's room", BookingChannel.ROOM, {}, "", DepartmentCategory.INTERNAL, True),
        ("family doctor", BookingChannel.FAMILY_DOCTOR, {}, "", DepartmentCategory.INTERNAL, True),
        ("kiosk in the hall", BookingChannel.KIOSK, {}, "", DepartmentCategory.INTERNAL, True),
        ("emergency number", WEB, {"number_class": NumberClass.EMERGENCY}, "", DepartmentCategory.INTERNAL, True),
        ("fever clinic", WEB, {}, "感染一区", DepartmentCategory.EMERGENCY, True),
        ("obstetrics", WEB, {}, "产科", DepartmentCategory.WOMEN, True),
        ("oncology", WEB, {}, "血液肿瘤科", DepartmentCategory.INTERNAL, True),
        ("referral", WEB, {}, "", DepartmentCategory.INTERNAL, False),
    ],
)
def test_whom_a_suspension_never_stops(clinic, _case, channel, changes, department, category, counts):  # noqa: PLR0917  # the columns of the table
    person = schedules.person(clinic)
    misses(clinic, person, *DAYS)
    reckon(person)
    if department:
        changes = changes | {
            "department_id": organizations.add_department(
                actor=SYSTEM, now=AFTER, organization_id=clinic.organization_id, name=department, code="77", category=category
            )
        }
    session_id, starts_at = ahead(clinic, AFTER, **changes)
    taken = actions.claim_place(
        actor=PATIENT, now=AFTER, person_id=person, session_id=session_id, window_start=starts_at, channel=channel, account_id=None,
        fee_fen=0, fee_rule=None, held_until=None, pay_at_arrival=True, idempotency_key=new_id(), counts_to_limits=counts,
    )  # fmt: skip
    assert taken.status is AppointmentStatus.BOOKED


@pytest.mark.parametrize(("_case", "born"), [("seventy", date(1956, 4, 4)), ("a minor", date(2008, 4, 5))])
def test_the_old_and_minors_are_only_told(clinic, _case, born):
    person = schedules.person(clinic, birth_date=born)
    misses(clinic, person, *DAYS)
    reckon(person)
    assert models.Suspension.objects.count() == 0
    where = standing.facts_conduct(person, organization_id=clinic.organization_id, now=opening("2026-04-04"))
    assert (where.counted, where.warned_only, where.left) == (3, True, 0)


def test_somebody_of_sixty_nine_is_not_yet_old(clinic):
    person = schedules.person(clinic, birth_date=date(1956, 4, 5))
    misses(clinic, person, *DAYS)
    reckon(person)
    assert models.Suspension.objects.count() == 1


def test_the_count_is_of_the_person_under_every_id_and_account(clinic):
    person, twin = schedules.person(clinic), schedules.person(clinic)
    misses(clinic, person, *DAYS[:2])
    misses(clinic, twin, DAYS[2])
    reckon(twin)
    assert models.Suspension.objects.count() == 0
    Person.objects.filter(pk=twin).update(survivor_id=person)
    reckon(twin)
    row = models.Suspension.objects.get()
    assert (row.person_id, row.until_day) == (person, date(2026, 7, 3))


def test_an_absence_carries_one_suspension_only(clinic):
    person = schedules.person(clinic)
    misses(clinic, person, *DAYS, "2026-04-06", "2026-04-08")
    reckon(person, now=opening("2026-04-09"))
    assert models.Suspension.objects.count() == 1


@pytest.mark.catalogue("C4", part="an excused absence does not count and lifts what rested on it")
def test_an_excuse_lifts_the_suspension(clinic):
    person = schedules.person(clinic)
    missed = misses(clinic, person, *DAYS)
    reckon(person)
    assert conduct.excuse_absence(actor=SYSTEM, now=AFTER, appointment_id=missed[1], excuse=Excuse.ADMITTED)
    assert until(person, AFTER.date()) is None
    assert not conduct.excuse_absence(actor=SYSTEM, now=AFTER, appointment_id=missed[1], excuse=Excuse.ATTENDED)  # twice is once
    assert [row.name for row in journal.entries_of_person(person)][-2:] == ["scheduling.AbsenceExcused", "scheduling.RemoteBookingRestored"]


def test_a_pack_that_counts_cancellations(clinic):
    rulebook.change_rule(
        actor=SYSTEM, now=opening("2025-12-01"), rule_id="AP-14", scope_id=None, values=AbsencePenalty(cancellations=3).as_json(),
        valid_from=opening("2025-12-01"), reason="试行", source="院办通知",
    )  # fmt: skip
    person = schedules.person(clinic)
    for day in ("2026-03-10", "2026-03-12", "2026-03-14"):
        starts_at = opening(day)
        asked = starts_at - timedelta(days=2)
        session_id = schedules.session(
            clinic, starts_at=starts_at, visible_at=asked, now=asked, practitioner_id=schedules.doctor(clinic.organization_id)
        )
        taken = schedules.book(session_id, person, window_start=starts_at, now=asked)
        actions.cancel_appointment(
            actor=PATIENT, now=asked + timedelta(hours=1), appointment_id=taken.appointment_id, reason=CancelReason.PLAN_CHANGED
        )
    reckon(person, now=opening("2026-03-13"))
    assert models.Suspension.objects.get().until_day == date(2026, 4, 11)  # thirty days from the third cancellation


class TestAppeals:
    @pytest.fixture
    def person(self, clinic):
        return schedules.person(clinic)

    @pytest.fixture
    def missed(self, clinic, person):
        found = misses(clinic, person, *DAYS)
        reckon(person)
        return found

    @pytest.fixture
    def secretary(self, clinic):
        return institutions.staff_actor(StaffRole.SECRETARY, clinic.organization_id)

    @pytest.mark.catalogue("C4", part="an appeal decided by a human undoes the suspension, and the decision can be undone")
    def test_accepted_refused_and_accepted_again(self, clinic, person, missed, secretary):
        appeal = conduct.submit_appeal(actor=PATIENT, now=AFTER, appointment_id=missed[2], words="那天在县急救站。")
        assert [each.appeal_id for each in standing.appeals(secretary)] == [appeal]
        decide(secretary, appeal, AppealAct.ACCEPT, "查到急诊记录。")
        assert until(person, AFTER.date()) is None
        assert standing.facts_excuses(missed) == {missed[2]: Excuse.APPEAL}
        decide(secretary, appeal, AppealAct.REFUSE, "记录是另一位患者的。", seen=AppealState.ACCEPTED)
        assert until(person, AFTER.date()) == date(2026, 7, 3)
        assert standing.facts_excuses(missed) == {}
        decide(secretary, appeal, AppealAct.ACCEPT, "再核实属实。", seen=AppealState.REFUSED)
        assert until(person, AFTER.date()) is None
        assert models.Suspension.objects.count() == 1
        names = [row.name for row in journal.entries_of_person(person)]
        assert names.count("scheduling.AppealAnswered") == 3

    def test_until_the_seventh_day(self, missed):
        last = datetime(2026, 4, 11, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
        with pytest.raises(AppealTooLate) as caught:
            conduct.submit_appeal(actor=PATIENT, now=last + timedelta(minutes=1), appointment_id=missed[2], words="住院")
        assert caught.value.data["until"] == date(2026, 4, 11)
        assert models.Appeal.objects.count() == 0
        assert conduct.submit_appeal(actor=PATIENT, now=last, appointment_id=missed[2], words="住院")

    def test_what_is_refused_changes_nothing(self, clinic, missed):
        session_id, starts_at = ahead(clinic, AFTER)
        came = schedules.book(session_id, schedules.person(clinic, "李强"), window_start=starts_at, now=AFTER)
        stranger = Actor(ActorKind.PATIENT, new_id(), request_id=new_id())
        table = [
            (PATIENT, missed[2], "   ", ReasonNeeded),
            (stranger, missed[2], "住院", NotFound),
            (PATIENT, came.appointment_id, "住院", NothingToAppeal),
        ]
        for actor, appointment_id, words, refusal in table:
            with pytest.raises(refusal):
                conduct.submit_appeal(actor=actor, now=AFTER, appointment_id=appointment_id, words=words)
        assert models.Appeal.objects.count() == 0

    def test_one_open_appeal_at_a_time(self, missed):
        conduct.submit_appeal(actor=PATIENT, now=AFTER, appointment_id=missed[2], words="住院")
        with pytest.raises(AppealOpen):
            conduct.submit_appeal(actor=PATIENT, now=AFTER, appointment_id=missed[2], words="住院")
        assert models.Appeal.objects.count() == 1

    def test_who_may_decide_and_how(self, clinic, missed, secretary):
        appeal = conduct.submit_appeal(actor=PATIENT, now=AFTER, appointment_id=missed[2], words="住院")
        with pytest.raises(ReasonNeeded):
            decide(secretary, appeal, AppealAct.ACCEPT, " ")
        for role in (StaffRole.CLERK, StaffRole.DOCTOR, StaffRole.ADMIN):
            with pytest.raises(NotFound):
                decide(institutions.staff_actor(role, clinic.organization_id), appeal, AppealAct.ACCEPT, "属实")
        decide(secretary, appeal, AppealAct.REFUSE, "没有记录")
        with pytest.raises(AppealDecided):
            decide(secretary, appeal, AppealAct.ACCEPT, "属实")  # looked at the open appeal, somebody else was first
        assert models.Appeal.objects.get().state == AppealState.REFUSED


def decide(actor, appeal_id, act, answer, *, seen=AppealState.OPEN):
    return conduct.decide_appeal(actor=actor, now=AFTER, appeal_id=appeal_id, act=act, answer=answer, seen=seen)
