"""Whom a message of a change reaches."""

from datetime import timedelta

import pytest

from jiuyi.domains.identity.words import ContactManner
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import changing, reaching
from tests.factories import clinic_day, institutions
from tests.factories.clinic_day import MINUTE, NOW, TOMORROW
from tests.journeys.test_changing import beginning, contact, hear, notice_of, stops, told  # noqa: F401  # the fixture: hear what this test wrote

pytestmark = pytest.mark.django_db


def test_two_phones_that_look_alike_when_masked_are_both_told(day):
    for number in ("13800010001", "13800020001"):
        contact(day, day.mother_id, number, ContactManner.ANY)
    clinic_day.book(day, person_id=day.mother_id)
    before = len(told())
    stops(day)
    hear()
    assert len(told()) - before == 3, "the account's phone and both of the family"


def test_a_message_names_the_collision(day):
    surgery = institutions.add_department(day.hospital_id, "眼科", "YK")
    other = scheduling.publish_session(
        actor=SYSTEM,
        now=NOW,
        practitioner_id=institutions.add_doctor(day.hospital_id, surgery, name="苏问"),
        department_id=surgery,
        room_id=None,
        starts_at=TOMORROW + 60 * MINUTE,
        ends_at=TOMORROW + 120 * MINUTE,
        number_class=clinic_day.NumberClass.ORDINARY,
        per_window=1,
        visible_at=NOW - timedelta(days=1),
    )
    mine = clinic_day.book(day).appointment_id
    clinic_day.book(day, session_id=other, window_start=TOMORROW + 60 * MINUTE)
    changing.delay(actor=SYSTEM, now=NOW, session_id=day.tomorrow_id, minutes=60, reason="手术")
    assert "10:00 的另一个预约冲突" in reaching.text_of(notice_of(mine))
