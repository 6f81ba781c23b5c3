"""Every address of the house and every kind of visitor: who gets a page, who is sent to a door, who is refused.

The table stands in ``addresses.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jiuyi.desks.patient.safety import SAFETY_KEY
from jiuyi.desks.requests import PATIENT_SESSION_KEY
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.identity.words import Relation
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling.actions import timetable
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.queries.waiting import EntryFacts, facts_entry
from jiuyi.domains.scheduling.words import CancelReason, ExceptionKind, NumberClass
from jiuyi.foundation import access, audit, clock, enrolled_devices, notices
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import booking, changing, paying, waiting
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from tests.desks.addresses import NOBODYS, SENT, TABLE, VISITORS, WORDS, WORDS_OF
from tests.desks.signed_in import sign_in_staff
from tests.factories import clinic_day, demand, institutions, people, rooms
from tests.factories.clinic_day import MINUTE, OPENS, TOMORROW, ClinicDay
from tests.journeys.conftest import channel, day, lists  # noqa: F401  # the same day as the journeys'

PASSWORD = "qinghe-visitor-2026"
AWAY = (OPENS + timedelta(days=30)).date()


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    method: str
    name: str
    expected: dict[str, str]


def rows() -> list[Row]:
    """The table, read."""
    found = []
    for line in TABLE.strip().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        method, name, *expected = line.split()
        expected = expected * len(VISITORS) if len(expected) == 1 else expected
        assert len(expected) == len(VISITORS), f"{name}: {len(VISITORS)} visitors, but {len(expected)} answers: {line.strip()}"
        found.append(Row(method, name, dict(zip(VISITORS, expected, strict=True))))
    return found


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every named address with its parameters."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from addresses(each, f"{each.namespace}:" if each.namespace else namespace)
        elif isinstance(each, URLPattern):
            assert each.name, f"the address {each.pattern} has no name"
            yield f"{namespace}{each.name}", tuple(each.pattern.converters)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    """It is ten o'clock."""
    monkeypatch.setattr(clock, "now", lambda: OPENS)


@pytest.fixture
def house(day, lists) -> ClinicDay:  # noqa: F811
    """The day with everything in it that an address can name, and the visitors' accounts."""
    return day


def things(day: ClinicDay) -> dict[str, Any]:  # noqa: F811
    """What the addresses name: a visit under way, a booking for tomorrow, a payment, a refund in cash, a message, an account, a machine."""
    room = day.room
    refund_id = cash_refund(day)
    checked_in = clinic_day.checks_in(day, clinic_day.paid_booking(day))
    encounter_id = clinic_day.enters(day, checked_in)
    clinic_day.diagnoses(day, encounter_id)
    lab_id, _ = clinic_day.orders(day, encounter_id)
    entry = offered_entry(day)
    booked = clinic_day.book(day, person_id=day.mother_id)
    user_id = institutions.staff_user("30001", display_name="田静")
    return {
        "person_id": day.person_id,
        "organization_id": day.hospital_id,
        "department_id": room.department_id,
        "practitioner_id": room.practitioner_id,
        "appointment_id": booked.appointment_id,
        "encounter_id": encounter_id,
        "session_id": day.tomorrow_id,
        **standing(day),
        **demand.forecast_with_proposal(day.tomorrow_id, now=OPENS),
        "key": new_id(),
        "trip_id": new_id(),
        "seat_id": new_id(),
        "ticket_id": checked_in.ticket_id,
        "condition_id": visits.open_encounter(SYSTEM, encounter_id, now=OPENS).diagnoses[0].condition_id,
        "order_id": lab_id,
        "refund_id": refund_id,
        "payment_id": clinic_day.begin_payment(day, [clinic_day.charge_of(lab_id, kind="service_request").charge_id], now=OPENS),
        "queue_id": room.queue_id,
        "entry_id": entry.entry_id,
        "offer_id": entry.offer_id,
        "appeal_id": new_id(),  # whoever may not decide is refused before anything is looked up
        "case_id": new_id(),
        "notice_id": notices.outbox(1)[0].id,
        "user_id": user_id,
        "assignment_id": access.assign_role(actor=SYSTEM, user_id=user_id, role=StaffRole.NURSE, node_id=day.hospital_id, now=OPENS),
        "device_id": enrolled_devices.enrol(
            actor=SYSTEM, now=OPENS, node_id=day.hospital_id, role=enrolled_devices.KIOSK, label="门诊大厅1号机"
        ),
        "pk": Authenticator.objects.create(user_id=user_id, type=Authenticator.Type.WEBAUTHN, data={"name": "钥匙"}).pk,
        **changed_visit(day),
        **WORDS,
    }


