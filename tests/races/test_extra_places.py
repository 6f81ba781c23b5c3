"""Two extra places at the limit: one is given."""

from collections import Counter

import pytest

from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.actions.extras import add_extra
from jiuyi.domains.scheduling.words import BookingMode
from jiuyi.domains.scheduling.words.extras import ExtraReason
from jiuyi.kernel.ids import new_id
from tests.factories import clinic_day, people
from tests.factories.rooms import NOW
from tests.factories.schedules import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def known_person(day, serial):
    account = people.signed_in(f"120000002{serial:02d}")
    person_id = people.claim(
        account, name=f"王{chr(0x4E00 + 300 + serial)}", number=people.id_number(people.date(1970, 2, 3), serial=serial)
    )
    people.verify(account, person_id, day.hospital_id)
    return person_id


def test_eight_extras_at_once_stay_within_the_limit():
    day = clinic_day.clinic_day()
    persons = [known_person(day, serial) for serial in range(41, 49)]

    def extra(person_id):
        return add_extra(
            actor=day.room.doctor,
            now=NOW,
            session_id=day.today_id,
            person_id=person_id,
            reason=ExtraReason.CONDITION,
            urgent=False,
            fee_fen=1500,
            fee_rule=None,
            idempotency_key=new_id(),
        )

    results = at_once([lambda each=each: extra(each) for each in persons])
    assert Counter(type(result).__name__ for result in results) == {"AppointmentRef": 1, "ExtraLimitReached": 7}
    assert models.Appointment.objects.filter(mode=BookingMode.EXTRA).count() == 1
    assert models.Place.objects.filter(extra=True).count() == 1
    assert queries.count_place_difference() == 0
