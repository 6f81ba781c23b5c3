"""Whom a message of a change reaches."""

import pytest

from jiuyi.domains.identity.words import ContactManner
from tests.factories import clinic_day
from tests.journeys.test_changing import contact, hear, stops, told

pytestmark = pytest.mark.django_db


def test_two_phones_that_look_alike_when_masked_are_both_told(day):
    for number in ("13800010001", "13800020001"):
        contact(day, day.mother_id, number, ContactManner.ANY)
    clinic_day.book(day, person_id=day.mother_id)
    before = len(told())
    stops(day)
    hear()
    assert len(told()) - before == 3, "the account's phone and both of the family"