def standing(day: ClinicDay) -> dict[str, UUID]:  # noqa: F811
    """A standing clinic and a day away."""
    where = {"practitioner_id": day.room.practitioner_id, "department_id": day.room.department_id}
    template = timetable.NewTemplate(
        **where,
        room_id=None,
        weekday=5,
        start_minute=480,
        end_minute=690,
        number_class=NumberClass.ORDINARY,
        per_window=1,
        valid_from=OPENS.date(),
    )
    away = timetable.add_exception(actor=SYSTEM, now=OPENS, **where, first_day=AWAY, last_day=AWAY, kind=ExceptionKind.LEAVE, reason="年休")
    return {"template_id": timetable.add_template(actor=SYSTEM, now=OPENS, template=template), "exception_id": away.id}


def changed_visit(day: ClinicDay) -> dict[str, UUID]:  # noqa: F811
    """A session of the day after tomorrow that begins later, with one person booked."""
    session_id = clinic_day.publish(day.room, TOMORROW + timedelta(days=1))
    booked = clinic_day.book(
        day, actor=day.room.clerk, person_id=rooms.somebody(day.room), session_id=session_id, window_start=TOMORROW + timedelta(days=1)
    )
    changing.delay(actor=SYSTEM, now=OPENS, session_id=session_id, minutes=30, reason="手术")
    notice = changes.newest_notices([booked.appointment_id])[booked.appointment_id]
    return {"change_id": notice.change.change_id, "change_notice_id": notice.notice_id}


def cash_refund(day: ClinicDay) -> UUID:  # noqa: F811
    """A fee paid in cash, of a booking that was given back on the phone."""
    booked = clinic_day.book(day, person_id=day.mother_id)
    paying.take_cash(actor=day.room.clerk, now=OPENS, charge_ids=[booked.charge_id], tendered_fen=10_000, idempotency_key=new_id())
    booking.cancel(actor=day.account, now=OPENS, appointment_id=booked.appointment_id, reason=CancelReason.OTHER)
    (refund,) = bills.facts_refunds([booked.charge_id])
    return refund.refund_id


def offered_entry(day: ClinicDay) -> EntryFacts:  # noqa: F811
    """A child of the account waits for tomorrow, and a place that was given up is offered."""
    child = people.claim(day.account, name="陈小禾", number=people.id_number(people.date(2015, 5, 6), serial=41), relation=Relation.CHILD)
    tomorrow = service_date(TOMORROW)
    wish = waiting.Wish(department_id=day.room.department_id, first_day=tomorrow, last_day=tomorrow, half_days=(), travel_minutes=30)
    (entry_id,) = waiting.join(actor=day.account, now=OPENS, person_ids=[child], wish=wish)
    given_up = clinic_day.book(day, person_id=day.mother_id, window_start=TOMORROW + 45 * MINUTE)
    booking.cancel(actor=day.account, now=OPENS, appointment_id=given_up.appointment_id, reason=CancelReason.OTHER)
    waiting.serve(now=OPENS)
    return facts_entry(entry_id)


