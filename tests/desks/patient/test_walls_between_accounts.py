"""What one account may never see of another; what a claimed link may not see of its own person."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from jiuyi.foundation import audit
from jiuyi.journeys import consulting
from tests.desks.patient.conftest import sign_in
from tests.factories import clinic_day, people
from tests.factories.clinic_day import DRUG_FEN, LAB_FEN, OPENS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]


@pytest.fixture
def visit(day, hour):
    """A visit of the verified person, with diagnosis and orders."""
    checked_in = clinic_day.checks_in(day, clinic_day.paid_booking(day))
    encounter_id = clinic_day.enters(day, checked_in)
    clinic_day.diagnoses(day, encounter_id)
    clinic_day.orders(day, encounter_id)
    hour.now = OPENS
    return checked_in


@pytest.fixture
def stranger(day):
    """Another account that has nobody."""
    return people.signed_in("12000000002")


@pytest.fixture
def daughter(day):
    """Another account that typed the same person's number: claimed, not verified."""
    account = people.signed_in("12000000003")
    people.claim(account, relation=people.Relation.PARENT)
    return account


def pages(day, visit):
    return {
        "appointment": [visit.appointment_id],
        "pay_appointment": [visit.appointment_id],
        "cancel": [visit.appointment_id],
        "visit": [visit.encounter_id],
        "timeline": [day.person_id],
        "bill": [day.person_id],
        "book_hospital": [day.person_id],
        "book_safety": [day.person_id],
        "book_emergency": [day.person_id],
    }


@pytest.mark.parametrize(
    "name", ["appointment", "pay_appointment", "cancel", "visit", "timeline", "bill", "book_hospital", "book_safety", "book_emergency"]
)
def test_somebody_elses_pages_do_not_exist_and_the_attempt_stays(day, visit, stranger, name):
    phone = sign_in(stranger.id, safe_for=(day.person_id,))

    with transaction.atomic():
        for method in (phone.get, phone.post):
            answer = method(reverse(f"patient:{name}", args=pages(day, visit)[name]))
            assert answer.status_code == 404
            assert "李秀兰" not in answer.content.decode()
        transaction.set_rollback(True)

    rows = audit.entries(kind=audit.AuditKind.REFUSED, actor_id=stranger.id, act=f"patient:{name}")
    assert [row.code for row in rows] == ["not_found"] * 2


def test_a_post_to_somebody_elses_booking_changes_nothing(day, visit, stranger):
    appointment_id = clinic_day.paid_booking(day, window_start=clinic_day.TOMORROW, person_id=day.mother_id)

    answer = sign_in(stranger.id).post(reverse("patient:cancel", args=[appointment_id]), {"reason": "other"})

    assert answer.status_code == 404
    assert clinic_day.status_of(appointment_id).value == "booked"


@pytest.mark.catalogue("C15", part="claimed and verified: what a typed number opens, and what only a verified one does")
def test_a_claimed_link_sees_no_visit_no_bill_no_booking_of_others(day, visit, daughter):
    phone = sign_in(daughter.id)

    for name in ("visit", "appointment"):
        assert phone.get(reverse(f"patient:{name}", args=pages(day, visit)[name])).status_code == 404
    for name in ("timeline", "bill"):
        page = phone.get(reverse(f"patient:{name}", args=[day.person_id])).content.decode()
        assert "还差一次核验" in page
        assert "服务台" in page
        assert "上呼吸道" not in page
        assert clinic_day.LAB not in page
    home = phone.get(reverse("patient:home")).content.decode()
    assert "检查费" not in home
    assert visit.label not in home


def test_a_verified_link_reads_the_summary_and_the_bill(day, visit, phone):
    consulting.finish(actor=day.room.doctor, now=OPENS, encounter_id=visit.encounter_id)
    timeline = phone.get(reverse("patient:timeline", args=[day.person_id])).content.decode()
    summary = phone.get(reverse("patient:visit", args=[visit.encounter_id])).content.decode()
    bill = phone.get(reverse("patient:bill", args=[day.person_id]))
    home = phone.get(reverse("patient:home")).content.decode()

    assert reverse("patient:visit", args=[visit.encounter_id]) in timeline
    for shown in ("急性上呼吸道感染", "咽痛两天", "多喝水，三天不好再来", "血常规", "阿莫西林", "每次 0.5g", "每日三次", "用 5 天"):
        assert shown in summary
    assert bill.context["bill"].total_fen == LAB_FEN + 2 * DRUG_FEN
    assert reverse("patient:bill", args=[day.person_id]) in home


@pytest.mark.catalogue("C21", part="unpaid orders are listed on the phone, paid there, and need nothing more")
def test_the_bill_of_orders_is_paid_on_the_phone(day, visit, phone):
    page = phone.get(reverse("patient:bill", args=[day.person_id]))
    wrong = phone.post(page.wsgi_request.path, {"key": str(page.context["form"]["key"].value())})
    assert wrong.status_code == 422
    assert "请选择怎样付费。" in wrong.content.decode()

    answer = phone.post(page.wsgi_request.path, {"how": "wechat", "key": str(page.context["form"]["key"].value())})
    phone.post(answer.url, {"act": "pay"})

    again = phone.get(page.wsgi_request.path).content.decode()
    assert "没有要付的费用" in again


@pytest.mark.parametrize("name", ["home", "steps", "people", "add_person", "book_who", "appointments"])
def test_no_page_of_a_signed_in_phone_is_kept_by_anybody(day, phone, name):
    assert "no-store" in phone.get(reverse(f"patient:{name}")).headers["Cache-Control"]


@pytest.mark.parametrize("name", ["people", "add_person", "book_who", "appointments"])
def test_whoever_is_not_signed_in_is_asked_to_and_brought_back(name):
    address = reverse(f"patient:{name}")

    assert Client().get(address).url == f"{reverse('patient:sign_in')}?next={address.replace('/', '%2F')}"


def test_strangers_see_the_welcome_and_no_name(day, visit):
    page = Client().get(reverse("patient:home")).content.decode()

    assert "急症请不要预约" in page
    assert "李秀兰" not in page
