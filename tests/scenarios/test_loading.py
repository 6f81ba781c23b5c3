"""The loaded county: the same twice, alive, open at any hour, and never loaded over something."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Certainty
from jiuyi.domains.organizations import queries as directory
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import BookingChannel
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.journeys import booking
from jiuyi.kernel import clock
from jiuyi.scenarios import loading
from jiuyi.scenarios.county.world import world_id
from jiuyi.scenarios.fingerprint import database_fingerprint
from jiuyi.scenarios.logins import logins, totp
from jiuyi.scenarios.open_clinic import ensure_open_now
from jiuyi.scenarios.tasks import keep_clinic_open

pytestmark = pytest.mark.django_db


def _count(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_two_loads_of_one_world_hash_equal_whatever_the_hour(loaded):
    assert loaded.fingerprint == loaded.fingerprint_of_the_load_before


def test_another_person_in_the_tables_changes_the_fingerprint(loaded):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_person SET village = village || '东' WHERE id = %s", [loaded.world.residents[0].id])
    assert database_fingerprint() != loaded.fingerprint


def test_everything_is_there(loaded):
    assert _count("organizations_organization") == 32
    assert _count("identity_person") == 3000
    assert people.count_people() == 3000
    assert len(directory.practitioners()) == len(loaded.world.practitioners)
    assert _count("scheduling_clinicsession") - len(loaded.world.sessions) in {20, 22}  # the open clinic's shifts


def test_progress_names_every_part(loaded):
    assert list(dict.fromkeys(loaded.parts)) == [
        "编码",
        "机构",
        "账号",
        "医务人员",
        "居民",
        "门诊班次",
        "家庭账号",
        "既往就诊",
        "候诊",
        "预约",
    ]


def test_a_second_load_is_refused_and_changes_nothing(loaded):
    with pytest.raises(loading.NotEmpty):
        loading.load_demo(loaded.now, seed=8)
    assert database_fingerprint() == loaded.fingerprint


def test_a_loaded_database_is_not_empty(loaded):
    assert not loading.is_empty()


@pytest.mark.parametrize("login", [login for login in logins(at=0) if login.password], ids=lambda login: login.username)
def test_every_printed_log_in_opens(loaded, login, settings):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, validate_totp_code

    user = get_user_model().objects.get(username=login.username)
    assert user.check_password(login.password)
    authenticator = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    assert validate_totp_code(login.totp_secret, next(row.totp_now for row in logins() if row.username == login.username))
    assert TOTP(authenticator).validate_code(next(row.totp_now for row in logins() if row.username == login.username))


def test_the_second_factor_is_that_of_rfc_6238():
    # Appendix B, SHA-1: the last six of 94287082 at 59 s.
    assert totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59) == "287082"


def test_the_demo_doctor_is_the_practitioner_of_her_account(loaded):
    user = get_user_model().objects.get(username="1001")
    practitioner = directory.practitioner_of_user(user.id)
    assert practitioner is not None
    assert practitioner.id == loaded.world.open_clinic.practitioner_ids[0]


def test_the_demo_family_is_linked_with_its_certainties(loaded):
    me = loaded.world.person("demo_patient")
    link = next(row for row in people.links_of_person(SYSTEM, me.id) if row.relation == "self")
    family = people.account_people(Actor(ActorKind.PATIENT, link.account_id), now=loaded.now)
    levels = {member.person_id: member.level for member in family}
    assert levels == {
        loaded.world.person("demo_patient").id: Certainty.VERIFIED,
        loaded.world.person("demo_husband").id: Certainty.CLAIMED,
        loaded.world.person("demo_child").id: Certainty.VERIFIED,
        loaded.world.person("demo_grandmother").id: Certainty.VERIFIED,
    }


def test_a_phone_that_was_used_in_loading_gets_its_next_code_at_once(loaded):
    from jiuyi.domains.identity import actions as identity

    before = _count("identity_logincode")
    identity.request_login_code(phone="10000000001", device="test", now=loaded.now)
    assert _count("identity_logincode") == before + 1


def test_people_of_one_name_are_found_together_and_told_apart(loaded):
    hits = people.search_people(SYSTEM, "王秀英", organization_id=loaded.world.open_clinic.organization_id, now=loaded.now)
    assert {loaded.world.person(f"namesake_{rank}").id for rank in (1, 2, 3, 4)} <= {hit.person_id for hit in hits}


def test_the_open_clinic_is_alive(loaded):
    clinic = loaded.world.open_clinic
    queue_id = queues.queue_of_department(clinic.department_id).queue_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, count(*) FROM queueing_ticket WHERE queue_id = %s GROUP BY status ORDER BY status", [queue_id])
        assert dict(cursor.fetchall()) == {"in_room": 1, "waiting": 7}


def test_money_adds_up(loaded):
    assert _count("billing_charge") > 50
    assert bills.count_ledger_difference() == 0


def test_places_and_appointments_agree(loaded):
    assert schedule.count_place_difference() == 0


@pytest.mark.parametrize(
    ("_case", "now"),
    [
        ("Sunday, ten to midnight", datetime(2026, 11, 29, 15, 50, tzinfo=UTC)),
        ("five past midnight on a holiday", datetime(2026, 12, 31, 16, 5, tzinfo=UTC)),
        ("exactly midnight", datetime(2026, 11, 29, 16, 0, tzinfo=UTC)),
        ("a second before midnight", datetime(2026, 11, 29, 15, 59, 58, tzinfo=UTC)),
        ("three in the night", datetime(2026, 11, 29, 19, 0, tzinfo=UTC)),
        ("between two shifts", datetime(2026, 11, 30, 4, 0, tzinfo=UTC)),
        ("years after the anchor", datetime(2031, 2, 3, 23, 17, tzinfo=UTC)),
    ],
)
def test_one_clinic_is_open_at_any_hour(loaded, _case, now):
    ensure_open_now(now)
    clinic = loaded.world.open_clinic
    days = {clock.service_date(now), clock.service_date(now + timedelta(hours=8))}
    offers = [offer for day in sorted(days) for offer in schedule.sessions_on(clinic.department_id, day, now)]
    for practitioner_id in clinic.practitioner_ids:
        windows = [
            window
            for offer in offers
            if offer.practitioner_id == practitioner_id
            for window in schedule.session_windows(offer.session_id, now)
            if window.end > now
        ]
        assert windows[0].start <= now
        assert windows[-1].end >= now + timedelta(hours=8)
        assert all(later.start - earlier.end <= timedelta(seconds=1) for earlier, later in pairwise(windows))
        assert all(window.free == 4 for window in windows) or now < loaded.now + timedelta(hours=12)


def test_the_open_clinic_is_ensured_once(loaded):
    now = datetime(2026, 12, 6, 15, 50, tzinfo=UTC)
    assert ensure_open_now(now) > 0
    assert ensure_open_now(now) == 0
    assert ensure_open_now(now + timedelta(minutes=5)) == 0


def test_at_ten_to_midnight_on_a_sunday_a_visit_can_be_booked(loaded):
    now = datetime(2026, 11, 29, 15, 50, tzinfo=UTC)
    keep_clinic_open(now)
    clinic = loaded.world.open_clinic
    session = schedule.sessions_on(clinic.department_id, date(2026, 11, 29), now)[-1]
    window = next(w for w in schedule.session_windows(session.session_id, now) if w.free)
    booked = booking.book(
        actor=SYSTEM,
        now=now,
        person_id=loaded.world.person("twin_1a").id,
        session_id=session.session_id,
        window_start=window.start,
        channel=BookingChannel.WINDOW,
        pay_at_arrival=True,
        idempotency_key=world_id(7, "test", "booking"),
    )
    assert schedule.facts_appointment(booked.appointment_id).window_start == datetime(2026, 11, 29, 15, 45, tzinfo=UTC)


def test_outside_the_demo_nothing_is_opened(loaded, settings):
    settings.DEMO = False
    before = _count("scheduling_clinicsession")
    keep_clinic_open(datetime(2027, 3, 1, tzinfo=UTC))
    assert _count("scheduling_clinicsession") == before