def visitor(name: str, day: ClinicDay) -> Client:  # noqa: F811
    """A browser of one of the visitors."""
    client = Client()
    if name == "patient":
        session = client.session
        session[PATIENT_SESSION_KEY] = str(people.signed_in("12000000002").id)
        session[SAFETY_KEY] = {str(day.person_id): OPENS.isoformat()}  # past the question of emergency, to the page itself
        session.save()
    elif name != "anonymous":
        county = day.room.county
        role, node_id = {
            "clerk": (StaffRole.CLERK, county.hospital_id),
            "doctor": (StaffRole.DOCTOR, county.township_id),
            "admin": (StaffRole.ADMIN, county.root_id),
            "security": (StaffRole.SECURITY, county.root_id),
            "auditor": (StaffRole.AUDITOR, county.root_id),
        }[name]
        user_id = access.create_staff_user(actor=SYSTEM, now=OPENS, username=f"7-{name}", display_name="贺远", password=PASSWORD)
        access.assign_role(actor=SYSTEM, user_id=user_id, role=role, node_id=node_id, now=OPENS)
        if name == "doctor":
            ward = institutions.add_department(county.township_id, "全科", "QK")
            institutions.add_doctor(county.township_id, ward, name="贺远", user_id=user_id)
        sign_in_staff(client, user_id)
    return client


def answer_to(client: Client, row: Row, address: str) -> HttpResponse:
    """The answer; whatever the request did is undone, so that the next one meets the same house."""
    cookies = SimpleCookie(client.cookies)
    with transaction.atomic():
        sent = urlencode(SENT.get(row.name, {})) if row.method == "POST" else ""
        answer: HttpResponse = client.generic(row.method, address, sent, content_type="application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def word_of(answer: HttpResponse) -> str:
    """The answer in the words of the table."""
    if answer.status_code not in {301, 302, 303}:
        return str(answer.status_code)
    doors = {reverse("patient:sign_in"): "phone", reverse("account_login"): "door"}
    return doors.get(urlsplit(answer.headers["Location"]).path, "on")


def acts_refused_to(client: Client) -> set[str]:
    """What the audit has of the signed-in visitor's refused attempts; these rows stay, whatever is undone."""
    who = UUID(client.session.get("_auth_user_id") or client.session[PATIENT_SESSION_KEY])
    return {each.act for each in audit.entries(kind=audit.AuditKind.REFUSED, actor_id=who, limit=1000)}


def test_every_address_has_a_row():
    known = {row.name for row in rows()}
    every = dict(addresses())
    missing = sorted(every.keys() - known)
    example = "GET   " + (missing[0] if missing else "") + "    " + "  ".join(VISITORS)

    assert not missing, f"add a row to TABLE of tests/desks/addresses.py for {', '.join(missing)} (with what each visitor gets: {example})"
    assert not known - every.keys(), f"these addresses are gone, take their rows out of TABLE: {', '.join(sorted(known - every.keys()))}"


@pytest.mark.parametrize("who", VISITORS)
def test_every_address_answers_this_visitor_as_the_table_says(house, who):
    named, client, every = things(house), visitor(who, house), dict(addresses())
    wrong, kept, refused = [], [], set()
    for row in rows():
        unknown = [each for each in every[row.name] if each not in named and each not in WORDS_OF.get(row.name, {})]
        assert not unknown, f"{row.name} names {unknown}: add one to things(), or to WORDS of addresses.py"
        chosen = named | WORDS_OF.get(row.name, {})
        address = reverse(row.name, kwargs={each: chosen[each] for each in every[row.name]})
        answer = answer_to(client, row, address)
        if word_of(answer) != row.expected[who]:
            wrong.append(f"{row.method} {row.name}: {word_of(answer)}, and the table says {row.expected[who]}")
        if answer.wsgi_request.session.accessed and "no-store" not in answer.headers.get("Cache-Control", ""):
            kept.append(f"{row.method} {row.name}")
        if answer.status_code in {403, 404} and ":" in row.name and not row.name.startswith(NOBODYS):
            refused.add(row.name)

    assert not wrong, f"for {who}:\n" + "\n".join(wrong)
    assert not kept, f"{who} got pages that a shared browser may keep (no Cache-Control: no-store):\n" + "\n".join(kept)
    unseen = refused - acts_refused_to(client) if refused else refused
    assert not unseen, f"{who} was refused, and the audit does not know: {', '.join(sorted(unseen))}"
